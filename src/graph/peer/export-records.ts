// SPDX-License-Identifier: BSD-3-Clause
import type { DataId, DataIdColumns, DataIdValue, DimensionRecord, DimensionUniverse } from '../../butler/index.ts';
import type { ColumnGraph } from '../column-graph.ts';
import { Dictionary } from '../columns/dictionary.ts';
import { type Growing, growingU32 } from '../columns/growing.ts';
import { graphErrors } from '../errors.ts';
import { rowOfRecord } from './dimension-data.ts';
import { RowTable } from './row-table.ts';
import type { Spool } from './spool.ts';

/** Records of an element for these values of its required dimensions. */
export type FetchRecords = (element: string, within: DataIdColumns) => Promise<readonly DimensionRecord[]>;

/** Data IDs asked for at a time. */
const batch = 50_000;

interface ElementRows {
  required: readonly string[];
  implied: readonly string[];
  keys: RowTable;
  /** Of each key whether its record was written, and its implied values. */
  known: Growing<Uint32Array<ArrayBuffer>>;
  impliedCodes: readonly Growing<Uint32Array<ArrayBuffer>>[];
}

/**
 * The dimension records of a graph as readers of `.qg` files want them: one for every element of every data ID, those that join
 * dimensions (region of a detector in a visit) among them. What the graph has not is fetched.
 */
export class ExportRecords {
  readonly #graph: ColumnGraph;
  readonly #universe: DimensionUniverse;
  readonly #dictionaries = new Map<string, Dictionary>();
  readonly #elements = new Map<string, ElementRows>();

