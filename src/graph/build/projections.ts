// SPDX-License-Identifier: BSD-3-Clause
import type { DimensionGroup } from '../../butler/index.ts';
import { noRow } from '../columns/link.ts';
import { PagedColumn } from '../paged/column.ts';
import { gather, gatherOne } from '../paged/gather.ts';
import { groupPaged } from '../paged/group.ts';
import { PagedLink } from '../paged/link.ts';
import { listsOf } from '../paged/lists.ts';
import type { PagePool } from '../paged/pool.ts';
import type { BuildContext } from './candidates.ts';
import { type BaseTable, generatedPixels, pixelTables, stack } from './sky-pixels.ts';
import type { CodedRows, Dictionaries, Relation } from './tables.ts';

/** Rows over the dimensions of a set of tasks and datasets. */
export interface Projected {
  relation: Relation;
  /** What the rows are of the main table; undefined for what has sky pixels of its own. */
  main:
    | {
        /** For each of its rows the row here. */ of: PagedColumn /** For each row here the first there. */;
        first: PagedColumn;
      }
    | undefined;
}

/**
 * Data IDs and edges of a component as projections of tables: of the one that the query gave, or, with sky pixels that were not
 * asked for in it, of those worked out afterwards. An edge exists where some row projects onto both its ends.
 */
export class Projections {
  readonly #context: BuildContext;
  readonly #main: BaseTable;
  #pixels: readonly BaseTable[] = [];
  readonly #known = new Map<string, Projected>();
  readonly #links = new Map<Projected, Map<Projected, PagedLink>>();

  constructor(context: BuildContext, main: BaseTable) {
    this.#context = context;
    this.#main = main;
  }

