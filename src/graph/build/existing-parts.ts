// SPDX-License-Identifier: BSD-3-Clause
import type { FileRecord } from '../../butler/index.ts';
import { encodeText, fenceStride, type MemoryParts } from '../data.ts';
import type { BuildContext } from './candidates.ts';

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

  const wanted: string[] = [];
  for (let k = 0; k < count; k++) if (readable[k]) wanted.push(existing.id(rows[k]));
  const fetched = await source.files(wanted);
  const fileOffsets = new Uint32Array(count + 1);
  const files: FileRecord[] = [];
  let next = 0;
  for (let k = 0; k < count; k++) {
    if (readable[k]) files.push(...fetched[next++]);
    fileOffsets[k + 1] = files.length;
  }
  const formatters = new Map<string, number>();
  const storageClasses = new Map<string, number>();
  const components = new Map<string | null, number>();
  const column = (name: string, value: (file: FileRecord) => number): void => {
    parts.columns.set(name, Uint32Array.from(files, value));
  };
  parts.columns.set('existing/fileOffsets', fileOffsets);
  parts.columns.set(
    'file/sizes',
    Float64Array.from(files, (file) => file.sizeBytes),
  );
  column('file/formatters', (file) => code(formatters, file.formatter));
  column('file/storageClasses', (file) => code(storageClasses, file.storageClass));
  column('file/components', (file) => code(components, file.component));
  for (const [name, texts] of [
    ['file/paths', files.map((file) => file.path)],
    ['file/checksums', files.map((file) => file.checksum ?? '')],
  ] as const) {
    const { bytes, offsets } = encodeText(texts);
    parts.columns.set(`${name}/bytes`, bytes);
    parts.columns.set(`${name}/offsets`, offsets);
  }
  return {
    existingCount: count,
    runs: [...runs.keys()],
    formatters: [...formatters.keys()],
    storageClasses: [...storageClasses.keys()],
    components: [...components.keys()],
  };
}

function code<T>(codes: Map<T, number>, value: T): number {
  let found = codes.get(value);
  if (found === undefined) {
    found = codes.size;
    codes.set(value, found);
  }
  return found;
}
