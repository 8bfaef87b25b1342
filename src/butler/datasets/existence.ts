// SPDX-License-Identifier: BSD-3-Clause
import type { DatasetExistence } from '../contract.ts';
import type { FileDatastore } from '../datastore/file-datastore.ts';
import type { Registry } from '../registry/registry.ts';
import type { DatasetRef, FileRecord } from '../types.ts';

/** Files looked at together. */
const parallelStats = 32;

/** See `ButlerApi.exists`. A bounded number of queries for all; files are looked at only when asked. */
export async function exists(
  registry: Registry,
  datastore: FileDatastore,
  refs: readonly DatasetRef[],
  options: { checkFiles?: boolean } = {},
): Promise<DatasetExistence[]> {
  const ids = refs.map((ref) => ref.id);
  const known = await registry.datasets.byIds(ids);
  const records = await registry.files.get(ids);
  const out = refs.map(
    (_, i): DatasetExistence => ({ recorded: known[i] !== undefined, stored: records[i].length > 0 }),
  );
  if (!options.checkFiles) return out;
  for (let at = 0; at < refs.length; at += parallelStats) {
    await Promise.all(
      out.slice(at, at + parallelStats).map(async (one, i) => {
        const found = await Promise.all(records[at + i].map((record) => fileMatches(datastore, record)));
        one.artifact = found.length > 0 && found.every(Boolean);
      }),
    );
  }
  return out;
}

async function fileMatches(datastore: FileDatastore, record: FileRecord): Promise<boolean> {
  const file = record.path.split('#')[0];
  const sizeBytes = await datastore.size({ path: file });
  // The recorded size of a member of an archive is the member's own; some repositories record none.
  const unknown = record.path.includes('#') || record.sizeBytes === null || record.sizeBytes < 0;
  return sizeBytes !== undefined && (unknown || sizeBytes === record.sizeBytes);
}
