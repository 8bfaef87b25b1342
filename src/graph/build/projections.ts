// SPDX-License-Identifier: BSD-3-Clause
import type { DimensionGroup } from '../../butler/index.ts';
import { csrFromSorted } from '../columns/csr.ts';
import { groupRows, take } from '../columns/group.ts';
import { Link, noRow } from '../columns/link.ts';
import type { BuildContext } from './candidates.ts';
import { type BaseTable, generatedPixels, pixelTables, stack } from './sky-pixels.ts';
import type { CodedRows, Dictionaries, Relation } from './tables.ts';

/** Rows over the dimensions of a set of tasks and datasets. */
export interface Projected {
  relation: Relation;
  /** For each row of the main table its row here; undefined for what has sky pixels of its own. */
  of: Uint32Array | undefined;
  /** For each row here one row of the main table. */
  first: Uint32Array;
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
  readonly #links = new Map<Projected, Map<Projected, Link>>();

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

  link(from: Projected, to: Projected): Link {
    const known = this.#links.get(from) ?? new Map<Projected, Link>();
    this.#links.set(from, known);
    let link = known.get(to);
    if (link === undefined) {
      link = from === to ? Link.same : this.#linkBetween(from, to);
      known.set(to, link);
    }
    return link;
  }

  #projectMain(to: DimensionGroup): Projected {
    const { rows } = this.#main;
    const { of, count, first } = groupRows(this.#context.dictionaries.keys(rows, to.required), rows.count);
    const codes = Object.fromEntries(to.names.map((name) => [name, take(rows.codes[name], first)]));
    return { relation: { group: to, count, codes }, of, first };
  }

  #projectPixels(to: DimensionGroup): Projected {
    const { dictionaries } = this.#context;
    const tables = this.#covering(to);
    const codes = Object.fromEntries(to.names.map((name) => [name, stack(tables.map(({ rows }) => rows.codes[name]))]));
    const stacked: CodedRows = { count: tables.reduce((sum, { rows }) => sum + rows.count, 0), codes };
    const { count, first } = groupRows(dictionaries.keys(stacked, to.required), stacked.count);
    const kept = Object.fromEntries(to.names.map((name) => [name, take(codes[name], first)]));
    return { relation: { group: to, count, codes: kept }, of: undefined, first: new Uint32Array(0) };
  }

  #covering(group: DimensionGroup): BaseTable[] {
    return this.#pixels.filter((table) => group.isSubsetOf(table.group));
  }

  #linkBetween(from: Projected, to: Projected): Link {
    if (from.of === undefined || to.of === undefined) return this.#pixelLink(from.relation, to.relation);
    // One row there for each row here: that of the first candidate.
    const within = to.relation.group.required.every((name) => from.relation.group.has(name));
    if (within) return Link.map(take(to.of, from.first));
    return pairLink(from.of, to.of, from.relation, to.relation);
  }

  #pixelLink(from: Relation, to: Relation): Link {
    const { dictionaries } = this.#context;
    const tables = this.#covering(from.group.union(to.group));
    if (tables.length === 0) return sharedLink(dictionaries, from, to);
    const rowsIn = (relation: Relation): Uint32Array =>
      stack(tables.map(({ rows }) => rowsOf(dictionaries, relation, rows)));
    return pairLink(rowsIn(from), rowsIn(to), from, to);
  }
}

/** For each row of the table, the row of the relation that it projects onto. */
function rowsOf(dictionaries: Dictionaries, relation: Relation, rows: CodedRows): Uint32Array {
  const names = relation.group.required;
  const index = dictionaries.index(relation, names);
  const found = new Uint32Array(rows.count);
  for (let row = 0; row < rows.count; row++) found[row] = index.find((column) => rows.codes[names[column]][row]);
  return found;
}

/** The distinct pairs of rows. */
function pairLink(from: Uint32Array, to: Uint32Array, a: Relation, b: Relation): Link {
  const pairs = groupRows(
    [
      { values: from, cardinality: a.count },
      { values: to, cardinality: b.count },
    ],
    from.length,
  );
  const lists = csrFromSorted(take(from, pairs.first), take(to, pairs.first), a.count);
  return Link.lists(lists.offsets, lists.items);
}

/** Every pair with the same values of the dimensions that both have. */
function sharedLink(dictionaries: Dictionaries, from: Relation, to: Relation): Link {
  const shared = from.group.required.filter((name) => to.group.has(name));
  const groups = groupRows(dictionaries.keys(to, shared), to.count);
  const index = dictionaries.index(
    {
      count: groups.count,
      codes: Object.fromEntries(shared.map((name) => [name, take(to.codes[name], groups.first)])),
    },
    shared,
  );
  const members = Array.from({ length: groups.count }, (): number[] => []);
  for (let row = 0; row < to.count; row++) members[groups.of[row]].push(row);
  const offsets = new Uint32Array(from.count + 1);
  const items: number[] = [];
  for (let row = 0; row < from.count; row++) {
    const group = index.find((column) => from.codes[shared[column]][row]);
    if (group !== noRow) for (const one of members[group]) items.push(one);
    offsets[row + 1] = items.length;
  }
  return Link.lists(offsets, Uint32Array.from(items));
}
