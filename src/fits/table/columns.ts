// SPDX-License-Identifier: BSD-3-Clause
import { didYouMean } from '../../base/index.ts';
import { fitsErrors, placeOf, type Where } from '../errors.ts';
import type { Layout } from '../hdu/layout.ts';
import type { Header } from '../header/header.ts';
import { parseNumber } from '../header/value.ts';

/** Data type letters of binary tables (FITS standard 4.0, table 18), and of ASCII tables (table 15) for those. */
export type ColumnType = 'L' | 'X' | 'B' | 'I' | 'J' | 'K' | 'A' | 'E' | 'D' | 'C' | 'M' | 'F';

export interface ColumnInfo {
  name: string;
  /** TFORMn as written. */
  format: string;
  type: ColumnType;
  /** Elements a row; bits of X, characters of A. 1 for variable-length columns. */
  repeat: number;
  /** Variable-length: bytes of a descriptor half (4: P, 8: Q). */
  descriptorBytes: 0 | 4 | 8;
  /** Offset and length of the field in a row. */
  byteOffset: number;
  byteWidth: number;
  unit: string | undefined;
  scale: number;
  zero: number;
  /** TNULLn: the stored integer (ASCII tables: text) of "no value". */
  nullValue: number | bigint | string | undefined;
  /** TDIMn, first axis fastest. */
  dims: number[] | undefined;
}

/** Bytes of one element as stored. X counts bits. */
export const ELEMENT_BYTES: Readonly<Record<string, number>> = {
  L: 1,
  X: 1,
  B: 1,
  I: 2,
  J: 4,
  K: 8,
  A: 1,
  E: 4,
  D: 8,
  C: 8,
  M: 16,
};

const BINARY_FORM = /^(\d*)([LXBIJKAEDCM])(.*)$/;
const VARIABLE_FORM = /^([01]?)([PQ])([LXBIJKAEDCM])/;
const ASCII_FORM = /^([AIFED])(\d+)(?:\.(\d+))?/;

export function columnsOf(header: Header, layout: Layout, where: Where): ColumnInfo[] {
  const fields = header.get('TFIELDS');
  if (typeof fields !== 'number' || !Number.isInteger(fields) || fields < 0 || fields > 9999)
    throw fitsErrors.BAD_STRUCTURE({ ...where, keyword: 'TFIELDS', problem: `is ${String(fields)}` }, placeOf(where));
  const columns: ColumnInfo[] = [];
  const names = new Set<string>();
  let byteOffset = 0;
  for (let n = 1; n <= fields; n++) {
    const format = header.get(`TFORM${n}`);
    if (typeof format !== 'string')
      throw fitsErrors.BAD_STRUCTURE({ ...where, keyword: `TFORM${n}`, problem: 'is missing' }, placeOf(where));
    const bad = (problem: string): Error =>
      fitsErrors.BAD_FORMAT({ ...where, keyword: `TFORM${n}`, value: format, problem }, placeOf(where));
    const form = layout.kind === 'ascii-table' ? asciiForm(format, bad) : binaryForm(format, bad);
    if (layout.kind === 'ascii-table') byteOffset = header.getInteger(`TBCOL${n}`) - 1;
    columns.push({
      name: unique(header.get(`TTYPE${n}`), n, names),
      format,
      ...form,
      byteOffset,
      unit: text(header.get(`TUNIT${n}`)),
      scale: header.getNumber(`TSCAL${n}`, 1),
      zero: header.getNumber(`TZERO${n}`, 0),
      nullValue: nullOf(header.get(`TNULL${n}`), layout.kind === 'ascii-table'),
      dims: dimsOf(header.get(`TDIM${n}`), form.descriptorBytes > 0 ? undefined : form.repeat),
    });
    byteOffset += form.byteWidth;
    if (byteOffset > (layout.shape[0] ?? 0))
      throw bad(`column ${n} ends at byte ${byteOffset} of rows of ${layout.shape[0]} bytes`);
  }
  return columns;
}

type Form = Pick<ColumnInfo, 'type' | 'repeat' | 'descriptorBytes' | 'byteWidth'>;

function binaryForm(format: string, bad: (problem: string) => Error): Form {
  const spec = format.trim();
  const variable = VARIABLE_FORM.exec(spec);
  if (variable !== null) {
    const half = variable[2] === 'P' ? 4 : 8;
    const empty = variable[1] === '0';
    return {
      type: variable[3] as ColumnType,
      repeat: empty ? 0 : 1,
      descriptorBytes: half,
      byteWidth: empty ? 0 : 2 * half,
    };
  }
  const fixed = BINARY_FORM.exec(spec);
  if (fixed === null) throw bad('not a format of binary tables');
  const repeat = fixed[1] === '' ? 1 : Number(fixed[1]);
  const type = fixed[2] as ColumnType;
  const byteWidth = type === 'X' ? Math.ceil(repeat / 8) : repeat * ELEMENT_BYTES[type];
  return { type, repeat, descriptorBytes: 0, byteWidth };
}

function asciiForm(format: string, bad: (problem: string) => Error): Form {
  const match = ASCII_FORM.exec(format.trim());
  if (match === null) throw bad('not a format of ASCII tables');
  const type = match[1] as ColumnType;
  return { type, repeat: type === 'A' ? Number(match[2]) : 1, descriptorBytes: 0, byteWidth: Number(match[2]) };
}

function unique(ttype: unknown, n: number, taken: Set<string>): string {
  const base = typeof ttype === 'string' && ttype !== '' ? ttype : `col${n}`;
  let name = base;
  for (let k = 2; taken.has(name); k++) name = `${base}_${k}`;
  taken.add(name);
  return name;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function nullOf(value: unknown, ascii: boolean): ColumnInfo['nullValue'] {
  if (ascii) return typeof value === 'string' ? value : undefined;
  return typeof value === 'number' || typeof value === 'bigint' ? value : undefined;
}

/** `(a,b,…)`; ignored, as the standard allows, when the product is larger than the repeat count. */
function dimsOf(value: unknown, repeat: number | undefined): number[] | undefined {
  if (typeof value !== 'string') return undefined;
  const match = /^\s*\(([\d,\s]+)\)\s*$/.exec(value);
  if (match === null) return undefined;
  const dims = match[1].split(',').map((part) => Number(parseNumber(part.trim()) ?? Number.NaN));
  if (dims.some((dim) => !Number.isInteger(dim))) return undefined;
  return repeat !== undefined && dims.reduce((a, b) => a * b, 1) > repeat ? undefined : dims;
}

/** The columns of the given names in that order; all without names. */
export function selectColumns(
  columns: readonly ColumnInfo[],
  names: readonly string[] | undefined,
  where: Where,
): ColumnInfo[] {
  if (names === undefined) return [...columns];
  return names.map((name) => {
    const found =
      columns.find((column) => column.name === name) ??
      columns.find((column) => column.name.toUpperCase() === name.toUpperCase());
    if (found !== undefined) return { ...found, name };
    const all = columns.map((column) => column.name);
    const hint = didYouMean(name, all);
    throw fitsErrors.NO_COLUMN({ ...where, column: name, have: all.join(', '), hint }, placeOf(where));
  });
}
