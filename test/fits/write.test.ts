// SPDX-License-Identifier: BSD-3-Clause
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  FitsFile,
  type HduToWrite,
  Header,
  LOGICAL_NULL,
  MemorySink,
  MemorySource,
  type NumericArray,
  readHeadersSync,
  type TileCompression,
  verifyChecksums,
  writeFits,
  writeFitsFile,
} from '../../src/fits/index.ts';

async function roundTrip(...hdus: HduToWrite[]): Promise<FitsFile> {
  const sink = new MemorySink();
  await writeFits(sink, hdus);
  const bytes = sink.toBytes();
  expect(bytes.length % 2880).toBe(0);
  const file = await FitsFile.open(new MemorySource(bytes));
  for (const verdict of await verifyChecksums(file)) expect(verdict).toMatchObject({ checksum: 'ok', datasum: 'ok' });
  return file;
}

/** Deterministic normal deviates: Box and Muller over a linear congruential sequence. */
function normals(n: number, mean: number, sigma: number): Float64Array {
  let seed = 12345;
  const uniform = (): number => (seed = (seed * 1103515245 + 12345) % 2147483648) / 2147483648 + 1e-12;
  return Float64Array.from(
    { length: n },
    () => mean + sigma * Math.sqrt(-2 * Math.log(uniform())) * Math.cos(6.283185307179586 * uniform()),
  );
}

const arrays: Record<string, NumericArray> = {
  uint8: Uint8Array.of(0, 1, 128, 255, 7, 9),
  int8: Int8Array.of(-128, -1, 0, 1, 127, 5),
  int16: Int16Array.of(-32768, -1, 0, 1, 32767, 5),
  uint16: Uint16Array.of(0, 1, 32767, 32768, 65535, 5),
  int32: Int32Array.of(-2147483648, -1, 0, 1, 2147483647, 5),
  uint32: Uint32Array.of(0, 1, 2147483647, 2147483648, 4294967295, 5),
  int64: BigInt64Array.of(-(2n ** 63n), -1n, 0n, 1n, 2n ** 63n - 1n, 5n),
  uint64: BigUint64Array.of(0n, 1n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n, 5n),
  float32: Float32Array.of(0, -0, Number.NaN, Number.POSITIVE_INFINITY, -1.5e-38, 3),
  float64: Float64Array.of(0, -0, Number.NaN, Number.NEGATIVE_INFINITY, 5e-324, Math.PI),
};

describe('images', () => {
  it.for(Object.entries(arrays))('%s, primary and extension', async ([name, data]) => {
    await using file = await roundTrip(
      { kind: 'image', data, shape: [3, 2] },
      { kind: 'image', data, shape: [1, 2, 3], name },
    );
    expect((await file.hdu(0).readImage()).data).toEqual(data);
    const image = await file.hdu(name).readImage();
    expect(image).toEqual({ width: 1, height: 2, shape: [1, 2, 3], data });
    const plane = await file.hdu(name).readImage({ plane: 1 });
    expect(plane.data).toEqual(data.slice(2, 4));
  });

  it.for(Object.entries(arrays))('%s as float64 has the physical values', async ([, data]) => {
    await using file = await roundTrip({ kind: 'image', data, shape: [6] });
    const image = await file.hdu(0).readImage({ as: 'float64' });
    expect(Array.from(image.data)).toEqual(Array.from(data as Float64Array, Number));
  });

  it('turns integer BLANK into NaN and applies BSCALE', async () => {
    const header = new Header().add('BSCALE', 0.5).add('BZERO', 10).add('BLANK', -99);
    const sink = new MemorySink();
    await writeFits(sink, [{ kind: 'image', data: Int16Array.of(1, -99, 3), shape: [3] }], { checksum: false });
    const bytes = sink.toBytes();
    const end = bytes.indexOf('END     ', 0, 'latin1');
    bytes.write(header.cards.map((card) => card.records).join('') + 'END'.padEnd(80), end, 'latin1');
    await using file = await FitsFile.open(new MemorySource(bytes));
    expect(Array.from((await file.hdu(0).readImage({ as: 'float32' })).data)).toEqual([10.5, Number.NaN, 11.5]);
  });

  it('an unscaled header card of another image never changes the pixels', async () => {
    const header = { BSCALE: 2, BZERO: 5, BLANK: 1, BITPIX: 64, NAXIS1: 7, FILTER: 'r', NOTHING: null };
    await using file = await roundTrip({ kind: 'image', data: Int16Array.of(1, 2), shape: [2, 1], header });
    expect((await file.hdu(0).readImage()).data).toEqual(Int16Array.of(1, 2));
    expect(file.hdu(0).header.get('FILTER')).toBe('r');
    expect(file.hdu(0).header.has('NOTHING')).toBe(true);
  });

  it('says what does not fit together', async () => {
    const write = (hdu: HduToWrite): Promise<void> => writeFits(new MemorySink(), [hdu]);
    await expect(write({ kind: 'image', data: new Int16Array(5), shape: [2, 3] })).rejects.toThrow(/6 samples.*has 5/);
    await expect(
      write({
        kind: 'table',
        columns: [
          { name: 'a', data: new Int16Array(2) },
          { name: 'b', data: ['x'] },
        ],
      }),
    ).rejects.toThrow(/column "b".*1 rows.*2/);
    await expect(write({ kind: 'table', columns: [{ name: 'a', data: ['é'] }] })).rejects.toThrow(/printable ASCII/);
  });
});

