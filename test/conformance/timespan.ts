// SPDX-License-Identifier: BSD-3-Clause
import { SkymillError } from '../../src/base/index.ts';
import {
  formatTimespan,
  fromStoredTimespan,
  instant,
  intersectTimespans,
  isEmptyTimespan,
  subtractTimespans,
  timespanContains,
  timespanOfDayObs,
  timespanPrecedes,
  timespansEqual,
  timespansOverlap,
} from '../../src/butler/timespan.ts';
import type { Timespan } from '../../src/butler/types.ts';
import type { Adapter, Case, Comparison, SuiteContext } from './suite.ts';

/** Suite timespan: every relation of pairs of intervals, of intervals and instants, and days of observation. */
export const timespan: Adapter = { run };

function run(test: Case, { suite }: SuiteContext): Comparison {
  const span = (i: number): Timespan => {
    const [begin, end] = suite.timespans[i].rawNsec;
    return fromStoredTimespan(BigInt(begin), BigInt(end));
  };
  const { id: _id, kind, a: ai, b: bi, t, dayObs, offsetSec, expect, ...relations } = test;
  if (kind === 'fromDayObs') {
    try {
      const day = timespanOfDayObs(dayObs, offsetSec);
      return { actual: { nsec: plain(day), str: formatTimespan(day) }, expected: expect };
    } catch (error) {
      if (!(error instanceof SkymillError)) throw error;
      return { actual: { error: true }, expected: expect };
    }
  }
  const a = span(ai);
  const b = kind === 'pair' ? span(bi) : instant(BigInt(suite.instants[t]));
  const common = {
    contains: timespanContains(a, b),
    overlaps: timespansOverlap(a, b),
    lt: timespanPrecedes(a, b),
    gt: timespanPrecedes(b, a),
  };
  const strings = { text: formatTimespan(a) };
  const expectedStrings = { text: suite.timespans[ai].str };
  if (kind !== 'pair') return { actual: { ...common, ...strings }, expected: { ...relations, ...expectedStrings } };
  const more = {
    eq: timespansEqual(a, b),
    intersection: plain(intersectTimespans(a, b)),
    difference: subtractTimespans(a, b).map(plain),
  };
  return { actual: { ...common, ...more, ...strings }, expected: { ...relations, ...expectedStrings } };
}

function plain(span: Timespan): unknown {
  if (isEmptyTimespan(span)) return 'empty';
  return [span.beginNs, span.endNs].map((ns) => (ns === undefined ? null : String(ns)));
}
