// SPDX-License-Identifier: BSD-3-Clause
import { MAX_NS, MIN_NS } from '../../timespan.ts';
import type { SqlValue } from '../database.ts';

/** Object ids of the types that the registry has or that its queries compute (`pg_type.oid`, fixed). */
const oid = {
  bool: 16,
  bytea: 17,
  int8: 20,
  int2: 21,
  int4: 23,
  oid: 26,
  float4: 700,
  float8: 701,
  numeric: 1700,
  uuid: 2950,
};

type Parser = (text: string) => SqlValue;
const text: Parser = (value) => value;
const common: [number, Parser][] = [
  [oid.bytea, (value) => new Uint8Array(Buffer.from(value.slice(2), 'hex'))],
  [oid.float4, Number],
  [oid.float8, Number],
  [oid.uuid, (value) => value.replaceAll('-', '')],
];
const numbers = new Map<number, Parser>([
  ...common,
  [oid.bool, (value) => (value === 't' ? 1 : 0)],
  ...[oid.int8, oid.int2, oid.int4, oid.oid, oid.numeric].map((id): [number, Parser] => [id, Number]),
]);
const bigints = new Map<number, Parser>([
  ...common,
  [oid.bool, (value) => (value === 't' ? 1n : 0n)],
  ...[oid.int8, oid.int2, oid.int4, oid.oid].map((id): [number, Parser] => [id, BigInt]),
  [oid.numeric, (value) => (value.includes('.') ? Number(value) : BigInt(value))],
]);

/** Turns the server's text into values, in the form of pg's `types`. */
export function parsers(exact: boolean): { getTypeParser: (id: number) => Parser } {
  const table = exact ? bigints : numbers;
  return { getTypeParser: (id) => table.get(id) ?? text };
}

/** A parameter as text, of which the server knows the type. */
export function toParam(value: SqlValue): string | Buffer | null {
  if (value === null || typeof value === 'string') return value;
  return value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : String(value);
}

/** Rows with the two columns of a timespan made one range. */
export function storedRows(
  columns: readonly string[],
  rows: readonly (readonly SqlValue[])[],
): { columns: readonly string[]; rows: readonly (readonly SqlValue[])[] } {
  const begin = columns.indexOf('timespan_begin');
  const end = columns.indexOf('timespan_end');
  if (begin < 0 || end < 0) return { columns, rows };
  const others = columns.map((_, i) => i).filter((i) => i !== begin && i !== end);
  return {
    columns: [...others.map((i) => columns[i]), 'timespan'],
    rows: rows.map((row) => [...others.map((i) => row[i]), range(row[begin], row[end])]),
  };
}

function range(begin: SqlValue, end: SqlValue): string | null {
  if (begin === null || end === null) return null;
  const [from, to] = [BigInt(begin as bigint), BigInt(end as bigint)];
  if (from >= to) return 'empty';
  return `${from <= MIN_NS ? '(' : `[${from}`},${to >= MAX_NS ? '' : to})`;
}

/** Rows as a JSON array of objects, for `json_populate_recordset`. */
export function jsonRows(columns: readonly string[], rows: readonly (readonly SqlValue[])[]): string {
  const names = columns.map((name) => `${JSON.stringify(name)}:`);
  const members = rows.map((row) => `{${row.map((value, i) => names[i] + jsonValue(value)).join(',')}}`);
  return `[${members.join(',')}]`;
}

function jsonValue(value: SqlValue): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (value instanceof Uint8Array) return `"\\\\x${Buffer.from(value).toString('hex')}"`;
  // JSON has no infinities; as text the server reads them.
  return typeof value === 'number' && !Number.isFinite(value) ? `"${value}"` : String(value);
}

const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** Rows in the text format of COPY. */
export function copyRows(rows: readonly (readonly SqlValue[])[]): string {
  let out = '';
  for (const row of rows) {
    for (let i = 0; i < row.length; i++) {
      const value = row[i];
      if (i > 0) out += '\t';
      if (value === null) out += '\\N';
      else if (typeof value === 'string') {
        out += /[\\\n\r\t]/.test(value) ? value.replaceAll(/[\\\n\r\t]/g, (c) => escapes[c]) : value;
      } else out += value instanceof Uint8Array ? `\\\\x${Buffer.from(value).toString('hex')}` : String(value);
    }
    out += '\n';
  }
  return out;
}
