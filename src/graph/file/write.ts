// SPDX-License-Identifier: BSD-3-Clause
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { crc32, zstdCompress } from 'node:zlib';
import type { ColumnGraph } from '../column-graph.ts';
import type { ColumnBlock, GraphIndex } from '../data.ts';
import { rememberEdgeCounts } from '../edge-counts.ts';
import { graphErrors } from '../errors.ts';
import {
  type BlockEntry,
  type BlockKind,
  footerBytes,
  footerMagic,
  formatVersion,
  headerBytes,
  headerMagic,
  pieceBytes,
  shuffle,
  toJson,
} from './format.ts';

const compress = promisify(zstdCompress);

/**
 * Writes the graph beside its final place and renames it there: the file is whole or not there at all. Throws the signal's reason if
 * it is told to stop before the end.
 */
export async function writeGraph(
  graph: ColumnGraph,
  path: string,
  signal?: AbortSignal,
): Promise<{ sizeBytes: number }> {
  const target = resolve(path);
  const temporary = join(dirname(target), `.${basename(target)}.${process.pid}.tmp`);
  let file: FileHandle | undefined;
  try {
    file = await open(temporary, 'wx');
    const writer = new BlockWriter(file, signal);
    await writeAll(writer, graph);
    await file.sync();
    await file.close();
    file = undefined;
    await rename(temporary, target);
    const folder = await open(dirname(target), 'r');
    await folder.sync().finally(() => folder.close());
    return { sizeBytes: writer.offset };
  } catch (cause) {
    await file?.close();
    await rm(temporary, { force: true });
    if (signal?.aborted || (cause as NodeJS.ErrnoException).code === undefined) throw cause;
    throw graphErrors.FILE_UNWRITABLE(
      { file: target, reason: (cause as Error).message },
      { cause, place: { file: target } },
    );
  }
}

async function writeAll(writer: BlockWriter, graph: ColumnGraph): Promise<void> {
  const header = Buffer.alloc(headerBytes);
  header.write(headerMagic, 'latin1');
  header.writeUInt32LE(formatVersion, 8);
  await writer.append(header);
  const { index, parts } = graph;
  for (const name of columnNames(graph.index)) await writer.column(name, parts.block(name));
  for (const dimension of index.dimensions) await writer.json(`values/${dimension}`, parts.values(dimension));
  for (const { element } of index.records) await writer.json(`records/${element}`, parts.records(element));
  rememberEdgeCounts(graph);
  await writer.finish(index);
}

/** Every column that the index implies (data.ts lists them). */
export function columnNames(index: GraphIndex): string[] {
  return [
    ...index.relations.flatMap(({ names }, r) => names.map((name) => `relation/${r}/${name}`)),
    ...index.links.flatMap(({ kind }, l) =>
      kind === 'same' ? [] : kind === 'map' ? [`link/${l}/items`] : [`link/${l}/offsets`, `link/${l}/items`],
    ),
    ...index.tasks.flatMap(({ whole }, t) => (whole ? [] : [`task/${t}/rows`])),
    ...index.datasetTypes.flatMap(({ whole, existing }, t) => [
      ...(whole ? [] : [`type/${t}/rows`]),
      ...(existing === 'some' ? [`type/${t}/existing`] : []),
    ]),
    ...(index.quantumIds === true ? ['quantum/ids', 'quantum/order'] : []),
    ...['ids', 'rows', 'places', 'fences', 'runs', 'fileOffsets'].map((name) => `existing/${name}`),
    ...['file/sizes', 'file/formatters', 'file/storageClasses', 'file/components'],
    ...['file/paths', 'file/checksums'].flatMap((name) => [`${name}/bytes`, `${name}/offsets`]),
    ...index.records.flatMap(({ element, dimensions }) => dimensions.map((name) => `record/${element}/${name}`)),
  ];
}

class BlockWriter {
  offset = 0;
  readonly #file: FileHandle;
  readonly #blocks: BlockEntry[] = [];

  readonly #signal: AbortSignal | undefined;

  constructor(file: FileHandle, signal?: AbortSignal) {
    this.#file = file;
    this.#signal = signal;
  }

  async append(bytes: Uint8Array): Promise<void> {
    this.#signal?.throwIfAborted();
    await this.#file.write(bytes);
    this.offset += bytes.length;
  }

  column(name: string, block: ColumnBlock): Promise<void> {
    return this.#block(name, block);
  }

  json(name: string, value: unknown): Promise<void> {
    const raw = Buffer.from(toJson(value), 'utf8');
    return this.#block(name, { kind: 'json', rawBytes: raw.length, read: (begin, end) => raw.subarray(begin, end) });
  }

  async finish(graph: unknown): Promise<void> {
    const index = await compress(Buffer.from(toJson({ graph, blocks: this.#blocks }), 'utf8'));
    const footer = Buffer.alloc(footerBytes);
    footer.writeBigUInt64LE(BigInt(this.offset), 0);
    footer.writeUInt32LE(index.length, 8);
    footer.writeUInt32LE(crc32(index), 12);
    footer.writeUInt32LE(formatVersion, 16);
    footer.writeUInt32LE(crc32(footer.subarray(0, 20)), 20);
    footer.write(footerMagic, 24, 'latin1');
    await this.append(index);
    await this.append(footer);
  }

  /** Pieces are packed by other threads, some at once, and written in order. */
  async #block(name: string, { kind, rawBytes, read }: Omit<ColumnBlock, 'kind'> & { kind: BlockKind }): Promise<void> {
    const entry: BlockEntry = { name, kind, rawBytes, pieces: [] };
    this.#blocks.push(entry);
    const packing: Promise<Buffer>[] = [];
    const writeFirst = async (): Promise<void> => {
      const packed = await (packing.shift() as Promise<Buffer>);
      entry.pieces.push([this.offset, packed.length, crc32(packed)]);
      await this.append(packed);
    };
    try {
      for (let at = 0; at < rawBytes; at += pieceBytes) {
        const piece = read(at, Math.min(at + pieceBytes, rawBytes));
        packing.push(compress(kind === 'u32' ? shuffle(piece) : piece));
        if (packing.length >= packedAtOnce) await writeFirst();
      }
      while (packing.length > 0) await writeFirst();
    } finally {
      await Promise.allSettled(packing);
    }
  }
}

/** Pieces that are packed at once. */
const packedAtOnce = 3;
