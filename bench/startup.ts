// SPDX-License-Identifier: BSD-3-Clause
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Butler } from '../src/butler/index.ts';
import { below, type Figure } from './figure.ts';

const command = resolve(import.meta.dirname, '../bin/skymill.js');

/** The whole process of a short command, best of many, after one start that fills the cache of compiled code. */
export async function* startUpFigures(): AsyncGenerator<Figure> {
  const dir = await mkdtemp(join(tmpdir(), 'skymill-bench-'));
  try {
    const root = join(dir, 'repo');
    const butler = await Butler.create(root);
    for (const name of ['HSC/raw/all', 'HSC/calib/2024', 'u/someone/run1'])
      await butler.registerCollection(name, 'RUN');
    await butler.close();
    const query = secondsOf(['query-collections', root]);
    yield { figure: 'start-up: query-collections, whole process', unit: 's', peer: '1.5', ...below(query, 0.15) };
    yield { figure: 'start-up: --help, whole process', unit: 's', value: secondsOf(['--help']) };
    const suggestions = secondsOf(['complete', '--', 'query-']);
    yield { figure: 'start-up: completion of a verb, whole process', unit: 's', value: suggestions };
  } finally {
    await rm(dir, { recursive: true });
  }
}

function secondsOf(words: readonly string[], times = 15): number {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i <= times; i++) {
    const started = performance.now();
    const { status, stderr } = spawnSync(command, words, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`${words.join(' ')} ended with ${status}: ${stderr}`);
    if (i > 0) best = Math.min(best, (performance.now() - started) / 1000);
  }
  return best;
}
