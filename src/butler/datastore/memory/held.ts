// SPDX-License-Identifier: BSD-3-Clause
import type { Formatter, FormatterFile, ReadContext } from '../../formatters/formatter.ts';
import type { ByteSink } from '../byte-store.ts';

/**
 * A dataset in memory that is read as its file would be: whole, by component, by box. What it gives shares nothing that a reader could change
 * with what it keeps or gives to others, and equals what the file gives, so that nobody can tell where a dataset came from.
 */
export interface Held {
  readonly sizeBytes: number;
  read(context: ReadContext): Promise<unknown>;
}

/** A file that is only in memory, for any formatter: decoded anew for each reader. */
export function heldFile(bytes: Uint8Array, name: string, formatter: Formatter): Held {
  const file: FormatterFile = {
    path: name,
    isRemote: true,
    sizeBytes: bytes.length,
    read: async (range) => bytes.slice(range?.start ?? 0, range?.end ?? bytes.length),
    countRead() {},
  };
  return { sizeBytes: bytes.length, read: (context) => formatter.read(file, context) };
}

/** Keeps what goes through to a file. */
export class KeepingSink implements ByteSink {
  readonly #to: ByteSink | undefined;
  readonly #parts: Uint8Array[] = [];

  /** Without a sink to go on to, the bytes are nowhere else. */
  constructor(to?: ByteSink) {
    this.#to = to;
  }

  write(bytes: Uint8Array): void {
    this.#parts.push(bytes.slice());
    this.#to?.write(bytes);
  }

  take(): Uint8Array {
    return this.#parts.length === 1 ? this.#parts[0] : Buffer.concat(this.#parts);
  }
}
