// SPDX-License-Identifier: BSD-3-Clause
import type { Column, Table } from '../../pixels/index.ts';

/** `[column, operator, value]`; a list of them must all hold, of a list of lists one must. */
export type RowFilter = readonly [string, string, unknown];

const operators: Record<string, (left: number, right: number) => boolean> = {
  '=': (a, b) => equal(a, b),
  '==': (a, b) => equal(a, b),
  '!=': (a, b) => !equal(a, b),
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
  in: (a, b) => (b as unknown as readonly unknown[]).some((one) => equal(a, one)),
  'not in': (a, b) => !(b as unknown as readonly unknown[]).some((one) => equal(a, one)),
};

/** Alternatives of terms: the form that reading parameters `filters` are brought into. @throws Error saying what is wrong */
export function parseFilters(filters: unknown): RowFilter[][] {
  if (!Array.isArray(filters) || filters.length === 0)
    throw new Error('filters are a list of [column, operator, value]');
  const isTerm = (value: unknown): boolean => Array.isArray(value) && typeof value[0] === 'string';
  const alternatives = (filters.every(isTerm) ? [filters] : filters) as RowFilter[][];
  for (const terms of alternatives) {
    if (!Array.isArray(terms) || !terms.every(isTerm))
      throw new Error('filters are a list of [column, operator, value]');
    for (const [column, operator, value] of terms) {
      if (!(operator in operators)) {
        throw new Error(
          `"${operator}" of column "${column}" is none of the operators ${Object.keys(operators).join(' ')}`,
        );
      }
      if (operator.endsWith('in') !== Array.isArray(value)) {
        throw new Error(`the operator ${operator} of column "${column}" does not go with ${JSON.stringify(value)}`);
      }
    }
  }
  return alternatives;
}

/** Rows for which one of the alternatives holds. */
export function filterRows(table: Table, alternatives: readonly (readonly RowFilter[])[]): Table {
  const kept: number[] = [];
  for (let row = 0; row < table.rows; row++) {
    const holds = ([column, operator, value]: RowFilter): boolean =>
      operators[operator](table.columns[column][row] as number, value as number);
    if (alternatives.some((terms) => terms.every(holds))) kept.push(row);
  }
  const columns = Object.entries(table.columns).map(([name, column]) => [name, pick(column, kept)]);
  return { ...table, rows: kept.length, columns: Object.fromEntries(columns) };
}

function pick(column: Column, rows: readonly number[]): Column {
  if (Array.isArray(column)) return rows.map((row) => column[row]) as Column;
  const out = new (column.constructor as new (length: number) => typeof column)(rows.length);
  for (let i = 0; i < rows.length; i++) out[i] = column[rows[i]];
  return out;
}

/** Integers of both widths and flags compare by value. */
function equal(a: unknown, b: unknown): boolean {
  const [left, right] = [a, b].map((value) => (typeof value === 'boolean' ? Number(value) : value)) as number[];
  if (typeof left === typeof right) return left === right;
  return typeof left !== 'string' && typeof right !== 'string' && left >= right && left <= right;
}
