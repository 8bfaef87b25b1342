// SPDX-License-Identifier: BSD-3-Clause
import { pathToFileURL } from 'node:url';
import type { FileDatastore } from '../datastore/file-datastore.ts';
import { isRemote } from '../datastore/paths.ts';
import { shownUrl } from '../datastore/webdav/access.ts';
import { formatDataId } from '../dimensions/coordinate.ts';
import { butlerErrors } from '../errors.ts';
import type { Registry } from '../registry/registry.ts';
import type { DatasetRef, FileRecord } from '../types.ts';

/** See `ButlerApi.getUris`. One query for all. */
export async function getUris(
  registry: Registry,
  datastore: FileDatastore,
  refs: readonly DatasetRef[],
): Promise<string[]> {
  const records = await registry.files.get(refs.map((ref) => ref.id));
  return refs.map((ref, i) => recordUri(datastore, mainRecord(ref, records[i])));
}

/** The record of the whole dataset, or of its first part where it is stored in parts. */
export function mainRecord(ref: DatasetRef, records: readonly FileRecord[]): FileRecord {
  const record = records.find((one) => one.component === null) ?? records[0];
  if (record !== undefined) return record;
  const dataId = formatDataId(ref.dataId.toDataId());
  throw butlerErrors.NOT_STORED({ datasetType: ref.datasetType.name, dataId, id: ref.id });
}

function recordUri(datastore: FileDatastore, record: FileRecord): string {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(record.path)) return record.path;
  const at = record.path.indexOf('#');
  const file = at < 0 ? record.path : record.path.slice(0, at);
  const absolute = datastore.absolute({ path: file });
  const uri = isRemote(absolute) ? shownUrl(absolute) : pathToFileURL(absolute).href;
  return uri + (at < 0 ? '' : record.path.slice(at));
}
