// SPDX-License-Identifier: BSD-3-Clause
import type { SqlValue } from '../database.ts';

const maxCached = 2000;
const cache = new Map<string, readonly Piece[]>();

/** Text of a statement up to the next parameter; `list` where the parameter stands for `(a, b, …)` if its list has members. */
interface Piece {
  readonly text: string;
  readonly list?: { readonly before: string; readonly after: string };
}

const parts = /'(?:[^']|'')*'|"(?:[^"]|"")*"|\(SELECT value FROM (JSON_TABLE\()(\?)([^?]*?\) AS list)\)|\?/g;

/**
 * The statement with its values written into it. Texts with a quote or a backslash go as hexadecimal digits, so that no setting of
 * the server can make more of them than text; numbers are whole, or floating-point (`e0`), never decimal.
 *
 * A list that is all of `IN (SELECT value FROM JSON_TABLE(?, …) AS list)` is written as its members: then the server looks them up by
 * index, also for DELETE and UPDATE, where it would otherwise go through the table.
 */
export function literalSql(sql: string, params: readonly SqlValue[]): string {
  if (params.length === 0) return sql;
  const pieces = piecesOf(sql);
  let out = '';
  let index = 0;
  for (const { text, list } of pieces) {
    out += text;
    if (index === params.length && list === undefined) break;
    const value = params[index++];
    if (list === undefined) out += literal(value);
    else {
      const members = JSON.parse(value as string) as readonly (string | number)[];
      out +=
        members.length === 0 ? `${list.before}${literal(value)}${list.after}` : `(${members.map(literal).join(',')})`;
    }
  }
  if (index !== params.length) throw new TypeError(`${params.length} values for ${index} placeholders`);
  return out;
}

function piecesOf(sql: string): readonly Piece[] {
  let pieces = cache.get(sql);
  if (pieces === undefined) {
    const made: Piece[] = [];
    let text = '';
    let at = 0;
    for (const match of sql.matchAll(parts)) {
      text += sql.slice(at, match.index);
      at = match.index + match[0].length;
      if (match[0] === '?') made.push({ text });
      else if (match[2] === '?') {
        const list = { before: `(SELECT value FROM ${match[1]}`, after: `${match[3]})` };
        made.push({ text, list });
      } else {
        text += match[0];
        continue;
      }
      text = '';
    }
    made.push({ text: text + sql.slice(at) });
    pieces = made;
    if (cache.size >= maxCached) cache.delete(cache.keys().next().value!);
    cache.set(sql, pieces);
  }
  return pieces;
}

/** One value as SQL. @throws RangeError for infinities and NaN, which the server has not */
export function literal(value: SqlValue): string {
  if (value === null) return 'NULL';
  switch (typeof value) {
    case 'string':
      return /['\\]/.test(value) ? `_utf8mb4 x'${Buffer.from(value).toString('hex')}'` : `'${value}'`;
    case 'bigint':
      return String(value);
    case 'number':
      if (Number.isInteger(value) && Math.abs(value) < 2 ** 63) return String(BigInt(value));
      if (!Number.isFinite(value)) throw new RangeError(`MariaDB has no number ${value}`);
      return value.toExponential();
    default:
      return `x'${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')}'`;
  }
}
