// SPDX-License-Identifier: BSD-3-Clause
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Butler } from '../../../src/butler/index.ts';
import { addCamera } from '../../butler/camera.ts';

/** Two tasks in modules of a site: what is measured of each detector, and that added up by exposure. */
const modules: Record<string, string> = {
  'measure.ts': `
import { defineTask, input, output, NoWorkFound } from 'skymill/pipeline';
import { z } from 'zod';
import { scale } from './scale.ts';
const dimensions = ['exposure', 'detector'];
const storage = 'StructuredDataDict';
export default defineTask({
  name: 'measure', dimensions,
  connections: { raw: input('rawCount', { dimensions, storage }), measured: output('measured', { dimensions, storage }) },
  config: z.object({ factor: z.number().default(1), fail: z.array(z.number()).default([]), sleepMs: z.number().default(0) }),
  async run({ raw }, { config, dataId }) {
    if (config.sleepMs > 0) await new Promise((resolve) => setTimeout(resolve, config.sleepMs));
    if (config.fail.includes(Number(dataId.exposure))) throw new Error('told to fail');
    if (raw.count === 0) throw new NoWorkFound('nothing was counted');
    return { measured: { value: scale(raw.count * config.factor) } };
  },
});
`,
  'scale.ts': 'export const scale = (value: number): number => value;\n',
  'total.ts': `
import { defineTask, input, output } from 'skymill/pipeline';
import { z } from 'zod';
const storage = 'StructuredDataDict';
export default defineTask({
  name: 'total', dimensions: ['exposure'],
  connections: {
    measured: input('measured', { dimensions: ['exposure', 'detector'], storage, multiple: true }),
    total: output('total', { dimensions: ['exposure'], storage }),
  },
  config: z.object({ offset: z.number().default(0) }),
  run({ measured }, { config }) {
    return { total: { value: measured.reduce((sum, one) => sum + one.value, config.offset) } };
  },
});
`,
  'pipe.yaml': 'description: counts\ntasks:\n  measure: ./measure.ts\n  total: ./total.ts\n',
};

export interface CountSite {
  repo: string;
  /** Folder of the modules. */
  site: string;
  pipeline: string;
}

/**
 * A site with a pipeline of two tasks and a repository with counts of three detectors in two exposures, in the run `raws`; of the last one
 * nothing was counted. `measure:fail=[1]` fails on an exposure, `measure:sleepMs=…` takes its time.
 */
export async function countSite(root: string): Promise<CountSite> {
  const [repo, site] = [join(root, 'repo'), join(root, 'site')];
  mkdirSync(site, { recursive: true });
  for (const [name, text] of Object.entries(modules)) writeFileSync(join(site, name), text);
  const butler = await Butler.create(repo);
  await addCamera(butler);
  await butler.registerCollection('raws', 'RUN');
  await butler.registerDatasetTypes([
    butler.makeDatasetType('rawCount', ['exposure', 'detector'], 'StructuredDataDict'),
  ]);
  for (const exposure of [1, 2])
    for (const detector of [1, 2, 3]) {
      const count = exposure === 2 && detector === 3 ? 0 : 10 * exposure + detector;
      await butler.put({ count }, 'rawCount', { instrument: 'Cam', exposure, detector }, 'raws');
    }
  await butler.close();
  return { repo, site, pipeline: join(site, 'pipe.yaml') };
}
