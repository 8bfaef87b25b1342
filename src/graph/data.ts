// SPDX-License-Identifier: BSD-3-Clause
import type { DataIdValue, DimensionRecord } from '../butler/index.ts';
import type { BuildReport } from './build/report.ts';
import type { GraphDatasetType, GraphHeader, GraphTask } from './quantum-graph.ts';

export type Column = Uint8Array | Uint32Array | Float64Array;

/** Small things of a graph that are read when it is opened. */
export interface GraphIndex {
  id: string;
  header: GraphHeader;
  tasks: (GraphTask & { names: readonly string[]; required: readonly string[] })[];
  datasetTypes: (GraphDatasetType & { columns: readonly string[] })[];
  /** Dimensions with a dictionary. */
  dimensions: readonly string[];
  /** Dimensions with records, and their required dimensions. */
  records: readonly { element: string; dimensions: readonly string[] }[];
  quantumCount: number;
  datasetCount: number;
  existingCount: number;
  runs: readonly string[];
  formatters: readonly string[];
  storageClasses: readonly string[];
  components: readonly (string | null)[];
  report: BuildReport;
}

/**
 * The large parts by name; a file gives them one by one as they are asked for.
 *
 * | name | type | length | what |
 * |---|---|---|---|
 * | input/offsets, output/offsets | u32 | quanta + 1 | CSR offsets |
 * | input/datasets, output/datasets | u32 | edges | dataset rows |
 * | input/connections, output/connections | u8 | edges | index into the task's names |
 * | task/T/D, type/T/D | u32 | rows of the task or type | codes of dimension D |
 * | dataset/producer | u32 | datasets | quantum, or 0xffffffff |
 * | dataset/existing | u32 | datasets | 0 predicted, else 1 + row below |
 * | existing/ids | u8 | 16 × existing | UUIDs |
 * | existing/runs | u32 | existing | index into runs |
 * | existing/fileOffsets | u32 | existing + 1 | CSR into files |
 * | file/sizes | f64 | files | bytes; NaN: not recorded |
 * | file/formatters, storageClasses, components | u32 | files | index into the lists of the index |
 * | file/paths, file/checksums | text | files | checksum '' : none |
 */
export interface GraphParts {
  column(name: string): Column;
  /** Row texts of a string column. */
  text(name: string): TextColumn;
  /** `values/D`: DataIdValue[]; `records/E`: DimensionRecord[]. */
  values(dimension: string): readonly DataIdValue[];
  records(element: string): readonly DimensionRecord[];
}

/** Texts of many rows as one run of UTF-8 with offsets. */
export interface TextColumn {
  bytes: Uint8Array;
  offsets: Uint32Array;
}

export function encodeText(rows: readonly string[]): TextColumn {
  const parts = rows.map((row) => Buffer.from(row, 'utf8'));
  const offsets = new Uint32Array(rows.length + 1);
  for (const [i, part] of parts.entries()) offsets[i + 1] = offsets[i] + part.length;
  return { bytes: new Uint8Array(Buffer.concat(parts)), offsets };
}

export function textAt({ bytes, offsets }: TextColumn, row: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + offsets[row], offsets[row + 1] - offsets[row]).toString('utf8');
}

/** Parts held in memory: what the builder makes. */
export class MemoryParts implements GraphParts {
  readonly columns = new Map<string, Column>();
  readonly texts = new Map<string, TextColumn>();
  readonly dictionaries = new Map<string, readonly DataIdValue[]>();
  readonly recordLists = new Map<string, readonly DimensionRecord[]>();

  column(name: string): Column {
    return must(this.columns.get(name), name);
  }
  text(name: string): TextColumn {
    return must(this.texts.get(name), name);
  }
  values(dimension: string): readonly DataIdValue[] {
    return must(this.dictionaries.get(dimension), dimension);
  }
  records(element: string): readonly DimensionRecord[] {
    return must(this.recordLists.get(element), element);
  }
}

function must<T>(found: T | undefined, name: string): T {
  if (found === undefined) throw new Error(`the graph has no part "${name}"`);
  return found;
}
