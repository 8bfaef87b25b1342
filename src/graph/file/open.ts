// SPDX-License-Identifier: BSD-3-Clause
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { crc32, zstdDecompressSync } from 'node:zlib';
import type { DataIdValue, DimensionRecord } from '../../butler/index.ts';
import { ColumnGraph } from '../column-graph.ts';
import type { Column, GraphIndex, GraphParts, TextColumn } from '../data.ts';
import { graphErrors } from '../errors.ts';
import {
  type BlockEntry,
  footerBytes,
  footerMagic,
  formatVersion,
  fromJson,
  headerBytes,
  headerMagic,
  pieceBytes,
  unshuffle,
} from './format.ts';

/**
 * Opens a graph file: header, footer and index are read and checked, columns when they are first asked for. Damage is a
 * GRAPH_FILE_DAMAGED error, at opening or when the damaged column is read.
 */
export async function openGraph(path: string): Promise<ColumnGraph> {
  const index = withFile(path, (fd) => readIndex(path, fd));
  return new ColumnGraph(index.graph, new FileParts(path, index.blocks));
}

interface FileIndex {
  graph: GraphIndex;
  blocks: BlockEntry[];
}

function withFile<T>(path: string, use: (fd: number) => T): T {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (cause) {
    const reason =
      (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : (cause as Error).message;
    throw graphErrors.FILE_UNREADABLE({ file: path, reason }, { cause, place: { file: path } });
  }
  try {
    return use(fd);
  } finally {
    closeSync(fd);
  }
}

function damaged(file: string, problem: string, byteOffset: number, cause?: unknown) {
  return graphErrors.FILE_DAMAGED({ file, problem }, { place: { file, byteOffset }, cause });
}

function readIndex(path: string, fd: number): FileIndex {
  const { size } = fstatSync(fd);
  const header = read(fd, 0, Math.min(headerBytes, size));
  if (header.toString('latin1', 0, 8) !== headerMagic)
    throw graphErrors.FILE_NOT_GRAPH({ file: path }, { place: { file: path, byteOffset: 0 } });
  if (size < headerBytes + footerBytes) throw damaged(path, 'it ends within the header', size);
  const version = header.readUInt32LE(8);
  if (version !== formatVersion) throw graphErrors.FILE_VERSION({ file: path, version, known: formatVersion });
  const footer = read(fd, size - footerBytes, footerBytes);
  if (footer.toString('latin1', 24) !== footerMagic)
    throw damaged(path, 'it has no footer, so it was cut short', size - footerBytes);
  if (footer.readUInt32LE(20) !== crc32(footer.subarray(0, 20)))
    throw damaged(path, 'the checksum of the footer does not match', size - footerBytes);
  const offset = Number(footer.readBigUInt64LE(0));
  const bytes = footer.readUInt32LE(8);
  if (offset + bytes + footerBytes !== size)
    throw damaged(path, 'the footer points outside the file', size - footerBytes);
  const packed = read(fd, offset, bytes);
  if (crc32(packed) !== footer.readUInt32LE(12))
    throw damaged(path, 'the checksum of the index does not match', offset);
  return fromJson(zstdDecompressSync(packed).toString('utf8')) as FileIndex;
}

function read(fd: number, position: number, length: number): Buffer {
  const buffer = Buffer.alloc(length);
  let done = 0;
  while (done < length) {
    const count = readSync(fd, buffer, done, length - done, position + done);
    if (count === 0) break;
    done += count;
  }
  return buffer.subarray(0, done);
}

/** Columns of a file, each read once and kept. */
class FileParts implements GraphParts {
  readonly #path: string;
  readonly #blocks: ReadonlyMap<string, BlockEntry>;
  readonly #kept = new Map<string, unknown>();

  constructor(path: string, blocks: readonly BlockEntry[]) {
    this.#path = path;
    this.#blocks = new Map(blocks.map((block) => [block.name, block]));
  }

  column(name: string): Column {
    return this.#keep(name, (raw, kind) => {
      if (kind === 'u8') return raw;
      return kind === 'u32'
        ? new Uint32Array(raw.buffer, 0, raw.length / 4)
        : new Float64Array(raw.buffer, 0, raw.length / 8);
    });
  }

  text(name: string): TextColumn {
    return {
      bytes: this.column(`${name}/bytes`) as Uint8Array,
      offsets: this.column(`${name}/offsets`) as Uint32Array,
    };
  }

  values(dimension: string): readonly DataIdValue[] {
    return this.#keep(`values/${dimension}`, parse) as DataIdValue[];
  }

  records(element: string): readonly DimensionRecord[] {
    return this.#keep(`records/${element}`, parse) as DimensionRecord[];
  }

  #keep<T>(name: string, decode: (raw: Uint8Array, kind: BlockEntry['kind']) => T): T {
    const kept = this.#kept.get(name);
    if (kept !== undefined) return kept as T;
    const block = this.#blocks.get(name);
    if (block === undefined) throw damaged(this.#path, `it has no block "${name}"`, headerBytes);
    const value = decode(this.#raw(block), block.kind);
    this.#kept.set(name, value);
    return value;
  }

  /** The raw bytes of a block, in a buffer of their own. */
  #raw({ name, kind, rawBytes, pieces }: BlockEntry): Uint8Array {
    const raw = new Uint8Array(rawBytes);
    withFile(this.#path, (fd) => {
      for (const [i, [offset, bytes, crc]] of pieces.entries()) {
        const packed = read(fd, offset, bytes);
        if (packed.length < bytes) throw damaged(this.#path, `block "${name}" is cut short`, offset + packed.length);
        if (crc32(packed) !== crc) throw damaged(this.#path, `the checksum of block "${name}" does not match`, offset);
        const piece = zstdDecompressSync(packed);
        raw.set(kind === 'u32' ? unshuffle(piece) : piece, i * pieceBytes);
      }
    });
    return raw;
  }
}

function parse(raw: Uint8Array): unknown {
  return fromJson(Buffer.from(raw.buffer, raw.byteOffset, raw.length).toString('utf8'));
}
