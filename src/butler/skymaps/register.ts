// SPDX-License-Identifier: BSD-3-Clause
import { encodeRegion, type SkyMap } from '../../sky/index.ts';
import type { ButlerApi } from '../contract.ts';
import type { DimensionRecord } from '../types.ts';

/** The RUN collection that sky map definitions live in, and the dataset type that holds them. */
export const skyMapsRun = 'skymaps';
export const skyMapDatasetType = 'skyMap';

export interface RegisterSkyMapReport {
  name: string;
  tracts: number;
  patches: number;
  registered: boolean;
}

/**
 * Registers a sky map: skymap, tract and patch records with their regions, and the definition as dataset `skyMap` in run
 * `skymaps`. The same map again is nothing to do; another map of that name is refused by the registry.
 */
export async function registerSkyMap(
  butler: ButlerApi,
  skyMap: SkyMap,
  options: { onProgress?: (done: number, total: number) => void } = {},
): Promise<RegisterSkyMapReport> {
  const tracts: DimensionRecord[] = [];
  const patches: DimensionRecord[] = [];
  let nxMax = 0;
  let nyMax = 0;
  for (let id = 0; id < skyMap.tractCount; id++) {
    const tract = skyMap.tract(id);
    nxMax = Math.max(nxMax, tract.patchCountX);
    nyMax = Math.max(nyMax, tract.patchCountY);
    tracts.push({ skymap: skyMap.name, id, region: encodeRegion(tract.region) });
    for (let index = 0; index < tract.patchCountX * tract.patchCountY; index++) {
      const patch = tract.patch(index);
      patches.push({
        skymap: skyMap.name,
        tract: id,
        id: index,
        cell_x: index % tract.patchCountX,
        cell_y: Math.floor(index / tract.patchCountX),
        region: encodeRegion(patch.region),
      });
    }
    options.onProgress?.(id + 1, skyMap.tractCount);
  }
  const made = await butler.insertRecords(
    'skymap',
    [
      {
        name: skyMap.name,
        hash: Buffer.from(skyMap.sha1Hex(), 'hex'),
        tract_max: skyMap.tractCount,
        patch_nx_max: nxMax,
        patch_ny_max: nyMax,
      },
    ],
    'fail',
  );
  await butler.insertRecords('tract', tracts, 'skip');
  await butler.insertRecords('patch', patches, 'skip');
  const type = butler.makeDatasetType(skyMapDatasetType, ['skymap'], 'SkyMap');
  await butler.registerDatasetTypes([type]);
  await butler.registerCollection(skyMapsRun, 'RUN');
  const dataId = { skymap: skyMap.name };
  if ((await butler.findDataset(type, dataId, { collections: [skyMapsRun] })) === undefined) {
    await butler.put(skyMap, type, dataId, skyMapsRun);
  }
  return { name: skyMap.name, tracts: tracts.length, patches: patches.length, registered: made > 0 };
}
