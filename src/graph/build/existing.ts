// SPDX-License-Identifier: BSD-3-Clause
import { formatUuid, writeUuid } from '../../base/index.ts';
import { PagedColumn } from '../paged/column.ts';
import type { PagePool } from '../paged/pool.ts';

/** Datasets that the repository holds already: 20 bytes each. There may be more of them than a `Map` has room for. */
export class ExistingDatasets {
  readonly runs: string[] = [];
  readonly #runCodes = new Map<string, number>();
  /** Four words an id, as its bytes are. */
  readonly #ids: PagedColumn;
  readonly #run: PagedColumn;
  readonly #words = new Uint32Array(4);
  readonly #bytes = Buffer.from(this.#words.buffer);

  constructor(pool: PagePool) {
    this.#ids = new PagedColumn(pool);
    this.#run = new PagedColumn(pool);
  }

  get count(): number {
    return this.#run.length;
  }

  /** Adds a dataset; returns its row. */
  add(id: string, run: string): number {
    let code = this.#runCodes.get(run);
    if (code === undefined) {
      code = this.runs.length;
      this.runs.push(run);
      this.#runCodes.set(run, code);
    }
    writeUuid(id, this.#bytes, 0);
    this.#ids.append(this.#words);
    this.#run.push(code);
    return this.#run.length - 1;
  }

  /** One of the four words of an id, as its bytes are in memory. */
  word(row: number, k: number): number {
    return this.#ids.at(4 * row + k);
  }

  id(row: number): string {
    for (let k = 0; k < 4; k++) this.#words[k] = this.word(row, k);
    return formatUuid(this.#bytes);
  }

  runOf(row: number): string {
    return this.runs[this.#run.at(row)];
  }

  /** Order of two ids: that of their bytes. */
  compare(a: number, b: number): number {
    for (let k = 0; k < 4; k++) {
      const [one, other] = [this.word(a, k), this.word(b, k)];
      if (one !== other) return bigEndian(one) - bigEndian(other);
    }
    return 0;
  }

  /** The first 52 bits of an id as a number: in the order of the ids. */
  head(row: number): number {
    return bigEndian(this.word(row, 0)) * 1_048_576 + (bigEndian(this.word(row, 1)) >>> 12);
  }
}

function bigEndian(word: number): number {
  return ((word >>> 24) | ((word >>> 8) & 0xff00) | ((word & 0xff00) << 8) | (word << 24)) >>> 0;
}
