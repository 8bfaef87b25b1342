// SPDX-License-Identifier: BSD-3-Clause
import { MAX_NS, MIN_NS } from '../../timespan.ts';
import type { DataIdValue } from '../../types.ts';

export const show = (value: DataIdValue): string => (typeof value === 'string' ? `'${value}'` : String(value));
export const listOf = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(', ');

/** `20141118` as `2014-11-18`. */
export function dayText(dayObs: DataIdValue): string {
  return String(dayObs).replace(/^(\d{4})(\d\d)(\d\d)$/, '$1-$2-$3');
}

/** A moment to the second, TAI; the ends of time in words. */
export function momentText(ns: bigint): string {
  if (ns <= MIN_NS) return 'the beginning of time';
  return ns >= MAX_NS ? 'the end of time' : new Date(Number(ns / 1_000_000n)).toISOString().slice(0, 19);
}
