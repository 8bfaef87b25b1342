// SPDX-License-Identifier: BSD-3-Clause
import { formatUuid } from '../../../base/index.ts';
import type { Check } from '../model.ts';
import { runOnIds } from '../sql.ts';
import { memberTables, typeTables } from './dataset-types.ts';

/** Entries of collections for datasets that are not there, and datasets that their own run does not list. */
export const members: Check = {
  name: 'members of collections',
  kinds: [
    {
      name: 'tag-of-absent-dataset',
      title: 'entries of RUN and TAGGED collections for datasets that do not exist',
      severity: 'wrong',
      repair: 'removes the entries',
    },
    {
      name: 'validity-of-absent-dataset',
      title: 'validity ranges of calibrations that do not exist',
      severity: 'wrong',
      repair: 'removes the ranges',
    },
    {
      name: 'dataset-without-data-id',
      title: 'datasets that no query finds: their run has no entry for them',
      severity: 'wrong',
      advice: 'their data IDs are lost: retrieve what is needed by id, then remove the datasets with prune-datasets',
    },
  ],
  async *find({ butler }) {
    const { registry } = butler;
    const { db } = registry;
    for (const [which, kind] of [
      ['tags', 'tag-of-absent-dataset'],
      ['calibs', 'validity-of-absent-dataset'],
    ] as const) {
      for (const { table } of await memberTables(registry, which)) {
        const absent = db.stream(
          `SELECT DISTINCT t.dataset_id FROM ${table} t LEFT JOIN dataset d ON d.id = t.dataset_id WHERE d.id IS NULL`,
        );
        for await (const rows of absent) {
          yield rows.map(([id]) => {
            const detail = `${table} has it, the table of datasets has not`;
            return { kind, subject: formatUuid(id as string), detail, data: { table, id } };
          });
        }
      }
    }
    const present = new Set((await memberTables(registry, 'tags')).map(({ table }) => table));
    for (const type of await typeTables(registry)) {
      if (!present.has(type.tags)) continue;
      const lost = db.stream(
        `SELECT d.id FROM dataset d LEFT JOIN ${type.tags} t ON t.dataset_id = d.id AND t.collection_id = d.run_id
         WHERE d.dataset_type_id = ? AND t.dataset_id IS NULL`,
        [type.id],
      );
      for await (const rows of lost) {
        yield rows.map(([id]) => ({
          kind: 'dataset-without-data-id',
          subject: formatUuid(id as string),
          detail: `a ${type.name} without an entry in ${type.tags}`,
        }));
      }
    }
  },
  async repair({ butler }, _kind, findings) {
    const { db } = butler.registry;
    const byTable = Map.groupBy(findings, ({ data }) => (data as { table: string }).table);
    for (const [table, group] of byTable) {
      const ids = group.map(({ data }) => (data as { id: string }).id);
      await runOnIds(db, `DELETE FROM ${table} WHERE dataset_id IN (SELECT value FROM %LIST%)`, ids);
    }
    return findings.length;
  },
};
