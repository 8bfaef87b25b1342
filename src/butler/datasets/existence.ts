// SPDX-License-Identifier: BSD-3-Clause
import type { DatasetExistence } from '../contract.ts';
import type { FileDatastore } from '../datastore/file-datastore.ts';
import { isRemote } from '../datastore/paths.ts';
import type { Registry } from '../registry/registry.ts';
import type { DatasetRef, FileRecord } from '../types.ts';

/** Datasets whose files are looked at together. */
const filesAtOnce = 1000;

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
  for (let at = 0; at < refs.length; at += filesAtOnce) {
    const some = records.slice(at, at + filesAtOnce);
    const expected = some.flat().map((record) => lookedAt(datastore, record));
    const sizes = await datastore.sizes(expected);
    const fits = expected.map(
      ({ sizeBytes }, i) => sizes[i] !== undefined && (sizeBytes < 0 || sizes[i] === sizeBytes),
    );
    let next = 0;
    some.forEach(({ length }, i) => {
      out[at + i].artifact = length > 0 && fits.slice(next, next + length).every(Boolean);
      next += length;
    });
  }
  return out;
}

/**
 * What must be there; of a size where that is not negative. Some repositories record none; archives on servers, and those whose members are
 * named in other ways, are not looked into.
 */
function lookedAt(datastore: FileDatastore, { path, sizeBytes }: FileRecord): { path: string; sizeBytes: number } {
  const [file, fragment] = path.split('#', 2);
  const closed =
    fragment !== undefined && (!fragment.startsWith('zip-path=') || isRemote(datastore.absolute({ path: file })));
  if (closed) return { path: file, sizeBytes: -1 };
  return { path, sizeBytes: sizeBytes ?? -1 };
}
