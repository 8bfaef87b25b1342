// SPDX-License-Identifier: BSD-3-Clause
import { skyErrors } from '../errors.ts';
import { utcDaySeconds } from './leap-seconds.ts';
import { dayFromTaiNs, NS_PER_SECOND, type TimeScale, taiNsFromDay } from './scales.ts';

const DAY_MS = 86_400_000;
const PATTERN = /^([+-]?\d{4,6})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?)?(Z)?$/;
const DAY_OF_YEAR = /^(\d{4}):(\d{3})(?::(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?)?$/;

/**
 * TAI nanoseconds of an ISO 8601 or FITS time (YYYY-MM-DD[Thh:mm[:ss[.fraction]]]) or of year and day of year
 * (YYYY:DDD[:hh:mm[:ss[.fraction]]]). A closing Z means UTC whatever `scale` says. Second 60 is read where UTC has it.
 * @throws SKY_BAD_TIME, SKY_TIME_BEFORE_UTC
 */
export function taiNsFromText(text: string, scale: TimeScale): bigint {
  const trimmed = text.trim();
  const bad = (rule: string) => skyErrors.BAD_TIME({ text, rule });
  const calendar = PATTERN.exec(trimmed);
  const ordinal = calendar === null ? DAY_OF_YEAR.exec(trimmed) : null;
  let day: number;
  let clock: (string | undefined)[];
  if (calendar !== null) {
    const [year, month, date] = [Number(calendar[1]), Number(calendar[2]), Number(calendar[3])];
    const check = new Date(0);
    check.setUTCFullYear(year, month - 1, date);
    if (check.getUTCMonth() !== month - 1 || check.getUTCDate() !== date) throw bad('there is no such day');
    day = check.getTime() / DAY_MS;
    clock = calendar.slice(4, 8);
  } else if (ordinal !== null) {
    const [year, ofYear] = [Number(ordinal[1]), Number(ordinal[2])];
    day = Date.UTC(year, 0, ofYear) / DAY_MS;
    if (ofYear < 1 || new Date(day * DAY_MS).getUTCFullYear() !== year) throw bad('there is no such day of the year');
    clock = ordinal.slice(3, 7);
  } else throw bad('it has none of the known forms');
  const inScale = calendar?.[8] === 'Z' ? 'utc' : scale;
  const [hour, minute, second] = clock.slice(0, 3).map((part) => Number(part ?? 0));
  const lastSecond = inScale === 'utc' && hour === 23 && minute === 59 ? utcDaySeconds(day) - 86_341 : 59;
  if (hour > 23 || minute > 59 || second > lastSecond) throw bad('there is no such time of day');
  const fraction = BigInt((clock[3] ?? '').padEnd(9, '0').slice(0, 9) || '0');
  return taiNsFromDay(day, BigInt(hour * 3600 + minute * 60 + second) * NS_PER_SECOND + fraction, inScale);
}

/** ISO 8601 text of an instant in a scale, without a suffix. `digits`: decimals of the second, truncated, 0 to 9. */
export function isoFromTaiNs(taiNs: bigint, scale: TimeScale = 'tai', digits = 3): string {
  const { day, nsOfDay } = dayFromTaiNs(taiNs, scale);
  const whole = Number(nsOfDay / NS_PER_SECOND);
  const leap = Math.max(0, whole - 86_399);
  const seconds = whole - leap;
  const two = (n: number) => String(n).padStart(2, '0');
  const date = new Date(day * DAY_MS).toISOString().split('T')[0];
  const clock = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two((seconds % 60) + leap)}`;
  const fraction =
    digits === 0
      ? ''
      : `.${String(nsOfDay % NS_PER_SECOND)
          .padStart(9, '0')
          .slice(0, digits)}`;
  return `${date}T${clock}${fraction}`;
}
