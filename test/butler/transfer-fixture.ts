// SPDX-License-Identifier: BSD-3-Clause
import { type Butler, type DatasetRef, makeTimespan } from '../../src/butler/index.ts';
import { encodeRegion } from '../../src/sky/index.ts';
import { createButler } from '../support/databases.ts';
import { addCamera } from './camera.ts';
import { square } from './query-fixture.ts';

export const day = 86_400_000_000_000n;

/** A repository with every kind of thing that can travel: regions, times, runs, tags, validity ranges, chains in chains. */
export async function makeSource(root: string): Promise<{ butler: Butler; refs: DatasetRef[] }> {
  const butler = await createButler(root);
  await addCamera(butler);
  const visit = { instrument: 'Cam', day_obs: 20200826, physical_filter: 'Cam-R' };
  await butler.insertRecords('visit', [
    {
      ...visit,
      id: 7,
      name: 'ünïcode "7"\n',
      exposure_time: 1e-7,
      region: encodeRegion(square(10, -5, 1)),
      timespan: makeTimespan(18_500n * day + 1n, undefined),
    },
  ]);
  await butler.insertRecords('visit_system', [{ instrument: 'Cam', id: 0, name: 'one-to-one' }]);
  await butler.insertRecords('visit_definition', [{ instrument: 'Cam', visit: 7, exposure: 1 }]);
  await butler.insertRecords('visit_system_membership', [{ instrument: 'Cam', visit_system: 0, visit: 7 }]);
  await butler.insertRecords('visit_detector_region', [
    { instrument: 'Cam', visit: 7, detector: 1, region: encodeRegion(square(10, -5, 0.5)) },
  ]);
  for (const run of ['run/a', 'run/b']) await butler.registerCollection(run, 'RUN', `made for ${run}: yes`);
  await butler.registerCollection('tagged', 'TAGGED');
  await butler.registerCollection('calib', 'CALIBRATION', 'valid for a time');
  const make = butler.makeDatasetType.bind(butler);
  await butler.registerDatasetTypes([
    make('calexp', ['visit', 'detector'], 'StructuredDataDict'),
    make('bias', ['detector'], 'StructuredDataDict', { isCalibration: true }),
    make('config', [], 'StructuredDataDict'),
    make('raw', ['exposure', 'detector'], 'StructuredDataDict'),
  ]);
  const refs: DatasetRef[] = [];
  const put = async (...args: Parameters<Butler['put']>): Promise<void> => {
    refs.push((await butler.put(...args)).ref);
  };
  await put({ a: 1 }, 'calexp', { instrument: 'Cam', visit: 7, detector: 1 }, 'run/a');
  await put({ b: [1, 'ß'] }, 'raw', { instrument: 'Cam', exposure: 2, detector: 2 }, 'run/a');
  await put({ c: 2 }, 'config', {}, 'run/b');
  for (const detector of [1, 2]) await put({ detector }, 'bias', { instrument: 'Cam', detector }, 'run/b');
  await butler.associate('tagged', [refs[0], refs[2]]);
  await butler.certify('calib', refs.slice(3), makeTimespan(18_000n * day, 19_000n * day));
  await butler.certify('calib', [refs[3]], makeTimespan(19_000n * day, undefined));
  await butler.setChain('inner', ['run/b', 'calib']).catch(async () => {
    await butler.prependToChain('inner', ['run/b', 'calib']);
  });
  await butler.prependToChain('all', ['tagged', 'inner', 'run/a']);
  return { butler, refs };
}
