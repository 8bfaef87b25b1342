// SPDX-License-Identifier: BSD-3-Clause
import { newUuid } from '../../src/base/index.ts';
import { Query } from '../../src/butler/query/index.ts';
import type { Registry } from '../../src/butler/registry/registry.ts';
import { makeTimespan } from '../../src/butler/timespan.ts';
import type { DataId, DatasetRef } from '../../src/butler/types.ts';
import { encodeRegion, polygonFromLonLat, type Region } from '../../src/sky/index.ts';
import { emptyRegistry } from '../conformance/registries.ts';

/** A square on the sky, degrees. */
export function square(raDeg: number, decDeg: number, sizeDeg: number): Region {
  const h = sizeDeg / 2;
  return polygonFromLonLat([
    [raDeg - h, decDeg - h],
    [raDeg + h, decDeg - h],
    [raDeg + h, decDeg + h],
    [raDeg - h, decDeg + h],
  ]);
}

export const hours = (n: number): bigint => 1_600_000_000_000_000_000n + BigInt(Math.round(n * 3600)) * 1_000_000_000n;

export interface VisitSpec {
  id: number;
  filter: 'f-g' | 'f-r';
  raDeg: number;
  decDeg: number;
  startHours: number;
  exposureTime: number;
}
export interface TractSpec {
  id: number;
  raDeg: number;
  decDeg: number;
}

const DETECTORS = [0, 1];

/** Where the two detectors of a visit look: side by side, half a degree each. */
export function detectorRegion(visit: VisitSpec, detector: number): Region {
  return square(visit.raDeg + (detector - 0.5) * 0.5, visit.decDeg, 0.48);
}
export const visitRegion = (visit: VisitSpec): Region =>
  polygonFromLonLat([
    [visit.raDeg - 0.5, visit.decDeg - 0.25],
    [visit.raDeg + 0.5, visit.decDeg - 0.25],
    [visit.raDeg + 0.5, visit.decDeg + 0.25],
    [visit.raDeg - 0.5, visit.decDeg + 0.25],
  ]);
export const tractRegion = (tract: TractSpec): Region => square(tract.raDeg, tract.decDeg, 0.8);

/** A registry in memory with one camera of two detectors, visits of one exposure each, and tracts of four patches. */
export async function surveyRegistry(visits: readonly VisitSpec[], tracts: readonly TractSpec[]): Promise<Registry> {
  const registry = await emptyRegistry();
  const { records } = registry;
  await records.insert(
    'instrument',
    [{ name: 'Cam', class_name: 'x', detector_max: 2, exposure_max: 9999, visit_max: 9999, visit_system: 0 }],
    'fail',
  );
  await records.insert(
    'physical_filter',
    [
      { instrument: 'Cam', name: 'f-g', band: 'g' },
      { instrument: 'Cam', name: 'f-r', band: 'r' },
    ],
    'fail',
  );
  await records.insert(
    'detector',
    DETECTORS.map((id) => ({ instrument: 'Cam', id, full_name: `D${id}`, purpose: 'SCIENCE' })),
    'fail',
  );
  await records.insert('day_obs', [{ instrument: 'Cam', id: 20200913 }], 'fail');
  await records.insert(
    'group',
    visits.map((v) => ({ instrument: 'Cam', name: `g${v.id}` })),
    'fail',
  );
  const common = (v: VisitSpec) => ({
    instrument: 'Cam',
    id: v.id,
    physical_filter: v.filter,
    day_obs: 20200913,
    exposure_time: v.exposureTime,
    timespan: makeTimespan(hours(v.startHours), hours(v.startHours + v.exposureTime / 3600)),
  });
  await records.insert(
    'exposure',
    visits.map((v) => ({ ...common(v), group: `g${v.id}`, obs_id: `o${v.id}`, can_see_sky: true })),
    'fail',
  );
  await records.insert(
    'visit',
    visits.map((v) => ({ ...common(v), name: `v${v.id}`, region: encodeRegion(visitRegion(v)) })),
    'fail',
  );
  await records.insert(
    'visit_definition',
    visits.map((v) => ({ instrument: 'Cam', visit: v.id, exposure: v.id })),
    'fail',
  );
  await records.insert(
    'visit_detector_region',
    visits.flatMap((v) =>
      DETECTORS.map((detector) => ({
        instrument: 'Cam',
        visit: v.id,
        detector,
        region: encodeRegion(detectorRegion(v, detector)),
      })),
    ),
    'fail',
  );
  await records.insert(
    'skymap',
    [{ name: 'sky', hash: new Uint8Array(20), tract_max: 100, patch_nx_max: 2, patch_ny_max: 2 }],
    'fail',
  );
  await records.insert(
    'tract',
    tracts.map((t) => ({ skymap: 'sky', id: t.id, region: encodeRegion(tractRegion(t)) })),
    'fail',
  );
  await records.insert(
    'patch',
    tracts.flatMap((t) =>
      [0, 1, 2, 3].map((id) => ({
        skymap: 'sky',
        tract: t.id,
        id,
        cell_x: id % 2,
        cell_y: id >> 1,
        region: encodeRegion(patchRegion(t, id)),
      })),
    ),
    'fail',
  );
  return registry;
}

export function patchRegion(t: TractSpec, id: number): Region {
  return square(t.raDeg + ((id % 2) - 0.5) * 0.4, t.decDeg + ((id >> 1) - 0.5) * 0.4, 0.4);
}

/** Datasets of one type in a run; the type and the run are made if need be. */
export async function addDatasets(
  registry: Registry,
  run: string,
  name: string,
  dataIds: readonly DataId[],
  isCalibration = false,
): Promise<DatasetRef[]> {
  const dimensions = registry.universe.conform(Object.keys(dataIds[0]));
  await registry.types.register([{ name, dimensions, storageClass: 'StructuredDataDict', isCalibration }]);
  await registry.collections.register(run, 'RUN');
  const row = await registry.types.get(name);
  const refs = dataIds.map((dataId) => ({
    id: newUuid(),
    datasetType: row.type,
    dataId: registry.universe.coordinate(dimensions, dataId),
    run,
  }));
  await registry.datasets.insert(row, await registry.collections.get(run), refs);
  return refs;
}

export const queryOf = (registry: Registry): Query => new Query(registry);
