// SPDX-License-Identifier: BSD-3-Clause
import { skyErrors } from '../errors.ts';
import { taiMinusUtcSeconds, utcDaySeconds } from './leap-seconds.ts';

/**
 * Time is kept as TAI nanoseconds since 1970-01-01T00:00:00 TAI, a bigint. A day and a time of day in some scale go in
 * and come out; UTC days may have 86401 seconds. TT = TAI + 32.184 s exactly.
 */
export type TimeScale = 'utc' | 'tai' | 'tt';

export const NS_PER_SECOND = 1_000_000_000n;
const NS_PER_DAY = 86_400n * NS_PER_SECOND;
const TT_MINUS_TAI_NS = 32_184_000_000n;
/** Modified Julian Date of 1970-01-01. */
export const MJD_EPOCH = 40_587;
/** JD - MJD. */
export const JD_MINUS_MJD = 2_400_000.5;

/** @param day days since 1970-01-01 in the scale. @param nsOfDay nanoseconds into that day. @throws SKY_TIME_BEFORE_UTC */
export function taiNsFromDay(day: number, nsOfDay: bigint, scale: TimeScale): bigint {
  const nominal = BigInt(day) * NS_PER_DAY + nsOfDay;
  if (scale === 'tai') return nominal;
  if (scale === 'tt') return nominal - TT_MINUS_TAI_NS;
  const offset = taiMinusUtcSeconds(day);
  if (offset === undefined)
    throw skyErrors.TIME_BEFORE_UTC({ text: `UTC day ${new Date(day * 86_400_000).toISOString().slice(0, 10)}` });
  return nominal + BigInt(offset) * NS_PER_SECOND;
}

/** Day since 1970-01-01 and nanoseconds into it, in a scale; during a leap second the latter passes 86400 s. */
export function dayFromTaiNs(taiNs: bigint, scale: TimeScale): { day: number; nsOfDay: bigint } {
  const ns = scale === 'tt' ? taiNs + TT_MINUS_TAI_NS : taiNs;
  if (scale !== 'utc') {
    const day = floorDivide(ns, NS_PER_DAY);
    return { day: Number(day), nsOfDay: ns - day * NS_PER_DAY };
  }
  // The offset is below a minute: the UTC day is the TAI day or the one before.
  let day = Number(floorDivide(taiNs, NS_PER_DAY));
  const start = taiMinusUtcSeconds(day) === undefined ? undefined : taiNsFromDay(day, 0n, 'utc');
  if (start === undefined || taiNs < start) day -= 1;
  return { day, nsOfDay: taiNs - taiNsFromDay(day, 0n, 'utc') };
}

function floorDivide(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a % b < 0n ? quotient - 1n : quotient;
}

/**
 * TAI nanoseconds of a Modified Julian Date. A double holds an MJD of today to about a microsecond. In UTC the fraction
 * counts parts of that very day, which may have 86401 seconds.
 */
export function taiNsFromMjd(mjd: number, scale: TimeScale): bigint {
  if (!Number.isFinite(mjd))
    throw skyErrors.BAD_TIME({ text: String(mjd), rule: 'a Modified Julian Date is a number' });
  const whole = Math.floor(mjd);
  const day = whole - MJD_EPOCH;
  const seconds = scale === 'utc' ? utcDaySeconds(day) : 86_400;
  return taiNsFromDay(day, BigInt(Math.round((mjd - whole) * seconds * 1e9)), scale);
}

export function mjdFromTaiNs(taiNs: bigint, scale: TimeScale = 'tai'): number {
  const { day, nsOfDay } = dayFromTaiNs(taiNs, scale);
  const seconds = scale === 'utc' ? utcDaySeconds(day) : 86_400;
  return day + MJD_EPOCH + Number(nsOfDay) / (seconds * 1e9);
}

export function taiNsFromJd(jd: number, scale: TimeScale): bigint {
  return taiNsFromMjd(jd - JD_MINUS_MJD, scale);
}
export function jdFromTaiNs(taiNs: bigint, scale: TimeScale = 'tai'): number {
  return mjdFromTaiNs(taiNs, scale) + JD_MINUS_MJD;
}

/** TAI nanoseconds of a Unix time (UTC seconds since 1970 without leap seconds). */
export function taiNsFromUnix(unixSeconds: number): bigint {
  if (!Number.isFinite(unixSeconds))
    throw skyErrors.BAD_TIME({ text: String(unixSeconds), rule: 'a Unix time is a number of seconds' });
  const day = Math.floor(unixSeconds / 86_400);
  return taiNsFromDay(day, BigInt(Math.round((unixSeconds - day * 86_400) * 1e9)), 'utc');
}
/** Unix seconds; a leap second repeats the last second of its day. */
export function unixFromTaiNs(taiNs: bigint): number {
  const { day, nsOfDay } = dayFromTaiNs(taiNs, 'utc');
  return day * 86_400 + Math.min(Number(nsOfDay) / 1e9, 86_400 - 1e-9);
}

/** The present moment. */
export function taiNsNow(): bigint {
  return taiNsFromUnix(Date.now() / 1000);
}
