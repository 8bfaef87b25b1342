// SPDX-License-Identifier: BSD-3-Clause
import type { DimensionGroup, DimensionRecord } from '../../butler/index.ts';
import { KeyTable } from '../columns/key-table.ts';
import { noRow } from '../columns/link.ts';
import { PagedColumn } from '../paged/column.ts';
import { gather } from '../paged/gather.ts';
import { groupPaged } from '../paged/group.ts';
import type { PagePool } from '../paged/pool.ts';
import type { CandidateSource } from './source.ts';
import type { CodedRows, Dictionaries, Relation } from './tables.ts';

/** Memory of a record with a region, about. */
const recordBytes = 1000;

/** Records of one dimension, found by the codes of its required dimensions. */
class RecordTable {
  readonly element: string;
  readonly dimensions: readonly string[];
  readonly records: DimensionRecord[] = [];
  /** Of each record the codes of its dimensions. */
  readonly keys: readonly PagedColumn[];
  readonly #rows = new CodeTable();
  readonly #asked = new CodeTable();
  readonly #pool: PagePool;

  constructor(pool: PagePool, element: string, dimensions: readonly string[]) {
    this.#pool = pool;
    this.element = element;
    this.dimensions = dimensions;
    this.keys = dimensions.map(() => new PagedColumn(pool));
  }

  add(codes: readonly number[], record: DimensionRecord): void {
    if (this.#rows.intern(codes) < this.records.length) return;
    this.#pool.reserve(recordBytes);
    this.records.push(record);
    for (const [k, code] of codes.entries()) this.keys[k].push(code);
  }

  /** Notes that this key is being looked up; false when it was before (it may have no record). */
  ask(codes: readonly number[]): boolean {
    const before = this.#asked.size;
    return this.#asked.intern(codes) === before;
  }

  rowOf(codes: readonly number[]): number | undefined {
    const row = this.#rows.find(codes);
    return row === noRow ? undefined : row;
  }
}

/** Numbers tuples of codes in the order in which they come. More codes come while it is in use, so they are joined pair by pair. */
class CodeTable {
  readonly #pairs = new KeyTable(16);
  readonly #tuples = new KeyTable(16);

  get size(): number {
    return this.#tuples.size;
  }

  intern(codes: readonly number[]): number {
    let number = 0;
    for (const code of codes.slice(0, -1)) number = this.#pairs.intern(joint(number, code)) + 1;
    return this.#tuples.intern(joint(number, codes.at(-1) ?? 0));
  }

  find(codes: readonly number[]): number {
    let number = 0;
    for (const code of codes.slice(0, -1)) {
      const pair = this.#pairs.find(joint(number, code));
      if (pair === noRow) return noRow;
      number = pair + 1;
    }
    return this.#tuples.find(joint(number, codes.at(-1) ?? 0));
  }
}

/** 0, or 1 + number of the codes before, and a code: of codes there are fewer than 2^24, which is where a dictionary ends. */
function joint(before: number, code: number): number {
  return before * 16_777_216 + code;
}

export type RecordTables = Map<string, RecordTable>;

/** Whose time a data ID has: the finest that it names. */
export function temporalDimension(group: DimensionGroup): string | undefined {
  return ['exposure', 'visit', 'day_obs'].find((dimension) => group.has(dimension));
}

/**
 * Fetches the records of every dimension that these rows name and that has records of its own (sky pixels and `band` are
 * their value, nothing more): one question for each dimension and component.
 */
export async function fetchRecords(
  source: CandidateSource,
  dictionaries: Dictionaries,
  tables: RecordTables,
  all: readonly Relation[],
): Promise<void> {
  const wanted = new Map<string, { dimensions: readonly string[]; from: CodedRows[] }>();
  for (const rows of all) {
    const { group } = rows;
    if (rows.count === 0) continue;
    for (const element of group.names) {
      if (element === 'band' || group.skypix.includes(element)) continue;
      const dimensions = source.universe.conform([element]).required;
      if (dimensions.some((dimension) => rows.codes[dimension] === undefined)) continue;
      const entry = wanted.get(element);
      if (entry === undefined) wanted.set(element, { dimensions, from: [rows] });
      else if (!entry.from.some((other) => sameColumns(other, rows, dimensions))) entry.from.push(rows);
    }
  }
  for (const [element, { dimensions, from }] of wanted) {
    const table = tables.get(element) ?? new RecordTable(dictionaries.pool, element, dimensions);
    tables.set(element, table);
    const within = distinct(dictionaries, from, dimensions, table);
    if (within.count === 0) continue;
    for (const record of await source.records(element, dictionaries.decode(within, dimensions))) {
      const codes = dimensions.map((dimension) => {
        // The key of the element's own dimension has the name of that column (id, name, …), not of the dimension.
        const value = record[dimension] ?? ownKey(record);
        return dictionaries.of(dimension).code(value as string | number);
      });
      table.add(codes, record);
    }
  }
}

function sameColumns(a: CodedRows, b: CodedRows, dimensions: readonly string[]): boolean {
  return dimensions.every((dimension) => a.codes[dimension] === b.codes[dimension]);
}

function ownKey(record: DimensionRecord): unknown {
  return record.id ?? record.name;
}

/** Distinct keys of several row sets that nobody has looked up yet. */
function distinct(
  dictionaries: Dictionaries,
  from: readonly CodedRows[],
  dimensions: readonly string[],
  table: RecordTable,
): CodedRows {
  const { pool } = dictionaries;
  const fresh = { count: 0, codes: Object.fromEntries(dimensions.map((name) => [name, new PagedColumn(pool)])) };
  for (const rows of from) {
    const { of, first } = groupPaged(pool, dictionaries.keys(rows, dimensions), rows.count);
    const wanted = Object.fromEntries(dimensions.map((name) => [name, rows.codes[name]]));
    const found = gather(pool, wanted, first);
    for (let k = 0; k < first.length; k++) {
      const codes = dimensions.map((name) => found[name].at(k));
      if (!table.ask(codes)) continue;
      for (const [d, name] of dimensions.entries()) fresh.codes[name].push(codes[d]);
      fresh.count++;
    }
    for (const column of [of, first, ...Object.values(found)]) column.free();
  }
  return fresh;
}
