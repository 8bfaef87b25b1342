// SPDX-License-Identifier: BSD-3-Clause
import { uuidHex } from '../../base/index.ts';
import type { DataIdValue, DimensionGroup } from '../../butler/index.ts';
import { Dictionary } from '../columns/dictionary.ts';
import { type Growing, growingU32 } from '../columns/growing.ts';
import { RowTable } from './row-table.ts';

export type Words = Uint32Array<ArrayBuffer>;

/** The four 32-bit words of a UUID, highest first. */
export function uuidWords(uuid: string, into: Words): Words {
  const hex = uuidHex(uuid);
  for (let k = 0; k < 4; k++) into[k] = Number.parseInt(hex.slice(8 * k, 8 * k + 8), 16);
  return into;
}

/** Dictionaries of all dimensions. */
export class Dictionaries {
  readonly #byName = new Map<string, Dictionary>();

  of(dimension: string): Dictionary {
    let found = this.#byName.get(dimension);
    if (found === undefined) {
      found = new Dictionary();
      this.#byName.set(dimension, found);
    }
    return found;
  }
  get names(): string[] {
    return [...this.#byName.keys()];
  }
}

/**
 * Data IDs over one set of dimensions as they come along. Those of quanta and of what they make are distinct, and tasks and dataset
 * types of the same dimensions share them; those of what was there before may repeat (calibrations of several dates), so such a
 * type has a relation of its own with a row an id.
 */
export class ImportRelation {
  readonly group: DimensionGroup;
  /** Rows by data ID, or by id of dataset. */
  readonly #known: RowTable;
  readonly #byId: boolean;
  readonly #codes: readonly Growing<Words>[];
  readonly #dictionaries: readonly Dictionary[];
  readonly #row: Words;
  rows = 0;

  constructor(group: DimensionGroup, dictionaries: Dictionaries, byId: boolean) {
    this.group = group;
    // A data ID lists the values of required dimensions, then those of implied ones.
    this.#dictionaries = this.names.map((name) => dictionaries.of(name));
    this.#row = new Uint32Array(this.names.length);
    this.#byId = byId;
    this.#known = new RowTable(byId ? 4 : this.names.length);
    this.#codes = byId ? this.names.map(() => growingU32()) : this.#known.columns;
  }

  get names(): readonly string[] {
    return [...this.group.required, ...this.group.implied];
  }

  row(dataId: readonly DataIdValue[], id: Words): number {
    for (let k = 0; k < this.#row.length; k++) this.#row[k] = this.#dictionaries[k].code(dataId[k]);
    const row = this.#known.intern(this.#byId ? id : this.#row);
    if (row < this.rows) return row;
    if (this.#byId) for (const [k, column] of this.#codes.entries()) column.push(this.#row[k]);
    this.rows++;
    return row;
  }

  columns(): [name: string, codes: Words][] {
    return this.names.map((name, k) => [name, this.#codes[k].take()]);
  }
}

/** Members of a relation (quanta of a task, datasets of a type), each with its number in some list. */
export class Members {
  readonly relation: ImportRelation;
  readonly #numbers = growingU32();
  count = 0;

  constructor(relation: ImportRelation) {
    this.relation = relation;
  }

  /** The number that was given to the member at this row, or undefined. */
  at(row: number): number | undefined {
    return row < this.#numbers.length && this.#numbers.at(row) > 0 ? this.#numbers.at(row) - 1 : undefined;
  }

  add(row: number, number: number): void {
    while (this.#numbers.length <= row) this.#numbers.push(0);
    this.#numbers.set(row, number + 1);
    this.count++;
  }

  /** For each row of the relation: 0, or 1 + number. */
  flags(): Words {
    const flags = new Uint32Array(this.relation.rows);
    flags.set(this.#numbers.take());
    return flags;
  }
}

/** UUIDs in order of arrival. */
export class Ids {
  readonly #words = growingU32();

  get count(): number {
    return this.#words.length / 4;
  }
  push(words: Words): number {
    this.#words.append(words);
    return this.count - 1;
  }
  equals(number: number, words: Words): boolean {
    for (let k = 0; k < 4; k++) if (this.#words.at(4 * number + k) !== words[k]) return false;
    return true;
  }
  /** The ids with these numbers, 16 bytes each. */
  bytes(numbers: Words): Buffer {
    const out = Buffer.alloc(16 * numbers.length);
    for (let i = 0; i < numbers.length; i++)
      for (let k = 0; k < 4; k++) out.writeUInt32BE(this.#words.at(4 * numbers[i] + k), 16 * i + 4 * k);
    return out;
  }
}
