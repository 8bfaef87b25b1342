// SPDX-License-Identifier: BSD-3-Clause
import type { Column, Table } from '../../pixels/index.ts';
import { consolidateErrors } from './errors.ts';

/** Columns whose name matches one of `include` and none of `exclude`; `*` stands for any text. */
export function selectColumns(
  names: readonly string[],
  include: readonly string[],
  exclude: readonly string[],
): string[] {
  const matcher = (globs: readonly string[]): RegExp[] =>
    globs.map((glob) => new RegExp(`^${glob.split('*').map(quoted).join('.*')}$`));
  const wanted = matcher(include);
  const unwanted = matcher(exclude);
  return names.filter((name) => wanted.some((w) => w.test(name)) && !unwanted.some((u) => u.test(name)));
}

function quoted(text: string): string {
  return text.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
}

/**
 * Tables one below the other. Columns are matched by name; one that a table lacks is filled with NaN (floats), 0 (integers, flags) or
 * an empty text. The same column with another type or unit is an error: it would silently mix different things.
 */
export function concatenateTables(tables: readonly Table[], sources: readonly string[]): Table {
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  const columns: Record<string, Column> = {};
  const units: Record<string, string> = {};
  const firstSource = new Map<string, string>();
  let offset = 0;
  tables.forEach((table, t) => {
    for (const [name, column] of Object.entries(table.columns)) {
      const unit = table.units?.[name] ?? '';
      const known = columns[name];
      if (known === undefined) {
        columns[name] = emptyLike(column, rows);
        units[name] = unit;
        firstSource.set(name, sources[t]);
      } else if (kindOf(known) !== kindOf(column) && known.length > 0 && column.length > 0) {
        const found = kindOf(column);
        const other = firstSource.get(name) ?? '';
        throw consolidateErrors.COLUMN_TYPE({
          column: name,
          source: sources[t],
          found,
          other,
          expected: kindOf(known),
        });
      } else if (units[name] !== unit) {
        const other = firstSource.get(name) ?? '';
        throw consolidateErrors.COLUMN_UNIT({
          column: name,
          source: sources[t],
          found: unit,
          other,
          expected: units[name],
        });
      }
      place(columns[name], column, offset);
    }
    offset += table.rows;
  });
  const named = Object.entries(units).filter(([, unit]) => unit !== '');
  return { rows, columns, units: Object.fromEntries(named) };
}

function kindOf(column: Column): string {
  if (!Array.isArray(column)) return column.constructor.name.replace('Array', '').toLowerCase();
  return column[0] instanceof Uint8Array ? 'binary' : 'text';
}

/** A column of the same type, blank. */
export function emptyLike(column: Column, rows: number): Column {
  if (Array.isArray(column)) {
    return column[0] instanceof Uint8Array
      ? Array.from({ length: rows }, () => new Uint8Array(0))
      : Array.from({ length: rows }, () => '');
  }
  const made = new (column.constructor as new (n: number) => Float64Array)(rows);
  if (made instanceof Float64Array || (made as unknown) instanceof Float32Array) made.fill(Number.NaN);
  return made;
}

function place(to: Column, from: Column, offset: number): void {
  if (Array.isArray(to)) {
    const list = from as string[];
    for (let i = 0; i < list.length; i++) (to as string[])[offset + i] = list[i];
  } else (to as Float64Array).set(from as Float64Array, offset);
}
