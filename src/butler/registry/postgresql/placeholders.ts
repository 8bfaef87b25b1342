// SPDX-License-Identifier: BSD-3-Clause
import type { SqlValue } from '../database.ts';

const maxCached = 2000;
const cache = new Map<string, string>();

/**
 * The statement with `$1`, `$2`, … for its question marks. Numbers are cast: PostgreSQL takes a parameter for text where
 * the surroundings do not say what it is. Question marks in quotes are left alone.
 */
export function numbered(sql: string, params: readonly SqlValue[]): string {
  if (params.length === 0 && !sql.includes('?')) return sql;
  let kinds = '';
  for (const value of params) {
    kinds += typeof value === 'bigint' || Number.isInteger(value) ? 'i' : typeof value === 'number' ? 'f' : 's';
  }
  const key = `${kinds}:${sql}`;
  let text = cache.get(key);
  if (text === undefined) {
    let index = 0;
    text = sql.replaceAll(/'(?:[^']|'')*'|"(?:[^"]|"")*"|\?/g, (match) => {
      if (match !== '?') return match;
      const kind = kinds[index];
      index++;
      return kind === 'i' ? `$${index}::bigint` : kind === 'f' ? `$${index}::double precision` : `$${index}`;
    });
    if (cache.size >= maxCached) cache.delete(cache.keys().next().value!);
    cache.set(key, text);
  }
  return text;
}
