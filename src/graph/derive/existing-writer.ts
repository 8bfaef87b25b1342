// SPDX-License-Identifier: BSD-3-Clause
import { formatUuid, uuidHex } from '../../base/index.ts';
import type { ColumnGraph } from '../column-graph.ts';
import { growingBytes, growingF64, growingU32 } from '../columns/growing.ts';
import { RowSet } from '../columns/row-set.ts';
import { fenceStride, type GraphIndex, type MemoryParts } from '../data.ts';

/** Collects the existing datasets of a graph that is derived from others: ids, runs and files, copied as bytes. */
export class ExistingWriter {
  count = 0;
  readonly #ids = growingBytes();
  readonly #runs = growingU32();
  readonly #runNames = new Codes<string>();
  readonly #fileOffsets = growingU32();
  readonly #sizes = growingF64();
  readonly #formatters = new CodedList<string>();
  readonly #storageClasses = new CodedList<string>();
  readonly #components = new CodedList<string | null>();
  readonly #paths = new TextRun();
  readonly #checksums = new TextRun();

  constructor() {
    this.#fileOffsets.push(0);
  }

  /** One that stands in a graph already: by its number among the existing ones. */
  copy({ index, parts }: ColumnGraph, existing: number): void {
    const place = parts.at('existing/places', existing);
    this.#add(
      parts.bytes('existing/ids', 16 * place, 16 * place + 16),
      index.runs[parts.at('existing/runs', existing)],
    );
    const end = parts.at('existing/fileOffsets', existing + 1);
    for (let file = parts.at('existing/fileOffsets', existing); file < end; file++) {
      this.#sizes.push(parts.at('file/sizes', file));
      this.#formatters.push(index.formatters[parts.at('file/formatters', file)]);
      this.#storageClasses.push(index.storageClasses[parts.at('file/storageClasses', file)]);
      this.#components.push(index.components[parts.at('file/components', file)]);
      for (const [texts, name] of [
        [this.#paths, 'file/paths'],
        [this.#checksums, 'file/checksums'],
      ] as const)
        texts.push(
          parts.bytes(`${name}/bytes`, parts.at(`${name}/offsets`, file), parts.at(`${name}/offsets`, file + 1)),
        );
    }
    this.#fileOffsets.push(this.#sizes.length);
  }

  /** One that another graph will have made by the time this one runs: no files yet. */
  pending(id: string, run: string): void {
    this.#add(Buffer.from(uuidHex(id), 'hex'), run);
    this.#fileOffsets.push(this.#sizes.length);
  }

  #add(id: Uint8Array, run: string): void {
    this.#ids.append(id);
    this.#runs.push(this.#runNames.of(run));
    this.count++;
  }

  /** Puts the columns into the parts and returns what the index says of them. */
  store(
    parts: MemoryParts,
  ): Pick<GraphIndex, 'existingCount' | 'runs' | 'formatters' | 'storageClasses' | 'components'> {
    const given = Buffer.from(this.#ids.take());
    const rows = Uint32Array.from({ length: this.count }, (_, row) => row).sort((a, b) =>
      given.compare(given, 16 * b, 16 * b + 16, 16 * a, 16 * a + 16),
    );
    const ids = new Uint8Array(16 * this.count);
    const places = new Uint32Array(this.count);
    for (let place = 0; place < this.count; place++) {
      ids.set(given.subarray(16 * rows[place], 16 * rows[place] + 16), 16 * place);
      places[rows[place]] = place;
    }
    const fences = new Uint8Array(16 * Math.ceil(this.count / fenceStride));
    for (let fence = 0; 16 * fence < fences.length; fence++)
      fences.set(ids.subarray(16 * fence * fenceStride, 16 * fence * fenceStride + 16), 16 * fence);
    const columns = {
      'existing/ids': ids,
      'existing/rows': rows,
      'existing/places': places,
      'existing/fences': fences,
      'existing/runs': this.#runs.take(),
      'existing/fileOffsets': this.#fileOffsets.take(),
      'file/sizes': this.#sizes.take(),
      'file/formatters': this.#formatters.column(),
      'file/storageClasses': this.#storageClasses.column(),
      'file/components': this.#components.column(),
    };
    for (const [name, column] of Object.entries(columns)) parts.columns.set(name, column);
    this.#paths.store(parts, 'file/paths');
    this.#checksums.store(parts, 'file/checksums');
    return {
      existingCount: this.count,
      runs: this.#runNames.values,
      formatters: this.#formatters.values,
      storageClasses: this.#storageClasses.values,
      components: this.#components.values,
    };
  }
}

class Codes<T> {
  readonly values: T[] = [];
  readonly #codes = new Map<T, number>();

