// SPDX-License-Identifier: BSD-3-Clause
import { join } from 'node:path';
import type { Butler } from '../../src/butler/index.ts';
import { below, type Figure } from '../figure.ts';
import { median, quick, seconds } from './measure.ts';
import { DETECTORS, dataIds, fillSurvey } from './survey.ts';

const RUNS = 200;

/** Ten million datasets in 200 runs of one chain: finding one. */
export async function* chain(
  dir: string,
  engine: string,
  create: (root: string) => Promise<Butler>,
): AsyncGenerator<Figure> {
  const exposures = quick ? 20 : 500;
  const butler = await create(join(dir, `chain-${engine}`));
  await fillSurvey(butler, exposures);
  const runs = Array.from({ length: RUNS }, (_, i) => `run/${String(i).padStart(3, '0')}`);
  for (const run of runs) await butler.registerCollection(run, 'RUN');
  await butler.registerCollection('chain', 'CHAINED');
  await butler.setChain('chain', runs);
  const { tagsTable } = await butler.registry.types.get('raw');
  const { db } = butler.registry;
  const ids = dataIds(butler, 1, exposures + 1);
  const total = RUNS * exposures * DETECTORS;
  const wall = await seconds(() =>
    db.deferIndexes(['dataset', tagsTable], async () => {
      for (const run of runs) await butler.registerDatasets('raw', ids, run);
    }),
  );
  yield { figure: `filling a registry with ${total} datasets, ${engine}`, value: total / wall, unit: 'datasets/s' };
  const times: number[] = [];
  for (let i = 0; i < 101; i++) {
    const dataId = { instrument: 'Cam', exposure: 1 + ((i * 37) % exposures), detector: i % DETECTORS };
    times.push(
      await seconds(async () => {
        const ref = await butler.findDataset('raw', dataId, { collections: ['chain'] });
        if (ref?.run !== runs[0]) throw new Error(`found in ${ref?.run}`);
      }),
    );
  }
  yield {
    figure: `find one of ${total} datasets through a chain of ${RUNS} runs, ${engine}`,
    unit: 'ms',
    ...below(1000 * median(times), 5),
  };
  await butler.close();
}
