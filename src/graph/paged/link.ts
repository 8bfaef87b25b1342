// SPDX-License-Identifier: BSD-3-Clause
import type { LinkKind } from '../columns/link.ts';
import type { PagedColumn } from './column.ts';
import type { PagedLists } from './lists.ts';

/** A link (columns/link.ts) over paged columns. */
export class PagedLink {
  readonly offsets: PagedColumn | undefined;
  readonly items: PagedColumn | undefined;

  private constructor(items?: PagedColumn, offsets?: PagedColumn) {
    this.items = items;
    this.offsets = offsets;
  }

  static readonly same = new PagedLink();
  static map(items: PagedColumn): PagedLink {
    return new PagedLink(items);
  }
  static lists({ offsets, items }: PagedLists): PagedLink {
    return new PagedLink(items, offsets);
  }

  get kind(): LinkKind {
    if (this.items === undefined) return 'same';
    return this.offsets === undefined ? 'map' : 'lists';
  }
  /** How many entries rows below `rows` have. */
  entries(rows: number): number {
    return this.offsets === undefined ? rows : this.offsets.at(rows);
  }

  begin(row: number): number {
    return this.offsets === undefined ? row : this.offsets.at(row);
  }
  end(row: number): number {
    return this.offsets === undefined ? row + 1 : this.offsets.at(row + 1);
  }
  at(i: number): number {
    return this.items === undefined ? i : this.items.at(i);
  }
}
