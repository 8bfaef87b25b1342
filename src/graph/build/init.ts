// SPDX-License-Identifier: BSD-3-Clause
import { splitComponent } from '../../pipeline/index.ts';
import { graphErrors } from '../errors.ts';
import { type BuildContext, findExisting, newType } from './candidates.ts';
import { existingAt } from './tables.ts';

/** Init connections by task label: [connection, dataset type]. */
export interface InitRows {
  inputs: Map<string, [string, string][]>;
  outputs: Map<string, [string, string][]>;
}

/** Datasets that are written once a run: one row each, existing when found, else predicted. */
export async function findInit(context: BuildContext, skipCollections: readonly string[]): Promise<InitRows> {
  const { pipeline, source, types } = context;
  const group = source.universe.conform([]);
  for (const declared of pipeline.datasetTypes.values()) {
    if (!declared.isInit) continue;
    const rows = newType(declared, { group, count: 1, codes: {} });
    rows.alive[0] = 1;
    types.set(declared.name, rows);
    const madeHere = declared.producer !== undefined || declared.consumers.length === 0;
    const collections = madeHere ? skipCollections : context.inputs;
    if (collections.length > 0) await findExisting(context, rows, collections);
    if (madeHere || existingAt(rows, 0) > 0) continue;
    throw graphErrors.INIT_INPUT_MISSING({
      datasetType: declared.name,
      label: declared.consumers[0].label,
      collections: context.inputs.join(', '),
    });
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
