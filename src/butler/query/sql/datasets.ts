// SPDX-License-Identifier: BSD-3-Clause
import type { CollectionRow } from '../../registry/collections.ts';
import type { Dialect } from '../../registry/database.ts';
import type { DatasetTypeRow } from '../../registry/dataset-types.ts';
import { MAX_NS, MIN_NS } from '../../timespan.ts';
import { join, raw, type Sql, sql } from './fragment.ts';

/** A search for datasets of one type: the collections that hold any, in order and without chains. */
export interface DatasetSearch {
  readonly row: DatasetTypeRow;
  readonly collections: readonly CollectionRow[];
}

export interface SearchColumns {
  /** Place of the collection in the search order, from 0. */
  readonly rank?: boolean;
  readonly timespan?: boolean;
  readonly run?: boolean;
  readonly collection?: boolean;
  readonly ingestDate?: boolean;
}

/**
 * The datasets of a search as a table: the required dimensions and `dataset_id`, and what is asked for of `rank`,
 * `timespan_begin`, `timespan_end`, `run`, `collection`, `ingest_date`. What is in no CALIBRATION collection is valid for all time.
 */
export function datasetSource(search: DatasetSearch, columns: SearchColumns, dialect: Dialect): Sql {
  const { row, collections } = search;
  const calibrations = collections.filter((collection) => collection.type === 'CALIBRATION');
  const others = collections.filter((collection) => collection.type !== 'CALIBRATION');
  const rank = new Map(collections.map((collection, i) => [collection.id, i]));
  const part = (table: string, members: readonly CollectionRow[], validity: boolean): Sql => {
    const select = [
      raw('t.dataset_id'),
      ...row.type.dimensions.required.map((name) => raw(`t.${dialect.quote(name)}`)),
    ];
    const from = [raw(`${dialect.quote(table)} AS t`)];
    if (columns.rank) {
      const cases = members.map(({ id }) => sql`WHEN ${id} THEN ${rank.get(id)!}`);
      select.push(
        members.length === 1
          ? sql`${rank.get(members[0].id)!} AS rank`
          : sql`CASE t.collection_id ${join(cases, ' ')} END AS rank`,
      );
    }
    if (columns.timespan) {
      select.push(
        validity ? raw(`${dialect.column('t', 'timespan_begin')} AS timespan_begin`) : sql`${MIN_NS} AS timespan_begin`,
        validity ? raw(`${dialect.column('t', 'timespan_end')} AS timespan_end`) : sql`${MAX_NS} AS timespan_end`,
      );
    }
    const onlyRuns = members.every((collection) => collection.type === 'RUN');
    if (columns.collection) {
      select.push(raw('c.name AS collection'));
      from.push(raw('JOIN collection AS c ON c.collection_id = t.collection_id'));
    }
    if (columns.ingestDate || (columns.run && !onlyRuns)) from.push(raw('JOIN dataset AS d ON d.id = t.dataset_id'));
    if (columns.run) {
      select.push(raw('r.name AS run'));
      from.push(raw(`JOIN collection AS r ON r.collection_id = ${onlyRuns ? 't.collection_id' : 'd.run_id'}`));
    }
    if (columns.ingestDate) select.push(raw('d.ingest_date'));
    const ids = join(
      members.map(({ id }) => sql`${id}`),
      ', ',
    );
    return sql`SELECT ${join(select, ', ')} FROM ${join(from, ' ')} WHERE t.dataset_type_id = ${row.id} AND t.collection_id IN (${ids})`;
  };
  const parts: Sql[] = [];
  if (others.length > 0 || calibrations.length === 0) {
    // Nothing to search still needs a table with these columns.
    parts.push(part(row.tagsTable, others.length > 0 ? others : [{ id: -1, name: '', type: 'RUN', doc: '' }], false));
  }
  if (calibrations.length > 0) parts.push(part(row.calibsTable!, calibrations, true));
  return join(parts, ' UNION ALL ');
}

/** Keeps, for each data ID, the rows of the first collection that has any. `source` must have `rank`. */
export function firstOnly(source: Sql, partition: readonly Sql[]): Sql {
  const by = partition.length === 0 ? raw('') : sql`PARTITION BY ${join(partition, ', ')} `;
  return sql`SELECT * FROM (SELECT q.*, RANK() OVER (${by}ORDER BY q.rank) AS place FROM (${source}) AS q) AS p WHERE p.place = 1`;
}
