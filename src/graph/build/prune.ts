// SPDX-License-Identifier: BSD-3-Clause
import type { InputInfo } from '../../pipeline/index.ts';
import { noRow } from '../columns/link.ts';
import { adjustAll } from './adjust-all.ts';
import type { BuildContext } from './candidates.ts';
import { dropEdges, dropOutputs } from './drop-edges.ts';
import type { PruneLog } from './prune-log.ts';
import type { RecordTables } from './records.ts';
import { available, failMissing, nearestTo, reasonFor, severalError } from './short-inputs.ts';
import { formatDataId, type TaskRows } from './tables.ts';

interface PruneContext extends BuildContext {
  log: PruneLog;
}

/**
 * One pass over the tasks in the order of the data: a quantum stays if each input has enough datasets that exist or will be
 * made; the outputs of one that goes are gone for those after it. `adjustAll` and `adjust` hooks are asked on the way; those of
 * Python tasks say themselves what is too little. Every quantum that goes is counted under its reason.
 */
export async function prune(
  build: BuildContext,
  log: PruneLog,
  tasks: readonly TaskRows[],
  records: RecordTables,
  missingPrerequisites: 'prune' | 'fail',
): Promise<void> {
  const context: PruneContext = { ...build, log };
  const { python } = build;
  for (const rows of tasks) {
    if (rows.task.definition.adjustAll !== undefined) adjustAll(context, log, rows, records);
    if (python?.regroups(rows)) await python.regroup(log, rows, records);
    if (python?.adjusts(rows)) {
      await python.adjust(log, rows, records, missingPrerequisites);
      continue;
    }
    const { alive, inputs } = rows;
    const adjusts = rows.task.definition.adjust !== undefined;
    for (let quantum = 0; quantum < rows.relation.count; quantum++) {
      if (!alive.has(quantum)) continue;
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
          nearest: constraint === 'missingInput' ? () => nearestTo(context, short, quantum) : undefined,
        });
      } else if (adjusts) adjust(context, rows, quantum);
      if (!alive.has(quantum)) dropOutputs(rows, quantum);
    }
  }
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
      if (dataset === noRow || !type.alive.has(dataset)) continue;
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
