// SPDX-License-Identifier: BSD-3-Clause

/**
 * Quantum graph files, format version 2. Little-endian throughout; written in one forward pass, never seeking back.
 *
 * | part | bytes | what |
 * |---|---|---|
 * | header | 16 | `SKYGRAPH`, u32 format version, u32 zero |
 * | pieces | … | each a zstd frame of at most {@link pieceBytes} raw bytes |
 * | index | … | zstd of JSON: the graph index (data.ts) and the list of blocks |
 * | footer | 32 | u64 index offset, u32 index bytes, u32 CRC-32 of those bytes, u32 version, u32 CRC-32 of the 20 bytes before, `SKYGREND` |
 *
 * A block (one column) is a list of pieces, so that a reader can take a range of a column without the rest; every piece has the
 * CRC-32 of its compressed bytes in the index. Pieces of u32 blocks are byte-shuffled before compression (all lowest bytes,
 * then all second bytes, …): codes and row numbers of neighbours share their high bytes, which makes the files about
 * three times smaller. A file that is cut short has no footer and is refused before anything else is read.
 */
export const formatVersion = 2;
export const headerMagic = 'SKYGRAPH';
export const footerMagic = 'SKYGREND';
export const headerBytes = 16;
export const footerBytes = 32;
/** Raw bytes of a piece; a multiple of 8. Measured on 100 000 quanta: below 256 KiB zstd loses, above 4 MiB slices read too much. */
export const pieceBytes = 1 << 20;

export type BlockKind = 'u8' | 'u32' | 'f64' | 'json';

export interface BlockEntry {
  name: string;
  kind: BlockKind;
  /** Raw bytes of the whole block. */
  rawBytes: number;
  /** Of each piece: file offset, compressed bytes, CRC-32 of them. */
  pieces: [offset: number, bytes: number, crc32: number][];
}

export function shuffle(raw: Uint8Array): Uint8Array {
  const count = raw.length / 4;
  const out = new Uint8Array(raw.length);
  for (let i = 0; i < count; i++) for (let b = 0; b < 4; b++) out[b * count + i] = raw[4 * i + b];
  return out;
}

export function unshuffle(shuffled: Uint8Array): Uint8Array {
  const count = shuffled.length / 4;
  const out = new Uint8Array(shuffled.length);
  for (let i = 0; i < count; i++) for (let b = 0; b < 4; b++) out[4 * i + b] = shuffled[b * count + i];
  return out;
}

/** JSON that keeps what plain JSON cannot: big integers, bytes, numbers that are not finite. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, function (this: Record<string, unknown>, key, given) {
    const own = this[key];
    if (typeof own === 'bigint') return { $int: own.toString() };
    if (own instanceof Uint8Array) return { $hex: Buffer.from(own).toString('hex') };
    if (typeof own === 'number' && !Number.isFinite(own)) return { $num: String(own) };
    return given;
  });
}

export function fromJson(text: string): unknown {
  return JSON.parse(text, (_, value) => {
    if (value === null || typeof value !== 'object') return value;
    if (typeof value.$int === 'string') return BigInt(value.$int);
    if (typeof value.$hex === 'string') return new Uint8Array(Buffer.from(value.$hex, 'hex'));
    if (typeof value.$num === 'string') return Number(value.$num);
    return value;
  });
}
