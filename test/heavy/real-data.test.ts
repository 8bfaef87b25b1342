// SPDX-License-Identifier: BSD-3-Clause
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Butler } from '../../src/butler/index.ts';
import '../../src/instruments/index.ts';
import type { Exposure, Table } from '../../src/pixels/index.ts';
import { runShell, shellBlocks, skymill } from '../support/commands.ts';
import { describeShared } from '../support/shared.ts';

/** The commands of docs/real-data.md, run as they stand there. */
function commandsOf(heading: string, dataDir: string) {
  const work = mkdtempSync(join(tmpdir(), 'skymill-real-'));
  const blocks = shellBlocks('docs/real-data.md', heading);
  return {
    work,
    run(): void {
      for (const block of blocks) {
        const { status, stdout, stderr } = runShell(block, { DATA: dirname(dataDir), WORK: work }, work);
        expect({ status, tail: status === 0 ? '' : `${stdout}\n${stderr}`.slice(-3000) }).toEqual({
          status: 0,
          tail: '',
        });
      }
    },
  };
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

/** Medians of 128-pixel blocks, row by row. */
function blockMedians(image: Exposure, block = 128): number[][] {
  return Array.from({ length: image.height / block }, (_, by) =>
    Array.from({ length: image.width / block }, (_unused, bx) => {
      const values: number[] = [];
      for (let y = by * block; y < (by + 1) * block; y++) {
        for (let x = bx * block; x < (bx + 1) * block; x++) values.push(image.image[y * image.width + x]);
      }
      values.sort((a, b) => a - b);
      return (values[values.length / 2 - 1] + values[values.length / 2]) / 2;
    }),
  );
}

describeShared('data/nickel-raw', 'Nickel: raw frames to calibrated images, by the page', (dir) => {
  const commands = commandsOf('Nickel', dir);
  // biome-ignore lint/suspicious/noExplicitAny: facts of an outside reduction
  const facts: any = JSON.parse(readFileSync(join(dir, 'reference', 'isr-facts.json'), 'utf8'));
  beforeAll(() => commands.run());
  afterAll(() => rmSync(commands.work, { recursive: true, force: true }));

  test('six science frames come out, with bias and flat found by date', async () => {
    const butler = await Butler.open(join(commands.work, 'nickel'));
    const refs = await all(butler.query().datasets('postISRCCD', { collections: ['u/nickel/isr'], findFirst: true }));
    expect(refs.length).toBe(6);
    await butler.close();
  });

  test('master bias, flat and calibrated frames agree with the reference reduction', async () => {
    const butler = await Butler.open(join(commands.work, 'nickel'));
    const one = async (type: string, collections: string[], dataId: Record<string, string | number>) => {
      const ref = await butler.findDataset(type, { instrument: 'Nickel', detector: 0, ...dataId }, { collections });
      return (await butler.get(ref!)) as Exposure;
    };
    /** Largest difference of block medians, relative to their level. */
    const worst = (image: Exposure, theirs: number[][]) => {
      const level = Math.max(...theirs.flat().map(Math.abs));
      return (
        Math.max(...blockMedians(image).flatMap((row, j) => row.map((v, i) => Math.abs(v - theirs[j][i])))) / level
      );
    };
    const bias = await one('bias', ['Nickel/calib/gen/bias'], {});
    expect(worst(bias, facts.master_bias.block_median_128)).toBeLessThan(1e-3);
    const flat = await one('flat', ['Nickel/calib/gen/flat'], { physical_filter: 'V' });
    expect(worst(flat, facts.master_flat_V.block_median_128)).toBeLessThan(1e-3);
    // The reference reduction masks and mends nothing, so for the comparison neither do we.
    const plain = ['doInterpolate', 'doCosmicRays', 'doDefects'].flatMap((field) => ['-c', `isr:${field}=false`]);
    const where = "instrument = 'Nickel' AND exposure.observation_type = 'science'";
    const repo = join(commands.work, 'nickel');
    const words = [
      'run',
      'pipelines/drp.yaml#isr',
      '-b',
      repo,
      '-i',
      'Nickel/raw/all,Nickel/calib',
      '-o',
      'u/nickel/plain',
    ];
    const run = skymill([...words, '-d', where, '-c', 'isr:doDark=false', ...plain]);
    expect({ status: run.status, stderr: run.status === 0 ? '' : run.stderr }).toEqual({ status: 0, stderr: '' });
    for (const number of [1047, 1048, 1059]) {
      const calibrated = await one('postISRCCD', ['u/nickel/plain'], { exposure: 20240513 * 100_000 + number });
      expect(worst(calibrated, facts[`calibrated_d${number}`].block_median_128), `d${number}`).toBeLessThan(1e-3);
    }
    await butler.close();
  });
});

describeShared('data/sdss-stripe82', 'SDSS: two epochs in five bands, by the page', (dir) => {
  const commands = commandsOf('SDSS', dir);
  beforeAll(() => commands.run());
  afterAll(() => rmSync(commands.work, { recursive: true, force: true }));

  test('coadds in five bands with measurements and forced photometry', async () => {
    const butler = await Butler.open(join(commands.work, 'sdss'));
    const find = (type: string) => all(butler.query().datasets(type, { collections: ['u/sdss/drp'], findFirst: true }));
    const coadds = await find('deepCoadd');
    expect([...new Set(coadds.map((r) => r.dataId.get('band')))].sort()).toEqual(['g', 'i', 'r', 'u', 'z']);
    for (const type of ['deepCoadd_meas', 'deepCoadd_forced_src', 'forced_src']) {
      const refs = await find(type);
      expect(refs.length, type).toBeGreaterThan(0);
      const tables = await Promise.all(refs.map((ref) => butler.get(ref) as Promise<Table>));
      expect(
        tables.reduce((n, t) => n + t.rows, 0),
        type,
      ).toBeGreaterThan(1000);
    }
    await butler.close();
  });
});
