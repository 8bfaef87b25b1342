// SPDX-License-Identifier: BSD-3-Clause
import { join } from 'node:path';
import { Butler } from '../../src/butler/index.ts';
import { startPostgres } from '../../test/support/server.ts';
import type { Figure } from '../figure.ts';
import { markDone } from './mark-done.ts';
import { fillRelease, inputs, instrument, skymap } from './release-repository.ts';
import { buildOnce } from './run-built.ts';

const options = { inputs, outputRun: 'HSC/runs/1', dataId: { instrument, skymap } };

/** RC2 is a set of tracts of the HSC survey on which its releases are rehearsed. */
const rc2 = {
  2019: { shape: { tracts: 1, raws: 5067, warps: 3351 }, quanta: 20_739, peer: '1500', goal: 1 },
  2020: { shape: { tracts: 3, raws: 30_279, warps: 19_990 }, quanta: 117_388, peer: '46800', goal: 5 },
};

async function* built(root: string, year: 2019 | 2020, engine: string): AsyncGenerator<Figure> {
  const { quanta, peer, goal } = rc2[year];
  const one = await buildOnce(root, 'release', options, quanta);
  const figure = `graph of HSC RC2 of ${year} over ${engine}, ${one.quanta} quanta`;
  const ok = one.buildSeconds <= goal;
  yield { figure, value: one.buildSeconds, unit: 's', peer, goal: `<= ${goal}`, ok };
  yield { figure: '  of processor time in the builder', value: one.buildCpuSeconds, unit: 's' };
  yield { figure: '  statements for it', value: one.statements, unit: 'statements' };
  yield { figure: '  memory added', value: (one.peakBytes - one.beforeBytes) / 1e6, unit: 'MB' };
}

/** The releases of 2019 and 2020 on SQLite, and what a rebuild takes when one quantum in a hundred is missing. */
export async function* releaseFigures(dir: string): AsyncGenerator<Figure> {
  for (const year of [2019, 2020] as const) {
    const root = join(dir, `rc2-${year}`);
    const butler = await Butler.create(root);
    await fillRelease(butler, rc2[year].shape);
    yield* built(root, year, 'SQLite');
    if (year === 2020) yield* rebuilt(butler, root, 'SQLite');
    await butler.close();
  }
}

/** The same on a PostgreSQL server of its own. */
export async function* releaseOnPostgres(dir: string): AsyncGenerator<Figure> {
  const server = await startPostgres();
  try {
    const url = new URL(server.url);
    // It never stands in a repository.
    process.env['PGPASSWORD'] = decodeURIComponent(url.password);
    url.password = '';
    for (const year of [2019, 2020] as const) {
      const root = join(dir, `rc2-${year}-postgresql`);
      const butler = await Butler.create(root, { database: url.href, namespace: `rc2_${year}` });
      await fillRelease(butler, rc2[year].shape);
      yield* built(root, year, 'PostgreSQL');
      if (year === 2020) yield* rebuilt(butler, root, 'PostgreSQL');
      await butler.close();
    }
  } finally {
    server.remove();
  }
}

/** Nine times the release of 2020, from the registry to a file that is open. */
export async function* millionFigures(dir: string): AsyncGenerator<Figure> {
  const root = join(dir, 'million');
  const butler = await Butler.create(root);
  await fillRelease(butler, { tracts: 27, raws: 9 * 30_279, warps: 9 * 19_990 });
  await butler.close();
  const one = await buildOnce(root, 'release', options, 1_056_477);
  yield { figure: `graph over SQLite, ${one.quanta} quanta: build`, value: one.buildSeconds, unit: 's' };
  yield { figure: '  of processor time', value: one.buildCpuSeconds, unit: 's' };
  yield { figure: '  writing it', value: one.writeSeconds, unit: 's' };
  yield { figure: '  opening it', value: one.openSeconds, unit: 's', goal: '<= 0.05', ok: one.openSeconds <= 0.05 };
  yield { figure: '  memory added', value: (one.peakBytes - one.beforeBytes) / 1e6, unit: 'MB' };
}

async function* rebuilt(butler: Butler, root: string, engine: string): AsyncGenerator<Figure> {
  const { quanta, peer } = { quanta: rc2[2020].quanta, peer: '43200' };
  const left = await markDone(butler, join(root, 'graph'), options.outputRun, (quantum) => quantum % 100 !== 57);
  const one = await buildOnce(root, 'release', { ...options, skipExistingIn: [options.outputRun] }, left);
  const ok = one.buildSeconds <= 5;
  const figure = `rebuild over ${engine} with ${left} of ${quanta} quanta missing`;
  yield { figure, value: one.buildSeconds, unit: 's', peer, goal: '<= 5', ok };
  yield { figure: '  of processor time in the builder', value: one.buildCpuSeconds, unit: 's' };
  yield { figure: '  statements for it', value: one.statements, unit: 'statements' };
}
