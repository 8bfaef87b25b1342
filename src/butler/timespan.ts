// SPDX-License-Identifier: BSD-3-Clause
import { queryErrors } from './query/errors.ts';
import type { Timespan } from './types.ts';

/*
 * Half-open intervals of TAI nanoseconds, as Gen3 repositories keep them: the columns of an unbounded side hold
 * MIN_NS or MAX_NS, and of the empty interval MAX_NS and MIN_NS (so that plain comparisons of columns stay right).
 */

/** 1970-01-01T00:00:00 TAI: the stored begin of an unbounded timespan. */
export const MIN_NS = 0n;
/** 2100-01-01T00:00:00 TAI: the stored end of an unbounded timespan. */
export const MAX_NS = 4_102_444_800_000_000_000n;

export const ALL_TIME: Timespan = Object.freeze({ beginNs: undefined, endNs: undefined });
export const NO_TIME: Timespan = Object.freeze({ beginNs: MAX_NS, endNs: MIN_NS });

/** `[begin, end)`; begin = end is one instant, padded to a nanosecond; begin > end is the empty timespan. */
export function makeTimespan(beginNs: bigint | undefined, endNs: bigint | undefined): Timespan {
  return fromStoredTimespan(
    beginNs ?? MIN_NS,
    beginNs !== undefined && beginNs === endNs ? endNs + 1n : (endNs ?? MAX_NS),
  );
}

/**
 * One moment, as a timespan of a nanosecond.
 * @throws QUERY_BAD_TIME outside what a repository can store
 */
export function instant(ns: bigint): Timespan {
  if (ns < MIN_NS || ns >= MAX_NS) {
    throw queryErrors.BAD_TIME({
      text: `${ns} ns`,
      reason: 'repositories hold times from 1970 up to, not including, 2100 (TAI)',
    });
  }
  return makeTimespan(ns, ns);
}

/** The two columns of a timespan. */
export function toStoredTimespan(span: Timespan): { beginNs: bigint; endNs: bigint } {
  return { beginNs: span.beginNs ?? MIN_NS, endNs: span.endNs ?? MAX_NS };
}

export function fromStoredTimespan(beginNs: bigint, endNs: bigint): Timespan {
  if (beginNs >= endNs) return NO_TIME;
  return Object.freeze({
    beginNs: beginNs <= MIN_NS ? undefined : beginNs,
    endNs: endNs >= MAX_NS ? undefined : endNs,
  });
}

/**
 * A day of observations: 24 h from midnight TAI of the date `yyyymmdd` plus an offset.
 * @throws QUERY_BAD_TIME if that is no date, or outside what a repository can store
 */
export function timespanOfDayObs(dayObs: number, offsetSeconds = 0): Timespan {
  const text = String(dayObs).replace(/^(\d{4})(\d\d)(\d\d)$/, '$1-$2-$3');
  const date = new Date(`${text}T00:00:00Z`);
  if (Number.isNaN(date.getTime()) || !date.toISOString().startsWith(text)) {
    throw queryErrors.BAD_TIME({ text: `${dayObs}`, reason: 'a day of observations is written yyyymmdd' });
  }
  const beginNs = BigInt(date.getTime() / 1000 + offsetSeconds) * 1_000_000_000n;
  instant(beginNs);
  return makeTimespan(beginNs, beginNs + 86_400_000_000_000n);
}

export function isEmptyTimespan(span: Timespan): boolean {
  const { beginNs, endNs } = toStoredTimespan(span);
  return beginNs >= endNs;
}

export function timespansEqual(a: Timespan, b: Timespan): boolean {
  return isEmptyTimespan(a) ? isEmptyTimespan(b) : a.beginNs === b.beginNs && a.endNs === b.endNs;
}

export function timespansOverlap(a: Timespan, b: Timespan): boolean {
  return !isEmptyTimespan(intersectTimespans(a, b));
}

/** Whether every moment of `b` is in `a`; the empty timespan is in every other. */
export function timespanContains(a: Timespan, b: Timespan): boolean {
  const [x, y] = [toStoredTimespan(a), toStoredTimespan(b)];
  return x.beginNs <= y.beginNs && y.endNs <= x.endNs;
}

/** Whether `a` ends before `b` begins. Never true of an empty timespan. */
export function timespanPrecedes(a: Timespan, b: Timespan): boolean {
  if (isEmptyTimespan(a) || isEmptyTimespan(b)) return false;
  return toStoredTimespan(a).endNs <= toStoredTimespan(b).beginNs;
}

export function intersectTimespans(...spans: readonly Timespan[]): Timespan {
  let begin = MIN_NS;
  let end = MAX_NS;
  for (const span of spans) {
    const { beginNs, endNs } = toStoredTimespan(span);
    if (beginNs > begin) begin = beginNs;
    if (endNs < end) end = endNs;
  }
  return fromStoredTimespan(begin, end);
}

/** The parts of `a` outside `b`: none, one or two timespans in order. */
export function subtractTimespans(a: Timespan, b: Timespan): Timespan[] {
  const common = intersectTimespans(a, b);
  if (isEmptyTimespan(common)) return [a];
  const [outer, inner] = [toStoredTimespan(a), toStoredTimespan(common)];
  return [fromStoredTimespan(outer.beginNs, inner.beginNs), fromStoredTimespan(inner.endNs, outer.endNs)].filter(
    (span) => !isEmptyTimespan(span),
  );
}

/** `[2020-01-01T00:00:00, ∞)`, to the second, TAI. */
export function formatTimespan(span: Timespan): string {
  if (isEmptyTimespan(span)) return '(empty)';
  const time = (ns: bigint): string => new Date(Number(ns / 1_000_000n)).toISOString().slice(0, 19);
  return `${span.beginNs === undefined ? '(-∞' : `[${time(span.beginNs)}`}, ${span.endNs === undefined ? '∞' : time(span.endNs)})`;
}
