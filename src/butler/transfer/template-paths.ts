// SPDX-License-Identifier: BSD-3-Clause
import type { Butler } from '../butler.ts';
import { extensionOf } from '../datastore/paths.ts';
import { expandDataIds } from '../registry/expand.ts';
import type { DatasetRef } from '../types.ts';
import type { RecordSource } from './records-overlay.ts';

/** The place in the datastore that the template gives to each of many files that come from elsewhere, by their first dataset. */
export async function templatePaths(
  { datastore, universe }: Butler,
  records: RecordSource,
  files: readonly { ref: DatasetRef; source: string }[],
): Promise<string[]> {
  const out: string[] = new Array(files.length);
  const positions = new Map(files.map((file, i) => [file, i]));
  for (const group of Map.groupBy(files, ({ ref }) => ref.datasetType.name).values()) {
    const { dimensions } = group[0].ref.datasetType;
    const dataIds = group.map(({ ref }) => ref.dataId.toDataId());
    const expanded = await expandDataIds(records, universe, dimensions, dataIds, true);
    group.forEach((file, i) => {
      const { values, records: found } = expanded[i];
      out[positions.get(file)!] = datastore.templatePath(file.ref, values, found) + extensionOf(file.source);
    });
  }
  return out;
}
