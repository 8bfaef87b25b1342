// SPDX-License-Identifier: BSD-3-Clause
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { SkymillError } from '../../src/base/index.ts';
import {
  type CardValue,
  FitsFile,
  type Hdu,
  type NumericArray,
  type TableColumn,
  verifyChecksums,
} from '../../src/fits/index.ts';
import { describeShared } from '../support/shared.ts';

interface Stats {
  shape: number[];
  dtype?: string;
  sum?: number;
  min?: number;
  max?: number;
  nan?: number;
  first?: (number | boolean | string)[];
  last?: (number | boolean | string)[];
}
interface ExpectedColumn {
  name: string;
  format: string;
  stats?: Stats;
  rows?: unknown[];
  lengths?: number[];
}
interface ExpectedHdu {
  index: number;
  type: string;
  name: string;
  ver: number;
  checksum_ok?: boolean;
  datasum_ok?: boolean;
  cards?: [string, unknown, string][];
  data?: (Stats & { rounded_to_integer?: string }) | null;
  data_error?: string;
  rows?: number;
  columns?: ExpectedColumn[];
  groups?: { n: number; parnames: string[]; data: Stats };
}
interface ExpectedFile {
  open_error?: string;
  hdus: ExpectedHdu[];
}

const DTYPES: Record<string, string> = {
  uint8: 'Uint8Array',
  int8: 'Int8Array',
  int16: 'Int16Array',
  uint16: 'Uint16Array',
  int32: 'Int32Array',
  uint32: 'Uint32Array',
  int64: 'BigInt64Array',
  float32: 'Float32Array',
  float64: 'Float64Array',
  bool: 'Uint8Array',
};

/** Damaged files and parts, and the error that says so. */
const DAMAGED: Record<string, string> = {
  'derived/not-fits.fits': 'FITS_NOT_FITS',
  'derived/test0-truncated-header.fits': 'FITS_TRUNCATED_HEADER',
  'derived/test0-truncated-data.fits#2': 'FITS_TRUNCATED_DATA',
  'derived/m13_rice-corrupt-heap.fits#1': 'FITS_BAD_TILE',
};

describeShared('data/fits-conformance', 'FITS conformance files', (dir) => {
  const { files } = JSON.parse(readFileSync(join(dir, 'expected.json'), 'utf8')) as {
    files: Record<string, ExpectedFile>;
  };
  it.for(Object.entries(files))('%s', async ([name, expected]) => {
    const path = join(dir, name);
    const code = DAMAGED[name];
    if (expected.open_error !== undefined) {
      expect(code).toBeDefined();
      expectDamage(await failureOf(FitsFile.open(path)), code, path);
      return;
    }
    await using file = await FitsFile.open(path);
    if (DAMAGED[`${name}#${file.hdus.length - 1}`] === undefined) expect(file.hdus.length).toBe(expected.hdus.length);
    expect(file.damage).toBeUndefined();
    const verdicts = await verifyChecksums(file);
    for (const want of expected.hdus) {
      const hdu = file.hdu(want.index);
      checkHeader(hdu, want);
      const verdict = (ok: boolean | undefined): string => (ok === undefined ? 'absent' : ok ? 'ok' : 'wrong');
      expect(verdicts[want.index].checksum).toBe(verdict(want.checksum_ok));
      expect(verdicts[want.index].datasum).toBe(verdict(want.datasum_ok));
      const damage = DAMAGED[`${name}#${want.index}`];
      if (damage !== undefined) expectDamage(await failureOf(hdu.readImage()), damage, path);
      else await checkData(hdu, want);
    }
  });

  it('bt12.fits.fz holds the same table as bt12.fits', async () => {
    await using plain = await FitsFile.open(join(dir, 'bt12.fits'));
    await using packed = await FitsFile.open(join(dir, 'bt12.fits.fz'));
    const want = await plain.hdu(1).readColumns();
    expect(Object.keys(want)).toHaveLength(5);
    expect(await packed.hdu(1).readColumns()).toEqual(want);
  });

  it('compressed copies of m13 decode to its pixels', async () => {
    await using plain = await FitsFile.open(join(dir, 'm13.fits'));
    const want = await plain.hdu(0).readImage();
    for (const name of ['m13_rice.fits', 'm13_gzip.fits', 'm13_hcomp.fits']) {
      await using packed = await FitsFile.open(join(dir, name));
      expect((await packed.hdu(1).readImage()).data, name).toEqual(want.data);
      const section = { x0: 37, y0: 12, x1: 141, y1: 80 };
      const [a, b] = [await plain.hdu(0).readImage({ section }), await packed.hdu(1).readImage({ section })];
      expect(b, name).toEqual(a);
    }
  });
});

async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  return undefined;
}

function expectDamage(error: unknown, code: string, path: string): void {
  expect(error).toBeInstanceOf(SkymillError);
  const damage = error as SkymillError;
  expect(damage.code).toBe(code);
  expect(damage.message).toContain(path);
  expect(damage.place?.file).toBe(path);
  expect(damage.place?.hdu).toBeDefined();
  expect(damage.place?.byteOffset).toBeGreaterThanOrEqual(0);
  expect(damage.next.length).toBeGreaterThan(20);
}

