// SPDX-License-Identifier: BSD-3-Clause
import { existsSync, fstatSync, openSync, readFileSync, writeSync } from 'node:fs';
import type { TaskLog } from '../../../pipeline/index.ts';

export type LogLevel = 'DEBUG' | 'INFO' | 'WARNING' | 'ERROR';
export interface LogEntry {
  unixMs: number;
  level: LogLevel;
  name: string;
  message: string;
}

/** Entries kept of one attempt for its log dataset; the log file has them all. */
const KEEP_ENTRIES = 10_000;

/**
 * A worker's log file. One line an entry, written before the call returns, so that the lines of a process that dies are there.
 * An attempt's log is a range of this file: no file per attempt.
 */
export class WorkerLog {
  readonly #fd: number;
  #offset: number;

  constructor(path: string) {
    this.#fd = openSync(path, 'a');
    this.#offset = fstatSync(this.#fd).size;
  }

  get offset(): number {
    return this.#offset;
  }

  /** A line that says what the following ones are about; {@link lastBegun} finds the last of them. */
  begin(what: string): void {
    this.write({ unixMs: Date.now(), level: 'INFO', name: 'worker', message: `begin ${what}` });
  }

  write(entry: LogEntry): void {
    const line = `${new Date(entry.unixMs).toISOString()} ${entry.level} ${entry.name}: ${entry.message}\n`;
    this.#offset += writeSync(this.#fd, line);
  }
}

/** What the worker of a log file began last, at most so many, newest first: `init` or a quantum's row. */
export function lastBegun(path: string, count: number): ('init' | number)[] {
  if (!existsSync(path)) return [];
  const found = readFileSync(path, 'utf8').matchAll(/^\S+ INFO worker: begin (?:(init)|quantum (\d+)\b.*)$/gm);
  return [...found]
    .slice(-count)
    .map(([, init, quantum]) => (init === undefined ? Number(quantum) : 'init'))
    .reverse();
}

/** The log of one attempt. What the task prints to the console while it runs arrives here too. */
export class AttemptLog implements TaskLog {
  readonly entries: LogEntry[] = [];
  dropped = 0;
  readonly offset: number;
  readonly #log: WorkerLog;
  readonly #name: string;

  constructor(log: WorkerLog, name: string) {
    this.#log = log;
    this.#name = name;
    this.offset = log.offset;
  }

  get length(): number {
    return this.#log.offset - this.offset;
  }

  debug(message: string): void {
    this.add('DEBUG', message);
  }
  info(message: string): void {
    this.add('INFO', message);
  }
  warn(message: string): void {
    this.add('WARNING', message);
  }
  error(message: string): void {
    this.add('ERROR', message);
  }

  add(level: LogLevel, message: string): void {
    const entry = { unixMs: Date.now(), level, name: this.#name, message };
    this.#log.write(entry);
    if (this.entries.length < KEEP_ENTRIES) this.entries.push(entry);
    else this.dropped++;
  }
}

/**
 * Sends this process's standard output and error to `current()`'s log, line by line, while there is one; error output also goes where it
 * went before, so that a crash leaves its last words with the controller. Call once.
 */
export function captureConsole(current: () => AttemptLog | undefined): void {
  for (const [stream, level, pass] of [
    [process.stdout, 'INFO', false],
    [process.stderr, 'WARNING', true],
  ] as const) {
    const original = stream.write.bind(stream);
    let partial = '';
    const write = (chunk: Uint8Array | string, ...rest: unknown[]): boolean => {
      const log = current();
      // biome-ignore lint/suspicious/noExplicitAny: the overloads of write
      if (log === undefined) return (original as any)(chunk, ...rest);
      const lines = (partial + (typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8'))).split('\n');
      partial = lines.pop()!;
      for (const line of lines) log.add(level, line);
      // biome-ignore lint/suspicious/noExplicitAny: the overloads of write
      if (pass) return (original as any)(chunk, ...rest);
      const done = rest.find((r): r is () => void => typeof r === 'function');
      if (done !== undefined) queueMicrotask(done);
      return true;
    };
    stream.write = write as typeof stream.write;
  }
}
