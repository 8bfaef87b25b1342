// SPDX-License-Identifier: BSD-3-Clause

/** No row: an edge that a task dropped, or a place without an answer. */
export const noRow = 0xffffffff;

/**
 * Which rows of one table belong to each row of another. Most edges of a graph are one of the first two kinds, and all connections
 * between two sets of dimensions share one link, so that a graph costs little more than its data IDs.
 *
 * | kind | row r has |
 * |---|---|
 * | same | row r: both tables are one |
 * | map | row `items[r]`, or none where that is {@link noRow} |
 * | lists | rows `items[offsets[r] .. offsets[r+1])`, without those that are {@link noRow} |
 *
 * For all three, the entries of row r are `at(i)` for i from `begin(r)` to `end(r)` (exclusive).
 */
export class Link {
  readonly offsets: Uint32Array | undefined;
  readonly items: Uint32Array | undefined;

  private constructor(items?: Uint32Array, offsets?: Uint32Array) {
    this.items = items;
    this.offsets = offsets;
  }

  static readonly same = new Link();
  static map(items: Uint32Array): Link {
    return new Link(items);
  }
  static lists(offsets: Uint32Array, items: Uint32Array): Link {
    return new Link(items, offsets);
  }

  get kind(): LinkKind {
    if (this.items === undefined) return 'same';
    return this.offsets === undefined ? 'map' : 'lists';
  }
  /** How many entries rows below `rows` have. */
  entries(rows: number): number {
    return this.offsets === undefined ? rows : this.offsets[rows];
  }

  begin(row: number): number {
    return this.offsets === undefined ? row : this.offsets[row];
  }
  end(row: number): number {
    return this.offsets === undefined ? row + 1 : this.offsets[row + 1];
  }
  at(i: number): number {
    return this.items === undefined ? i : this.items[i];
  }

  /** The same entries, changed by `change`. Numbers of entries stay; `rows` is the size of the table. */
  mapped(rows: number, change: (item: number) => number): Link {
    const { items, offsets } = this;
    const out = new Uint32Array(this.entries(rows));
    for (let i = 0; i < out.length; i++) {
      const item = items === undefined ? i : items[i];
      out[i] = item === noRow ? noRow : change(item);
    }
    return new Link(out, offsets);
  }

  /** For rows `picked` of the table, in that order. */
  taken(picked: Uint32Array): Link {
    const { items, offsets } = this;
    if (offsets === undefined) {
      const out = new Uint32Array(picked.length);
      for (let k = 0; k < picked.length; k++) out[k] = items === undefined ? picked[k] : items[picked[k]];
      return new Link(out);
    }
    const taken = new Uint32Array(picked.length + 1);
    for (let k = 0; k < picked.length; k++) taken[k + 1] = taken[k] + offsets[picked[k] + 1] - offsets[picked[k]];
    const out = new Uint32Array(taken[picked.length]);
    for (let k = 0; k < picked.length; k++)
      out.set((items as Uint32Array).subarray(offsets[picked[k]], offsets[picked[k] + 1]), taken[k]);
    return new Link(out, taken);
  }

  /** Lists in ascending order. */
  sorted(): Link {
    const { items, offsets } = this;
    if (offsets === undefined || items === undefined) return this;
    const out = items.slice();
    for (let row = 0; row + 1 < offsets.length; row++)
      if (offsets[row + 1] - offsets[row] > 1) out.subarray(offsets[row], offsets[row + 1]).sort();
    return new Link(out, offsets);
  }
}

export type LinkKind = 'same' | 'map' | 'lists';
