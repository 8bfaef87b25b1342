// SPDX-License-Identifier: BSD-3-Clause
import { Butler, type DataId, makeTimespan } from '../../src/butler/index.ts';
import { encodeRegion, polygonFromLonLat } from '../../src/sky/index.ts';
import { randomFrom } from './random.ts';

/** A repository with visits scattered over a sky map, for tests of joins on the sky. Angles in degrees. */
export interface SkySurvey {
  visits: number;
  /** Detectors side by side, in a row. */
  detectors: number;
  /** Tracts along right ascension, each of `patches` x `patches`. */
  tracts: number;
  patches: number;
}

const hours = (n: number) => 1_600_000_000_000_000_000n + BigInt(n) * 3_600_000_000_000n;
const tractDeg = 1.2;

function square(raDeg: number, decDeg: number, sizeDeg: number): Uint8Array {
  const h = sizeDeg / 2;
  return encodeRegion(
    polygonFromLonLat([
      [raDeg - h, decDeg - h],
      [raDeg + h, decDeg - h],
      [raDeg + h, decDeg + h],
      [raDeg - h, decDeg + h],
    ]),
  );
}

/** Creates the repository with raws (without files) in `Cam/raw`, biases in `Cam/calib`, a sky map in `skymaps`; visits point at random places, the same every time. */
export async function skySurvey(root: string, survey: SkySurvey): Promise<Butler> {
  const { detectors, tracts, patches } = survey;
  const butler = await Butler.create(root);
  const random = randomFrom(7);
  const visits = Array.from({ length: survey.visits }, (_, k) => ({
    id: k + 1,
    raDeg: 40 + random() * tractDeg * tracts,
    decDeg: (random() - 0.5) * tractDeg,
  }));
  await butler.insertRecords('instrument', [
    { name: 'Cam', class_name: 'x', detector_max: 99, exposure_max: 9999, visit_max: 9999, visit_system: 0 },
  ]);
  await butler.insertRecords('physical_filter', [
    { instrument: 'Cam', name: 'f-g', band: 'g' },
    { instrument: 'Cam', name: 'f-r', band: 'r' },
  ]);
  const numbers = (count: number) => Array.from({ length: count }, (_, k) => k);
  await butler.insertRecords(
    'detector',
    numbers(detectors).map((id) => ({ instrument: 'Cam', id, full_name: `D${id}`, purpose: 'SCIENCE' })),
  );
  await butler.insertRecords('day_obs', [{ instrument: 'Cam', id: 20200913 }]);
  await butler.insertRecords(
    'group',
    visits.map(({ id }) => ({ instrument: 'Cam', name: `g${id}` })),
  );
  const common = (id: number) => ({
    ...{ instrument: 'Cam', id, day_obs: 20200913, exposure_time: 30 },
    physical_filter: id % 2 === 0 ? 'f-g' : 'f-r',
    timespan: makeTimespan(hours(id), hours(id) + 30_000_000_000n),
  });
  await butler.insertRecords(
    'exposure',
    visits.map(({ id }) => ({ ...common(id), group: `g${id}`, obs_id: `o${id}`, can_see_sky: true })),
  );
  await butler.insertRecords(
    'visit',
    visits.map(({ id, raDeg, decDeg }) => ({ ...common(id), name: `v${id}`, region: square(raDeg, decDeg, 0.8) })),
  );
  await butler.insertRecords(
    'visit_definition',
    visits.map(({ id }) => ({ instrument: 'Cam', visit: id, exposure: id })),
  );
  const size = 0.8 / detectors;
  await butler.insertRecords(
    'visit_detector_region',
    visits.flatMap(({ id: visit, raDeg, decDeg }) =>
      numbers(detectors).map((detector) => ({
        ...{ instrument: 'Cam', visit, detector },
        region: square(raDeg + (detector - (detectors - 1) / 2) * size, decDeg, size),
      })),
    ),
  );
  await butler.insertRecords('skymap', [
    { name: 'sky', hash: new Uint8Array(20), tract_max: tracts, patch_nx_max: patches, patch_ny_max: patches },
  ]);
  const centre = (tract: number) => 40 + (tract + 0.5) * tractDeg;
  await butler.insertRecords(
    'tract',
    numbers(tracts).map((id) => ({ skymap: 'sky', id, region: square(centre(id), 0, tractDeg) })),
  );
  const step = tractDeg / patches;
  await butler.insertRecords(
    'patch',
    numbers(tracts).flatMap((tract) =>
      numbers(patches * patches).map((id) => {
        const [x, y] = [id % patches, Math.floor(id / patches)];
        const at = (k: number) => (k - (patches - 1) / 2) * step;
        return { skymap: 'sky', tract, id, cell_x: x, cell_y: y, region: square(centre(tract) + at(x), at(y), step) };
      }),
    ),
  );
  const storage: Record<string, string> = { raw: 'Exposure', bias: 'ExposureF', skyMap: 'SkyMap' };
  const put = async (name: string, dimensions: string[], run: string, dataIds: DataId[], isCalibration = false) => {
    const type = butler.makeDatasetType(name, dimensions, storage[name], { isCalibration });
    await butler.registerDatasetTypes([type]);
    await butler.registerCollection(run, 'RUN');
    return butler.registerDatasets(type, dataIds, run);
  };
  const exposures = visits.flatMap(({ id }) =>
    numbers(detectors).map((detector) => ({ instrument: 'Cam', exposure: id, detector })),
  );
  await put('raw', ['exposure', 'detector'], 'Cam/raw', exposures);
  await put('skyMap', ['skymap'], 'skymaps', [{ skymap: 'sky' }]);
  const biases = numbers(detectors).map((detector) => ({ instrument: 'Cam', detector }));
  const certified = await put('bias', ['detector'], 'Cam/bias', biases, true);
  await butler.registerCollection('Cam/calib', 'CALIBRATION');
  await butler.certify('Cam/calib', certified, makeTimespan(undefined, undefined));
  return butler;
}
