// SPDX-License-Identifier: BSD-3-Clause
import { noRow } from '../columns/link.ts';
import { PagedColumn } from './column.ts';
import { groupPaged } from './group.ts';
import type { PagedKey } from './keys.ts';
import type { PagePool } from './pool.ts';

/** Finds rows of a table whose rows are distinct in some columns and stand in the order of these. */
export class RowFinder {
  readonly #columns: readonly PagedKey[];
  readonly #rows: number;
  readonly #wanted: Float64Array;
  /** Where the last answer was: those who ask go in order, mostly. */
  #near = 0;

  constructor(columns: readonly PagedKey[], rows: number) {
    this.#columns = columns;
    this.#rows = rows;
    this.#wanted = new Float64Array(columns.length);
  }

  /** The row whose columns have these values, or {@link noRow}. A value may be noRow itself: it is in no column. */
  find(value: (column: number) => number): number {
    for (let k = 0; k < this.#columns.length; k++) {
      const { ranks } = this.#columns[k];
      const own = value(k);
      if (own === noRow || (ranks !== undefined && own >= ranks.length)) return noRow;
      this.#wanted[k] = ranks === undefined ? own : ranks[own];
    }
    const [rows, near] = [this.#rows, this.#near];
    if (rows === 0) return noRow;
    // Mostly the next row is asked for; else outwards from the last answer in steps that double, then halving between the last two.
    if (near + 1 < rows && this.#compare(near + 1) === 0) return (this.#near = near + 1);
    let [low, high] = [near, near];
    const ahead = this.#compare(near);
    if (ahead === 0) return near;
    for (let step = 1; ; step *= 2) {
      if (ahead > 0) {
        low = high;
        high = Math.min(rows, high + step);
        if (high === rows || this.#compare(high) < 0) break;
      } else {
        high = low;
        low = Math.max(-1, low - step);
        if (low < 0 || this.#compare(low) >= 0) break;
      }
    }
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (this.#compare(middle) >= 0) low = middle;
      else high = middle;
    }
    if (low < 0) return noRow;
    this.#near = low;
    return this.#compare(low) === 0 ? low : noRow;
  }

  /** Above 0: the wanted values come after the row. */
  #compare(row: number): number {
    for (let k = 0; k < this.#columns.length; k++) {
      const { values, ranks } = this.#columns[k];
      const code = values.at(row);
      const difference = this.#wanted[k] - (ranks === undefined ? code : ranks[code]);
      if (difference !== 0) return difference;
    }
    return 0;
  }
}

/** For each row of `right` the row of `left` with the same values (the first), or {@link noRow}. */
export function matchPaged(
  pool: PagePool,
  left: readonly PagedKey[],
  leftRows: number,
  right: readonly PagedColumn[],
  rightRows: number,
): PagedColumn {
  const { first, of, count } = groupPaged(pool, left, leftRows);
  const finder = new RowFinder(
    left.map(({ values, ranks, cardinality }) => ({ values: picked(pool, values, first), ranks, cardinality })),
    count,
  );
  const found = new PagedColumn(pool);
  for (let row = 0; row < rightRows; row++) {
    const group = finder.find((column) => right[column].at(row));
    found.push(group === noRow ? noRow : first.at(group));
  }
  of.free();
  return found;
}

function picked(pool: PagePool, values: PagedColumn, rows: PagedColumn): PagedColumn {
  const out = new PagedColumn(pool);
  for (let k = 0; k < rows.length; k++) out.push(values.at(rows.at(k)));
  return out;
}
