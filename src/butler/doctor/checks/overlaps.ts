// SPDX-License-Identifier: BSD-3-Clause

import type { SqlValue } from '../../registry/database.ts';
import { OverlapStore } from '../../registry/overlaps.ts';
import type { Check } from '../model.ts';

/** Records with a region that the index of the sky does not know: spatial joins would miss them. */
export const overlaps: Check = {
  name: 'index of the sky',
  kinds: [
    {
      name: 'region-not-indexed',
      title: 'dimension records whose region is not in the index of the sky',
      severity: 'wrong',
      repair: 'computes the pixels that the region overlaps',
    },
  ],
  async *find({ butler }) {
    const { db, universe } = butler.registry;
    const { quote } = db.dialect;
    for (const name of universe.elementNames) {
      const element = universe.element(name);
      if (element.spatialFamily === undefined || element.skypix !== undefined || !element.hasTable) continue;
      const { keys } = butler.registry.records.codec(name);
      const on = keys.map((key, i) => `o.${quote(element.required[i])} = e.${quote(key)}`).join(' AND ');
      const selected = keys.map((key) => `e.${quote(key)}`).join(', ');
      const unknown = db.stream(
        `SELECT ${selected} FROM ${quote(name)} e WHERE e.region IS NOT NULL
         AND NOT EXISTS (SELECT 1 FROM ${name}_skypix_overlap o WHERE ${on})`,
      );
      for await (const rows of unknown) {
        yield rows.map((keys) => ({
          kind: 'region-not-indexed',
          subject: `${name} ${keys.join(' ')}`,
          detail: 'no pixel overlaps it',
          data: { name, keys },
        }));
      }
    }
  },
  async repair({ butler }, _kind, findings) {
    const { db, universe, records } = butler.registry;
    const store = new OverlapStore(db, universe);
    const groups = Map.groupBy(findings, ({ data }) => (data as { name: string }).name);
    for (const [name, group] of groups) {
      const keys = group.map(({ data }) => (data as { keys: SqlValue[] }).keys as (string | number)[]);
      const found = await records.fetch(name, keys);
      const { keys: columns } = records.codec(name);
      await store.insert(
        universe.element(name),
        [...found.values()].map((record) => ({
          keys: columns.map((column) => record[column] as SqlValue),
          region: record['region'] as Uint8Array,
        })),
      );
    }
    return findings.length;
  },
};
