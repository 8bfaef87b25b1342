// SPDX-License-Identifier: BSD-3-Clause
import { closeSync, fdatasyncSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { runErrors } from '../errors.ts';
import type { AttemptRecord, OutcomeRecord } from './record.ts';
import { type AttemptFigures, skimAttempt } from './skim.ts';

/**
 * The outcome log on disk. One record a line:
 *
 *     <crc32 of the JSON bytes, 8 hexadecimal digits> <JSON, UTF-8, no line breaks> LF
 *
 * Text, so that `grep` and `jq` work on it (`cut -c10- outcomes.log | jq`); a checksum a line, because a process or machine
 * may stop in the middle of a write. A tail that is not a whole record is cut when the log is opened to write and ignored when
 * it is read. A damaged record with whole ones behind it is something else, and an error. Framed binary records were not
 * chosen: they save a third of the bytes and cost every operator a tool.
 */

const CHUNK_BYTES = 1 << 20;

/** Appends records. One writer at a time: the run's lock sees to that. */
export class OutcomeLogWriter {
  readonly #fd: number;
  readonly #path: string;
  #pending: string[] = [];
  #unsynced = false;

  private constructor(fd: number, path: string) {
    this.#fd = fd;
    this.#path = path;
  }

  /** Opens or creates the log, cuts a torn tail and gives the records that are there to `onRecord`. */
  static open(path: string, onRecord: (record: OutcomeRecord) => void): OutcomeLogWriter {
    const fd = openSync(path, 'a+', 0o666);
    const records = scan(fd, path, parseLine);
    let next = records.next();
    for (; next.done !== true; next = records.next()) onRecord(next.value);
    const whole = next.value;
    if (whole < fstatSync(fd).size) ftruncateSync(fd, whole);
    return new OutcomeLogWriter(fd, path);
  }

  append(record: OutcomeRecord): void {
    const json = JSON.stringify(record);
    this.#pending.push(`${crc32(json).toString(16).padStart(8, '0')} ${json}\n`);
  }

  /** Gives what was appended to the system in one write: it survives this process, not yet this machine. */
  flush(): void {
    if (this.#pending.length === 0) return;
    const bytes = Buffer.from(this.#pending.join(''), 'utf8');
    this.#pending = [];
    this.#unsynced = true;
    this.#try(() => {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#fd, bytes, at);
    });
  }

  /** Waits until everything appended is on disk. */
  sync(): void {
    this.flush();
    if (!this.#unsynced) return;
    this.#try(() => fdatasyncSync(this.#fd));
    this.#unsynced = false;
  }

  #try(write: () => void): void {
    try {
      write();
    } catch (error) {
      throw runErrors.LOG_WRITE({ file: this.#path, reason: (error as Error).message }, { cause: error });
    }
  }

  close(): void {
    try {
      this.sync();
    } finally {
      closeSync(this.#fd);
    }
  }
}

/** Reads a log that may be growing; a torn tail is not an error. */
export function* readOutcomeLog(path: string): Generator<OutcomeRecord, void> {
  const fd = openSync(path, 'r');
  try {
    yield* scan(fd, path, parseLine);
  } finally {
    closeSync(fd);
  }
}

/** A record as sums need it: attempts that simply were done come with their figures alone. */
export type OutcomeFigures = Exclude<OutcomeRecord, AttemptRecord> | AttemptRecord | AttemptFigures;

/** As {@link readOutcomeLog}, and several times as fast. `onRead` is told how far it is, a megabyte at a time. */
export function* readOutcomeFigures(path: string, onRead?: (bytes: number) => void): Generator<OutcomeFigures, void> {
  const fd = openSync(path, 'r');
  const parse = (line: Buffer, file: string) => skimAttempt(line.toString('latin1', 9)) ?? parseLine(line, file);
  try {
    yield* scan(fd, path, parse, onRead);
  } finally {
    closeSync(fd);
  }
}

/** @returns the length in bytes of the whole records. */
function* scan<T>(
  fd: number,
  file: string,
  parse: (line: Buffer, file: string) => T,
  onRead?: (bytes: number) => void,
): Generator<T, number> {
  let buffer: Buffer = Buffer.allocUnsafe(2 * CHUNK_BYTES);
  let length = 0; // of what is in the buffer
  let at = 0; // file offset of buffer[0]
  let bad: { at: number; problem: string } | undefined;
  for (;;) {
    if (length + CHUNK_BYTES > buffer.length) buffer = Buffer.concat([buffer, Buffer.allocUnsafe(buffer.length)]);
    const read = readSync(fd, buffer, length, CHUNK_BYTES, at + length);
    if (read === 0) break;
    length += read;
    let begin = 0;
    const filled = buffer.subarray(0, length);
    for (let end = filled.indexOf(10); end >= 0; end = filled.indexOf(10, begin)) {
      const line = filled.subarray(begin, end);
      const problem = checkLine(line);
      if (problem !== undefined) bad ??= { at: at + begin, problem };
      else if (bad !== undefined) throw runErrors.LOG_CORRUPT({ file, byteOffset: bad.at, problem: bad.problem });
      else yield parse(line, file);
      begin = end + 1;
    }
    buffer.copyWithin(0, begin, length);
    length -= begin;
    at += begin;
    onRead?.(at);
  }
  return bad?.at ?? at;
}

function checkLine(line: Buffer): string | undefined {
  const stated = line.length < 10 || line[8] !== 32 ? -1 : hexadecimal(line);
  if (stated < 0) return 'a line without its checksum';
  const actual = crc32(line.subarray(9));
  if (actual === stated) return undefined;
  return `checksum ${actual.toString(16).padStart(8, '0')} where the line says ${line.toString('latin1', 0, 8)}`;
}

/** The first eight characters as a number; -1 if they are no lower-case hexadecimal digits. */
function hexadecimal(line: Buffer): number {
  let value = 0;
  for (let i = 0; i < 8; i++) {
    const code = line[i];
    const digit = code >= 48 && code <= 57 ? code - 48 : code >= 97 && code <= 102 ? code - 87 : -1;
    if (digit < 0) return -1;
    value = 16 * value + digit;
  }
  return value;
}

function parseLine(line: Buffer, file: string): OutcomeRecord {
  const record = JSON.parse(line.toString('utf8', 9)) as OutcomeRecord;
  if (record.type === 'runStarted' && record.version !== 1)
    throw runErrors.LOG_VERSION({ file, version: String(record.version) });
  return record;
}
