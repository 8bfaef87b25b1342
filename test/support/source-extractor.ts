// SPDX-License-Identifier: BSD-3-Clause
import { readFileSync } from 'node:fs';
import { FitsFile } from '../../src/fits/index.ts';
import type { Kernel } from '../../src/pixels/index.ts';

/** The 3 x 3 pyramid of Source Extractor's default.conv, unit sum. */
export const pyramidKernel: Kernel = {
  size: 3,
  data: Float32Array.from([1, 2, 1, 2, 4, 2, 1, 2, 1], (v) => v / 16),
};

/** Rows of an ASCII_HEAD catalogue as records by column name; the elements of vector columns are `NAME`, `NAME_2`, … */
export function readCatalogue(path: string): Record<string, number>[] {
  const names: string[] = [];
  const rows: Record<string, number>[] = [];
  const lines = readFileSync(path, 'utf8').split('\n');
  for (const line of lines) {
    const header = /^#\s+(\d+)\s+(\S+)/.exec(line);
    if (header !== null) names[Number(header[1]) - 1] = header[2];
  }
  for (const line of lines) {
    if (line.startsWith('#') || line.trim() === '') continue;
    const record: Record<string, number> = {};
    let base = '';
    let element = 1;
    line
      .trim()
      .split(/\s+/)
      .forEach((cell, i) => {
        if (names[i] !== undefined) [base, element] = [names[i], 1];
        else element++;
        record[element === 1 ? base : `${base}_${element}`] = Number(cell);
      });
    rows.push(record);
  }
  return rows;
}

/** The primary image of a FITS file as float32. */
export async function readPlane(path: string): Promise<{ width: number; height: number; image: Float32Array }> {
  const file = await FitsFile.open(path);
  try {
    const { width, height, data } = await file.hdu(0).readImage({ as: 'float32' });
    return { width, height, image: data };
  } finally {
    await file.close();
  }
}
