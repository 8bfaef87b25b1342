// SPDX-License-Identifier: BSD-3-Clause
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { crc32, zstdDecompressSync } from 'node:zlib';
import type { DataIdValue, DimensionRecord } from '../../butler/index.ts';
import { ColumnGraph } from '../column-graph.ts';
import { blockOf, type Column, type ColumnBlock, type GraphIndex, type GraphParts } from '../data.ts';
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
  readonly #pieces = new Map<string, Uint8Array>();

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

  at(name: string, row: number): number {
    const kept = this.#kept.get(name) as Column | undefined;
    if (kept !== undefined) return kept[row];
    const block = this.#block(name);
    if (block.pieces.length === 1) return this.column(name)[row]; // whole it takes no more room than its piece
    const width = block.kind === 'u8' ? 1 : block.kind === 'u32' ? 4 : 8;
    const piece = this.#piece(block, Math.floor((row * width) / pieceBytes));
    const at = (row * width) % pieceBytes;
    const view = new DataView(piece.buffer, piece.byteOffset, piece.length);
    return width === 1 ? piece[at] : width === 4 ? view.getUint32(at, true) : view.getFloat64(at, true);
  }

  block(name: string): ColumnBlock {
    const kept = this.#kept.get(name) as Column | undefined;
    if (kept !== undefined) return blockOf(kept);
    const { kind, rawBytes } = this.#block(name);
    return { kind: kind as ColumnBlock['kind'], rawBytes, read: (begin, end) => this.bytes(name, begin, end) };
  }

  bytes(name: string, begin: number, end: number): Uint8Array {
    const block = this.#block(name);
    const out = new Uint8Array(end - begin);
    for (let at = begin; at < end; ) {
      const i = Math.floor(at / pieceBytes);
      const upTo = Math.min(end, (i + 1) * pieceBytes);
      out.set(this.#piece(block, i).subarray(at - i * pieceBytes, upTo - i * pieceBytes), at - begin);
      at = upTo;
    }
    return out;
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
    const block = this.#block(name);
    const value = decode(this.#raw(block), block.kind);
    this.#kept.set(name, value);
    return value;
  }

  #block(name: string): BlockEntry {
    const block = this.#blocks.get(name);
    if (block === undefined) throw damaged(this.#path, `it has no block "${name}"`, headerBytes);
    return block;
  }

  /** The raw bytes of a block, in a buffer of their own. */
  #raw(block: BlockEntry): Uint8Array {
    const raw = new Uint8Array(block.rawBytes);
    withFile(this.#path, (fd) => {
      for (const i of block.pieces.keys()) raw.set(readPiece(this.#path, fd, block, i), i * pieceBytes);
    });
    return raw;
  }

  /** One piece of a block; the last few are kept, since neighbours are asked for together. */
  #piece(block: BlockEntry, i: number): Uint8Array {
    const key = `${block.name}:${i}`;
    let piece = this.#pieces.get(key);
    if (piece === undefined) {
      piece = withFile(this.#path, (fd) => readPiece(this.#path, fd, block, i));
      if (this.#pieces.size >= keptPieces) this.#pieces.delete(this.#pieces.keys().next().value as string);
      this.#pieces.set(key, piece);
    }
    return piece;
  }
}

/** Pieces kept of columns that are read entry by entry: 64 MiB. */
const keptPieces = 64;

function readPiece(path: string, fd: number, { name, kind, pieces }: BlockEntry, i: number): Uint8Array {
  const [offset, bytes, crc] = pieces[i];
  const packed = read(fd, offset, bytes);
  if (packed.length < bytes) throw damaged(path, `block "${name}" is cut short`, offset + packed.length);
  if (crc32(packed) !== crc) throw damaged(path, `the checksum of block "${name}" does not match`, offset);
  const piece = zstdDecompressSync(packed);
  return kind === 'u32' ? unshuffle(piece) : piece;
}

function parse(raw: Uint8Array): unknown {
  return fromJson(Buffer.from(raw.buffer, raw.byteOffset, raw.length).toString('utf8'));
}
