// SPDX-License-Identifier: BSD-3-Clause
import type { InputInfo } from '../../pipeline/index.ts';
import { noRow } from '../columns/link.ts';
import { graphErrors } from '../errors.ts';
import type { BuildContext } from './candidates.ts';
import type { PruneConstraint, PruneReason } from './report.ts';
import { type ConnectionEdges, existingAt, formatDataId, type TaskRows } from './tables.ts';

/** Reasons by their text, besides the report's list of them. */
interface PruneContext extends BuildContext {
  reasons: Map<string, PruneReason>;
}

/**
 * One pass over the tasks in the order of the data: a quantum stays if each input has enough datasets that exist or will be
 * made; the outputs of one that goes are gone for those after it. `adjust` hooks are asked on the way. Every quantum that goes is
 * counted under its reason.
 */
export function prune(build: BuildContext, tasks: readonly TaskRows[], missingPrerequisites: 'prune' | 'fail'): void {
  const context: PruneContext = { ...build, reasons: new Map() };
  for (const rows of tasks) {
    const summary = context.report.tasks.find((task) => task.label === rows.label);
    for (let quantum = 0; quantum < rows.relation.count; quantum++) {
      if (!rows.alive[quantum]) continue; // skipped
      const short = rows.inputs.find((input) => available(input, quantum) < (input.connection.minimum ?? 1));
      const several = rows.inputs.find((input) => !input.connection.multiple && available(input, quantum) > 1);
      if (several !== undefined) throw severalError(context, rows, quantum, several);
      let gone = short !== undefined;
      if (short !== undefined) {
        const constraint = reasonFor(short, quantum);
        if (constraint === 'missingPrerequisite' && missingPrerequisites === 'fail') failMissing(context, rows, short);
        record(context, rows, quantum, short.name, short.type.name, constraint, '');
      } else if (rows.task.definition.adjust !== undefined) gone = !adjust(context, rows, quantum);
      if (!gone) continue;
      rows.alive[quantum] = 0;
      if (summary !== undefined) summary.pruned++;
      dropOutputs(rows, quantum);
    }
    if (summary !== undefined) summary.quanta = summary.candidates - summary.skipped - summary.pruned;
  }
}

/** Outputs of a quantum that will not run; those that exist stay. */
export function dropOutputs(rows: TaskRows, quantum: number): void {
  for (const { type, link } of rows.outputs) {
    for (let i = link.begin(quantum); i < link.end(quantum); i++) {
      const dataset = link.at(i);
      if (existingAt(type, dataset) === 0) type.alive[dataset] = 0;
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

function reasonFor({ connection, type, link }: ConnectionEdges, quantum: number): PruneConstraint {
  if (connection.kind === 'prerequisite') return 'missingPrerequisite';
  return type.producer !== undefined && link.end(quantum) > link.begin(quantum) ? 'upstreamPruned' : 'missingInput';
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

/** Asks the task; false when there is no work. Inputs that the task drops lose their edges. */
function adjust(context: PruneContext, rows: TaskRows, quantum: number): boolean {
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
    record(context, rows, quantum, '', '', 'noWork', answer.noWork);
    return false;
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
      record(context, rows, quantum, name, input.type.name, 'noWork', 'the task wants none of its inputs');
      return false;
    }
  }
  return true;
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

function record(
  { dictionaries, report, reasons }: PruneContext,
  rows: TaskRows,
  quantum: number,
  connection: string,
  datasetType: string,
  constraint: PruneConstraint,
  message: string,
): void {
  const { label } = rows;
  const key = [label, connection, constraint, message].join('\0');
  let reason = reasons.get(key);
  if (reason === undefined) {
    reason = { label, connection, datasetType, constraint, message, count: 0, examples: [] };
    reasons.set(key, reason);
    report.pruned.push(reason);
  }
  reason.count++;
  if (reason.examples.length < 3)
    reason.examples.push(dictionaries.dataId(rows.relation, quantum, rows.relation.group.required));
}