  /** Works out the tables with sky pixels: `wanted` are the dimensions of tasks, datasets and edges. */
  async addPixels(wanted: readonly DimensionGroup[]): Promise<void> {
    const distinct = [...new Map(wanted.map((group) => [group.required.join(), group])).values()];
    const generated = distinct.filter((group) => generatedPixels(group, this.#main.group).length > 0);
    if (generated.length === 0) return;
    // A pixel alone is what others project onto; it needs no table of its own.
    const alone = (group: DimensionGroup) => group.required.length === 1;
    this.#pixels = await pixelTables(
      this.#context,
      generated.filter((group) => !alone(group)),
      this.#main.group,
      (group) => this.project(group),
    );
  }

  project(to: DimensionGroup): Projected {
    const key = to.required.join();
    let found = this.#known.get(key);
    if (found === undefined) {
      found = generatedPixels(to, this.#main.group).length > 0 ? this.#projectPixels(to) : this.#projectMain(to);
      this.#known.set(key, found);
    }
    return found;
  }

  link(from: Projected, to: Projected): PagedLink {
    const known = this.#links.get(from) ?? new Map<Projected, PagedLink>();
    this.#links.set(from, known);
    let link = known.get(to);
    if (link === undefined) {
      link = from === to ? PagedLink.same : this.#linkBetween(from, to);
      known.set(to, link);
    }
    return link;
  }

  /** Gives back what only served to find rows and links. */
  free(): void {
    const kept = new Set([...this.#known.values()].flatMap(({ relation }) => Object.values(relation.codes)));
    for (const table of [this.#main, ...this.#pixels])
      for (const column of Object.values(table.rows.codes)) if (!kept.has(column)) column.free();
    for (const { main } of this.#known.values()) {
      main?.of.free();
      main?.first.free();
    }
  }

  #projectMain(to: DimensionGroup): Projected {
    const { pool, dictionaries } = this.#context;
    const { rows } = this.#main;
    const { of, count, first } = groupPaged(pool, dictionaries.keys(rows, to.required), rows.count);
    const wanted = Object.fromEntries(to.names.map((name) => [name, rows.codes[name]]));
    return { relation: { group: to, count, codes: gather(pool, wanted, first) }, main: { of, first } };
  }

  #projectPixels(to: DimensionGroup): Projected {
    const { pool, dictionaries } = this.#context;
    const tables = this.#covering(to);
    const stacked: CodedRows = {
      count: tables.reduce((sum, { rows }) => sum + rows.count, 0),
      codes: Object.fromEntries(
        to.names.map((name) => [
          name,
          stack(
            pool,
            tables.map(({ rows }) => rows.codes[name]),
          ),
        ]),
      ),
    };
    const { of, count, first } = groupPaged(pool, dictionaries.keys(stacked, to.required), stacked.count);
    const codes = gather(pool, stacked.codes, first);
    for (const column of [of, first, ...Object.values(stacked.codes)]) column.free();
    return { relation: { group: to, count, codes }, main: undefined };
  }

  #covering(group: DimensionGroup): BaseTable[] {
    return this.#pixels.filter((table) => group.isSubsetOf(table.group));
  }

  #linkBetween(from: Projected, to: Projected): PagedLink {
    const { pool } = this.#context;
    const [a, b] = [from.relation, to.relation];
    if (from.main === undefined || to.main === undefined) return this.#pixelLink(a, b);
    // One row there for each row here: that of the first candidate.
    const within = (inner: Relation, outer: Relation) => inner.group.required.every((name) => outer.group.has(name));
    if (within(b, a)) return PagedLink.map(gatherOne(pool, to.main.of, from.main.first));
    // One row here for each row there: the same from the other end.
    if (within(a, b)) {
      const back = gatherOne(pool, from.main.of, to.main.first);
      const lists = listsOf(pool, { from: back }, a.count);
      back.free();
      return PagedLink.lists(lists);
    }
    return PagedLink.lists(listsOf(pool, { from: from.main.of, to: to.main.of }, a.count, { distinct: true }));
  }

  #pixelLink(from: Relation, to: Relation): PagedLink {
    const { pool, dictionaries } = this.#context;
    const tables = this.#covering(from.group.union(to.group));
    if (tables.length === 0) return sharedLink(pool, dictionaries, from, to);
    const rowsIn = (relation: Relation): PagedColumn => {
      const found = new PagedColumn(pool);
      for (const { rows } of tables) findRows(dictionaries, relation, rows, found);
      return found;
    };
    const pairs = { from: rowsIn(from), to: rowsIn(to) };
    const lists = listsOf(pool, pairs, from.count, { distinct: true });
    pairs.from.free();
    pairs.to.free();
    return PagedLink.lists(lists);
  }
}

/** For each row of the table, the row of the relation that it projects onto. */
function findRows(dictionaries: Dictionaries, relation: Relation, rows: CodedRows, found: PagedColumn): void {
  const names = relation.group.required;
  const finder = dictionaries.finder(relation, names);
  for (let row = 0; row < rows.count; row++) found.push(finder.find((column) => rows.codes[names[column]].at(row)));
}

/** Every pair with the same values of the dimensions that both have. */
function sharedLink(pool: PagePool, dictionaries: Dictionaries, from: Relation, to: Relation): PagedLink {
  const shared = from.group.required.filter((name) => to.group.has(name));
  const groups = groupPaged(pool, dictionaries.keys(to, shared), to.count);
  const members = listsOf(pool, { from: groups.of }, groups.count);
  const wanted = Object.fromEntries(shared.map((name) => [name, to.codes[name]]));
  const finder = dictionaries.finder({ count: groups.count, codes: gather(pool, wanted, groups.first) }, shared);
  const lists = { offsets: new PagedColumn(pool), items: new PagedColumn(pool) };
  lists.offsets.push(0);
  for (let row = 0; row < from.count; row++) {
    const group = finder.find((column) => from.codes[shared[column]].at(row));
    if (group !== noRow)
      for (let i = members.offsets.at(group); i < members.offsets.at(group + 1); i++)
        lists.items.push(members.items.at(i));
    lists.offsets.push(lists.items.length);
  }
  return PagedLink.lists(lists);
}
