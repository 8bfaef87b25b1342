// SPDX-License-Identifier: BSD-3-Clause
import type { SqlValue } from '../registry/database.ts';
import type { DataIdValue, DimensionGroup } from '../types.ts';
import type { QueryContext } from './context.ts';
import { openRows } from './execute.ts';
import { prepare } from './prepare.ts';
import { NEW_QUERY } from './state.ts';

type Row = readonly SqlValue[];
type Found = readonly DataIdValue[] | null;
/** By the value of the first key, then of the next, …; at the end what was found. */
type Level = Map<SqlValue, Level | Found>;

/** How many data IDs are remembered at most, with their values. */
const mostKept = 200_000;

/**
 * The implied values of many data IDs (the filter of an exposure, the day of a visit). They depend on few of the required ones, so they
 * are asked for once for all rows of a batch that share these, and not sent with every row.
 */
export class ImpliedValues {
  readonly #context: QueryContext;
  readonly #keys: readonly string[];
  readonly #places: readonly number[];
  readonly #wanted: DimensionGroup;
  readonly #implied: readonly string[];
  #kept: Level = new Map();
  #count = 0;

  private constructor(context: QueryContext, group: DimensionGroup, keys: readonly string[]) {
    this.#context = context;
    this.#keys = keys;
    this.#places = keys.map((name) => group.required.indexOf(name));
    this.#wanted = context.universe.conform(keys);
    this.#implied = group.implied;
  }

  /** For data IDs of a group; undefined if it implies nothing, or if that takes all the values there are. */
  static of(context: QueryContext, group: DimensionGroup): ImpliedValues | undefined {
    if (group.implied.length === 0) return undefined;
    const { universe } = context;
    const sources = group.names.map((name) => universe.element(name)).filter(({ implied }) => implied.length > 0);
    const needed = new Set(sources.flatMap(({ required }) => required));
    const keys = group.required.filter((name) => needed.has(name));
    if (keys.length === group.required.length) return undefined;
    const { names } = universe.conform(keys);
    if (!group.implied.every((name) => names.includes(name))) return undefined;
    return new ImpliedValues(context, group, keys);
  }

  /** The values of each row, in the order of the group's implied dimensions; null where a value is missing, as where a join finds nothing. */
  async forRows(rows: readonly Row[]): Promise<readonly Found[]> {
    const missing = this.#missing(rows);
    if (missing.length > 0) await this.#read(missing);
    const out: Found[] = [];
    const places = this.#places;
    const last = places.at(-1)!;
    let before: Row | undefined;
    let found: Found = null;
    for (const row of rows) {
      if (before === undefined || row[last] !== before[last] || !places.every((at) => row[at] === before![at])) {
        let level: Level | Found = this.#kept;
        for (const at of places) level = (level as Level).get(row[at])!;
        found = level as unknown as Found;
        before = row;
      }
      out.push(found);
    }
    return out;
  }

  /** Keys that are not known yet; they are marked as without values. */
  #missing(rows: readonly Row[]): DataIdValue[][] {
    if (this.#count > mostKept) {
      this.#kept = new Map();
      this.#count = 0;
    }
    const places = this.#places;
    const out: DataIdValue[][] = [];
    let before: Row | undefined;
    for (const row of rows) {
      if (before !== undefined && places.every((at) => row[at] === before![at])) continue;
      before = row;
      const keys = places.map((at) => row[at] as DataIdValue);
      if (this.#keep(keys, null, false)) out.push(keys);
    }
    this.#count += out.length;
    return out;
  }

  async #read(missing: readonly DataIdValue[][]): Promise<void> {
    const keys = this.#keys;
    const columns = Object.fromEntries(keys.map((name, i) => [name, missing.map((row) => row[i])]));
    const state = { ...NEW_QUERY, tables: [{ rows: missing.length, dimensions: keys, columns }] };
    const names = [...keys, ...this.#implied];
    const target = { dimensions: this.#wanted, names, columns: [] };
    const { batches } = await openRows(this.#context, await prepare(this.#context, state, target));
    for await (const batch of batches) {
      for (const row of batch) {
        const values = row as readonly DataIdValue[];
        this.#keep(values.slice(0, keys.length), values.slice(keys.length, names.length), true);
      }
    }
  }

  #keep(keys: readonly DataIdValue[], found: Found, replace: boolean): boolean {
    let level: Level = this.#kept;
    for (const key of keys.slice(0, -1)) {
      let next = level.get(key) as Level | undefined;
      if (next === undefined) {
        next = new Map();
        level.set(key, next);
      }
      level = next;
    }
    const last = keys.at(-1)!;
    if (!replace && level.has(last)) return false;
    level.set(last, found);
    return true;
  }
}
