// SPDX-License-Identifier: BSD-3-Clause
import { join } from 'node:path';
import { Butler } from '../../src/butler/index.ts';
import type { Figure } from '../figure.ts';
import { against, quick, rounds, seconds } from './measure.ts';
import { peer } from './peer.ts';
import { DETECTORS, dataIds, fillSurvey } from './survey.ts';

/** 100 000 datasets of one type into a new run, in one call; each side in a new repository of the same records. */
export async function* registration(
  dir: string,
  engine: string,
  times: number,
  create: (root: string) => Promise<Butler>,
): AsyncGenerator<Figure> {
  const exposures = quick ? 100 : 1000;
  const rows = exposures * DETECTORS;
  const ours: number[] = [];
  const theirs: number[] = [];
  let statements = 0;
  for (let round = 0; round < rounds; round++) {
    const root = join(dir, `register-${engine}-${round}`);
    const butler = await create(root);
    await fillSurvey(butler, exposures);
    await butler.registerCollection('ours', 'RUN');
    const ids = dataIds(butler, 1, exposures + 1);
    const before = butler.registry.db.statementCount;
    ours.push(rows / (await seconds(() => butler.registerDatasets('raw', ids, 'ours'))));
    statements = butler.registry.db.statementCount - before;
    await butler.close();
    const theirRoot = join(dir, `register-${engine}-${round}-peer`);
    const same = await create(theirRoot);
    await fillSurvey(same, exposures);
    await same.close();
    const measured = peer<{ rows: number; seconds: number }>('register', theirRoot, rows);
    theirs.push(measured.rows / measured.seconds);
  }
  yield against(`registering ${rows} datasets in one call, ${engine}`, 'datasets/s', ours, theirs, times);
  yield { figure: `statements for it, ${engine}`, value: statements, unit: 'statements' };
}

export const createHere = (root: string): Promise<Butler> => Butler.create(root);