function checkHeader(hdu: Hdu, want: ExpectedHdu): void {
  expect(hdu.version).toBe(want.ver);
  // The expectations call an image table without EXTNAME by the name its writers give it.
  const nameless = want.index === 0 ? 'PRIMARY' : hdu.compressed ? 'COMPRESSED_IMAGE' : '';
  expect(hdu.name || nameless).toBe(want.name);
  if (want.cards === undefined) return;
  const cards = hdu.storedHeader.cards;
  const got = cards.map((card) => [card.keyword, plain(card.value), card.comment.trim()]);
  expect(got.length).toBe(want.cards.length);
  want.cards.forEach(([keyword, value, comment], k) => {
    expect(got[k][0], `card ${k}`).toBe(keyword);
    expect(got[k][1], `value of card ${k} ${keyword}`).toEqual(value ?? '');
    expect(got[k][2], `comment of card ${k} ${keyword}`).toBe(comment.trim());
  });
}

function plain(value: CardValue): unknown {
  if (typeof value === 'bigint') return Number(value);
  return value ?? '';
}

async function checkData(hdu: Hdu, want: ExpectedHdu): Promise<void> {
  if (want.groups !== undefined) {
    const groups = await hdu.readGroups();
    expect(groups.count).toBe(want.groups.n);
    expect(groups.parameters.map((parameter) => parameter.name)).toEqual(want.groups.parnames);
    checkStats(groups.data, [groups.count, ...groups.shape.toReversed()], want.groups.data);
    return;
  }
  if (want.columns !== undefined) {
    expect(hdu.rows).toBe(want.rows);
    const values = await hdu.readColumns();
    expect(Object.keys(values)).toEqual(want.columns.map((column) => column.name));
    for (const column of want.columns) checkColumn(values[column.name], column, hdu.rows);
    return;
  }
  if (hdu.kind !== 'image') {
    expect(want.data_error).toBeDefined();
    return;
  }
  const image = await hdu.readImage();
  if (want.data === null || want.data === undefined) {
    expect(image.data).toHaveLength(0);
    return;
  }
  const shape = image.shape.toReversed();
  if (want.data.rounded_to_integer === undefined) return checkStats(image.data, shape, want.data);
  // The file's own test states the pixels: 0, 1, 2 … in row order, with NaN at (1, 1).
  expect(shape).toEqual(want.data.shape);
  image.data.forEach((value, i) => {
    if (i === 13) expect(value).toBeNaN();
    else expect(Math.round(Number(value))).toBe(i);
  });
}

function checkColumn(values: TableColumn, want: ExpectedColumn, rows: number): void {
  if (want.lengths !== undefined) {
    expect((values as NumericArray[]).map((row) => row.length)).toEqual(want.lengths);
    const logical = want.format.includes('L');
    const letters: Record<number, number> = { 0: 70, 1: 84, 255: 0 };
    const got = (values as NumericArray[]).map((row) =>
      Array.from(row as Int16Array, (v) => (logical ? letters[v] : v)),
    );
    expect(got).toEqual(want.rows);
    return;
  }
  if (want.rows !== undefined) {
    expect(values).toEqual(want.rows);
    return;
  }
  const per = (values as NumericArray).length / rows;
  const shape = per === 1 && want.stats!.shape.length === 1 ? [rows] : want.stats!.shape;
  expect(shape.reduce((a, b) => a * b, 1)).toBe((values as NumericArray).length);
  checkStats(values as NumericArray, shape, want.stats!);
}

function checkStats(data: NumericArray, shape: number[], want: Stats): void {
  expect(shape).toEqual(want.shape);
  if (want.dtype !== undefined) expect(data.constructor.name).toBe(DTYPES[want.dtype]);
  const logical = want.dtype === 'bool';
  const numbers = Array.from(data as Float64Array, (v) => (logical ? (v === 1 ? 1 : 0) : Number(v)));
  const finite = numbers.filter(Number.isFinite);
  const close = (got: number, wanted: number): void => {
    expect(Math.abs(got - wanted)).toBeLessThanOrEqual(Math.abs(wanted) * 1e-7);
  };
  if (want.nan !== undefined) expect(numbers.filter(Number.isNaN).length).toBe(want.nan);
  if (want.sum !== undefined)
    close(
      finite.reduce((a, b) => a + b, 0),
      want.sum,
    );
  if (want.min !== undefined)
    close(
      finite.reduce((a, b) => Math.min(a, b)),
      want.min,
    );
  if (want.max !== undefined)
    close(
      finite.reduce((a, b) => Math.max(a, b)),
      want.max,
    );
  for (const [i, value] of (want.first ?? []).entries()) close(numbers[i], Number(value));
  const tail = numbers.slice(numbers.length - (want.last?.length ?? 0));
  for (const [i, value] of (want.last ?? []).entries()) close(tail[i], Number(value));
}
