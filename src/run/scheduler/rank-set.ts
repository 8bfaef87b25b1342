// SPDX-License-Identifier: BSD-3-Clause

/**
 * A set of integers 0 … capacity-1 that gives its smallest member: a tree of 32-way bit words. One bit a member and
 * about 3 % more for the levels above; add, remove and first take one word per level (4 levels for a million).
 */
export class RankSet {
  readonly #levels: Uint32Array[] = [];
  #size = 0;

  constructor(capacity: number) {
    let words = Math.max(1, Math.ceil(capacity / 32));
    for (;;) {
      this.#levels.push(new Uint32Array(words));
      if (words === 1) break;
      words = Math.ceil(words / 32);
    }
  }

  get size(): number {
    return this.#size;
  }

  has(member: number): boolean {
    return (this.#levels[0][member >>> 5] & (1 << (member & 31))) !== 0;
  }

  add(member: number): void {
    if (this.has(member)) return;
    this.#size++;
    let at = member;
    for (const words of this.#levels) {
      const before = words[at >>> 5];
      words[at >>> 5] = before | (1 << (at & 31));
      if (before !== 0) return; // the levels above know of this word already
      at >>>= 5;
    }
  }

  delete(member: number): void {
    if (!this.has(member)) return;
    this.#size--;
    let at = member;
    for (const words of this.#levels) {
      words[at >>> 5] &= ~(1 << (at & 31));
      if (words[at >>> 5] !== 0) return;
      at >>>= 5;
    }
  }

  /** The smallest member, or -1. */
  first(): number {
    if (this.#size === 0) return -1;
    let at = 0;
    for (let level = this.#levels.length - 1; level >= 0; level--) {
      const word = this.#levels[level][at];
      at = at * 32 + (31 - Math.clz32(word & -word));
    }
    return at;
  }
}
