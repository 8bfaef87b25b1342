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
import { Dictionary } from '../columns/dictionary.ts';
import { PagedColumn } from '../paged/column.ts';
import { RowFinder } from '../paged/finder.ts';
import type { Flags } from '../paged/flags.ts';
import type { PagedKey } from '../paged/keys.ts';
import type { PagedLink } from '../paged/link.ts';
import type { PagePool } from '../paged/pool.ts';
import { ahead } from './ahead.ts';

/** Rows over some dimensions as dictionary codes. */
export interface CodedRows {
  count: number;
  codes: Record<string, PagedColumn>;
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
  /** Rows of the relation that are quanta. */
  alive: Flags;
  /** Skipped because their results exist. */
  skipped: number;
  /** Rows that were skipped; undefined where none is. */
  done?: Flags;
  /** Left out for a reason of the report. */
  pruned: number;
}

/** Edges of one connection: for each row of the task's relation, rows of the relation of one dataset type. */
export interface ConnectionEdges {
  name: string;
  connection: Connection;
  type: TypeRows;
  link: PagedLink;
  /** Of a prerequisite that was not found for every quantum: what there is instead. */
  hint?: string;
  /** The link, where it is this connection's alone and may be changed. */
  own?: PagedLink;
}

/** Datasets of one type while the graph is built: a choice of the rows of a relation. */
export interface TypeRows {
  name: string;
  declared: PipelineDatasetType;
  relation: Relation;
  /** 0: predicted; else 1 + row in {@link ExistingDatasets}. undefined: none exists. */
  existing: PagedColumn | undefined;
  alive: Flags;
  /** The task that makes them and the link from its rows. */
  producer: { rows: TaskRows; link: PagedLink } | undefined;
}

/** 0, or 1 + row in {@link ExistingDatasets}. */
export function existingAt({ existing }: TypeRows, row: number): number {
  return existing === undefined ? 0 : existing.at(row);
}

/** The dictionaries of all dimensions, and the way between data IDs and codes. */
export class Dictionaries {
  readonly universe: Pick<Universe, 'conform' | 'version'>;
  readonly pool: PagePool;
  readonly #byName = new Map<string, Dictionary>();

  constructor(universe: Pick<Universe, 'conform' | 'version'>, pool: PagePool) {
    this.universe = universe;
    this.pool = pool;
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
    const codes: Record<string, PagedColumn> = {};
    for (const [dimension, values] of Object.entries(table.columns))
      codes[dimension] = PagedColumn.of(this.pool, this.of(dimension).encode(values));
    return { count: table.rows, codes };
  }

  /** Batches as one table over these dimensions; `also` sees each batch. */
  async encodeAll<T extends DataIdColumns>(
    batches: AsyncIterable<T>,
    dimensions: readonly string[],
    also?: (batch: T) => void,
  ): Promise<CodedRows> {
    const columns = dimensions.map(() => new PagedColumn(this.pool));
    let count = 0;
    for await (const batch of ahead(batches)) {
      for (const [k, dimension] of dimensions.entries())
        columns[k].append(this.of(dimension).encode(batch.columns[dimension]));
      count += batch.rows;
      also?.(batch);
    }
    return { count, codes: Object.fromEntries(dimensions.map((dimension, k) => [dimension, columns[k]])) };
  }

  /** Columns to group by, in the order of values. */
  keys(rows: CodedRows, dimensions: readonly string[]): PagedKey[] {
    return dimensions.map((dimension) => {
      const dictionary = this.of(dimension);
      return { values: rows.codes[dimension], cardinality: dictionary.size, ranks: dictionary.ranks() };
    });
  }

  /** Finds rows by the codes of these dimensions, by which they are in order. */
  finder(rows: CodedRows, dimensions: readonly string[]): RowFinder {
    return new RowFinder(this.keys(rows, dimensions), rows.count);
  }

  decode(rows: CodedRows, dimensions: readonly string[]): DataIdColumns {
    const columns: Record<string, readonly DataIdValue[]> = {};
    for (const dimension of dimensions) columns[dimension] = this.of(dimension).decode(rows.codes[dimension].flat());
    return { rows: rows.count, dimensions, columns };
  }

  dataId(rows: CodedRows, row: number, dimensions: readonly string[]): DataId {
    const dataId: Record<string, DataIdValue> = {};
    for (const dimension of dimensions) {
      const codes = rows.codes[dimension];
      if (codes !== undefined) dataId[dimension] = this.of(dimension).values[codes.at(row)];
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
