// SPDX-License-Identifier: BSD-3-Clause
import { formatUuid } from '../../../base/index.ts';
import { emptyTrash } from '../../removal/trash.ts';
import type { Check } from '../model.ts';

/** Datasets that were removed while their files were not yet: a removal was interrupted. */
export const trash: Check = {
  name: 'trash',
  kinds: [
    {
      name: 'interrupted-removal',
      title: 'removed datasets whose files wait to be deleted',
      severity: 'scratch',
      repair: 'deletes the files that no other dataset uses',
    },
  ],
  async *find({ butler }) {
    const { db, files } = butler.registry;
    const pages = db.stream('SELECT DISTINCT dataset_id FROM dataset_location_trash WHERE datastore_name = ?', [
      files.datastoreName,
    ]);
    for await (const rows of pages) {
      yield rows.map(([id]) => ({
        kind: 'interrupted-removal',
        subject: formatUuid(id as string),
        detail: 'it is in the trash',
      }));
    }
  },
  async repair({ butler }, _kind, findings) {
    await emptyTrash(butler.registry, butler.datastore);
    return findings.length;
  },
};
