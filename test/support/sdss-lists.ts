// SPDX-License-Identifier: BSD-3-Clause
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FitsFile } from '../../src/fits/index.ts';
import type { Column, Table } from '../../src/pixels/index.ts';
import { type Wcs, wcsFromCards } from '../../src/sky/index.ts';
import { readHeaderCards } from '../sky/headers.ts';

/** The frames of the SDSS Stripe 82 test data, in the order of its source list. */
export const sdssFrames = (['u', 'g', 'r', 'i', 'z'] as const).flatMap((band) =>
  [
    { run: '4192', field: '0300' },
    { run: '6377', field: '0399' },
  ].map(({ run, field }) => ({
    band,
    run,
    name: `${run} ${band}`,
    path: `${run}/40/corr/4/fpC-00${run}-${band}4-${field}.fit.gz`,
  })),
);
export type SdssFrame = (typeof sdssFrames)[number];

export const sdssSize = { width: 2048, height: 1489 };

export function sdssWcs(dir: string, frame: SdssFrame): Wcs {
  return wcsFromCards(readHeaderCards(join(dir, frame.path)));
}

/** The independent source list, cut into its frames: a new frame begins where the ids jump. */
export function sdssSourceTables(dir: string): Table[] {
  const lines = readFileSync(join(dir, 'expected/detected-sources.txt'), 'utf8').trimEnd().split('\n');
  const names = lines[0].replace(/^#/, '').trim().split(/\s+/);
  const frames: string[][][] = [];
  let last = 0n;
  for (const line of lines.slice(1)) {
    const cells = line.trim().split(/\s+/);
    const id = BigInt(cells[0]);
    if (frames.length === 0 || id - last > 1_000_000n || id < last) frames.push([]);
    frames[frames.length - 1].push(cells);
    last = id;
  }
  return frames.map((rows) => {
    const columns: Record<string, Column> = {};
    names.forEach((name, c) => {
      if (name === 'id') columns[name] = BigInt64Array.from(rows, (row) => BigInt(row[c]));
      else if (name.includes('flag')) columns[name] = Uint8Array.from(rows, (row) => (row[c] === 'True' ? 1 : 0));
      else columns[name] = Float64Array.from(rows, (row) => Number(row[c]));
    });
    return { rows: rows.length, columns };
  });
}

/** The reference stars as a shard in the form that ingest gives it. */
export async function sdssReferences(dir: string): Promise<Table> {
  const file = await FitsFile.open(join(dir, 'ref_cat/stars.fits'));
  try {
    const hdu = file.hdus.find((h) => h.kind === 'bintable')!;
    const bands = ['u', 'g', 'r', 'i', 'z'];
    const data = await hdu.readColumns(['id', 'ra', 'dec', ...bands, ...bands.map((b) => `${b}_err`)]);
    const of = (name: string) => data[name] as unknown as Float64Array;
    const columns: Record<string, Column> = {
      id: data['id'] as unknown as BigInt64Array,
      coord_ra: of('ra').map((ra) => (ra + 360) % 360),
      coord_dec: of('dec'),
    };
    for (const band of bands) {
      const flux = of(band).map((m) => 10 ** ((31.4 - m) / 2.5));
      columns[`${band}_flux`] = flux;
      columns[`${band}_fluxErr`] = of(`${band}_err`).map((e, i) => (flux[i] * e * Math.LN10) / 2.5);
    }
    return { rows: hdu.rows, columns };
  } finally {
    await file.close();
  }
}
