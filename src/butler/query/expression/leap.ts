// SPDX-License-Identifier: BSD-3-Clause
/** Days since 1970-01-01 (UTC) on which TAI-UTC became 10 s, 11 s, …; IERS Bulletin C, 1972 to 2017. */
const STEPS = [
  [1972, 1],
  [1972, 7],
  [1973, 1],
  [1974, 1],
  [1975, 1],
  [1976, 1],
  [1977, 1],
  [1978, 1],
  [1979, 1],
  [1980, 1],
  [1981, 7],
  [1982, 7],
  [1983, 7],
  [1985, 7],
  [1988, 1],
  [1990, 1],
  [1991, 1],
  [1992, 7],
  [1993, 7],
  [1994, 7],
  [1996, 1],
  [1997, 7],
  [1999, 1],
  [2006, 1],
  [2009, 1],
  [2012, 7],
  [2015, 7],
  [2017, 1],
].map(([year, month]) => Date.UTC(year, month - 1, 1) / 86_400_000);

/** TAI-UTC in seconds on the UTC day, or undefined before 1972. */
export function taiMinusUtcSeconds(daysSince1970: number): number | undefined {
  const steps = STEPS.findLastIndex((day) => day <= daysSince1970);
  return steps < 0 ? undefined : 10 + steps;
}
