// SPDX-License-Identifier: BSD-3-Clause
import { readFile } from 'node:fs/promises';
import { didYouMean } from '../../base/index.ts';
import { FitsFile } from '../../fits/index.ts';
import type { Column, Table } from '../../pixels/index.ts';
import { instrumentErrors } from '../errors.ts';

/** Reads the named columns of a catalogue file: FITS table (first table HDU) or CSV with a header line. */
export async function readCatalog(path: string, wanted: readonly string[]): Promise<Table> {
  return /\.(csv|txt)$/i.test(path) ? readCsv(path, wanted) : readFitsTable(path, wanted);
}

async function readFitsTable(path: string, wanted: readonly string[]): Promise<Table> {
  const file = await FitsFile.open(path);
  try {
    const hdu = file.hdus.find((h) => h.kind === 'bintable' || h.kind === 'ascii-table');
    if (hdu === undefined) {
      throw instrumentErrors.NO_COLUMN({ file: path, column: wanted[0], hint: '', columns: 'no table at all' });
    }
    const known = hdu.columns.map((c) => c.name);
    const data = await hdu.readColumns(wanted.map((name) => sameName(name, known, path)));
    const columns: Record<string, Column> = {};
    for (const [i, column] of Object.values(data).entries()) columns[wanted[i]] = column as Column;
    return { rows: hdu.rows, columns };
  } finally {
    await file.close();
  }
}

/** FITS column names are matched without case, as the standard says. */
function sameName(name: string, known: readonly string[], file: string): string {
  const found = known.find((k) => k === name) ?? known.find((k) => k.toLowerCase() === name.toLowerCase());
  if (found !== undefined) return found;
  throw missing(name, known, file);
}

function missing(name: string, known: readonly string[], file: string) {
  return instrumentErrors.NO_COLUMN({ file, column: name, hint: didYouMean(name, known), columns: known.join(', ') });
}

async function readCsv(path: string, wanted: readonly string[]): Promise<Table> {
  const lines = (await readFile(path, 'utf8')).split(/\r?\n/).filter((line) => line !== '' && !line.startsWith('#'));
  const known = (lines[0] ?? '').split(',').map((name) => name.trim());
  const places = wanted.map((name) => {
    const place = known.indexOf(name);
    if (place < 0) throw missing(name, known, path);
    return place;
  });
  const rows = lines.length - 1;
  const columns = wanted.map(() => new Float64Array(rows));
  for (let i = 0; i < rows; i++) {
    const cells = lines[i + 1].split(',');
    for (const [c, place] of places.entries()) {
      const cell = (cells[place] ?? '').trim();
      columns[c][i] = cell === '' ? Number.NaN : Number(cell);
    }
  }
  return { rows, columns: Object.fromEntries(wanted.map((name, c) => [name, columns[c]])) };
}