  of(value: T): number {
    let code = this.#codes.get(value);
    if (code === undefined) {
      code = this.values.length;
      this.values.push(value);
      this.#codes.set(value, code);
    }
    return code;
  }
}

class CodedList<T> {
  readonly #codes = new Codes<T>();
  readonly #column = growingU32();

  push(value: T): void {
    this.#column.push(this.#codes.of(value));
  }
  get values(): readonly T[] {
    return this.#codes.values;
  }
  column(): Uint32Array {
    return this.#column.take();
  }
}

class TextRun {
  readonly #bytes = growingBytes();
  readonly #offsets = growingU32();

  constructor() {
    this.#offsets.push(0);
  }
  push(bytes: Uint8Array): void {
    this.#bytes.append(bytes);
    this.#offsets.push(this.#bytes.length);
  }
  store(parts: MemoryParts, name: string): void {
    parts.columns.set(`${name}/bytes`, this.#bytes.take());
    parts.columns.set(`${name}/offsets`, this.#offsets.take());
  }
}

/** For rows of a type's relation the number among the existing datasets, or undefined: not there, or predicted under a computed id. */
export function existingNumbers(graph: ColumnGraph, type: number): (row: number) => number | undefined {
  const { existing, firstExisting, datasetCount } = graph.index.datasetTypes[type];
  if (existing === 'none') return () => undefined;
  const datasets = graph.edges.datasetsOf(type);
  const present = new RowSet(
    datasetCount,
    existing === 'all' ? undefined : (graph.parts.column(`type/${type}/existing`) as Uint8Array),
  );
  return (row) => {
    if (!datasets.has(row)) return undefined;
    const place = datasets.rank(row);
    return present.has(place) ? firstExisting + present.rank(place) : undefined;
  };
}

/** As {@link existingNumbers}, without those that are only predicted, under ids that were given. */
export function presentNumbers(graph: ColumnGraph, type: number): (row: number) => number | undefined {
  const numbers = existingNumbers(graph, type);
  const { given = 0, datasetCount } = graph.index.datasetTypes[type];
  if (given === 0) return numbers;
  if (given === datasetCount) return () => undefined;
  return (row) => {
    const existing = numbers(row);
    if (existing === undefined || hasFiles(graph, existing)) return existing;
    return graph.edges.producer(type, row) === undefined ? existing : undefined;
  };
}

/** Of how many datasets of a type it is sure that they exist. */
export function presentCount({ index }: ColumnGraph, type: number): number {
  const { existing, firstExisting, given = 0 } = index.datasetTypes[type];
  if (existing === 'none') return 0;
  const next = index.datasetTypes.slice(type + 1).find((other) => other.existing !== 'none');
  return (next?.firstExisting ?? index.existingCount) - firstExisting - given;
}

export function existingId({ parts }: ColumnGraph, existing: number): string {
  const place = parts.at('existing/places', existing);
  return formatUuid(parts.bytes('existing/ids', 16 * place, 16 * place + 16));
}

/** Whether there are bytes to read: datasets that a quantum will make again, or another graph will make, have none. */
export function hasFiles({ parts }: ColumnGraph, existing: number): boolean {
  return parts.at('existing/fileOffsets', existing + 1) > parts.at('existing/fileOffsets', existing);
}
