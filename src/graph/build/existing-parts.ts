// SPDX-License-Identifier: BSD-3-Clause
import type { FileRecord } from '../../butler/index.ts';
import { growingBytes, growingF64, growingU32 } from '../columns/growing.ts';
import { fenceStride, type MemoryParts } from '../data.ts';
import type { BuildContext } from './candidates.ts';
import { fileBatch } from './source.ts';

/** Existing datasets of the graph in the order of the graph: their rows among all that were found, and whether their files are wanted. */
export interface PickedExisting {
  rows: Uint32Array;
  readable: Uint8Array;
}

/** Ids, runs and files of the existing datasets: one question for all files. */
export async function existingParts({ existing, source }: BuildContext, parts: MemoryParts, picked: PickedExisting) {
  const { rows, readable } = picked;
  const count = rows.length;
  const runs = new Map<string, number>();
  parts.columns.set(
    'existing/runs',
    rows.map((row) => code(runs, existing.runOf(row))),
  );
  const order = Uint32Array.from(rows.keys()).sort((a, b) =>
    Buffer.compare(existing.bytes(rows[a]), existing.bytes(rows[b])),
  );
  const ids = new Uint8Array(16 * count);
  const places = new Uint32Array(count);
  for (let place = 0; place < count; place++) {
    ids.set(existing.bytes(rows[order[place]]), 16 * place);
    places[order[place]] = place;
  }
  const fences = new Uint8Array(16 * Math.ceil(count / fenceStride));
  for (let fence = 0; 16 * fence < fences.length; fence++)
    fences.set(ids.subarray(16 * fence * fenceStride, 16 * fence * fenceStride + 16), 16 * fence);
  parts.columns.set('existing/ids', ids);
  parts.columns.set('existing/rows', order);
  parts.columns.set('existing/places', places);
  parts.columns.set('existing/fences', fences);

  const formatters = new Map<string, number>();
  const storageClasses = new Map<string, number>();
  const components = new Map<string | null, number>();
  const columns = {
    'file/sizes': growingF64(),
    'file/formatters': growingU32(),
    'file/storageClasses': growingU32(),
    'file/components': growingU32(),
  };
  const paths = new Texts();
  const checksums = new Texts();
  const perDataset = new Uint32Array(count + 1);
  const add = (file: FileRecord): void => {
    columns['file/sizes'].push(file.sizeBytes);
    columns['file/formatters'].push(code(formatters, file.formatter));
    columns['file/storageClasses'].push(code(storageClasses, file.storageClass));
    columns['file/components'].push(code(components, file.component));
    paths.push(file.path);
    checksums.push(file.checksum ?? '');
  };
  for (let at = 0; at < count; at += fileBatch) {
    const batch: number[] = [];
    for (let k = at; k < Math.min(at + fileBatch, count); k++) if (readable[k]) batch.push(k);
    if (batch.length === 0) continue;
    const fetched = await source.files(batch.map((k) => existing.id(rows[k])));
    for (const [i, k] of batch.entries()) {
      perDataset[k + 1] = fetched[i].length;
      fetched[i].forEach(add);
    }
  }
  for (let k = 0; k < count; k++) perDataset[k + 1] += perDataset[k];
  parts.columns.set('existing/fileOffsets', perDataset);
  for (const [name, column] of Object.entries(columns)) parts.columns.set(name, column.take());
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
  readonly #bytes = growingBytes();
  readonly #offsets = growingU32();

  constructor() {
    this.#offsets.push(0);
  }

  push(text: string): void {
    this.#bytes.append(Buffer.from(text, 'utf8'));
    this.#offsets.push(this.#bytes.length);
  }

  store(parts: MemoryParts, name: string): void {
    parts.columns.set(`${name}/bytes`, this.#bytes.take());
    parts.columns.set(`${name}/offsets`, this.#offsets.take());
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
