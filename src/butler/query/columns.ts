// SPDX-License-Identifier: BSD-3-Clause
import type { SqlValue } from '../registry/database.ts';
import type { DataIdColumns, DataIdValue } from '../types.ts';

/** Columns of data IDs as they grow. */
export class ColumnBuilder {
  readonly #names: readonly string[];
  readonly #columns: DataIdValue[][];
  #rows = 0;

  constructor(names: readonly string[]) {
    this.#names = names;
    this.#columns = names.map(() => []);
  }

  /** The first columns of the rows are these. */
  push(rows: readonly (readonly SqlValue[])[]): void {
    this.#columns.forEach((column, i) => {
      for (const row of rows) column.push(row[i] as DataIdValue);
    });
    this.#rows += rows.length;
  }

  finish(): DataIdColumns {
    const entries = this.#names.map((name, i) => [name, this.#columns[i]]);
    return { rows: this.#rows, dimensions: this.#names, columns: Object.fromEntries(entries) };
  }
}
