// SPDX-License-Identifier: BSD-3-Clause
import type {
  DataId,
  DataIdColumns,
  DataIdValue,
  DatasetColumns,
  DimensionGroup,
  Universe,
} from '../../butler/index.ts';
import type { Connection, PipelineDatasetType, ResolvedTask } from '../../pipeline/index.ts';
import type { Csr } from '../columns/csr.ts';
import { Dictionary } from '../columns/dictionary.ts';
import type { KeyColumn } from '../columns/group.ts';

/** Rows over some dimensions as dictionary codes. */
export interface CodedRows {
  count: number;
  codes: Record<string, Uint32Array>;
}

/** Quanta of one task while the graph is built. */
export interface TaskRows extends CodedRows {
  task: ResolvedTask;
  label: string;
  group: DimensionGroup;
  inputs: ConnectionEdges[];
  outputs: ConnectionEdges[];
  alive: Uint8Array;
  /** Skipped because their results exist. */
  skipped: number;
}

/** Edges of one connection: for each quantum the dataset rows (of one dataset type). */
export interface ConnectionEdges {
  name: string;
  connection: Connection;
  type: TypeRows;
  edges: Csr;
}

/** Datasets of one type while the graph is built. */
export interface TypeRows extends CodedRows {
  name: string;
  group: DimensionGroup;
  declared: PipelineDatasetType;
  /** 0: predicted; else 1 + row in {@link ExistingDatasets}. */
  existing: Uint32Array;
  /** Quantum of the producing task, or {@link nobody}. */
  producer: Uint32Array;
  alive: Uint8Array;
}

export const nobody = 0xffffffff;

/** Datasets that the repository holds already. */
export class ExistingDatasets {
  readonly ids: string[] = [];
  readonly runs: string[] = [];
  readonly #rows = new Map<string, number>();

  /** Row of a dataset, added if it is new. */
  add(id: string, run: string): number {
    let row = this.#rows.get(id);
    if (row === undefined) {
      row = this.ids.length;
      this.#rows.set(id, row);
      this.ids.push(id);
      this.runs.push(run);
    }
    return row;
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

  /** Columns to group by, in the order of values. */
  keys(rows: CodedRows, dimensions: readonly string[]): KeyColumn[] {
    return dimensions.map((dimension) => {
      const dictionary = this.of(dimension);
      return { values: rows.codes[dimension], cardinality: dictionary.size, ranks: dictionary.ranks() };
    });
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
  text(rows: CodedRows & { group: DimensionGroup }, row: number): string {
    return formatDataId(this.dataId(rows, row, rows.group.required));
  }
}

export function formatDataId(dataId: DataId): string {
  return Object.entries(dataId)
    .map(([key, value]) => `${key}: ${typeof value === 'string' ? `'${value}'` : value}`)
    .join(', ');
}
