// SPDX-License-Identifier: BSD-3-Clause
import { formatUuid } from '../../../base/index.ts';
import type { Check } from '../model.ts';
import { runOnIds } from '../sql.ts';

const trashed = 'SELECT dataset_id FROM dataset_location_trash';

/** What registry and datastore say of where files are, held against each other. */
export const records: Check = {
  name: 'file records',
  kinds: [
    {
      name: 'record-without-dataset',
      title: 'file records of datasets that do not exist',
      severity: 'wrong',
      repair: 'forgets the record; its file then belongs to no dataset',
    },
    {
      name: 'record-without-location',
      title: 'file records of datasets that the registry takes for not stored',
      severity: 'wrong',
      repair: 'notes in the registry that they are stored',
    },
    {
      name: 'location-without-record',
      title: 'datasets that the registry takes for stored, without a file record',
      severity: 'wrong',
      repair: 'notes in the registry that they are not stored',
    },
    {
      name: 'unstored',
      title: 'datasets without a file (removed from the datastore, or never stored)',
      severity: 'note',
    },
  ],
  async *find({ butler }) {
    const { db, files } = butler.registry;
    const store = files.datastoreName;
    const found = (kind: string, detail: string) => (rows: unknown[][]) =>
      rows.map(([id, more]) => ({
        kind,
        subject: formatUuid(id as string),
        detail: more === undefined ? detail : `${detail} ${more}`,
        data: id,
      }));
    const without = `SELECT r.dataset_id, MIN(r.path) FROM file_datastore_records r`;
    for await (const rows of db.stream(
      `${without} LEFT JOIN dataset d ON d.id = r.dataset_id
       WHERE d.id IS NULL AND r.dataset_id NOT IN (${trashed}) GROUP BY r.dataset_id`,
    ))
      yield found('record-without-dataset', 'there is no such dataset, but a record of')(rows);
    for await (const rows of db.stream(
      `${without} JOIN dataset d ON d.id = r.dataset_id LEFT JOIN dataset_location l ON l.dataset_id = r.dataset_id
       WHERE l.dataset_id IS NULL AND r.dataset_id NOT IN (${trashed}) GROUP BY r.dataset_id`,
    ))
      yield found('record-without-location', 'its file is')(rows);
    for await (const rows of db.stream(
      `SELECT l.dataset_id FROM dataset_location l LEFT JOIN file_datastore_records r ON r.dataset_id = l.dataset_id
       WHERE r.dataset_id IS NULL AND l.datastore_name = ?`,
      [store],
    ))
      yield found('location-without-record', `${store} has no record of a file`)(rows);
    for await (const rows of db.stream(
      `SELECT d.id, t.name FROM dataset d JOIN dataset_type t ON t.id = d.dataset_type_id
       LEFT JOIN dataset_location l ON l.dataset_id = d.id
       LEFT JOIN file_datastore_records r ON r.dataset_id = d.id
       WHERE l.dataset_id IS NULL AND r.dataset_id IS NULL`,
    ))
      yield found('unstored', 'a')(rows);
  },
  async repair({ butler }, kind, findings) {
    const { db, files } = butler.registry;
    const ids = findings.map(({ data }) => data as string);
    await db.transaction(async () => {
      if (kind === 'record-without-location') {
        await db.insert(
          'dataset_location',
          ['datastore_name', 'dataset_id'],
          ids.map((id) => [files.datastoreName, id]),
          { conflict: 'ignore' },
        );
        return;
      }
      await runOnIds(db, 'DELETE FROM dataset_location WHERE dataset_id IN (SELECT value FROM %LIST%)', ids);
      if (kind === 'record-without-dataset')
        await runOnIds(db, 'DELETE FROM file_datastore_records WHERE dataset_id IN (SELECT value FROM %LIST%)', ids);
    });
    return findings.length;
  },
};
