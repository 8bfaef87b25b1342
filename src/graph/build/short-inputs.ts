// SPDX-License-Identifier: BSD-3-Clause
import type { DataId } from '../../butler/index.ts';
import { noRow } from '../columns/link.ts';
import { graphErrors } from '../errors.ts';
import type { BuildContext } from './candidates.ts';
import type { PruneConstraint } from './report.ts';
import type { ConnectionEdges, TaskRows } from './tables.ts';

/** How many datasets of an input a quantum will have. */
export function available({ type, link }: ConnectionEdges, quantum: number): number {
  const { alive } = type;
  let count = 0;
  for (let i = link.begin(quantum), end = link.end(quantum); i < end; i++) {
    const dataset = link.at(i);
    if (dataset !== noRow && alive.has(dataset)) count++;
  }
  return count;
}

export function severalError(context: BuildContext, rows: TaskRows, quantum: number, input: ConnectionEdges) {
  return graphErrors.SEVERAL_INPUTS({
    label: rows.label,
    dataId: context.dictionaries.text(rows.relation, quantum),
    connection: input.name,
    datasetType: input.type.name,
    count: available(input, quantum),
  });
}

/** Why a quantum has too little of an input. */
export function reasonFor(input: ConnectionEdges, quantum: number): PruneConstraint {
  const { connection, type, link } = input;
  if (connection.kind === 'prerequisite') return 'missingPrerequisite';
  if (type.producer === undefined || link.end(quantum) === link.begin(quantum)) return 'missingInput';
  return makersAreDone(input, quantum) ? 'notKept' : 'upstreamPruned';
}

/** So many data IDs before and after the missing one are looked at. */
const nearBy = 100_000;

/** Of an overall input that a quantum lacks: the dataset that is there nearest to it in the order of data IDs. */
export function nearestTo(
  { dictionaries }: BuildContext,
  { type, link }: ConnectionEdges,
  quantum: number,
): DataId | undefined {
  const { relation, alive, producer } = type;
  if (producer !== undefined || link.begin(quantum) === link.end(quantum)) return undefined;
  const missing = link.at(link.begin(quantum));
  if (missing === noRow) return undefined;
  for (let step = 1; step < Math.min(nearBy, relation.count); step++)
    for (const row of [missing - step, missing + step])
      if (row >= 0 && row < relation.count && alive.has(row))
        return dictionaries.dataId(relation, row, relation.group.required);
  return undefined;
}

/** Whether the quanta that make the missing datasets were skipped: the datasets themselves are gone. */
function makersAreDone({ type, link }: ConnectionEdges, quantum: number): boolean {
  const producer = type.producer;
  const done = producer?.rows.done;
  if (producer === undefined || done === undefined) return false;
  const wanted = new Set<number>();
  for (let i = link.begin(quantum); i < link.end(quantum); i++) wanted.add(link.at(i));
  if (producer.link.kind === 'same') return [...wanted].every((dataset) => dataset === noRow || done.has(dataset));
  return false;
}

export function failMissing(context: BuildContext, rows: TaskRows, short: ConnectionEdges): never {
  const minimum = short.connection.minimum ?? 1;
  let count = 0;
  let first = -1;
  for (let quantum = 0; quantum < rows.relation.count; quantum++) {
    if (!rows.alive.has(quantum) || available(short, quantum) >= minimum) continue;
    if (first < 0) first = quantum;
    count++;
  }
  throw graphErrors.PREREQUISITE_MISSING({
    datasetType: short.type.name,
    label: rows.label,
    dataId: context.dictionaries.text(rows.relation, first),
    count,
    collections: context.inputs.join(', '),
  });
}
