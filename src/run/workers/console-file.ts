// SPDX-License-Identifier: BSD-3-Clause
import { appendFileSync } from 'node:fs';
import type { Readable } from 'node:stream';

const TAIL_BYTES = 8192;
/** What one process may fill a disk with. */
const HEAD_BYTES = 16 * 2 ** 20;
/** Beyond that it is read no faster than this, so that it takes the controller's time from nobody: 1 MiB every 20 ms. */
const STEP_BYTES = 2 ** 20;
const STEP_MS = 20;

/**
 * Keeps what a process writes to its standard output and error past its log (a crash's last words, output of programs it starts): the beginning in a
 * file, the end in memory, which is added to the file when the process has ended.
 */
export class ConsoleFile {
  readonly #path: string;
  #tail = Buffer.alloc(0);
  #bytes = 0;
  #written = 0;
  #inStep = 0;

  constructor(path: string, sources: readonly Readable[]) {
    this.#path = path;
    for (const source of sources) {
      source.on('data', (chunk: Buffer) => {
        this.#take(chunk);
        if (this.#inStep < STEP_BYTES) return;
        this.#inStep = 0;
        source.pause();
        setTimeout(() => source.resume(), STEP_MS);
      });
    }
  }

  /** The last it wrote, at most 8 KiB. */
  get tail(): string {
    return this.#tail.toString('utf8').trim();
  }

  /** Nothing more comes. */
  end(): void {
    const dropped = this.#bytes - this.#written;
    if (dropped === 0) return;
    const kept = Math.min(dropped, this.#tail.length);
    const leftOut = dropped - kept;
    this.#write(Buffer.from(`\n--- ${leftOut} bytes of output are left out here ---\n`));
    this.#write(this.#tail.subarray(this.#tail.length - kept));
  }

  #take(chunk: Buffer): void {
    this.#bytes += chunk.length;
    this.#tail = Buffer.from(Buffer.concat([this.#tail, chunk.subarray(-TAIL_BYTES)]).subarray(-TAIL_BYTES));
    const room = HEAD_BYTES - this.#written;
    if (room > 0) {
      const part = chunk.subarray(0, room);
      if (this.#write(part)) this.#written += part.length;
    } else this.#inStep += chunk.length;
  }

  /** On a disk that is full, read-only or gone, output is lost but for its end; the run itself notices the disk by its records. */
  #write(bytes: Buffer): boolean {
    try {
      appendFileSync(this.#path, bytes);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === undefined) throw error;
      return false;
    }
  }
}
