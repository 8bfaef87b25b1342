// SPDX-License-Identifier: BSD-3-Clause
import { once } from 'node:events';
import { type Cell, formatTable, jsonText, type Output } from './output.ts';

/** Rows of the first block set the widths of a table's columns; longer cells that come later stand out. */
const blockRows = 1000;

/**
 * Prints rows as they come: with `--json` one array of objects, a row a line; else a table. No more rows are held than one block, and
 * whoever gives rows waits while the reader of the output is behind.
 */
export class RowPrinter {
  readonly #out: Output;
  #header: readonly string[] = [];
  #block: (readonly Cell[])[] = [];
  #widths: readonly number[] | undefined;
  #printed = 0;
  #text = '';
  #names: readonly string[] = [];
  #tables = 0;

  constructor(out: Output) {
    this.#out = out;
  }

  /** How many rows were given so far. */
  get rows(): number {
    return this.#printed + this.#block.length;
  }

  /** Begins a table, after the one before; with `--json` the rows go on in the same array, with other names. */
  async begin(header: readonly string[]): Promise<void> {
    await this.#flush();
    this.#header = header;
    this.#names = header.map((name) => `${JSON.stringify(name)}:`);
    this.#widths = undefined;
  }

  /** `json` is the object for programs, where it is another than header and cells together. Wait for what is returned, if anything. */
  push(cells: readonly Cell[], json?: unknown): Promise<void> | undefined {
    if (!this.#out.json) {
      this.#block.push(cells);
      return this.#block.length >= blockRows ? this.#flush() : undefined;
    }
    this.#text += this.#printed === 0 ? '[\n' : ',\n';
    this.#text += json === undefined ? this.#object(cells) : jsonText(json);
    this.#printed++;
    return this.#text.length > 65_536 ? this.#write() : undefined;
  }

  async end(): Promise<void> {
    await this.#flush();
    if (this.#out.json) this.#text += this.#printed === 0 ? '[]\n' : '\n]\n';
    await this.#write();
  }

  #object(cells: readonly Cell[]): string {
    let text = '{';
    for (let i = 0; i < this.#names.length; i++) {
      text += `${i === 0 ? '' : ','}${this.#names[i]}${JSON.stringify(cells[i] ?? null)}`;
    }
    return `${text}}`;
  }

  async #flush(): Promise<void> {
    if (this.#block.length === 0) return;
    const lines = formatTable(this.#header, this.#block).split('\n');
    if (this.#widths === undefined) {
      this.#text += `${this.#tables++ > 0 ? '\n' : ''}${lines.join('\n')}\n`;
      this.#widths = this.#header.map((name, i) =>
        Math.max(name.length, ...this.#block.map((row) => String(row[i] ?? '').length)),
      );
    } else {
      const widths = this.#widths;
      for (const row of this.#block) {
        const line = row.map((cell, i) => {
          const text = String(cell ?? '');
          return typeof cell === 'number' ? text.padStart(widths[i]) : text.padEnd(widths[i]);
        });
        this.#text += `${line.join('  ').trimEnd()}\n`;
      }
    }
    this.#printed += this.#block.length;
    this.#block = [];
    await this.#write();
  }

  async #write(): Promise<void> {
    const text = this.#text;
    this.#text = '';
    if (text !== '' && !process.stdout.write(text)) await once(process.stdout, 'drain');
  }
}
