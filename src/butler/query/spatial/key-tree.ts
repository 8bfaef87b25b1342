// SPDX-License-Identifier: BSD-3-Clause
import type { SqlValue } from '../../registry/database.ts';

/** Values by some columns of rows. A tree of maps, as making one text of a key costs more than looking up its parts. */
export class KeyTree<T> {
  readonly #columns: readonly number[];
  readonly #root = new Map<SqlValue, unknown>();

  constructor(columns: readonly number[]) {
    this.#columns = columns;
  }

  /** Puts a value under the row's key unless there is one; returns whether it was put. A function is called only then. */
  add(row: readonly SqlValue[], value: T | (() => T)): boolean {
    const last = this.#columns.length - 1;
    let node = this.#root;
    for (let i = 0; i < last; i++) {
      const key = row[this.#columns[i]];
      let next = node.get(key) as Map<SqlValue, unknown> | undefined;
      if (next === undefined) {
        next = new Map();
        node.set(key, next);
      }
      node = next;
    }
    const key = row[this.#columns[last]];
    if (node.has(key)) return false;
    node.set(key, typeof value === 'function' ? (value as () => T)() : value);
    return true;
  }

  /** Whether there is a value, be it undefined. */
  has(row: readonly SqlValue[]): boolean {
    let node: unknown = this.#root;
    for (const column of this.#columns) {
      const map = node as Map<SqlValue, unknown>;
      if (!map.has(row[column])) return false;
      node = map.get(row[column]);
    }
    return true;
  }

  get(row: readonly SqlValue[]): T | undefined {
    let node: unknown = this.#root;
    for (const column of this.#columns) {
      node = (node as Map<SqlValue, unknown>).get(row[column]);
      if (node === undefined) return undefined;
    }
    return node as T;
  }
}
