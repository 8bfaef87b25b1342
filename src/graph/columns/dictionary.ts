// SPDX-License-Identifier: BSD-3-Clause
import type { DataIdValue } from '../../butler/index.ts';
import { noRow } from './link.ts';

/** Interns the values of one dimension: a value is known by its code, a small integer given at first sight. */
export class Dictionary {
  readonly values: DataIdValue[] = [];
  readonly #codes = new Map<DataIdValue, number>();
  #ranks: Uint32Array | undefined;

  get size(): number {
    return this.values.length;
  }

  code(value: DataIdValue): number {
    let code = this.#codes.get(value);
    if (code === undefined) {
      code = this.values.length;
      this.#codes.set(value, code);
      this.values.push(value);
      this.#ranks = undefined;
    }
    return code;
  }

  encode(values: readonly DataIdValue[]): Uint32Array {
    const codes = new Uint32Array(values.length);
    let [lastValue, lastCode]: [DataIdValue | undefined, number] = [undefined, 0];
    for (let i = 0; i < values.length; i++) {
      const value = values[i];
      if (value !== lastValue) [lastValue, lastCode] = [value, this.code(value)];
      codes[i] = lastCode;
    }
    return codes;
  }

  /** Codes of values, {@link noRow} for those that never came. */
  lookUp(values: readonly DataIdValue[]): Uint32Array {
    const codes = new Uint32Array(values.length);
    let [lastValue, lastCode]: [DataIdValue | undefined, number] = [undefined, noRow];
    for (let i = 0; i < values.length; i++) {
      const value = values[i];
      if (value !== lastValue) [lastValue, lastCode] = [value, this.#codes.get(value) ?? noRow];
      codes[i] = lastCode;
    }
    return codes;
  }

  decode(codes: Uint32Array): DataIdValue[] {
    return Array.from(codes, (code) => this.values[code]);
  }

  /** Position of each code in the order of values: numbers by size, then text by code point. */
  ranks(): Uint32Array {
    if (this.#ranks === undefined) {
      const order = Array.from(this.values.keys()).sort((a, b) => compareValues(this.values[a], this.values[b]));
      this.#ranks = new Uint32Array(order.length);
      for (const [rank, code] of order.entries()) this.#ranks[code] = rank;
    }
    return this.#ranks;
  }
}

function compareValues(a: DataIdValue, b: DataIdValue): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a !== typeof b) return typeof a === 'number' ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}
