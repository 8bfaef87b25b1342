// SPDX-License-Identifier: BSD-3-Clause

/** A data unit that can be produced more than once: for its checksum, and then for the file. */
export interface Body {
  sizeBytes: number;
  /** The bytes in order, without padding; a piece is valid until the next one. Every piece but the last is a multiple of 4 bytes. */
  pieces(): Iterable<Uint8Array>;
  /** Byte that fills the last block: 32 for ASCII tables, else 0. */
  fill: number;
}

export const EMPTY_BODY: Body = { sizeBytes: 0, pieces: () => [], fill: 0 };

export const PIECE_BYTES = 1 << 18;
