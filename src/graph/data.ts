// SPDX-License-Identifier: BSD-3-Clause
import type { DataIdValue, DimensionRecord } from '../butler/index.ts';
import type { BuildReport } from './build/report.ts';
import type { LinkKind } from './columns/link.ts';
import type { PagedColumn } from './paged/column.ts';
import { PagedParts } from './paged/parts.ts';
import type { PagePool } from './paged/pool.ts';
import type { GraphDatasetType, GraphHeader, GraphTask } from './quantum-graph.ts';

export type Column = Uint8Array | Uint32Array | Float64Array;

/** Small things of a graph that are read when it is opened. */
export interface GraphIndex {
  id: string;
  header: GraphHeader;
  /** Data IDs over one set of dimensions each; tasks and dataset types choose among their rows. */
  relations: readonly GraphRelation[];
  links: readonly GraphLink[];
  tasks: (GraphTask & GraphChoice & { inputs: readonly GraphEdges[]; outputs: readonly GraphEdges[] })[];
  datasetTypes: (GraphDatasetType &
    GraphChoice & {
      /**
       * Which of the datasets exist: those are numbered on from `firstExisting`, in order. A graph that was made elsewhere has its
       * predicted datasets here too, without files: their ids are given, not computed.
       */
      existing: 'none' | 'all' | 'some';
      firstExisting: number;
      /** Of those numbered as existing, how many are only predicted: made by quanta of this graph under ids that were given. */
      given?: number;
      /** The quanta that make them: task and output connection (indices); undefined: none of this graph. */
      producer?: { task: number; output: number };
    })[];
  /** Dimensions with a dictionary. */
  dimensions: readonly string[];
  /** Dimensions with records, and their required dimensions. */
  records: readonly { element: string; dimensions: readonly string[] }[];
  quantumCount: number;
  /** Ids of quanta are given, not computed: the graph was made elsewhere. */
  quantumIds?: boolean;
  datasetCount: number;
  existingCount: number;
  runs: readonly string[];
  formatters: readonly string[];
  storageClasses: readonly string[];
  components: readonly (string | null)[];
  report: BuildReport;
}

export interface GraphRelation {
  /** Dimensions with a column of codes. */
  names: readonly string[];
  required: readonly string[];
  rows: number;
}

/** Rows of a relation that are a task's quanta or a type's datasets, in order. */
export interface GraphChoice {
  relation: number;
  /** All rows; else a column of bits says which. */
  whole: boolean;
}

/** Which rows of one relation belong to each row of another (columns/link.ts). */
export interface GraphLink {
  from: number;
  to: number;
  kind: LinkKind;
}

/**
 * Edges of one connection: a row of the task's relation has those rows of the link that are among the datasets of the type.
 * So all connections between two sets of dimensions share one link.
 */
export interface GraphEdges {
  type: number;
  link: number;
  /** How many there are; every file written has it (edge-counts.ts). */
  count?: number;
}

/**
 * The large parts by name; a file gives them one by one as they are asked for.
 *
 * | name | type | length | what |
 * |---|---|---|---|
 * | relation/R/D | u32 | rows | codes of dimension D |
 * | link/L/items | u32 | rows, or entries | rows of the other relation (not for links of kind `same`) |
 * | link/L/offsets | u32 | rows + 1 | for links of kind `lists` |
 * | task/T/rows, type/T/rows | u8 | rows / 8 | bits of the rows chosen, unless all are |
 * | type/T/existing | u8 | datasets / 8 | bits of those that exist, where some do and some do not |
 * | quantum/ids | u8 | 16 × quanta | UUIDs, where they are given |
 * | quantum/order | u32 | quanta | quanta in the order of their ids, where they are given |
 * | existing/ids | u8 | 16 × existing | UUIDs in ascending order |
 * | existing/rows | u32 | existing | of each id, its place among the existing datasets |
 * | existing/places | u32 | existing | of each existing dataset, the place of its id |
 * | existing/fences | u8 | 16 × existing / {@link fenceStride} | every so many'th id, so that one is found by reading little |
 * | existing/runs | u32 | existing | index into runs |
 * | existing/fileOffsets | u32 | existing + 1 | CSR into files |
 * | file/sizes | f64 | files | bytes; NaN: not recorded |
 * | file/formatters, storageClasses, components | u32 | files | index into the lists of the index |
 * | file/paths, file/checksums | text | files | checksum '' : none |
 */
