// SPDX-License-Identifier: BSD-3-Clause
import { pathToFileURL } from 'node:url';
import type { FileDatastore } from '../datastore/file-datastore.ts';
import { formatDataId } from '../dimensions/coordinate.ts';
import { butlerErrors } from '../errors.ts';
import type { DatasetRef, FileRecord } from '../types.ts';

/** One file and what is in it. */
export interface FileGroup {
  /** Path as recorded, without the name of a member. */
  readonly path: string;
  /** Absolute path of the file. */
  readonly source: string;
  readonly uri: string;
  readonly refs: DatasetRef[];
  /** One for each of `refs`; several where a dataset has several parts in the file (members of an archive). */
  readonly records: FileRecord[];
}

/**
 * Files of datasets, each once, in the order of their first dataset. `records[i]` are those of `refs[i]`.
 * @throws BUTLER_NOT_STORED for a dataset without any
 */
export function groupFiles(
  datastore: FileDatastore,
  refs: readonly DatasetRef[],
  records: readonly (readonly FileRecord[])[],
): FileGroup[] {
  const groups = new Map<string, FileGroup>();
  refs.forEach((ref, i) => {
    if (records[i].length === 0) {
      const dataId = formatDataId(ref.dataId.toDataId());
      throw butlerErrors.NOT_STORED({ datasetType: ref.datasetType.name, dataId, id: ref.id });
    }
    for (const record of records[i]) {
      const [path] = record.path.split('#');
      let group = groups.get(path);
      if (group === undefined) {
        const source = datastore.absolute({ path });
        group = { path, source, uri: pathToFileURL(source).href, refs: [], records: [] };
        groups.set(path, group);
      }
      if (group.refs.at(-1) !== ref) group.refs.push(ref);
      group.records.push(record);
    }
  });
  return [...groups.values()];
}
