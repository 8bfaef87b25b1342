// SPDX-License-Identifier: BSD-3-Clause
import {
  appendFileSync,
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';

/** What a log may take for one attempt; what comes after it goes to a {@link LogTail}. */
export const HEAD_BYTES = 8 * 2 ** 20;
/** So much of the end is kept, at least. */
const TAIL_BYTES = 2 ** 18;

/**
 * The end of a log that is too long to be kept: two files beside the log, the newer of which becomes the older when it is full. They are there when the
 * process dies in the middle of its words, and whoever finds them puts them where they belong ({@link foldTail}). The first line of each file says how
 * many lines and bytes were before it.
 */
export class LogTail {
  readonly #path: string;
  #fd: number | undefined;
  #inFile = 0;
  #lines = 0;
  #bytes = 0;

  constructor(logPath: string) {
    this.#path = newer(logPath);
  }

  add(line: string): void {
    if (this.#fd === undefined || this.#inFile > TAIL_BYTES) this.#next();
    const bytes = writeSync(this.#fd!, line);
    this.#inFile += bytes;
    this.#bytes += bytes;
    this.#lines++;
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  #next(): void {
    if (this.#fd !== undefined) {
      this.close();
      renameSync(this.#path, `${this.#path}-before`);
    }
    this.#fd = openSync(this.#path, 'w');
    writeSync(this.#fd, `${this.#lines} ${this.#bytes}\n`);
    this.#inFile = 0;
  }
}

/** Puts the tail of a log, if there is one, behind it, with a line that says how much is left out between. @returns the bytes added */
export function foldTail(logPath: string): number {
  const path = newer(logPath);
  const files = [`${path}-before`, path].filter((name) => existsSync(name));
  if (files.length === 0) return 0;
  const [first, ...others] = files.map((name) => {
    const text = readFileSync(name, 'utf8');
    return { head: text.slice(0, text.indexOf('\n')), body: text.slice(text.indexOf('\n') + 1) };
  });
  const [lines, bytes] = first.head.split(' ').map(Number);
  const dropped = lines > 0 ? `${lines} lines (${bytes} bytes) of output are left out here` : 'the end follows';
  const notice = `${new Date().toISOString()} WARNING worker: too much output; ${dropped}\n`;
  const before = statSync(logPath).size;
  appendFileSync(logPath, [notice, first.body, ...others.map(({ body }) => body)].join(''));
  for (const name of files) rmSync(name, { force: true });
  return statSync(logPath).size - before;
}

function newer(logPath: string): string {
  return `${logPath}.tail`;
}
