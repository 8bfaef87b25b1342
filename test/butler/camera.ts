// SPDX-License-Identifier: BSD-3-Clause
import type { ButlerApi } from '../../src/butler/index.ts';

/** A camera of four detectors and two filters with two exposures, one on day 18 500 of the TAI epoch and one on day 19 500. */
export async function addCamera(butler: ButlerApi): Promise<void> {
  await butler.insertRecords('instrument', [
    { name: 'Cam', visit_max: 1000, exposure_max: 1000, detector_max: 10, visit_system: 0, class_name: 'test.Cam' },
  ]);
  await butler.insertRecords(
    'detector',
    ['Aa', 'Ab', 'Ba', 'Bb'].map((name, i) => ({ instrument: 'Cam', id: i + 1, full_name: name, purpose: 'SCIENCE' })),
  );
  await butler.insertRecords('physical_filter', [
    { instrument: 'Cam', name: 'Cam-G', band: 'g' },
    { instrument: 'Cam', name: 'Cam-R', band: 'r' },
  ]);
  await butler.insertRecords('day_obs', [
    { instrument: 'Cam', id: 20200826 },
    { instrument: 'Cam', id: 20230523 },
  ]);
  await butler.insertRecords('group', [{ instrument: 'Cam', name: 'g1' }]);
  await butler.insertRecords(
    'exposure',
    [18_500n, 19_500n].map((day, i) => ({
      instrument: 'Cam',
      id: i + 1,
      obs_id: `obs${i + 1}`,
      day_obs: i === 0 ? 20200826 : 20230523,
      group: 'g1',
      physical_filter: 'Cam-R',
      exposure_time: 30,
      observation_type: 'science',
      timespan: { beginNs: day * 86_400_000_000_000n, endNs: day * 86_400_000_000_000n + 30_000_000_000n },
    })),
  );
}
