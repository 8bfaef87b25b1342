// SPDX-License-Identifier: BSD-3-Clause
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { DatasetRef } from '../../src/butler/index.ts';
import type { Figure } from '../figure.ts';
import { against, median, quick, rounds, seconds } from './measure.ts';
import { peer } from './peer.ts';
import { surveyRepository } from './survey.ts';

const object = (exposure: number, detector: number) => ({
  exposure,
  detector,
  seeing: 0.7,
  names: ['a', 'b'],
  psf: { sigma: 1.5, ok: true },
});

/** Small YAML datasets, put and got one by one, and put many at a time; beside them what the disk does. */
export async function* objects(dir: string): AsyncGenerator<Figure> {
  const count = quick ? 300 : 2000;
  const exposures = Math.ceil(count / 100);
  const put: number[] = [];
  const together: number[] = [];
  const many: number[] = [];
  const got: number[] = [];
  const theirPut: number[] = [];
  const theirGet: number[] = [];
  const disk: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const butler = await surveyRepository(join(dir, `objects-${round}`), exposures);
    for (const run of ['one', 'together', 'many', 'peer/small']) await butler.registerCollection(run, 'RUN');
    const pairs = Array.from({ length: count }, (_, i) => [1 + Math.floor(i / 100), i % 100]);
    const id = (exposure: number, detector: number) => ({ instrument: 'Cam', exposure, detector });
    disk.push(count / (await seconds(() => syncedFiles(join(dir, `disk-${round}`), count))));
    const refs: DatasetRef[] = [];
    put.push(
      count /
        (await seconds(async () => {
          for (const [e, d] of pairs) refs.push((await butler.put(object(e, d), 'small', id(e, d), 'one')).ref);
        })),
    );
    got.push(
      count /
        (await seconds(async () => {
          for (const ref of refs) await butler.get(ref);
        })),
    );
    together.push(
      count /
        (await seconds(() =>
          Promise.all(pairs.map(([e, d]) => butler.put(object(e, d), 'small', id(e, d), 'together'))),
        )),
    );
    many.push(
      count /
        (await seconds(() =>
          butler.putMany(
            pairs.map(([e, d]) => ({ object: object(e, d), dataId: id(e, d) })),
            'small',
            'many',
          ),
        )),
    );
    await butler.close();
    const measured = peer<{ rows: number; putSeconds: number; getSeconds: number }>(
      'small',
      join(dir, `objects-${round}`),
      Math.min(count, 1000),
    );
    theirPut.push(measured.rows / measured.putSeconds);
    theirGet.push(measured.rows / measured.getSeconds);
  }
  yield against('put of small YAML datasets, one by one', 'datasets/s', put, theirPut, 10);
  yield against('put of small YAML datasets, all under way at once', 'datasets/s', together, theirPut, 10);
  yield against('put of small YAML datasets, in one call', 'datasets/s', many, theirPut, 10);
  yield {
    figure: 'the disk: files of that size created, synced, renamed one by one',
    value: median(disk),
    unit: 'files/s',
  };
  yield against('get of small YAML datasets, one by one', 'datasets/s', got, theirGet, 10);
}

function syncedFiles(folder: string, count: number): void {
  mkdirSync(folder, { recursive: true });
  const bytes = Buffer.alloc(120, 'a');
  for (let i = 0; i < count; i++) {
    const scratch = join(folder, `.${i}`);
    const fd = openSync(scratch, 'wx');
    writeSync(fd, bytes);
    fsyncSync(fd);
    closeSync(fd);
    renameSync(scratch, join(folder, String(i)));
  }
}
