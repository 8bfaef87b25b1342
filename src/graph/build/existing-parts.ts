// SPDX-License-Identifier: BSD-3-Clause
import type { FileRecord } from '../../butler/index.ts';
import { fenceStride, type MemoryParts } from '../data.ts';
import { ByteColumn } from '../paged/bytes.ts';
import { PagedColumn } from '../paged/column.ts';
import type { Flags } from '../paged/flags.ts';
import type { BuildContext } from './candidates.ts';
import { idOrder } from './id-order.ts';
import { fileBatch } from './source.ts';

/** Existing datasets of the graph in the order of the graph: their rows among all that were found, and whether their files are wanted. */
export interface PickedExisting {
  rows: PagedColumn;
  /** Rows whose files are not. */
  unreadable: Flags;
}

/** Ids, runs and files of the existing datasets: one question for so many files. */
export async function existingParts(
  { existing, source, pool }: BuildContext,
  parts: MemoryParts,
  picked: PickedExisting,
) {
  const { rows, unreadable } = picked;
  const count = rows.length;
  const runs = new Map<string, number>();
  const runColumn = new PagedColumn(pool);
  for (let k = 0; k < count; k++) runColumn.push(code(runs, existing.runOf(rows.at(k))));
  parts.paged('existing/runs', runColumn);
  const order = idOrder(pool, existing, rows);
  const ids = new PagedColumn(pool);
  const places = PagedColumn.filled(pool, count);
  const fences = new PagedColumn(pool);
  for (let place = 0; place < count; place++) {
    const row = rows.at(order.at(place));
    for (let k = 0; k < 4; k++) ids.push(existing.word(row, k));
    if (place % fenceStride === 0) for (let k = 0; k < 4; k++) fences.push(existing.word(row, k));
    places.set(order.at(place), place);
  }
  parts.paged('existing/ids', ids, 'u8');
  parts.paged('existing/rows', order);
  parts.paged('existing/places', places);
  parts.paged('existing/fences', fences, 'u8');

  const formatters = new Map<string, number>();
  const storageClasses = new Map<string, number>();
  const components = new Map<string | null, number>();
  const [sizes, formatterColumn] = [new PagedColumn(pool), new PagedColumn(pool)];
  const [classColumn, componentColumn, offsets] = [new PagedColumn(pool), new PagedColumn(pool), new PagedColumn(pool)];
  const [paths, checksums] = [new Texts(new ByteColumn(pool)), new Texts(new ByteColumn(pool))];
  const size = new Float64Array(1);
  const sizeWords = new Uint32Array(size.buffer);
  const add = (file: FileRecord): void => {
    size[0] = file.sizeBytes;
    sizes.append(sizeWords);
    formatterColumn.push(code(formatters, file.formatter));
    classColumn.push(code(storageClasses, file.storageClass));
    componentColumn.push(code(components, file.component));
    paths.push(file.path);
    checksums.push(file.checksum ?? '');
  };
  offsets.push(0);
  for (let at = 0; at < count; at += fileBatch) {
    const batch: number[] = [];
    const end = Math.min(at + fileBatch, count);
    for (let k = at; k < end; k++) if (!unreadable.has(rows.at(k))) batch.push(k);
    const fetched = batch.length === 0 ? [] : await source.files(batch.map((k) => existing.id(rows.at(k))));
    for (let k = at, i = 0; k < end; k++) {
      if (batch[i] === k) for (const file of fetched[i++]) add(file);
      offsets.push(formatterColumn.length);
    }
  }
  parts.paged('existing/fileOffsets', offsets);
  parts.paged('file/sizes', sizes, 'f64');
  parts.paged('file/formatters', formatterColumn);
  parts.paged('file/storageClasses', classColumn);
  parts.paged('file/components', componentColumn);
  paths.store(parts, 'file/paths');
  checksums.store(parts, 'file/checksums');
  return {
    existingCount: count,
    runs: [...runs.keys()],
    formatters: [...formatters.keys()],
    storageClasses: [...storageClasses.keys()],
    components: [...components.keys()],
  };
}

/** Texts of many rows as one run of UTF-8 with offsets. */
class Texts {
  readonly #bytes: ByteColumn;
  readonly #offsets: PagedColumn;

  constructor(bytes: ByteColumn) {
    this.#bytes = bytes;
    this.#offsets = new PagedColumn(bytes.words.pool);
    this.#offsets.push(0);
  }

  push(text: string): void {
    this.#bytes.append(text);
    this.#offsets.push(this.#bytes.length);
  }

  store(parts: MemoryParts, name: string): void {
    this.#bytes.end();
    parts.paged(`${name}/bytes`, this.#bytes.words, 'u8', this.#bytes.length);
    parts.paged(`${name}/offsets`, this.#offsets);
  }
}

function code<T>(codes: Map<T, number>, value: T): number {
  let found = codes.get(value);
  if (found === undefined) {
    found = codes.size;
    codes.set(value, found);
  }
  return found;
}
