// SPDX-License-Identifier: BSD-3-Clause
import { Butler, type DataCoordinate, makeTimespan } from '../../src/butler/index.ts';

export const DETECTORS = 100;

/** A repository with a camera of 100 detectors and that many exposures; dataset types `raw` and `small` on {exposure, detector}. */
export async function surveyRepository(root: string, exposures: number): Promise<Butler> {
  const butler = await Butler.create(root);
  await fillSurvey(butler, exposures);
  return butler;
}

export async function fillSurvey(butler: Butler, exposures: number): Promise<void> {
  const instrument = 'Cam';
  await butler.insertRecords('instrument', [
    { name: instrument, class_name: 'x', detector_max: DETECTORS, exposure_max: 99_999_999, visit_max: 99_999_999 },
  ]);
  await butler.insertRecords('physical_filter', [{ instrument, name: 'r', band: 'r' }]);
  await butler.insertRecords(
    'detector',
    Array.from({ length: DETECTORS }, (_, id) => ({ instrument, id, full_name: `D${id}`, purpose: 'SCIENCE' })),
  );
  await butler.insertRecords('day_obs', [{ instrument, id: 20260101 }]);
  await butler.insertRecords('group', [{ instrument, name: 'g' }]);
  const startNs = 1_700_000_000_000_000_000n;
  await butler.insertRecords(
    'exposure',
    Array.from({ length: exposures }, (_, i) => ({
      instrument,
      id: i + 1,
      physical_filter: 'r',
      day_obs: 20260101,
      group: 'g',
      obs_id: `o${i + 1}`,
      exposure_time: 30,
      can_see_sky: true,
      timespan: makeTimespan(
        startNs + BigInt(i) * 60_000_000_000n,
        startNs + BigInt(i) * 60_000_000_000n + 30_000_000_000n,
      ),
    })),
  );
  const dimensions = ['exposure', 'detector'];
  await butler.registerDatasetTypes([
    butler.makeDatasetType('raw', dimensions, 'StructuredDataDict'),
    butler.makeDatasetType('small', dimensions, 'StructuredDataDict'),
  ]);
}

/** Data IDs of exposures `from` (1-based) to below `to`, all detectors. */
export function dataIds(butler: Butler, from: number, to: number): DataCoordinate[] {
  const group = butler.universe.conform(['exposure', 'detector']);
  const out: DataCoordinate[] = [];
  for (let exposure = from; exposure < to; exposure++)
    for (let detector = 0; detector < DETECTORS; detector++)
      out.push(butler.universe.coordinate(group, { instrument: 'Cam', exposure, detector }));
  return out;
}
