// SPDX-License-Identifier: BSD-3-Clause
import type { FormatterFile } from '../../formatters/formatter.ts';

/** Headers, tables and tiles lie near each other; a whole file comes in one piece whatever this is. */
const pageBytes = 1 << 18;

/** A file whose pages are kept once they were read: no byte of it is read twice, whoever asks for which part of it in whatever order. */
export class PagedFile {
  readonly sizeBytes: number;
  readonly #path: string;
  readonly #pages = new Map<number, Promise<Uint8Array>>();
  readonly #onRead: (bytes: number) => void;

  constructor(path: string, sizeBytes: number, onRead: (bytes: number) => void) {
    this.#path = path;
    this.sizeBytes = sizeBytes;
    this.#onRead = onRead;
  }

  /** As a formatter takes it; pages that are not there are read from the file. */
  open(file: FormatterFile): FormatterFile {
    return {
      path: this.#path,
      isRemote: true,
      sizeBytes: this.sizeBytes,
      read: (range) => this.#read(range?.start ?? 0, Math.min(range?.end ?? this.sizeBytes, this.sizeBytes), file),
      countRead: (bytes) => file.countRead(bytes), // by formatters that go by the path
    };
  }

  async #read(start: number, end: number, file: FormatterFile): Promise<Uint8Array> {
    const first = Math.floor(start / pageBytes);
    const last = Math.ceil(end / pageBytes);
    for (let page = first; page < last; page++) {
      if (this.#pages.has(page)) continue;
      let stop = page + 1;
      while (stop < last && !this.#pages.has(stop)) stop++;
      this.#fetch(page, stop, file);
      page = stop;
    }
    const out = new Uint8Array(Math.max(0, end - start));
    for (let page = first; page < last; page++) {
      const from = page * pageBytes;
      const bytes = await this.#pages.get(page)!;
      const wanted = bytes.subarray(Math.max(0, start - from), Math.max(0, end - from));
      out.set(wanted, Math.max(0, from - start));
    }
    return out;
  }

  /** Reads pages that follow each other in one piece. Where that fails none of them is kept, and the next reader tries again. */
  #fetch(first: number, stop: number, file: FormatterFile): void {
    const start = first * pageBytes;
    const piece = file.read({ start, end: Math.min(stop * pageBytes, this.sizeBytes) });
    for (let page = first; page < stop; page++) {
      const from = (page - first) * pageBytes;
      const bytes = piece.then((all) => all.subarray(from, from + pageBytes));
      bytes.catch(() => this.#pages.delete(page));
      this.#pages.set(page, bytes);
    }
    piece.then(
      (all) => this.#onRead(all.length),
      () => {}, // told to those who wait for the pages
    );
  }
}
