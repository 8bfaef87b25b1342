// SPDX-License-Identifier: BSD-3-Clause
import type { DimensionGroup, DimensionRecord } from '../../butler/index.ts';
import { groupRows, take } from '../columns/group.ts';
import type { CandidateSource } from './source.ts';
import type { CodedRows, Dictionaries, Relation } from './tables.ts';

/** Records of one dimension, found by the codes of its required dimensions. */
class RecordTable {
  readonly element: string;
  readonly dimensions: readonly string[];
  readonly records: DimensionRecord[] = [];
  readonly keys: number[][] = [];
  readonly #rows = new Map<string, number>();
  readonly #asked = new Set<string>();

  constructor(element: string, dimensions: readonly string[]) {
    this.element = element;
    this.dimensions = dimensions;
  }

  add(codes: readonly number[], record: DimensionRecord): void {
    const key = codes.join();
    if (this.#rows.has(key)) return;
    this.#rows.set(key, this.records.length);
    this.records.push(record);
    this.keys.push([...codes]);
  }

  /** Notes that this key is being looked up; false when it was before (it may have no record). */
  ask(codes: readonly number[]): boolean {
    const key = codes.join();
    if (this.#asked.has(key)) return false;
    this.#asked.add(key);
    return true;
  }

  rowOf(codes: readonly number[]): number | undefined {
    return this.#rows.get(codes.join());
  }
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
    const table = tables.get(element) ?? new RecordTable(element, dimensions);
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
  const total = from.reduce((sum, rows) => sum + rows.count, 0);
  const stacked: CodedRows = { count: total, codes: {} };
  for (const dimension of dimensions) {
    const codes = new Uint32Array(total);
    let at = 0;
    for (const rows of from) {
      codes.set(rows.codes[dimension], at);
      at += rows.count;
    }
    stacked.codes[dimension] = codes;
  }
  const { first } = groupRows(dictionaries.keys(stacked, dimensions), total);
  const fresh = first.filter((row) => table.ask(dimensions.map((dimension) => stacked.codes[dimension][row])));
  return { count: fresh.length, codes: Object.fromEntries(dimensions.map((d) => [d, take(stacked.codes[d], fresh)])) };
}
