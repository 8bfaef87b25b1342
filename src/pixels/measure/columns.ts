// SPDX-License-Identifier: BSD-3-Clause
import type { Column, Table } from '../table.ts';

/** Builds a table of known length column by column; asking for a column twice gives the same array. */
export class Columns {
  readonly rows: number;
  readonly #columns: Record<string, Column> = {};
  readonly #units: Record<string, string> = {};

  constructor(rows: number) {
    this.rows = rows;
  }
  /** A column of doubles, NaN until set. */
  float64(name: string, unit?: string): Float64Array {
    const existing = this.#columns[name];
    if (existing instanceof Float64Array) return existing;
    return this.#keep(name, new Float64Array(this.rows).fill(Number.NaN), unit);
  }
  float32(name: string, unit?: string): Float32Array {
    const existing = this.#columns[name];
    if (existing instanceof Float32Array) return existing;
    return this.#keep(name, new Float32Array(this.rows).fill(Number.NaN), unit);
  }
  int32(name: string, unit?: string): Int32Array {
    const existing = this.#columns[name];
    if (existing instanceof Int32Array) return existing;
    return this.#keep(name, new Int32Array(this.rows), unit);
  }
  int64(name: string): BigInt64Array {
    const existing = this.#columns[name];
    if (existing instanceof BigInt64Array) return existing;
    return this.#keep(name, new BigInt64Array(this.rows), undefined);
  }
  /** A column of 0 and 1, 0 until set. */
  flag(name: string): Uint8Array {
    const existing = this.#columns[name];
    if (existing instanceof Uint8Array) return existing;
    return this.#keep(name, new Uint8Array(this.rows), undefined);
  }
  set(name: string, column: Column, unit?: string): void {
    this.#keep(name, column, unit);
  }
  table(): Table {
    return { rows: this.rows, columns: this.#columns, units: this.#units };
  }
  #keep<C extends Column>(name: string, column: C, unit: string | undefined): C {
    this.#columns[name] = column;
    if (unit !== undefined) this.#units[name] = unit;
    return column;
  }
}
