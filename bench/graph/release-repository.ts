// SPDX-License-Identifier: BSD-3-Clause
import { newUuid } from '../../src/base/index.ts';
import { type Butler, type DataId, makeTimespan } from '../../src/butler/index.ts';
import { encodeRegion } from '../../src/sky/index.ts';
import {
  bands,
  detectorCount,
  detectorRegion,
  makeVisits,
  patchCount,
  patchRegion,
  type SurveyShape,
  tractRegion,
  type Visit,
  visitRegion,
} from './sky-survey.ts';

export const instrument = 'HSC';
export const skymap = 'hsc_rings_v1';
export const inputs = ['HSC/raw', 'HSC/calib', 'refcats'];
const dayObs = 20140101;

/** Registers dimensions, raws, calibrations that are valid for half of the visits each, and shards of a reference catalogue. */
export async function fillRelease(butler: Butler, shape: SurveyShape): Promise<Visit[]> {
  const visits = makeVisits(shape);
  await insertRecords(butler, shape, visits);
  const raws = visits.flatMap(({ id, detectors }) =>
    detectors.map((detector): DataId => ({ instrument, exposure: id, detector })),
  );
  await register(butler, 'raw', ['exposure', 'detector'], 'HSC/raw', raws);
  const detectors = Array.from({ length: detectorCount }, (_, detector): DataId => ({ instrument, detector }));
  await butler.registerCollection('HSC/calib', 'CALIBRATION');
  const middle = visits[visits.length >> 1].id;
  for (const kind of ['bias', 'flat']) {
    for (const [half, [from, to]] of [
      [0, middle],
      [middle, 10 * middle],
    ].entries()) {
      const refs = await register(butler, kind, ['detector'], `HSC/calib/${kind}/${half}`, detectors, true);
      await butler.certify('HSC/calib', refs, makeTimespan(timeNs(from), timeNs(to)));
    }
  }
  const pixels = new Set<number>();
  for await (const { columns } of butler.query().where({ skymap }).dataIdColumnBatches(['tract', 'patch', 'htm7']))
    for (const pixel of columns['htm7']) pixels.add(pixel as number);
  for await (const { columns } of butler.query().where({ instrument }).dataIdColumnBatches(['visit', 'htm7']))
    for (const pixel of columns['htm7']) pixels.add(pixel as number);
  const shards = [...pixels].map((htm7) => ({ htm7 }));
  await register(butler, 'stars', ['htm7'], 'refcats', shards);
  return visits;
}

const timeNs = (visit: number): bigint => 1_700_000_000_000_000_000n + BigInt(visit) * 300_000_000_000n;

async function insertRecords(butler: Butler, { tracts }: SurveyShape, visits: readonly Visit[]): Promise<void> {
  await butler.insertRecords('instrument', [
    { name: instrument, class_name: 'x', detector_max: detectorCount, exposure_max: 9e6, visit_max: 9e6 },
  ]);
  await butler.insertRecords(
    'physical_filter',
    bands.map((band) => ({ instrument, name: `HSC-${band.toUpperCase()}`, band })),
  );
  await butler.insertRecords(
    'detector',
    Array.from({ length: detectorCount }, (_, id) => ({ instrument, id, full_name: `${id}`, purpose: 'SCIENCE' })),
  );
  await butler.insertRecords('day_obs', [{ instrument, id: dayObs }]);
  await butler.insertRecords(
    'group',
    visits.map(({ id }) => ({ instrument, name: String(id) })),
  );
  const common = ({ id, band }: Visit) => ({
    instrument,
    id,
    physical_filter: `HSC-${band.toUpperCase()}`,
    day_obs: dayObs,
    exposure_time: 200,
    timespan: makeTimespan(timeNs(id), timeNs(id) + 200_000_000_000n),
  });
  await butler.insertRecords(
    'exposure',
    visits.map((visit) => ({ ...common(visit), group: String(visit.id), obs_id: `o${visit.id}`, can_see_sky: true })),
  );
  await butler.insertRecords(
    'visit',
    visits.map((visit) => ({ ...common(visit), name: `${visit.id}`, region: encodeRegion(visitRegion(visit)) })),
  );
  await butler.insertRecords(
    'visit_definition',
    visits.map(({ id }) => ({ instrument, visit: id, exposure: id })),
  );
  // All detectors have regions, as in a repository; the raws there are choose among them.
  await butler.insertRecords(
    'visit_detector_region',
    visits.flatMap((visit) =>
      Array.from({ length: detectorCount }, (_, detector) => ({
        instrument,
        visit: visit.id,
        detector,
        region: encodeRegion(detectorRegion(visit, detector)),
      })),
    ),
  );
  await butler.insertRecords('skymap', [
    { name: skymap, hash: new Uint8Array(20), tract_max: tracts, patch_nx_max: 9, patch_ny_max: 9 },
  ]);
  const ids = Array.from({ length: tracts }, (_, id) => id);
  await butler.insertRecords(
    'tract',
    ids.map((id) => ({ skymap, id, region: encodeRegion(tractRegion(id)) })),
  );
  await butler.insertRecords(
    'patch',
    ids.flatMap((tract) =>
      Array.from({ length: patchCount }, (_, id) => ({
        skymap,
        tract,
        id,
        cell_x: id % 9,
        cell_y: Math.floor(id / 9),
        region: encodeRegion(patchRegion(tract, id)),
      })),
    ),
  );
}

/** Registers datasets without files. */
export async function register(
  butler: Butler,
  name: string,
  dimensions: readonly string[],
  run: string,
  dataIds: readonly DataId[],
  isCalibration = false,
) {
  await butler.registerDatasetTypes([
    butler.makeDatasetType(name, dimensions, 'StructuredDataDict', { isCalibration }),
  ]);
  await butler.registerCollection(run, 'RUN');
  const row = await butler.registry.types.get(name);
  const refs = dataIds.map((dataId) => ({
    id: newUuid(),
    datasetType: row.type,
    dataId: butler.universe.coordinate(row.type.dimensions, dataId),
    run,
  }));
  const collection = await butler.registry.collections.get(run);
  await butler.registry.datasets.insert(row, collection, refs, { freshIds: true });
  return refs;
}
