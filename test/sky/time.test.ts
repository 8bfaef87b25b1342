// SPDX-License-Identifier: BSD-3-Clause
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  isoFromTaiNs,
  mjdFromTaiNs,
  taiMinusUtcSeconds,
  taiNsFromJd,
  taiNsFromMjd,
  taiNsFromText,
  taiNsFromUnix,
  unixFromTaiNs,
} from '../../src/sky/index.ts';
import { describeShared } from '../support/shared.ts';

describe('time', () => {
  test('leap seconds: 10 at the start of 1972, 32 in 2000, 37 since 2017', () => {
    const day = (date: string) => Date.parse(`${date}T00:00:00Z`) / 86_400_000;
    expect(taiMinusUtcSeconds(day('1972-01-01'))).toBe(10);
    expect(taiMinusUtcSeconds(day('2000-06-01'))).toBe(32);
    expect(taiMinusUtcSeconds(day('2016-12-31'))).toBe(36);
    expect(taiMinusUtcSeconds(day('2017-01-01'))).toBe(37);
    expect(taiMinusUtcSeconds(day('1971-12-31'))).toBeUndefined();
  });

  test('the second before, in and after a leap second are three different instants', () => {
    const [before, leap, after] = ['2016-12-31T23:59:59', '2016-12-31T23:59:60', '2017-01-01T00:00:00'].map((t) =>
      taiNsFromText(t, 'utc'),
    );
    expect(leap - before).toBe(1_000_000_000n);
    expect(after - leap).toBe(1_000_000_000n);
    expect(isoFromTaiNs(leap, 'utc', 0)).toBe('2016-12-31T23:59:60');
    expect(isoFromTaiNs(after, 'utc', 0)).toBe('2017-01-01T00:00:00');
  });

  test('second 60 is refused where there is none', () => {
    expect(() => taiNsFromText('2016-12-30T23:59:60', 'utc')).toThrow(/no such time of day/);
    expect(() => taiNsFromText('2016-12-31T23:59:60', 'tai')).toThrow(/no such time of day/);
    expect(() => taiNsFromText('2021-02-29', 'tai')).toThrow(/no such day/);
    expect(() => taiNsFromText('2021:366', 'tai')).toThrow(/no such day/);
    expect(() => taiNsFromText('1971-12-31', 'utc')).toThrow(/1972/);
  });

  test('J2000.0 is JD 2451545.0 TT = 2000-01-01T11:59:27.816 TAI', () => {
    expect(isoFromTaiNs(taiNsFromJd(2451545, 'tt'))).toBe('2000-01-01T11:59:27.816');
    expect(mjdFromTaiNs(taiNsFromText('2000-01-01T12:00:00', 'tai'))).toBe(51544.5);
  });

  test('text and back, any instant of 1972 to 2100, every scale', () => {
    const instant = fc.bigInt({ min: 63_072_010_000_000_000n, max: 4_102_444_800_000_000_000n });
    fc.assert(
      fc.property(instant, fc.constantFrom('utc', 'tai', 'tt'), (taiNs, scale) => {
        expect(taiNsFromText(isoFromTaiNs(taiNs, scale, 9), scale)).toBe(taiNs);
        const again = taiNsFromMjd(mjdFromTaiNs(taiNs, scale), scale);
        expect(Math.abs(Number(again - taiNs))).toBeLessThan(2_000);
      }),
    );
  });

  test('Unix time runs with UTC', () => {
    expect(taiNsFromUnix(0 + 946_684_800)).toBe(946_684_832_000_000_000n);
    expect(unixFromTaiNs(946_684_832_000_000_000n)).toBe(946_684_800);
    expect(taiNsFromText('2000-01-01T00:00:00Z', 'tai')).toBe(946_684_832_000_000_000n);
  });
});

describeShared('conformance/gen3', 'times of the conformance cases', (root) => {
  const { cases } = JSON.parse(readFileSync(join(root, 'cases', 'time-literals.json'), 'utf8'));
  // biome-ignore lint/suspicious/noExplicitAny: cases are JSON
  const good: any[] = cases.filter((c: any) => c.expect.ok && ['mjd', 'isot', 'yday'].includes(c.expect.format));
  test('there are some', () => expect(good.length).toBeGreaterThan(8));
  // biome-ignore lint/suspicious/noExplicitAny: cases are JSON
  test.each(good)('$input', ({ input, expect: { format, scale, value, taiNanosecondsSinceEpoch } }: any) => {
    const bare = String(input)
      .replace(/^[a-z]+\//i, '')
      .replace(/\/[a-z]+$/i, '');
    const ns = format === 'mjd' ? taiNsFromMjd(value, scale) : taiNsFromText(bare, scale);
    expect(String(ns)).toBe(taiNanosecondsSinceEpoch);
  });
});
