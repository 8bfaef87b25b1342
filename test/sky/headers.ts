// SPDX-License-Identifier: BSD-3-Clause
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { Cards } from '../../src/sky/index.ts';

/** The primary header of a FITS file or header dump as plain cards: just enough of a reader for tests of sky/ alone. */
export function readHeaderCards(path: string): Cards {
  let bytes = readFileSync(path);
  if (path.endsWith('.gz')) bytes = gunzipSync(bytes);
  const text = bytes.toString('latin1', 0, Math.min(bytes.length, 400_000));
  const lines = text.slice(0, 81).includes('\n') ? text.split('\n') : (text.match(/[\s\S]{1,80}/g) ?? []);
  const cards: Record<string, string | number | boolean> = {};
  for (const line of lines) {
    if (/^END\s*$/.test(line)) break;
    const match = /^([A-Z0-9_-]{1,8})\s*=\s+(?:'((?:[^']|'')*)'|([^/]*))/.exec(line);
    if (match === null) continue;
    const bare = match[3]?.trim();
    if (bare === undefined) cards[match[1]] = match[2].replaceAll("''", "'").trimEnd();
    else if (bare === 'T' || bare === 'F') cards[match[1]] = bare === 'T';
    else if (bare !== '') cards[match[1]] = Number(bare.replace('D', 'E'));
  }
  return cards;
}
