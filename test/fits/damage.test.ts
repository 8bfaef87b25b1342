// SPDX-License-Identifier: BSD-3-Clause
import { beforeAll, describe, expect, it } from 'vitest';
import { SkymillError } from '../../src/base/index.ts';
import {
  FitsFile,
  type HduToWrite,
  MemorySink,
  MemorySource,
  type TileCompression,
  writeFits,
} from '../../src/fits/index.ts';
import { type RiceSampleBytes, riceDecode } from '../../src/fits/tiles/rice.ts';

/** A small generator of its own, so that a failure can be told by its seed. */
function random(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48271) % 2147483647) / 2147483647;
}

async function sample(): Promise<Buffer> {
  const next = random(7);
  const floats = Float32Array.from({ length: 40 * 30 }, () => 100 + 20 * (next() + next() + next()));
  const ints = Int32Array.from(floats, (v) => v * 100);
  const image = (data: Float32Array | Int32Array, compression?: TileCompression): HduToWrite => ({
    kind: 'image',
    data,
    shape: [40, 30],
    compression,
  });
  const sink = new MemorySink();
  await writeFits(sink, [
    image(ints),
    image(floats, { algorithm: 'RICE_1' }),
    image(ints, { algorithm: 'RICE_1', tile: [16, 16] }),
    image(floats, { algorithm: 'GZIP_2' }),
    {
      kind: 'table',
      columns: [
        { name: 'a', data: floats },
        { name: 'v', data: Array.from({ length: 1200 }, (_, i) => Int16Array.of(i, 1, 2)) },
        { name: 's', data: Array.from({ length: 1200 }, (_, i) => `row ${i}`) },
      ],
    },
  ]);
  return sink.toBytes();
}

/** Reads all there is; anything but a coded error of ours that names the file is a failure. */
async function readAll(bytes: Uint8Array): Promise<number> {
  let damaged = 0;
  const attempt = async <T>(read: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof SkymillError) || error.kind !== 'user') throw error;
      expect(error.code).toMatch(/^FITS_/);
      damaged++;
      return undefined;
    }
  };
  const file = await attempt(() => FitsFile.open(new MemorySource(bytes, 'damaged.fits')));
  for (const hdu of file?.hdus ?? []) {
    if (hdu.kind === 'image') await attempt(() => hdu.readImage());
    else if (hdu.kind === 'bintable') await attempt(() => hdu.readColumns());
  }
  if (file?.damage !== undefined) damaged++;
  return damaged;
}

describe('damaged files', () => {
  let whole: Buffer;
  beforeAll(async () => {
    whole = await sample();
  });

  it('the sample itself is sound', async () => {
    expect(await readAll(whole)).toBe(0);
  });

  it('cut anywhere: what is there reads, what is not is an error with a code', async () => {
    const next = random(11);
    await using file = await FitsFile.open(new MemorySource(whole));
    const units = file.hdus.map((hdu) => [hdu.dataOffset + hdu.layout.dataBytes, hdu.endOffset]);
    for (let k = 0; k < 150; k++) {
      const cut = Math.floor(next() * (whole.length - 2880));
      // A file that ends in the padding after an HDU has lost nothing that one could know of.
      if (units.some(([dataEnd, end]) => cut >= dataEnd && cut <= end)) continue;
      expect(await readAll(whole.subarray(0, cut)), `cut at ${cut}`).toBeGreaterThan(0);
    }
  });

  it('changed anywhere: no crash, no hang, no untyped error', async () => {
    const next = random(13);
    let damaged = 0;
    for (let k = 0; k < 400; k++) {
      const bytes = Buffer.from(whole);
      const at = Math.floor(next() * bytes.length);
      const length = 1 + Math.floor(next() * 40);
      for (let i = at; i < Math.min(at + length, bytes.length); i++) bytes[i] = Math.floor(next() * 256);
      damaged += await readAll(bytes);
    }
    expect(damaged).toBeGreaterThan(50);
  });

  it('Rice decoding of noise ends', () => {
    const next = random(17);
    for (let k = 0; k < 500; k++) {
      const bytes = Uint8Array.from({ length: Math.floor(next() * 200) }, () => next() * 256);
      for (const size of [1, 2, 4] satisfies RiceSampleBytes[]) {
        try {
          riceDecode(bytes, 500, 32, size, new Int32Array(500));
        } catch (error) {
          expect((error as Error).message).toMatch(/^(it|the code)/);
        }
      }
    }
  });
});