describe('tile compression', () => {
  const codings: [string, TileCompression][] = [
    ['RICE_1 rows', { algorithm: 'RICE_1' }],
    ['RICE_1 tiles', { algorithm: 'RICE_1', tile: [7, 5] }],
    ['GZIP_2 rows', { algorithm: 'GZIP_2' }],
    ['GZIP_2 tiles', { algorithm: 'GZIP_2', tile: [16, 16] }],
  ];
  it.for(codings)('%s: integers are exact', async ([, compression]) => {
    const make = { Uint8Array, Int8Array, Int16Array, Uint16Array, Int32Array, Uint32Array };
    for (const [name, ArrayType] of Object.entries(make)) {
      const data = ArrayType.from(normals(23 * 31, 1e5, 1e5).map(Math.round));
      data.set(
        [-2147483648, 2147483647, 0, -1].map((v) => v >> (32 - 8 * data.BYTES_PER_ELEMENT)),
        40,
      );
      data.fill(3, 100, 200);
      const header = { OBJECT: 'M 13', EXPTIME: 30 };
      await using file = await roundTrip({ kind: 'image', data, shape: [23, 31], compression, name, header });
      const hdu = file.hdu(name);
      expect(hdu.compressed).toBe(true);
      expect((await hdu.readImage()).data).toEqual(data);
      expect(hdu.header.get('NAXIS1')).toBe(23);
      expect(hdu.header.getString('OBJECT')).toBe('M 13');
      expect(hdu.header.cards.filter((card) => /^(Z|T)/.test(card.keyword))).toEqual([]);
    }
  });

  it.for(codings.slice(2))('%s: floats are exact', async ([, compression]) => {
    for (const data of [Float32Array.from(normals(600, 100, 5)), normals(600, 0, 1e-7)]) {
      data.set([Number.NaN, Number.POSITIVE_INFINITY, 0], 17);
      await using file = await roundTrip({ kind: 'image', data, shape: [30, 20], compression });
      expect((await file.hdu(1).readImage()).data).toEqual(data);
    }
  });

  it.for(['NO_DITHER', 'SUBTRACTIVE_DITHER_1', 'SUBTRACTIVE_DITHER_2'] as const)(
    'quantised floats with %s',
    async (dither) => {
      const sigma = 12;
      const [nx, ny] = [400, 60];
      const data = Float32Array.from(normals(nx * ny, 250, sigma));
      data[5] = Number.NaN;
      data.fill(0, 700, 710);
      data.fill(33, 10 * nx, 11 * nx); // a row without noise is kept exactly
      const compression: TileCompression = { algorithm: 'RICE_1', level: 8, dither };
      await using file = await roundTrip({ kind: 'image', data, shape: [nx, ny], compression });
      const { data: got } = await file.hdu(1).readImage({ as: 'float32' });
      expect(got[5]).toBeNaN();
      let sum = 0;
      for (let i = 0; i < data.length; i++) {
        if (i === 5) continue;
        // Half a step: the noise estimate of a row of 400 is good to 15 %.
        expect(Math.abs(got[i] - data[i])).toBeLessThan((sigma / 8 / 2) * 1.2);
        sum += got[i] - data[i];
      }
      expect(Math.abs(sum / data.length)).toBeLessThan(0.01);
      if (dither === 'SUBTRACTIVE_DITHER_2') expect(got.slice(700, 710)).toEqual(new Float32Array(10));
      expect(got.slice(10 * nx, 11 * nx)).toEqual(data.slice(10 * nx, 11 * nx));
      expect(file.source.sizeBytes).toBeLessThan(0.3 * data.byteLength + 12_000);
    },
  );

  it('sections equal the cut whole, whatever the tiles', async () => {
    const [nx, ny] = [37, 29];
    const data = Int32Array.from({ length: nx * ny * 2 }, (_, i) => i);
    await using file = await roundTrip(
      { kind: 'image', data, shape: [nx, ny, 2], name: 'RAW' },
      { kind: 'image', data, shape: [nx, ny, 2], name: 'TILED', compression: { algorithm: 'RICE_1', tile: [8, 6, 2] } },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.nat(nx),
        fc.nat(nx),
        fc.nat(ny),
        fc.nat(ny),
        fc.option(fc.nat(1), { nil: undefined }),
        async (xa, xb, ya, yb, plane) => {
          const section = { x0: Math.min(xa, xb), x1: Math.max(xa, xb), y0: Math.min(ya, yb), y1: Math.max(ya, yb) };
          const want: number[] = [];
          for (const p of plane === undefined ? [0, 1] : [plane])
            for (let y = section.y0; y < section.y1; y++)
              for (let x = section.x0; x < section.x1; x++) want.push((p * ny + y) * nx + x);
          for (const name of ['RAW', 'TILED'])
            expect(Array.from((await file.hdu(name).readImage({ section, plane })).data as Int32Array), name).toEqual(
              want,
            );
        },
      ),
      { numRuns: 200 },
    );
    await expect(file.hdu('RAW').readImage({ section: { x0: 0, y0: 0, x1: nx + 1, y1: 1 } })).rejects.toThrow(
      /outside the image/,
    );
  });
});

