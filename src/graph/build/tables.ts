// SPDX-License-Identifier: BSD-3-Clause
import { formatUuid, writeUuid } from '../../base/index.ts';
import type {
  DataId,
  DataIdColumns,
  DataIdValue,
  DatasetColumns,
  DimensionGroup,
  Universe,
} from '../../butler/index.ts';
import type { Connection, PipelineDatasetType, ResolvedTask } from '../../pipeline/index.ts';
import { Dictionary } from '../columns/dictionary.ts';
import type { KeyColumn } from '../columns/group.ts';
import { growingU32 } from '../columns/growing.ts';
import { KeyIndex } from '../columns/key-index.ts';
import type { Link } from '../columns/link.ts';

/** Rows over some dimensions as dictionary codes. */
export interface CodedRows {
  count: number;
  codes: Record<string, Uint32Array>;
}

/** Data IDs over one set of dimensions. Tasks and dataset types of the same dimensions share one, row by row. */
export interface Relation extends CodedRows {
  group: DimensionGroup;
}

/** Quanta of one task while the graph is built: a choice of the rows of a relation. */
export interface TaskRows {
  task: ResolvedTask;
  label: string;
  relation: Relation;
  inputs: ConnectionEdges[];
  outputs: ConnectionEdges[];
  /** For each row of the relation whether it is a quantum. */
  alive: Uint8Array;
  /** Skipped because their results exist. */
  skipped: number;
  /** For each row whether it was skipped; undefined where none is. */
  done?: Uint8Array;
  /** Left out for a reason of the report. */
  pruned: number;
}

/** Edges of one connection: for each row of the task's relation, rows of the relation of one dataset type. */
export interface ConnectionEdges {
  name: string;
  connection: Connection;
  type: TypeRows;
  link: Link;
  /** Of a prerequisite that was not found for every quantum: what there is instead. */
  hint?: string;
  /** The link, where it is this connection's alone and may be changed. */
  own?: Link;
}

/** Datasets of one type while the graph is built: a choice of the rows of a relation. */
export interface TypeRows {
  name: string;
  declared: PipelineDatasetType;
  relation: Relation;
  /** 0: predicted; else 1 + row in {@link ExistingDatasets}. undefined: none exists. */
  existing: Uint32Array | undefined;
  alive: Uint8Array;
  /** The task that makes them and the link from its rows. */
  producer: { rows: TaskRows; link: Link } | undefined;
}

/** 0, or 1 + row in {@link ExistingDatasets}. */
export function existingAt({ existing }: TypeRows, row: number): number {
  return existing === undefined ? 0 : existing[row];
}

/** Datasets that the repository holds already, as bytes: there may be more of them than a `Map` has room for. */
export class ExistingDatasets {
  readonly runs: string[] = [];
  readonly #runCodes = new Map<string, number>();
  #ids = Buffer.alloc(16 * 1024);
  #run = new Uint32Array(1024);
  #count = 0;

  /** Adds a dataset; returns its row. */
  add(id: string, run: string): number {
    if (this.#count === this.#run.length) {
      this.#ids = Buffer.concat([this.#ids, Buffer.alloc(this.#ids.length)]);
      const longer = new Uint32Array(2 * this.#run.length);
      longer.set(this.#run);
      this.#run = longer;
    }
    let code = this.#runCodes.get(run);
    if (code === undefined) {
      code = this.runs.length;
      this.runs.push(run);
      this.#runCodes.set(run, code);
    }
    writeUuid(id, this.#ids, 16 * this.#count);
    this.#run[this.#count] = code;
    return this.#count++;
  }

  /** The 16 bytes of an id. */
  bytes(row: number): Uint8Array {
    return this.#ids.subarray(16 * row, 16 * row + 16);
  }

  id(row: number): string {
    return formatUuid(this.bytes(row));
  }

  runOf(row: number): string {
    return this.runs[this.#run[row]];
  }
}

/** The dictionaries of all dimensions, and the way between data IDs and codes. */
export class Dictionaries {
  readonly universe: Pick<Universe, 'conform' | 'version'>;
  readonly #byName = new Map<string, Dictionary>();

  constructor(universe: Pick<Universe, 'conform' | 'version'>) {
    this.universe = universe;
  }

  of(dimension: string): Dictionary {
    let dictionary = this.#byName.get(dimension);
    if (dictionary === undefined) {
      dictionary = new Dictionary();
      this.#byName.set(dimension, dictionary);
    }
    return dictionary;
  }

  get names(): string[] {
    return [...this.#byName.keys()];
  }

  encode(table: DataIdColumns | DatasetColumns): CodedRows {
    const codes: Record<string, Uint32Array> = {};
    for (const [dimension, values] of Object.entries(table.columns))
      codes[dimension] = this.of(dimension).encode(values);
    return { count: table.rows, codes };
  }

  /** Batches as one table over these dimensions. */
  async encodeAll(batches: AsyncIterable<DataIdColumns>, dimensions: readonly string[]): Promise<CodedRows> {
    const columns = dimensions.map(growingU32);
    let count = 0;
    for await (const batch of batches) {
      for (const [k, dimension] of dimensions.entries())
        columns[k].append(this.of(dimension).encode(batch.columns[dimension]));
      count += batch.rows;
    }
    return { count, codes: Object.fromEntries(dimensions.map((dimension, k) => [dimension, columns[k].take()])) };
  }

  /** Columns to group by, in the order of values. */
  keys(rows: CodedRows, dimensions: readonly string[]): KeyColumn[] {
    return dimensions.map((dimension) => {
      const dictionary = this.of(dimension);
      return { values: rows.codes[dimension], cardinality: dictionary.size, ranks: dictionary.ranks() };
    });
  }

  /** Finds rows by the codes of these dimensions. */
  index(rows: CodedRows, dimensions: readonly string[]): KeyIndex {
    return new KeyIndex(
      dimensions.map((name) => ({ values: rows.codes[name], cardinality: this.of(name).size })),
      rows.count,
    );
  }

  cardinalities(dimensions: readonly string[]): number[] {
    return dimensions.map((dimension) => this.of(dimension).size);
  }

  decode(rows: CodedRows, dimensions: readonly string[]): DataIdColumns {
    const columns: Record<string, readonly DataIdValue[]> = {};
    for (const dimension of dimensions) columns[dimension] = this.of(dimension).decode(rows.codes[dimension]);
    return { rows: rows.count, dimensions, columns };
  }

  dataId(rows: CodedRows, row: number, dimensions: readonly string[]): DataId {
    const dataId: Record<string, DataIdValue> = {};
    for (const dimension of dimensions) {
      const codes = rows.codes[dimension];
      if (codes !== undefined) dataId[dimension] = this.of(dimension).values[codes[row]];
    }
    return dataId;
  }

  /** `instrument: 'X', visit: 3` for messages: required dimensions only. */
  text(rows: Relation, row: number): string {
    return formatDataId(this.dataId(rows, row, rows.group.required));
  }
}

export function formatDataId(dataId: DataId): string {
  return Object.entries(dataId)
    .map(([key, value]) => `${key}: ${typeof value === 'string' ? `'${value}'` : value}`)
    .join(', ');
}
