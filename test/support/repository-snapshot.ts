// SPDX-License-Identifier: BSD-3-Clause
import { type Butler, selectDatasets } from '../../src/butler/index.ts';

const plain = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (_key, one) =>
      typeof one === 'bigint' ? `${one} ns` : one instanceof Uint8Array ? Buffer.from(one).toString('hex') : one,
    ),
  );

export interface SnapshotOptions {
  /** Objects as well: the datasets are read. */
  objects?: boolean;
}

/** What a repository holds, apart from where its files are: two that hold the same give equal snapshots. */
export async function snapshot(butler: Butler, options: SnapshotOptions = {}) {
  const records: Record<string, unknown[]> = {};
  for (const name of butler.universe.elementNames) {
    const element = butler.universe.element(name);
    if (!element.hasTable || element.skypix !== undefined) continue;
    const rows = [];
    for await (const row of butler.query().dimensionRecords(name)) rows.push(JSON.stringify(plain(row)));
    if (rows.length > 0) records[name] = rows.sort();
  }
  const types = (await butler.listDatasetTypes()).map(({ name, dimensions, storageClass, isCalibration }) => {
    return { name, dimensions: dimensions.required, storageClass, isCalibration };
  });
  const collections = await butler.listCollections();
  const datasets: Record<string, unknown> = {};
  for await (const ref of selectDatasets(butler, {})) {
    const about = [ref.datasetType.name, ref.run, ref.dataId.toDataId()];
    datasets[ref.id] = options.objects === true ? [...about, await butler.get(ref)] : about;
  }
  const associations: string[] = [];
  for (const type of types) {
    const names = collections.map((info) => info.name);
    for await (const { ref, collection, timespan } of butler.associations(type.name, { collections: names })) {
      associations.push(`${collection} ${ref.id} ${timespan?.beginNs ?? ''}..${timespan?.endNs ?? ''}`);
    }
  }
  return { records, types, collections: plain(collections), datasets, associations: associations.sort() };
}
