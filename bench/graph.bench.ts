// SPDX-License-Identifier: BSD-3-Clause
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Figure } from './figure.ts';
import { chainFigures } from './graph/chain.ts';
import { hookFigures } from './graph/hooks.ts';
import { previews } from './graph/previews.ts';
import { millionFigures, releaseFigures, releaseOnPostgres } from './graph/release.ts';

/** Graphs over real registries, and of simulated ones up to a data preview. `SKYMILL_BENCH_ONLY=chain,release` chooses. */
export async function* figures(): AsyncGenerator<Figure> {
  const only = process.env['SKYMILL_BENCH_ONLY']?.split(',');
  const wanted = (part: string): boolean => only === undefined || only.includes(part);
  const dir = await mkdtemp(join(tmpdir(), 'skymill-bench-'));
  try {
    if (wanted('chain')) yield* chainFigures(join(dir, 'chain'));
    if (wanted('hooks')) yield* hookFigures(join(dir, 'hooks'));
    if (wanted('release')) yield* releaseFigures(dir);
    if (wanted('million')) yield* millionFigures(dir);
    if (wanted('postgresql')) yield* releaseOnPostgres(dir);
  } finally {
    await rm(dir, { recursive: true });
  }
  if (wanted('previews')) yield* previews();
}
