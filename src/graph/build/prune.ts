// SPDX-License-Identifier: BSD-3-Clause
import type { InputInfo } from '../../pipeline/index.ts';
import { noRow } from '../columns/link.ts';
import { graphErrors } from '../errors.ts';
import { adjustAll } from './adjust-all.ts';
import type { BuildContext } from './candidates.ts';
import { dropOutputs } from './drop-outputs.ts';
import type { PruneLog } from './prune-log.ts';
import type { RecordTables } from './records.ts';
import type { PruneConstraint } from './report.ts';
import { type ConnectionEdges, formatDataId, type TaskRows } from './tables.ts';

interface PruneContext extends BuildContext {
  log: PruneLog;
}

/**
 * One pass over the tasks in the order of the data: a quantum stays if each input has enough datasets that exist or will be
 * made; the outputs of one that goes are gone for those after it. `adjustAll` and `adjust` hooks are asked on the way. Every
 * quantum that goes is counted under its reason.
 */
export function prune(
  build: BuildContext,
  log: PruneLog,
  tasks: readonly TaskRows[],
  records: RecordTables,
  missingPrerequisites: 'prune' | 'fail',
): void {
  const context: PruneContext = { ...build, log };
  for (const rows of tasks) {
    if (rows.task.definition.adjustAll !== undefined) adjustAll(context, log, rows, records);
    const { alive, inputs } = rows;
    const adjusts = rows.task.definition.adjust !== undefined;
    for (let quantum = 0; quantum < rows.relation.count; quantum++) {
      if (alive[quantum] === 0) continue;
      const short = inputs.find((input) => available(input, quantum) < (input.connection.minimum ?? 1));
      const several = inputs.find((input) => !input.connection.multiple && available(input, quantum) > 1);
      if (several !== undefined) throw severalError(context, rows, quantum, several);
      if (short !== undefined) {
        const constraint = reasonFor(short, quantum);
        if (constraint === 'missingPrerequisite' && missingPrerequisites === 'fail') failMissing(context, rows, short);
        log.drop(rows, quantum, constraint, {
          connection: short.name,
          datasetType: short.type.name,
          message: constraint === 'missingPrerequisite' ? short.hint : undefined,
        });
      } else if (adjusts) adjust(context, rows, quantum);
      if (alive[quantum] === 0) dropOutputs(rows, quantum);
    }
  }
}

function available({ type, link }: ConnectionEdges, quantum: number): number {
  const { alive } = type;
  let count = 0;
  for (let i = link.begin(quantum), end = link.end(quantum); i < end; i++) {
    const dataset = link.at(i);
    if (dataset !== noRow) count += alive[dataset];
  }
  return count;
}

function severalError(context: BuildContext, rows: TaskRows, quantum: number, input: ConnectionEdges) {
  return graphErrors.SEVERAL_INPUTS({
    label: rows.label,
    dataId: context.dictionaries.text(rows.relation, quantum),
    connection: input.name,
    datasetType: input.type.name,
    count: available(input, quantum),
  });
}

function reasonFor(input: ConnectionEdges, quantum: number): PruneConstraint {
  const { connection, type, link } = input;
  if (connection.kind === 'prerequisite') return 'missingPrerequisite';
  if (type.producer === undefined || link.end(quantum) === link.begin(quantum)) return 'missingInput';
  return makersAreDone(input, quantum) ? 'notKept' : 'upstreamPruned';
}

/** Whether the quanta that make the missing datasets were skipped: the datasets themselves are gone. */
function makersAreDone({ type, link }: ConnectionEdges, quantum: number): boolean {
  const producer = type.producer;
  const done = producer?.rows.done;
  if (producer === undefined || done === undefined) return false;
  const wanted = new Set<number>();
  for (let i = link.begin(quantum); i < link.end(quantum); i++) wanted.add(link.at(i));
  if (producer.link.kind === 'same') return [...wanted].every((dataset) => dataset === noRow || done[dataset] === 1);
  return false;
}

function failMissing(context: BuildContext, rows: TaskRows, short: ConnectionEdges): never {
  const minimum = short.connection.minimum ?? 1;
  let count = 0;
  let first = -1;
  for (let quantum = 0; quantum < rows.relation.count; quantum++) {
    if (!rows.alive[quantum] || available(short, quantum) >= minimum) continue;
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

/** Asks the task, and takes the quantum out when there is no work. Inputs that the task drops lose their edges. */
function adjust(context: PruneContext, rows: TaskRows, quantum: number): void {
  const { dictionaries } = context;
  const rowOf = new Map<InputInfo, number>();
  const inputs: Record<string, InputInfo[]> = {};
  for (const { name, type, link } of rows.inputs) {
    const list: InputInfo[] = [];
    for (let i = link.begin(quantum); i < link.end(quantum); i++) {
      const dataset = link.at(i);
      if (dataset === noRow || !type.alive[dataset]) continue;
      const info = { dataId: dictionaries.dataId(type.relation, dataset, type.relation.group.names) };
      rowOf.set(info, dataset);
      list.push(info);
    }
    inputs[name] = list;
  }
  const dataId = dictionaries.dataId(rows.relation, quantum, rows.relation.group.names);
  const { definition, declaration } = rows.task;
  const answer = definition.adjust?.({ dataId, inputs: { ...inputs }, config: declaration.config });
  if (answer?.noWork !== undefined) {
    context.log.drop(rows, quantum, 'noWork', { message: answer.noWork });
    return;
  }
  for (const [name, kept] of Object.entries(answer?.inputs ?? {})) {
    const input = rows.inputs.find((one) => one.name === name);
    if (input === undefined) throw new Error(`adjust of ${rows.label} returned an input "${name}" that it has not`);
    const keep = new Set(
      kept.map((info) => {
        const row = rowOf.get(info) ?? rowByDataId(inputs[name], rowOf, info);
        if (row === undefined)
          throw new Error(
            `adjust of ${rows.label} returned a dataset (${formatDataId(info.dataId)}) that was no input`,
          );
        return row;
      }),
    );
    dropEdges(input, rows, quantum, keep);
    if (keep.size < (input.connection.minimum ?? 1)) {
      const message = 'the task wants none of its inputs';
      context.log.drop(rows, quantum, 'noWork', { connection: name, datasetType: input.type.name, message });
      return;
    }
  }
}

function rowByDataId(
  list: readonly InputInfo[],
  rowOf: ReadonlyMap<InputInfo, number>,
  info: InputInfo,
): number | undefined {
  const key = formatDataId(info.dataId);
  const same = list.find((one) => formatDataId(one.dataId) === key);
  return same === undefined ? undefined : rowOf.get(same);
}

/** Takes away edges of one quantum. The link becomes the connection's own: others that share it keep theirs. */
function dropEdges(edges: ConnectionEdges, rows: TaskRows, quantum: number, keep: ReadonlySet<number>): void {
  const { link } = edges;
  let own = edges.own;
  for (let i = link.begin(quantum); i < link.end(quantum); i++) {
    if (link.at(i) === noRow || keep.has(link.at(i))) continue;
    if (own === undefined) {
      own = link.mapped(rows.relation.count, (dataset) => dataset);
      edges.own = own;
      edges.link = own;
    }
    (own.items as Uint32Array)[i] = noRow;
  }
}
