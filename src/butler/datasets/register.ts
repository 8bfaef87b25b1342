// SPDX-License-Identifier: BSD-3-Clause
import type { Registry } from '../registry/registry.ts';
import type { DataCoordinate, DataId, DatasetRef } from '../types.ts';
import { datasetId, type IdMode } from './ids.ts';

/** See `ButlerApi.registerDatasets`. */
export async function registerDatasets(
  registry: Registry,
  datasetType: string,
  dataIds: readonly (DataId | DataCoordinate)[],
  runName: string,
  idMode: IdMode,
): Promise<DatasetRef[]> {
  const type = await registry.types.get(datasetType);
  const run = await registry.collections.get(runName, ['RUN']);
  const { dimensions } = type.type;
  const refs = dataIds.map((given): DatasetRef => {
    const dataId =
      (given as DataCoordinate).dimensions === dimensions
        ? (given as DataCoordinate)
        : registry.universe.coordinate(dimensions, plainOf(given));
    const id = datasetId(idMode, type.type.name, runName, idMode === 'UNIQUE' ? {} : dataId.toDataId());
    return { id, datasetType: type.type, dataId, run: runName };
  });
  await registry.datasets.insert(type, run, refs, { freshIds: idMode === 'UNIQUE' });
  return refs;
}

function plainOf(given: DataId | DataCoordinate): DataId {
  return typeof (given as DataCoordinate).toDataId === 'function'
    ? (given as DataCoordinate).toDataId()
    : (given as DataId);
}