describe('tables', () => {
  it('columns of every type', async () => {
    const columns = {
      ...Object.fromEntries(Object.entries(arrays).map(([name, data]) => [name, data])),
      text: ['', 'a', "it's", 'long value', ' lead', 'z'],
      vla: [
        Float64Array.of(1, 2),
        new Float64Array(0),
        Float64Array.of(3),
        new Float64Array(9),
        Float64Array.of(4),
        Float64Array.of(5),
      ],
      unsignedVla: Array.from({ length: 6 }, (_, i) => Uint16Array.of(65535, i)),
      bytes: Array.from({ length: 6 }, (_, i) => new Uint8Array(i).fill(i)),
    };
    await using file = await roundTrip({
      kind: 'table',
      name: 'CAT',
      columns: [
        ...Object.entries(columns).map(([name, data]) => ({
          name,
          data,
          unit: name === 'float64' ? 'deg' : undefined,
        })),
        { name: 'flag', data: Uint8Array.of(0, 1, LOGICAL_NULL, 1, 0, 1), as: 'logical' as const },
        { name: 'bits', data: Uint8Array.from({ length: 66 }, (_, i) => (i % 3) & 1), as: 'bits' as const, repeat: 11 },
        { name: 'matrix', data: Float32Array.from({ length: 36 }, (_, i) => i), dims: [3, 2] },
        { name: 'complex', data: Float64Array.from({ length: 12 }, (_, i) => -i), as: 'complex' as const },
      ],
    });
    const table = file.hdu('cat');
    const got = await table.readColumns();
    for (const [name, data] of Object.entries(columns)) expect(got[name], name).toEqual(data);
    expect(got.flag).toEqual(Uint8Array.of(0, 1, LOGICAL_NULL, 1, 0, 1));
    expect(got.bits).toEqual(Uint8Array.from({ length: 66 }, (_, i) => (i % 3) & 1));
    expect(got.complex).toEqual(Float64Array.from({ length: 12 }, (_, i) => -i));
    expect(table.columns.find((column) => column.name === 'matrix')).toMatchObject({ dims: [3, 2], repeat: 6 });
    expect(table.columns.find((column) => column.name === 'float64')?.unit).toBe('deg');
    const part = await table.readColumns(['int64', 'vla', 'text'], { rows: [2, 4] });
    expect(part).toEqual({
      int64: arrays.int64.slice(2, 4),
      vla: columns.vla.slice(2, 4),
      text: columns.text.slice(2, 4),
    });
    await expect(table.readColumns(['int46'])).rejects.toThrow(/no column "int46".*Did you mean "int/);
  });

  it('many rows, more than one piece; null values', async () => {
    const n = 200_003;
    const id = BigInt64Array.from({ length: n }, (_, i) => BigInt(i) * 1_000_003n);
    const odd = Uint8Array.from({ length: n }, (_, i) => i);
    const value = Int32Array.from({ length: n }, (_, i) => (i % 10 === 0 ? -1 : i));
    await using file = await roundTrip({
      kind: 'table',
      columns: [
        { name: 'id', data: id },
        { name: 'odd', data: odd },
        { name: 'value', data: value, nullValue: -1 },
      ],
    });
    const got = await file.hdu(1).readColumns();
    expect(Buffer.from((got.id as BigInt64Array).buffer).equals(Buffer.from(id.buffer))).toBe(true);
    expect(Buffer.from(got.odd as Uint8Array).equals(Buffer.from(odd))).toBe(true);
    expect((got.value as Int32Array)[20]).toBe(-1);
    const floats = (await file.hdu(1).readColumns(['value'], { nulls: 'nan' })).value as Float64Array;
    expect(floats[20]).toBeNaN();
    expect(floats[21]).toBe(21);
  });

  it('no rows', async () => {
    await using file = await roundTrip({
      kind: 'table',
      columns: [
        { name: 'a', data: new Float32Array(0) },
        { name: 's', data: [] },
      ],
    });
    expect(await file.hdu(1).readColumns()).toEqual({ a: new Float32Array(0), s: [] });
  });
});

describe('files', () => {
  let dir: string;
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'fits-'));
  });
  afterAll(() => rmSync(dir, { recursive: true }));

  it('goes out in order, in writes of a MiB, with the hash of what is in the file', async () => {
    const data = new Float32Array(1_500_000).fill(1.5);
    const hdus: HduToWrite[] = [
      { kind: 'image', data, shape: [1500, 1000] },
      { kind: 'image', data, shape: [1000, 1500] },
    ];
    const sizes: number[] = [];
    await writeFits({ write: (bytes) => void sizes.push(bytes.length) }, hdus);
    expect(sizes.length).toBe(Math.ceil(sizes.reduce((a, b) => a + b) / 2 ** 20));
    const path = join(dir, 'a.fits');
    const written = await writeFitsFile(path, hdus);
    const bytes = readFileSync(path);
    expect(written).toEqual({ sizeBytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') });
    await expect(writeFitsFile(path, hdus)).rejects.toThrow(/EEXIST/);
  });

  it('a failed write leaves no file', async () => {
    const path = join(dir, 'failed.fits');
    await expect(writeFitsFile(path, [{ kind: 'image', data: new Int8Array(3), shape: [2] }])).rejects.toThrow(
      /samples/,
    );
    expect(() => readFileSync(path)).toThrow(/ENOENT/);
  });

  it('headers and cutouts read only what they need', async () => {
    const path = join(dir, 'ranges.fits');
    const data = new Int16Array(2000 * 2000).map((_, i) => i * 7);
    await writeFitsFile(path, [
      { kind: 'image', data, shape: [2000, 2000] },
      { kind: 'image', data, shape: [2000, 2000], compression: { algorithm: 'RICE_1', tile: [100, 100] } },
    ]);
    await using file = await FitsFile.open(path);
    const source = file.source as unknown as { bytesRead: number };
    expect(source.bytesRead).toBeLessThan(100_000);
    const section = { x0: 990, y0: 990, x1: 1010, y1: 1010 };
    let before = source.bytesRead;
    const plain = await file.hdu(0).readImage({ section });
    expect(source.bytesRead - before).toBe(20 * 20 * 2);
    before = source.bytesRead;
    const tiled = await file.hdu(1).readImage({ section });
    expect(tiled).toEqual(plain);
    expect(source.bytesRead - before).toBeLessThan(200_000);
  });

  it('reads headers at once, also of gzip files', async () => {
    const path = join(dir, 'many.fits');
    const header = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`KEY${i}`, i]));
    await writeFitsFile(path, [
      { kind: 'image', data: new Uint16Array(1e6), shape: [1000, 1000], header },
      { kind: 'image', data: new Uint16Array(1e6), shape: [1000, 1000], name: 'TWO', header },
    ]);
    const { writeFileSync } = await import('node:fs');
    const gz = join(dir, 'many.fits.gz');
    writeFileSync(gz, gzipSync(readFileSync(path)));
    for (const each of [path, gz]) {
      expect(readHeadersSync(each).map((h) => h.get('KEY499'))).toEqual([499]);
      const all = readHeadersSync(each, { maxHdus: 9 });
      expect(all.map((h) => h.get('EXTNAME'))).toEqual([undefined, 'TWO']);
      await using file = await FitsFile.open(each);
      expect(file.hdus.map((hdu) => hdu.storedHeader.toCards())).toEqual(all.map((h) => h.toCards()));
    }
    expect(() => readHeadersSync(join(dir, 'absent.fits'))).toThrow(/cannot be opened.*ENOENT/);
  });
});
