// SPDX-License-Identifier: BSD-3-Clause
import { existsSync, fstatSync, openSync, readFileSync, writeSync } from 'node:fs';
import type { TaskLog } from '../../../pipeline/index.ts';
import { foldTail, HEAD_BYTES, LogTail } from './log-tail.ts';

export type LogLevel = 'DEBUG' | 'INFO' | 'WARNING' | 'ERROR';
export interface LogEntry {
  unixMs: number;
  level: LogLevel;
  name: string;
  message: string;
}

/** Entries kept of one attempt for its log dataset, from its beginning and its end; the log file has more. */
const KEEP_ENTRIES = 10_000;
const KEEP_CHARACTERS = 2 ** 22;
const KEEP_LAST = 100;
/** Of a longer message, beginning and end are kept. */
const MESSAGE_CHARACTERS = 2 ** 16;

/**
 * A worker's log file. One line an entry, written before the call returns, so that the lines of a process that dies are there.
 * An attempt's log is a range of this file: no file per attempt.
 */
export class WorkerLog {
  readonly path: string;
  readonly #fd: number;
  #offset: number;
  #lost = 0;
  #trouble = '';

  constructor(path: string) {
    this.path = path;
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
    this.writeLine(lineOf(entry));
  }

  /** On a disk that is full or read-only lines are lost, and it is said how many when there is room again: outputs fail there, not logs. */
  writeLine(line: string): void {
    try {
      if (this.#lost > 0) {
        const message = `${this.#lost} lines before this one were lost: ${this.#trouble}`;
        const notice = { unixMs: Date.now(), level: 'WARNING', name: 'worker', message } as const;
        this.#offset += writeSync(this.#fd, lineOf(notice));
        this.#lost = 0;
      }
      this.#offset += writeSync(this.#fd, line);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === undefined || !['ENOSPC', 'EDQUOT', 'EROFS'].includes(code)) throw error;
      this.#lost++;
      this.#trouble = code;
    }
  }

  /** Takes back the end of a flood, see {@link LogTail}. */
  foldTail(): void {
    this.#offset += foldTail(this.path);
  }
}

function lineOf({ unixMs, level, name, message }: LogEntry): string {
  return `${new Date(unixMs).toISOString()} ${level} ${name}: ${message}\n`;
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

/**
 * The log of one attempt. What the task prints to the console while it runs arrives here too. However much that is, the file takes its first
 * {@link HEAD_BYTES} and its end, with a line between them that says what is missing; {@link close} must be called.
 */
export class AttemptLog implements TaskLog {
  /** For the log dataset: the first, and the last of those that are not among them. */
  readonly entries: LogEntry[] = [];
  readonly last: LogEntry[] = [];
  dropped = 0;
  #characters = 0;
  #tail: LogTail | undefined;
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

  /** More than the log may take has been said. */
  get flooded(): boolean {
    return this.#tail !== undefined;
  }

  add(level: LogLevel, message: string): void {
    const entry = { unixMs: Date.now(), level, name: this.#name, message: cut(message) };
    const line = lineOf(entry);
    if (this.#tail === undefined && this.length + line.length > HEAD_BYTES) this.#tail = new LogTail(this.#log.path);
    if (this.#tail === undefined) this.#log.writeLine(line);
    else this.#tail.add(line);
    this.#characters += line.length;
    if (this.entries.length < KEEP_ENTRIES && this.#characters < KEEP_CHARACTERS) this.entries.push(entry);
    else {
      this.last.push(entry);
      if (this.last.length > KEEP_LAST) {
        this.last.shift();
        this.dropped++;
      }
    }
  }

  /** Nothing more is said. */
  close(): void {
    if (this.#tail === undefined) return;
    this.#tail.close();
    this.#log.foldTail();
  }
}

function cut(message: string): string {
  const more = message.length - MESSAGE_CHARACTERS;
  if (more <= 0) return message;
  const half = MESSAGE_CHARACTERS / 2;
  return `${message.slice(0, half)} … ${more} characters … ${message.slice(-half)}`;
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
      const text = partial + (typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8'));
      let from = 0;
      for (let to = text.indexOf('\n'); to >= 0; to = text.indexOf('\n', from)) {
        log.add(level, text.slice(from, to));
        from = to + 1;
      }
      partial = text.slice(from);
      if (partial.length > MESSAGE_CHARACTERS) {
        log.add(level, partial);
        partial = '';
      }
      // biome-ignore lint/suspicious/noExplicitAny: the overloads of write
      if (pass && !log.flooded) return (original as any)(chunk, ...rest);
      const done = rest.find((r): r is () => void => typeof r === 'function');
      if (done !== undefined) queueMicrotask(done);
      return true;
    };
    stream.write = write as typeof stream.write;
  }
}
