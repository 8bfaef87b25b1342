// SPDX-License-Identifier: BSD-3-Clause

export interface DisplayStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

const control = '\u001b[';
/** Between these the terminal shows nothing half drawn (where it knows them; others pass them over). */
const begin = `${control}?2026h`;
const end = `${control}?2026l`;

/**
 * Lines that scroll, above a block that is drawn in place. Each line is written over the one before and only its rest is cleared, in one piece, so
 * that nothing flickers; a block that did not change is not written at all.
 */
export class Screen {
  readonly #stream: DisplayStream;
  readonly #inPlace: boolean;
  #drawn: readonly string[] = [];

  constructor(stream: DisplayStream, inPlace: boolean) {
    this.#stream = stream;
    this.#inPlace = inPlace;
  }

  line(text: string): void {
    if (this.#inPlace) this.#redraw([text], this.#drawn);
    else this.#stream.write(`${text}\n`);
  }

  draw(block: readonly string[]): void {
    const same = block.length === this.#drawn.length && block.every((line, i) => line === this.#drawn[i]);
    if (this.#inPlace && !same) this.#redraw([], block);
  }

  /** Leaves what is drawn on the screen. */
  keep(): void {
    this.#drawn = [];
  }

  #redraw(above: readonly string[], block: readonly string[]): void {
    const up = this.#rows();
    const lines = [...above, ...block].map((line) => `${line}${control}K\n`).join('');
    this.#drawn = block;
    this.#stream.write(`${begin}${up > 0 ? `${control}${up}A\r` : ''}${lines}${control}J${end}`);
  }

  /** Of the block that is there: a terminal that became narrower has wrapped its lines. */
  #rows(): number {
    const columns = this.#stream.columns ?? Number.POSITIVE_INFINITY;
    return this.#drawn.reduce((rows, line) => rows + Math.max(1, Math.ceil(line.length / columns)), 0);
  }
}
