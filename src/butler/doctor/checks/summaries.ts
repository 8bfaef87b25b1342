// SPDX-License-Identifier: BSD-3-Clause
import type { SqlValue } from '../../registry/database.ts';
import type { Check, Finding } from '../model.ts';
import { memberTables } from './dataset-types.ts';

/** Collections whose summary misses a dataset type, instrument or sky map that they hold: queries would pass them by. */
export const summaries: Check = {
  name: 'summaries of collections',
  kinds: [
    {
      name: 'incomplete-summary',
      title: 'summaries of collections that miss something the collection holds',
      severity: 'wrong',
      repair: 'adds it to the summary',
    },
  ],
  async *find({ butler }) {
    const { db, universe } = butler.registry;
    const { quote } = db.dialect;
    const names = new Map(
      (await db.rows('SELECT collection_id, name FROM collection')).map(([id, name]) => [id, String(name)]),
    );
    const types = new Map((await db.rows('SELECT id, name FROM dataset_type')).map(([id, name]) => [id, String(name)]));
    const seen = new Set<string>();
    const finding = (table: string, column: string, row: SqlValue[]): Finding[] => {
      const key = `${table} ${row.join(' ')}`;
      if (seen.has(key)) return [];
      seen.add(key);
      const [collection, value] = row;
      const what = column === 'dataset_type_id' ? `dataset type ${types.get(value) ?? value}` : `${column} ${value}`;
      const subject = names.get(collection) ?? `collection #${collection}`;
      return [{ kind: 'incomplete-summary', subject, detail: `it holds ${what}`, data: { table, column, row } }];
    };
    for (const which of ['tags', 'calibs'] as const) {
      for (const { table, dimensions } of await memberTables(butler.registry, which)) {
        const columns = ['dataset_type_id', ...dimensions.governors.filter((name) => universe.element(name).governor)];
        for (const column of columns) {
          const summary =
            column === 'dataset_type_id' ? 'collection_summary_dataset_type' : `collection_summary_${column}`;
          const name = quote(column);
          const rows = await db.rows(
            `SELECT m.collection_id, m.${name} FROM (SELECT DISTINCT collection_id, ${name} FROM ${table}) m
             LEFT JOIN ${summary} s ON s.collection_id = m.collection_id AND s.${name} = m.${name}
             WHERE s.collection_id IS NULL`,
          );
          yield rows.flatMap((row) => finding(summary, column, row));
        }
      }
    }
  },
  async repair({ butler }, _kind, findings) {
    const { db } = butler.registry;
    for (const { data } of findings) {
      const { table, column, row } = data as { table: string; column: string; row: SqlValue[] };
      await db.insert(table, ['collection_id', column], [row], { conflict: 'ignore' });
    }
    return findings.length;
  },
};
