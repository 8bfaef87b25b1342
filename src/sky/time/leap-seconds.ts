// SPDX-License-Identifier: BSD-3-Clause

/** First UTC day with each value of TAI - UTC (IERS Bulletin C; 10 s at the start of 1972, none announced after 2017). */
const STEPS: readonly (readonly [utcDate: string, taiMinusUtcSeconds: number])[] = [
  ['1972-01-01', 10],
  ['1972-07-01', 11],
  ['1973-01-01', 12],
  ['1974-01-01', 13],
  ['1975-01-01', 14],
  ['1976-01-01', 15],
  ['1977-01-01', 16],
  ['1978-01-01', 17],
  ['1979-01-01', 18],
  ['1980-01-01', 19],
  ['1981-07-01', 20],
  ['1982-07-01', 21],
  ['1983-07-01', 22],
  ['1985-07-01', 23],
  ['1988-01-01', 24],
  ['1990-01-01', 25],
  ['1991-01-01', 26],
  ['1992-07-01', 27],
  ['1993-07-01', 28],
  ['1994-07-01', 29],
  ['1996-01-01', 30],
  ['1997-07-01', 31],
  ['1999-01-01', 32],
  ['2006-01-01', 33],
  ['2009-01-01', 34],
  ['2012-07-01', 35],
  ['2015-07-01', 36],
  ['2017-01-01', 37],
];

const DAY_MS = 86_400_000;
const steps = STEPS.map(([date, seconds]) => ({ day: Date.parse(`${date}T00:00:00Z`) / DAY_MS, seconds }));

/** TAI - UTC in seconds during a UTC day, counted from 1970-01-01; undefined before 1972. */
export function taiMinusUtcSeconds(utcDay: number): number | undefined {
  for (let i = steps.length - 1; i >= 0; i--) if (utcDay >= steps[i].day) return steps[i].seconds;
  return undefined;
}

/** Seconds a UTC day has: 86400, or 86401 when it ends in a leap second. */
export function utcDaySeconds(utcDay: number): number {
  const [today, tomorrow] = [taiMinusUtcSeconds(utcDay), taiMinusUtcSeconds(utcDay + 1)];
  return today === undefined || tomorrow === undefined ? 86_400 : 86_400 + tomorrow - today;
}
