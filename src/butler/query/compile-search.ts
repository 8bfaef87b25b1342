// SPDX-License-Identifier: BSD-3-Clause
import type { QueryContext } from './context.ts';
import { type Column, columnsOf, conjuncts } from './predicate/types.ts';
import type { PreparedQuery } from './prepare.ts';
import { type DatasetSearch, datasetSource, firstOnly, type SearchColumns } from './sql/datasets.ts';
import { raw, sql } from './sql/fragment.ts';
import type { FromClause } from './sql/from.ts';
import { predicateSql } from './sql/predicate.ts';

/** Where the first dataset in the order of the collections is chosen: nowhere, within its search, or among the rows of the query. */
export type FindFirstScope = 'none' | 'search' | 'query';

export function isCalibrationSearch(search: DatasetSearch): boolean {
  return search.collections.some((collection) => collection.type === 'CALIBRATION');
}

export function findFirstScope({ target, searches }: PreparedQuery, temporal: string | undefined): FindFirstScope {
  const search = searches.find(({ row }) => row.type.name === target.first);
  if (search === undefined || search.collections.length < 2) return 'none';
  return isCalibrationSearch(search) && temporal !== undefined ? 'query' : 'search';
}

/** Joins the datasets of a search; returns whether one data ID may have several rows. */
export function addSearch(
  context: QueryContext,
  query: PreparedQuery,
  from: FromClause,
  search: DatasetSearch,
  how: { readonly temporal: string | undefined; readonly scope: FindFirstScope; readonly used: readonly Column[] },
): boolean {
  const { dialect } = context.db;
  const { type } = search.row;
  const { target } = query;
  const fields = new Set(
    how.used.flatMap((column) => (column.kind === 'dataset' && column.datasetType === type.name ? [column.field] : [])),
  );
  const isFirst = target.first === type.name;
  const ranked = target.ranked === true && search === target.search;
  const columns: SearchColumns = {
    rank: (isFirst && how.scope !== 'none') || ranked,
    timespan: fields.has('timespan') || (isCalibrationSearch(search) && how.temporal !== undefined),
    run: fields.has('run'),
    collection: fields.has('collection'),
    ingestDate: fields.has('ingest_date'),
  };
  let source = datasetSource(search, columns, dialect);
  const keys = type.dimensions.required.map((name) => raw(`q.${dialect.quote(name)}`));
  const chosen = isFirst && how.scope === 'search';
  if (chosen) source = firstOnly(source, keys);
  const names = ['dataset_id', 'rank', 'timespan_begin', 'timespan_end', 'run', 'collection', 'ingest_date'];
  from.addDataset(type.name, sql`(${source})`, type.dimensions, names);
  if (isCalibrationSearch(search)) return true;
  // A RUN has each dataset once, and no other RUN has it; what is asked for of a dataset tells its rows apart.
  const several = search.collections.length > 1 && !chosen;
  const onlyRuns = search.collections.every((collection) => collection.type === 'RUN');
  const asked = new Set(
    target.columns.flatMap((c) => (c.kind === 'dataset' && c.datasetType === type.name ? [c.field] : [])),
  );
  return several && !(onlyRuns && asked.has('dataset_id'));
}

/** A calibration belongs to a data ID if it is valid at some time of it, unless the expression says otherwise. */
export function addTemporalJoins(query: PreparedQuery, from: FromClause, temporal: string | undefined): void {
  if (temporal === undefined || query.timeless) return;
  for (const search of query.searches) {
    if (!isCalibrationSearch(search)) continue;
    const { name } = search.row.type;
    const stated = conjuncts(query.predicate).some(
      (term) =>
        term.op === 'timespans overlap' &&
        [...columnsOf(term)].some((column) => column.kind === 'dataset' && column.datasetType === name),
    );
    if (stated) continue;
    const left: Column = { kind: 'dataset', datasetType: name, field: 'timespan', type: 'timespan' };
    const right: Column = { kind: 'field', element: temporal, field: 'timespan', type: 'timespan' };
    from.addCondition(predicateSql({ op: 'timespans overlap', left, right }, from));
  }
}
