// SPDX-License-Identifier: BSD-3-Clause
import type { QueryContext } from './context.ts';
import { queryErrors } from './errors.ts';
import { resolveName, type Scope } from './predicate/names.ts';
import type { Column } from './predicate/types.ts';
import type { QueryState, Target } from './state.ts';

/**
 * The target of a general query: columns by name, those of datasets only of joined types.
 * @throws QUERY_UNKNOWN_NAME, QUERY_NO_JOINED_DATASET, QUERY_NO_COLUMNS
 */
export async function generalTarget(
  context: QueryContext,
  state: QueryState,
  names: readonly string[],
  findFirst: string | undefined,
): Promise<Target> {
  const { universe } = context;
  if (names.length === 0) throw queryErrors.NO_COLUMNS(undefined);
  const types = new Map(
    await Promise.all(
      state.datasets.map(
        async ({ datasetType }) => [datasetType, (await context.types.get(datasetType)).type] as const,
      ),
    ),
  );
  if (findFirst !== undefined && !types.has(findFirst)) throw queryErrors.NO_JOINED_DATASET({ datasetType: findFirst });
  const elements = universe.conform([
    ...state.dimensions,
    ...names
      .map((name) => name.split('.')[0])
      .filter((name) => universe.hasElement(name) && universe.element(name).isDimension),
    ...[...types.values()].flatMap((type) => type.dimensions.names),
  ]).elements;
  const scope: Scope = { universe, elements, datasetTypes: [...types.keys()] };
  const columns = names.map((name) => resolveName(name, scope));
  const dimensionsOf = (column: Column): readonly string[] => {
    switch (column.kind) {
      case 'dimension':
        return [column.dimension];
      case 'field':
        if (column.type === 'region' && universe.element(column.element).skypix !== undefined) {
          throw queryErrors.NO_TABLE({ dimension: column.element });
        }
        return universe.element(column.element).required;
      case 'dataset':
        return types.get(column.datasetType)!.dimensions.names;
      case 'bound':
        return dimensionsOf(column.of);
    }
  };
  const dimensions = universe.conform(columns.flatMap(dimensionsOf));
  const asked = columns.flatMap((column) => (column.kind === 'dimension' ? [column.dimension] : []));
  const first = findFirst === undefined ? {} : { first: findFirst };
  return { dimensions, names: [...new Set(asked)], columns, ...first };
}
