// SPDX-License-Identifier: BSD-3-Clause
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FitsFile, type HduToWrite, readHeadersSync, writeFitsFile } from '../src/fits/index.ts';
import type { Figure } from './figure.ts';

const SIZE = 2048;
const ROUNDS = 7;

/** CPU seconds of a piece of work, median of some rounds after one to warm up. */
async function cpuSeconds(work: () => Promise<unknown> | unknown): Promise<number> {
  const rounds: number[] = [];
  for (let i = 0; i <= ROUNDS; i++) {
    const from = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(from);
    if (i > 0) rounds.push((user + system) / 1e6);
  }
  return rounds.sort((a, b) => a - b)[ROUNDS >> 1];
}

/** Reading and writing of one detector's images; files are in the page cache. Peers: the same sizes on the machine of docs/performance.md. */
export async function* figures(): AsyncGenerator<Figure> {
  const dir = await mkdtemp(join(tmpdir(), 'skymill-bench-'));
  try {
    yield* images(dir);
    yield* table(dir);
    yield* headers(dir);
  } finally {
    await rm(dir, { recursive: true });
  }
}

async function* images(dir: string): AsyncGenerator<Figure> {
  const noise = new Float32Array(SIZE * SIZE);
  let state = 1;
  for (let i = 0; i < noise.length; i++) {
    // Sums of four uniform numbers: near enough to the noise of a sky for a coder.
    let sum = 0;
    for (let k = 0; k < 4; k++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      sum += state / 2 ** 32;
    }
    noise[i] = 1000 + 20 * (sum - 2);
  }
  const counts = Uint16Array.from(noise);
  const shape = [SIZE, SIZE];
  const cases: { what: string; hdu: HduToWrite; read?: string; write?: string }[] = [
    {
      what: 'float32',
      hdu: { kind: 'image', shape, data: noise },
      read: 'CFITSIO 711, astropy 545',
      write: 'CFITSIO 388, astropy 280',
    },
    { what: 'unsigned 16 bit', hdu: { kind: 'image', shape, data: counts }, read: 'CFITSIO 763, astropy 420' },
    {
      what: '16 bit, Rice tiles',
      hdu: { kind: 'image', shape, data: Int16Array.from(counts), compression: { algorithm: 'RICE_1' } },
      read: 'CFITSIO 123, funpack 84',
      write: 'fpack 76',
    },
  ];
  for (const { what, hdu, read, write } of cases) {
    const path = join(dir, `${what.replace(/\W+/g, '-')}.fits`);
    const pixels = (SIZE * SIZE) / 1e6;
    const writing = await cpuSeconds(async () => {
      await rm(path, { force: true });
      await writeFitsFile(path, [hdu]);
    });
    yield { figure: `write ${what}, with checksums`, value: pixels / writing, unit: 'Mpix/CPU s', peer: write };
    const reading = await cpuSeconds(async () => {
      const file = await FitsFile.open(path);
      await file.hdus.find((h) => h.kind === 'image' && h.shape.length === 2)!.readImage({ as: 'float32' });
      await file.close();
    });
    yield { figure: `read ${what} into float32`, value: pixels / reading, unit: 'Mpix/CPU s', peer: read };
  }
}

async function* table(dir: string): AsyncGenerator<Figure> {
  const rows = 250_000;
  const columns = Array.from({ length: 6 }, (_, c) => ({
    name: `C${c}`,
    data: Float64Array.from({ length: rows }, (_unused, i) => i * (c + 1)),
  }));
  const path = join(dir, 'table.fits');
  let written = 0;
  const writing = await cpuSeconds(async () => {
    await rm(path, { force: true });
    written = (await writeFitsFile(path, [{ kind: 'table', name: 'T', rows, columns }])).sizeBytes;
  });
  yield { figure: `write a table of ${rows} rows of 48 bytes`, value: written / 1e6 / writing, unit: 'MB/CPU s' };
  const { size } = await stat(path);
  yield {
    figure: 'bytes written / size of that file',
    value: written / size,
    unit: '',
    peer: 'CFITSIO by columns 9.0, astropy 1.00',
    goal: '1.00',
    ok: written === size,
  };
}

async function* headers(dir: string): AsyncGenerator<Figure> {
  const header = Object.fromEntries(
    Array.from({ length: 36 }, (_, i) => [`KEY${i}`, i % 3 === 0 ? `value ${i}` : i * 1.5]),
  );
  const paths = Array.from({ length: 2000 }, (_, i) => join(dir, `raw-${i}.fits`));
  for (const path of paths)
    await writeFitsFile(path, [
      { kind: 'image', header },
      { kind: 'image', shape: [16, 16], data: new Int16Array(256) },
    ]);
  const parse = await cpuSeconds(() => {
    for (const path of paths) readHeadersSync(path)[0].toCards();
  });
  yield {
    figure: 'primary headers of 40 cards, all values',
    value: paths.length / parse,
    unit: 'files/CPU s',
    peer: 'CFITSIO 67000, astropy 1260',
  };
}