  constructor(graph: ColumnGraph, universe: DimensionUniverse) {
    this.#graph = graph;
    this.#universe = universe;
    const groups = graph.index.relations.map(({ names, required }) => universe.conform([...names, ...required]));
    const wanted = new Set(groups.flatMap((group) => group.elements));
    // Whoever implies a dimension comes after it in the universe: backwards, all keys are known when an element is reached.
    for (const name of universe.elementNames.toReversed()) {
      const element = universe.element(name);
      if (!wanted.has(name) || element.skypix !== undefined) continue;
      this.#elements.set(name, {
        required: element.required,
        implied: element.implied,
        keys: new RowTable(element.required.length),
        known: growingU32(),
        impliedCodes: element.implied.map(() => growingU32()),
      });
    }
  }

  /** Writes the records as JSON. Afterwards {@link fullValues} knows every data ID of the graph. */
  async write(spool: Spool, fetch: FetchRecords | undefined): Promise<void> {
    this.#keysOfRelations();
    let separator = '{';
    for (const [name, rows] of this.#elements) {
      spool.write(`${separator}"${name}":[`);
      separator = ',';
      let between = '';
      const rowText = rowOfRecord(this.#universe, name);
      const take = (record: DimensionRecord): void => {
        if (!this.#take(name, rows, record)) return;
        spool.write(between + rowText(record));
        between = ',';
      };
      if (this.#graph.index.records.some(({ element }) => element === name))
        this.#graph.parts.records(name).forEach(take);
      else if (this.#universe.element(name).viewOf !== undefined) this.#bare(name, rows).forEach(take);
      if (fetch !== undefined)
        for (const within of this.#missing(rows)) for (const record of await fetch(name, within)) take(record);
      for (const within of this.#missing(rows)) throw without(name, within);
      spool.write(']');
    }
    spool.write(separator === '{' ? '{}' : '}');
  }

  /** Values of required dimensions, then of implied ones. */
  fullValues(dimensions: readonly string[]): (dataId: DataId) => DataIdValue[] {
    const group = this.#universe.conform(dimensions);
    const names = [...group.required, ...group.implied];
    const order = group.lookupOrder.filter((name) => (this.#elements.get(name)?.implied.length ?? 0) > 0);
    return (dataId) => {
      let full = dataId as Record<string, DataIdValue>;
      if (names.some((name) => full[name] === undefined)) {
        full = { ...dataId };
        for (const name of order) this.#fill(full, this.#elements.get(name) as ElementRows);
      }
      return names.map((name) => full[name]);
    };
  }

  #fill(dataId: Record<string, DataIdValue>, { required, implied, keys, impliedCodes }: ElementRows): void {
    if (required.some((name) => dataId[name] === undefined)) return;
    const row = keys.find(required.map((name) => this.#dictionary(name).code(dataId[name])));
    if (row === undefined) return;
    for (const [k, name] of implied.entries()) dataId[name] ??= this.#dictionary(name).values[impliedCodes[k].at(row)];
  }

  #dictionary(name: string): Dictionary {
    let dictionary = this.#dictionaries.get(name);
    if (dictionary === undefined) {
      dictionary = new Dictionary();
      if (this.#graph.index.dimensions.includes(name))
        for (const value of this.#graph.parts.values(name)) dictionary.code(value);
      this.#dictionaries.set(name, dictionary);
    }
    return dictionary;
  }

  #keysOfRelations(): void {
    const { relations } = this.#graph.index;
    for (const { required, keys } of this.#elements.values()) {
      for (const [r, relation] of relations.entries()) {
        if (!required.every((name) => relation.names.includes(name))) continue;
        const columns = required.map((name) => this.#graph.parts.column(`relation/${r}/${name}`));
        const row = new Uint32Array(columns.length);
        for (let i = 0; i < relation.rows; i++) {
          for (let k = 0; k < columns.length; k++) row[k] = columns[k][i];
          keys.intern(row);
        }
      }
    }
  }

  /** Notes a record and the keys that it implies; false if it was there or nobody needs it. */
  #take(name: string, rows: ElementRows, record: DimensionRecord): boolean {
    const own = this.#universe.element(name).primaryKey?.name;
    const value = (dimension: string): DataIdValue =>
      record[dimension === name && own !== undefined ? own : dimension] as DataIdValue;
    const row = rows.keys.find(rows.required.map((dimension) => this.#dictionary(dimension).code(value(dimension))));
    if (row === undefined || (row < rows.known.length && rows.known.at(row) === 1)) return false;
    while (rows.known.length <= row) {
      rows.known.push(0);
      for (const column of rows.impliedCodes) column.push(0);
    }
    rows.known.set(row, 1);
    for (const [k, dimension] of rows.implied.entries()) {
      rows.impliedCodes[k].set(row, this.#dictionary(dimension).code(value(dimension)));
      const other = this.#elements.get(dimension);
      other?.keys.intern(other.required.map((key) => this.#dictionary(key).code(value(key))));
    }
    return true;
  }

  /** Of an element without a table of its own: its keys are its records. */
  #bare(name: string, { keys, required }: ElementRows): DimensionRecord[] {
    const own = this.#universe.element(name).primaryKey?.name ?? name;
    return Array.from({ length: keys.size }, (_, row) => ({
      [own]: this.#dictionary(name).values[keys.columns[required.indexOf(name)].at(row)],
    }));
  }

  /** Keys without a record, in batches. */
  *#missing({ required, keys, known }: ElementRows): Generator<DataIdColumns> {
    let rows: number[] = [];
    const columns = (): DataIdColumns => ({
      rows: rows.length,
      dimensions: required,
      columns: Object.fromEntries(
        required.map((dimension, k) => [
          dimension,
          rows.map((row) => this.#dictionary(dimension).values[keys.columns[k].at(row)]),
        ]),
      ),
    });
    for (let row = 0; row < keys.size; row++) {
      if (row < known.length && known.at(row) === 1) continue;
      rows.push(row);
      if (rows.length < batch) continue;
      yield columns();
      rows = [];
    }
    if (rows.length > 0) yield columns();
  }
}

function without(element: string, { dimensions, columns }: DataIdColumns) {
  const example = dimensions.map((name) => `${name}=${columns[name][0]}`).join(' ');
  return graphErrors.PEER_RECORDS_MISSING({ element, example });
}
