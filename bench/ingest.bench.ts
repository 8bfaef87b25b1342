// SPDX-License-Identifier: BSD-3-Clause
import { globSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Butler } from '../src/butler/index.ts';
import { scanHeadersSync } from '../src/fits/index.ts';
import { ingestRaws, registerInstrument } from '../src/instruments/index.ts';
import { simulateSurvey } from '../src/simulate/index.ts';
import { tenThousandRaws } from './butler-ingest.ts';
import type { Figure } from './figure.ts';

/** CPU and wall seconds of a piece of work. */
async function cost(work: () => Promise<unknown> | unknown): Promise<{ cpuSeconds: number; wallSeconds: number }> {
  const cpu = process.cpuUsage();
  const started = performance.now();
  await work();
  const { user, system } = process.cpuUsage(cpu);
  return { cpuSeconds: (user + system) / 1e6, wallSeconds: (performance.now() - started) / 1000 };
}

export async function* figures(): AsyncGenerator<Figure> {
  const dir = await mkdtemp(join(tmpdir(), 'skymill-bench-'));
  try {
    const made = await simulateSurvey(join(dir, 'survey'), tenThousandRaws, { clobber: false });
    const paths = globSync(join(made.rawFolder, '**/*.fits')).sort();
    const n = paths.length;
    scanHeadersSync(paths[0]);
    const scan = await cost(() => {
      for (const path of paths) scanHeadersSync(path);
    });
    yield {
      figure: `headers of ${n} raws, all HDUs, parsed; a CPU second`,
      value: n / scan.cpuSeconds,
      unit: 'files/s',
      peer: 'CFITSIO 52000, astropy 825 (2 HDUs)',
    };
    const butler = await Butler.create(join(dir, 'repo'));
    await registerInstrument(butler, made.instrumentFile);
    const look = await cost(() => ingestRaws(butler, paths, { transfer: 'direct', dryRun: true }));
    yield {
      figure: 'the same, translated to observations with first WCS; a CPU second',
      value: n / look.cpuSeconds,
      unit: 'files/s',
    };
    for (const transfer of ['direct', 'link', 'copy'] as const) {
      const { wallSeconds, cpuSeconds } = await cost(() =>
        ingestRaws(butler, paths, { transfer, run: `raw/${transfer}`, onConflict: 'skip' }),
      );
      yield { figure: `ingest of ${n} raws, ${transfer}; wall`, value: n / wallSeconds, unit: 'files/s' };
      yield { figure: `ingest of ${n} raws, ${transfer}; a CPU second`, value: n / cpuSeconds, unit: 'files/s' };
    }
    await butler.close();
  } finally {
    await rm(dir, { recursive: true });
  }
}
