// SPDX-License-Identifier: BSD-3-Clause
import { type PipelineDatasetType, packagesDatasetType, splitComponent } from '../../pipeline/index.ts';
import { graphErrors } from '../errors.ts';
import { type BuildContext, findExisting, newType } from './candidates.ts';
import { existingAt, type TaskRows, type TypeRows } from './tables.ts';

/** Init connections by task label: [connection, dataset type]. */
export interface InitRows {
  inputs: Map<string, [string, string][]>;
  outputs: Map<string, [string, string][]>;
}

/** Datasets that are written once a run: one row each. Those that must exist are looked up before anything large is asked. */
export async function findInit(context: BuildContext): Promise<InitRows> {
  const { pipeline, source, types } = context;
  const group = source.universe.conform([]);
  for (const declared of pipeline.datasetTypes.values()) {
    if (!declared.isInit) continue;
    const rows = newType(context.pool, declared, { group, count: 1, codes: {} });
    rows.alive.add(0);
    types.set(declared.name, rows);
    if (isMade(declared)) continue;
    await findExisting(context, rows, context.inputs);
    if (existingAt(rows, 0) === 0) throw missing(declared, declared.consumers[0].label, context.inputs);
  }
  const init: InitRows = { inputs: new Map(), outputs: new Map() };
  for (const { declaration } of pipeline.tasks) {
    const of = (kind: string): [string, string][] =>
      Object.entries(declaration.connections)
        .filter(([, connection]) => connection.kind === kind)
        .map(([name, connection]) => [name, splitComponent(connection.datasetType).parent]);
    init.inputs.set(declaration.label, of('initInput'));
    init.outputs.set(declaration.label, of('initOutput'));
  }
  return init;
}

/**
 * Which init datasets are in the graph, once it is known which tasks have quanta: what a task with quanta writes (with the id it
 * has, if it is in the output run already) and reads. Of a task whose quanta are all done, what others read is found where the quanta were.
 */
export async function settleInit(
  context: BuildContext,
  tasks: readonly TaskRows[],
  skipIn: readonly string[],
  outputRun: string | undefined,
): Promise<void> {
  const byLabel = new Map(tasks.map((rows) => [rows.label, rows]));
  const runs = (label: string): boolean => byLabel.get(label)?.alive.any() === true;
  for (const rows of context.types.values()) {
    const { declared } = rows;
    if (!declared.isInit) continue;
    const reader = declared.consumers.find(({ label }) => runs(label));
    const writes = declared.producer !== undefined && runs(declared.producer.label);
    if (!isMade(declared)) {
      if (reader === undefined) rows.alive.delete(0);
    } else if (writes || declared.name === packagesDatasetType) {
      if (outputRun !== undefined) await findExisting(context, rows, [outputRun]);
    } else if (reader === undefined) rows.alive.delete(0);
    else await findOfDone(context, rows, reader.label, skipIn);
  }
}

async function findOfDone(
  context: BuildContext,
  rows: TypeRows,
  label: string,
  skipIn: readonly string[],
): Promise<void> {
  if (skipIn.length > 0) await findExisting(context, rows, skipIn);
  if (existingAt(rows, 0) === 0) throw missing(rows.declared, label, skipIn.length > 0 ? skipIn : context.inputs);
}

/** Made by this pipeline; else it has to be there. */
function isMade({ producer, consumers }: PipelineDatasetType): boolean {
  return producer !== undefined || consumers.length === 0;
}

function missing({ name }: PipelineDatasetType, label: string, collections: readonly string[]) {
  return graphErrors.INIT_INPUT_MISSING({ datasetType: name, label, collections: collections.join(', ') });
}