export interface GraphParts {
  /** A whole column. */
  column(name: string): Column;
  /** One entry of a column; of a file only its surroundings are read. */
  at(name: string, row: number): number;
  /** Entries from `begin` to `end` (exclusive) of a column of bytes. */
  bytes(name: string, begin: number, end: number): Uint8Array;
  /** A column as bytes of which parts can be read, so that whoever goes through it needs little memory. */
  block(name: string): ColumnBlock;
  /** `values/D`: DataIdValue[]; `records/E`: DimensionRecord[]. */
  values(dimension: string): readonly DataIdValue[];
  records(element: string): readonly DimensionRecord[];
}

/** A column as little-endian bytes. */
export interface ColumnBlock {
  kind: 'u8' | 'u32' | 'f64';
  rawBytes: number;
  /** Bytes from `begin` to `end` (exclusive), multiples of 8 or the end. */
  read(begin: number, end: number): Uint8Array;
}

export const fenceStride = 1024;

/** One text of a column of UTF-8 bytes (`<name>/bytes`) with offsets (`<name>/offsets`). */
export function textAt(parts: GraphParts, name: string, row: number): string {
  const [begin, end] = [parts.at(`${name}/offsets`, row), parts.at(`${name}/offsets`, row + 1)];
  return Buffer.from(parts.bytes(`${name}/bytes`, begin, end)).toString('utf8');
}

/** Parts held in memory, or in the pages of a pool: what is built, merged or imported. */
export class MemoryParts implements GraphParts {
  readonly columns = new Map<string, Column>();
  readonly dictionaries = new Map<string, readonly DataIdValue[]>();
  readonly recordLists = new Map<string, readonly DimensionRecord[]>();
  readonly #paged = new PagedParts();
  readonly #pool: PagePool | undefined;

  constructor(pool?: PagePool) {
    this.#pool = pool;
  }

  /** Adds a column of words; `rawBytes` where the last word is not full. */
  paged(name: string, words: PagedColumn, kind: ColumnBlock['kind'] = 'u32', rawBytes = 4 * words.length): void {
    this.#paged.add(name, { kind, words, rawBytes });
  }

  /** Ends the pool of the columns: nothing of this can be read any more. */
  close(): void {
    this.#pool?.close();
  }

  column(name: string): Column {
    const known = this.columns.get(name);
    if (known !== undefined) return known;
    const whole = must(this.#paged.whole(name), name);
    this.columns.set(name, whole);
    return whole;
  }
  at(name: string, row: number): number {
    return this.columns.get(name)?.[row] ?? this.#paged.at(name, row) ?? this.column(name)[row];
  }
  bytes(name: string, begin: number, end: number): Uint8Array {
    const known = this.columns.get(name) as Uint8Array | undefined;
    return known?.subarray(begin, end) ?? must(this.#paged.bytes(name, begin, end), name);
  }
  block(name: string): ColumnBlock {
    const known = this.columns.get(name);
    return known === undefined ? must(this.#paged.block(name), name) : blockOf(known);
  }
  values(dimension: string): readonly DataIdValue[] {
    return must(this.dictionaries.get(dimension), dimension);
  }
  records(element: string): readonly DimensionRecord[] {
    return must(this.recordLists.get(element), element);
  }
}

/** A column that is in memory as a whole, as a block. */
export function blockOf(column: Column): ColumnBlock {
  const raw = new Uint8Array(column.buffer, column.byteOffset, column.byteLength);
  const kind = column instanceof Uint8Array ? 'u8' : column instanceof Uint32Array ? 'u32' : 'f64';
  return { kind, rawBytes: raw.length, read: (begin, end) => raw.subarray(begin, end) };
}

function must<T>(found: T | undefined, name: string): T {
  if (found === undefined) throw new Error(`the graph has no part "${name}"`);
  return found;
}
