// SPDX-License-Identifier: BSD-3-Clause
import type { Column, Table } from '../../pixels/index.ts';
import { butlerErrors } from '../errors.ts';
import type { Formatter } from './formatter.ts';
import { parsed } from './structured.ts';
import { isTable } from './table.ts';
import { parseTableHeader, tableHeader } from './table-header.ts';

/*
 * Enhanced character-separated values (APE 6 of astropy): a YAML header in comment lines, then names and rows with blanks or
 * commas between the values. Columns of numbers, truth values and texts.
 */

/** How a column of a datatype is made from its texts. */
const readers: Record<string, (texts: readonly string[]) => Column> = {
  bool: (texts) => Uint8Array.from(texts, (text) => Number(text === 'True')),
  float32: (texts) => Float32Array.from(texts, number),
  float64: (texts) => Float64Array.from(texts, number),
  float16: (texts) => Float32Array.from(texts, number),
  int8: integers,
  int16: integers,
  int32: integers,
  uint8: integers,
  uint16: integers,
  uint32: longIntegers,
  int64: longIntegers,
  uint64: longIntegers,
  string: (texts) => [...texts],
};

/** Component names as those of other tables; parameter `columns` is not offered: the file is read whole anyway. */
export const ecsvFormatter: Formatter = {
  extension: '.ecsv',
  async read(file, { component, storageClass }) {
    const table = await parsed(file, 'ECSV', parseEcsv);
    if (component === undefined) return table;
    throw butlerErrors.NO_COMPONENT({ component, storageClass, hint: '' });
  },
  write(object, sink, { storageClass }) {
    if (!isTable(object)) {
      throw butlerErrors.BAD_OBJECT({ storageClass, expected: 'a table ({rows, columns})', found: typeof object });
    }
    sink.write(new TextEncoder().encode(formatEcsv(object, storageClass)));
  },
};

export function parseEcsv(text: string): Table {
  const lines = text.split(/\r?\n/);
  const headerLines = lines.findIndex((line) => !line.startsWith('#'));
  if (!/^# %ECSV 1\./.test(lines[0] ?? '')) throw new Error('it does not begin with "# %ECSV 1."');
  const comments = lines.slice(1, headerLines).map((line) => line.slice(2));
  const header = parseTableHeader(comments.join('\n'));
  const rows = splitRows(lines.slice(headerLines).join('\n'), header.delimiter ?? ' ');
  const names = rows.shift() ?? [];
  const columns: Record<string, Column> = {};
  header.columns.forEach(({ name, datatype, subtype }, i) => {
    if (names[i] !== name) throw new Error(`column ${i + 1} is "${names[i]}", but the header says "${name}"`);
    const read = readers[datatype];
    if (read === undefined || subtype !== undefined)
      throw new Error(`column "${name}" is of type ${subtype ?? datatype}`);
    columns[name] = read(rows.map((row) => row[i]));
  });
  const table: Table = { rows: rows.length, columns };
  if (Object.keys(header.units).length > 0) table.units = header.units;
  if (header.notes !== undefined) table.meta = header.notes;
  return table;
}

export function formatEcsv(table: Table, storageClass: string): string {
  const names = Object.keys(table.columns);
  for (const name of names) {
    const column = table.columns[name];
    if (column.length !== table.rows || column[0] instanceof Uint8Array) {
      const found = `column "${name}" of ${column.length} ${column[0] instanceof Uint8Array ? 'byte strings' : 'values'}`;
      throw butlerErrors.BAD_OBJECT({ storageClass, expected: `columns of ${table.rows} numbers or texts`, found });
    }
  }
  const header = `%ECSV 1.0\n---\n${tableHeader(table)}\nschema: astropy-2.0`;
  const lines = header.split('\n').map((line) => `# ${line}`);
  lines.push(names.map(quoted).join(' '));
  const columns = Object.values(table.columns);
  for (let row = 0; row < table.rows; row++) lines.push(columns.map((column) => cell(column, row)).join(' '));
  return `${lines.join('\n')}\n`;
}

function cell(column: Column, row: number): string {
  const value = column[row];
  if (column instanceof Uint8Array) return value ? 'True' : 'False';
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'number' && !Number.isFinite(value))
    return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf';
  return Object.is(value, -0) ? '-0.0' : String(value);
}

function quoted(text: string): string {
  return /^[^\s",#]+$/.test(text) ? text : `"${text.replaceAll('"', '""')}"`;
}

/** Rows of values; a value in double quotes may hold the separator, line ends and doubled quotes. */
function splitRows(text: string, delimiter: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let at = 0;
  while (at < text.length) {
    if (delimiter === ' ') while (text[at] === ' ' || text[at] === '\t') at++;
    if (text[at] === '\n' && row.length === 0) {
      at++;
      continue;
    }
    const isQuoted = text[at] === '"';
    const pattern = isQuoted ? /"((?:[^"]|"")*)"/y : delimiter === ',' ? /([^,\n]*)/y : /([^\s]*)/y;
    pattern.lastIndex = at;
    const value = pattern.exec(text);
    if (value === null) throw new Error(`a quoted value of row ${rows.length} has no end`);
    row.push(isQuoted ? value[1].replaceAll('""', '"') : value[1]);
    at = pattern.lastIndex;
    if (delimiter === ' ') while (text[at] === ' ' || text[at] === '\t') at++;
    else if (text[at] === ',') {
      at++;
      continue;
    }
    if (at < text.length && text[at] !== '\n') continue;
    rows.push(row);
    row = [];
    at++;
  }
  return rows;
}

function number(text: string): number {
  if (text === '') return Number.NaN;
  const named: Record<string, number> = {
    inf: Number.POSITIVE_INFINITY,
    '-inf': Number.NEGATIVE_INFINITY,
    nan: Number.NaN,
  };
  return named[text] ?? Number(text);
}

/** Without a value, integers become floating point with NaN. */
function integers(texts: readonly string[]): Column {
  return texts.includes('') ? Float64Array.from(texts, number) : Int32Array.from(texts, Number);
}

function longIntegers(texts: readonly string[]): Column {
  return texts.includes('') ? Float64Array.from(texts, number) : BigInt64Array.from(texts, BigInt);
}
