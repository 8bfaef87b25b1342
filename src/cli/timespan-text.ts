// SPDX-License-Identifier: BSD-3-Clause
import type { Timespan } from '../butler/index.ts';
import { taiNsFromText } from '../sky/index.ts';

/** `[begin, end)` in TAI, ISO form to the second; `-∞` and `∞` where it is unbounded. */
export function timespanText(timespan: Timespan): string {
  const text = (ns: bigint) => new Date(Number(ns / 1_000_000n)).toISOString().slice(0, 19);
  const begin = timespan.beginNs === undefined ? '(-∞' : `[${text(timespan.beginNs)}`;
  return `${begin}, ${timespan.endNs === undefined ? '∞' : text(timespan.endNs)})`;
}

/** A TAI date or time such as `2026-01-10` or `2026-01-10T12:00:00`; undefined is unbounded. */
export function parseTaiTime(text: string | undefined): bigint | undefined {
  if (text === undefined) return undefined;
  return taiNsFromText(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00` : text, 'tai');
}
