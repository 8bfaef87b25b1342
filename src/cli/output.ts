// SPDX-License-Identifier: BSD-3-Clause
import { styleText } from 'node:util';
import { type PlainError, textTable } from '../base/index.ts';

export type Cell = string | number | boolean | null | undefined;

/** Where verbs print: tables and sentences for people on stdout, or one JSON value with `--json`; progress and errors on stderr. */
export class Output {
  readonly json: boolean;
  readonly quiet: boolean;

  constructor(options: { json: boolean; quiet?: boolean }) {
    this.json = options.json;
    this.quiet = options.quiet ?? false;
  }

  /** A sentence for people; nothing with `--json`. */
  say(text: string): void {
    if (!this.json) process.stdout.write(`${text}\n`);
  }

  /** The answer of a verb for programs; nothing without `--json`. */
  value(value: unknown): void {
    if (this.json) process.stdout.write(`${JSON.stringify(value, jsonSafe, 2)}\n`);
  }

  /** Rows as a table for people, or as an array of objects with `--json`. */
  rows(header: readonly string[], rows: readonly (readonly Cell[])[]): void {
    if (this.json) {
      this.value(rows.map((row) => Object.fromEntries(header.map((name, i) => [name, row[i] ?? null]))));
      return;
    }
    process.stdout.write(`${formatTable(header, rows)}\n`);
  }

  warn(text: string): void {
    process.stderr.write(`${styleText('yellow', 'warning')}: ${text}\n`);
  }

  error(error: PlainError, showStack: boolean): void {
    process.stderr.write(`${this.json ? errorJson(error, showStack) : formatError(error, showStack)}\n`);
  }
}

/** An error for programs: one line of JSON. */
export function errorJson({ stack, ...error }: PlainError, showStack: boolean): string {
  return JSON.stringify({ error: showStack ? { ...error, stack } : error }, jsonSafe);
}

/** An error as lines for a terminal: what, where, the source line with its caret, what next. */
export function formatError(error: PlainError, showStack: boolean): string {
  const place = error.place;
  const where = [
    place?.file,
    place?.line === undefined ? undefined : `${place.line}${place.column === undefined ? '' : `:${place.column}`}`,
  ]
    .filter((part) => part !== undefined)
    .join(':');
  const lines = [`${styleText('red', 'error')} ${styleText('dim', `[${error.code}]`)} ${error.message}`];
  if (where !== '') lines.push(`  at ${where}`);
  if (place?.excerpt !== undefined) lines.push(place.excerpt.replace(/^/gm, '  '));
  lines.push(`${styleText('cyan', 'next')}: ${error.next}`);
  if (showStack && error.stack !== undefined) lines.push(styleText('dim', error.stack));
  return lines.join('\n');
}

export function formatTable(header: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const numeric = header.map((_name, i) => rows.length > 0 && rows.every((row) => typeof row[i] === 'number'));
  return textTable(
    header.map((name) => (process.stdout.isTTY ? styleText('bold', name) : name)),
    rows.map((row) => row.map((cell) => (cell === null || cell === undefined ? '' : String(cell)))),
    numeric.map((is) => (is ? 'right' : 'left')),
  );
}

/** A value on one line of JSON. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value, jsonSafe);
}

/** Times and other bigints as decimal strings; bytes as hex. */
function jsonSafe(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  return value;
}
