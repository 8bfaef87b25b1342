// SPDX-License-Identifier: BSD-3-Clause
import { KeyTable } from './key-table.ts';
import { noRow } from './link.ts';

/** Some columns combined into one number; `dense` replaces what the columns before made, where numbers would pass 2^53. */
interface Stage {
  radix: number;
  dense: KeyTable | undefined;
}

/** Finds rows of a table by the values of some integer columns. Rows are taken to be distinct in them (the first counts). */
export class KeyIndex {
  readonly #stages: Stage[] = [];
  readonly #rows: KeyTable;
  /** Of each distinct key its row; undefined: key k is that of row k. */
  readonly #rowOf: Uint32Array | undefined;

  /** All values of a column are below its cardinality. */
  constructor(columns: readonly { values: Uint32Array; cardinality: number }[], rows: number) {
    let keys = new Float64Array(rows);
    let size = 1;
    for (const { values, cardinality } of columns) {
      const radix = Math.max(1, cardinality);
      let dense: KeyTable | undefined;
      if (size * radix > Number.MAX_SAFE_INTEGER) {
        dense = new KeyTable(rows);
        keys = keys.map((key) => (dense as KeyTable).intern(key));
        size = dense.size;
      }
      for (let row = 0; row < rows; row++) keys[row] = keys[row] * radix + values[row];
      size *= radix;
      this.#stages.push({ radix, dense });
    }
    this.#rows = new KeyTable(rows);
    let rowOf: Uint32Array | undefined;
    for (let row = 0; row < rows; row++) {
      const before = this.#rows.size;
      const number = this.#rows.intern(keys[row]);
      if (number === row) continue;
      rowOf ??= Uint32Array.from({ length: rows }, (_, k) => k);
      if (number === before) rowOf[number] = row;
    }
    this.#rowOf = rowOf;
  }

  /** The row whose columns have these values, or {@link noRow}. A value may be noRow itself: it is in no column. */
  find(value: (column: number) => number): number {
    let key = 0;
    for (const [column, { radix, dense }] of this.#stages.entries()) {
      if (dense !== undefined) {
        key = dense.find(key);
        if (key === noRow) return noRow;
      }
      const own = value(column);
      if (own >= radix) return noRow;
      key = key * radix + own;
    }
    const number = this.#rows.find(key);
    return number === noRow || this.#rowOf === undefined ? number : this.#rowOf[number];
  }
}
