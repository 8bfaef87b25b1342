// SPDX-License-Identifier: BSD-3-Clause
import type { Column, ColumnBlock } from '../data.ts';
import type { PagedColumn } from './column.ts';

interface PagedPart {
  kind: ColumnBlock['kind'];
  words: PagedColumn;
  rawBytes: number;
}

/** Columns of a graph in pages, by name. Each method gives undefined for a name that is not among them. */
export class PagedParts {
  readonly #parts = new Map<string, PagedPart>();

  add(name: string, part: PagedPart): void {
    this.#parts.set(name, part);
  }

  /** The whole column in memory; its pages are given back. */
  whole(name: string): Column | undefined {
    const part = this.#parts.get(name);
    if (part === undefined) return undefined;
    const words = part.words.flat();
    part.words.free();
    this.#parts.delete(name);
    if (part.kind === 'u32') return words;
    return part.kind === 'u8' ? new Uint8Array(words.buffer, 0, part.rawBytes) : new Float64Array(words.buffer);
  }

  at(name: string, row: number): number | undefined {
    const part = this.#parts.get(name);
    if (part === undefined) return undefined;
    const { kind, words } = part;
    if (kind === 'u32') return words.at(row);
    return kind === 'u8' ? read(part, row, row + 1)[0] : new Float64Array(read(part, 8 * row, 8 * row + 8).buffer)[0];
  }

  bytes(name: string, begin: number, end: number): Uint8Array | undefined {
    const part = this.#parts.get(name);
    return part === undefined ? undefined : read(part, begin, end);
  }

  block(name: string): ColumnBlock | undefined {
    const part = this.#parts.get(name);
    if (part === undefined) return undefined;
    return { kind: part.kind, rawBytes: part.rawBytes, read: (begin, end) => read(part, begin, end) };
  }
}

/** Some bytes of a column of words; from a whole word on they are in a buffer of their own. */
function read({ words }: PagedPart, begin: number, end: number): Uint8Array {
  const first = Math.floor(begin / 4);
  const some = new Uint32Array(Math.ceil(end / 4) - first);
  words.read(first, some);
  return new Uint8Array(some.buffer, begin - 4 * first, end - begin);
}
