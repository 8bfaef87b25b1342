// SPDX-License-Identifier: BSD-3-Clause
import { didYouMean, type Place } from '../../../base/index.ts';
import { type TimeScale, taiMinusUtcSeconds } from '../../../sky/index.ts';
import { queryErrors } from '../errors.ts';

/** A time as an expression or a command line writes it. */
export interface TimeLiteral {
  /** TAI nanoseconds since 1970-01-01T00:00:00 TAI. */
  readonly taiNs: bigint;
  readonly format: string;
  readonly scale: TimeScale;
  /** Normal spelling; reads as the same time. */
  readonly text: string;
}

const NS_PER_SECOND = 1_000_000_000n;
const NS_PER_DAY = 86_400n * NS_PER_SECOND;
const TT_MINUS_TAI_NS = 32_184_000_000n;
const SCALES: readonly string[] = ['tai', 'tt', 'utc'];
const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** Formats that count from an epoch: the count's unit in ns, the epoch on the scale on which it counts. */
const COUNTED: Readonly<Record<string, { unitNs: bigint; epochNs: bigint; scale: TimeScale | 'given' }>> = {
  mjd: { unitNs: NS_PER_DAY, epochNs: -40_587n * NS_PER_DAY, scale: 'given' },
  jd: { unitNs: NS_PER_DAY, epochNs: -40_587n * NS_PER_DAY - (4_800_001n * NS_PER_DAY) / 2n, scale: 'given' },
  unix: { unitNs: NS_PER_SECOND, epochNs: 0n, scale: 'utc' },
  unix_tai: { unitNs: NS_PER_SECOND, epochNs: 0n, scale: 'tai' },
  cxcsec: { unitNs: NS_PER_SECOND, epochNs: 10_227n * NS_PER_DAY, scale: 'tt' },
  gps: { unitNs: NS_PER_SECOND, epochNs: 3_657n * NS_PER_DAY + 19n * NS_PER_SECOND, scale: 'tai' },
};

const CLOCK = String.raw`(\d\d):(\d\d)(?::(\d\d)(?:\.(\d*))?)?`;
const DATE = String.raw`(\d{4})-(\d\d)-(\d\d)`;
/** Formats with a calendar date: year, month or day of year, day, then hour, minute, second, fraction. */
const CALENDAR: Readonly<Record<string, RegExp>> = {
  iso: new RegExp(`^${DATE}(?: ${CLOCK})?$`),
  isot: new RegExp(`^${DATE}(?:T${CLOCK})?$`),
  fits: new RegExp(`^([+-]\\d{5}|\\d{4})-(\\d\\d)-(\\d\\d)(?:T${CLOCK})?$`),
  yday: new RegExp(`^(\\d{4}):(\\d{3})()(?::${CLOCK})?$`),
};

/**
 * Reads the inside of T'…': `value`, `format/value`, `value/scale` or `format/value/scale`, names in any case.
 * Without a format, a number is an MJD and text is iso, isot, fits (five-digit year) or yday by its shape; without a
 * scale, calendar formats and unix are UTC, cxcsec is TT and the rest TAI. UTC is understood from 1972 on.
 * @throws QUERY_BAD_TIME
 */
export function parseTimeLiteral(text: string, place?: Place): TimeLiteral {
  const fail = (reason: string): never => {
    throw queryErrors.BAD_TIME({ text, reason }, { place });
  };
  const { format, value, scale } = splitLiteral(text, fail);
  if (format in COUNTED) {
    if (!DECIMAL.test(value)) fail(`"${value}" is not a number, which the format ${format} needs`);
    return {
      taiNs: counted(format, value, scale, fail),
      format,
      scale,
      text: normal(format, countedText(value), scale),
    };
  }
  const match = CALENDAR[format].exec(value) ?? fail(`"${value}" does not have the form of the format ${format}`);
  const [, year, second, third, hour = '0', minute = '0', seconds = '0', fraction = ''] = match;
  const day = format === 'yday' ? yearDay(+year, +second, fail) : calendarDay(+year, +second, +third, fail);
  const isLeap = scale === 'utc' && +hour === 23 && +minute === 59 && dayLengthSeconds(day) === 86_401;
  if (+hour > 23 || +minute > 59 || +seconds > (isLeap ? 60 : 59)) fail('the time of day does not exist');
  const secondOfDay = BigInt(+hour * 3600 + +minute * 60 + +seconds);
  const ns = secondOfDay * NS_PER_SECOND + scaled(`0.${fraction === '' ? '0' : fraction}`, NS_PER_SECOND);
  const clock = `${pad(hour)}:${pad(minute)}:${pad(seconds)}.${fraction.padEnd(3, '0')}`;
  const head = format === 'yday' ? `${year}:${second}:` : `${year}-${second}-${third}${format === 'iso' ? ' ' : 'T'}`;
  return { taiNs: toTai(day, ns, scale, fail), format, scale, text: normal(format, head + clock, scale) };
}

function splitLiteral(
  text: string,
  fail: (reason: string) => never,
): { format: string; value: string; scale: TimeScale } {
  const parts = text.split('/');
  if (parts.length > 3) fail('it has more than three parts');
  const known = (word: string): boolean => word in COUNTED || word in CALENDAR;
  let format: string | undefined;
  if (parts.length === 3 || (parts.length === 2 && !SCALES.includes(parts[1].toLowerCase()))) {
    const first = parts.shift()!.toLowerCase();
    if (!known(first)) {
      // Of value/scale with an unknown scale, the scale is the wrong word.
      const word = DECIMAL.test(first) ? parts[0] : first;
      const names = [...Object.keys(COUNTED), ...Object.keys(CALENDAR), ...SCALES];
      const hint = didYouMean(word, names);
      fail(`"${word}" is neither a format nor a scale (${names.join(', ')}).${hint}`.replace(/\.$/, ''));
    }
    format = first;
  }
  const [value, scaleText] = parts;
  if (format === undefined) {
    format = DECIMAL.test(value) ? 'mjd' : Object.keys(CALENDAR).find((name) => CALENDAR[name].test(value));
    if (format === undefined) fail('it has the form of no known format');
  }
  const scale = (scaleText ?? defaultScale(format!)).toLowerCase();
  if (!SCALES.includes(scale)) fail(`"${scaleText}" is not one of the scales ${SCALES.join(', ')}`);
  return { format: format!, value, scale: scale as TimeScale };
}

function defaultScale(format: string): TimeScale {
  if (format in CALENDAR || format === 'unix') return 'utc';
  return format === 'cxcsec' ? 'tt' : 'tai';
}

function counted(format: string, value: string, scale: TimeScale, fail: (reason: string) => never): bigint {
  const { unitNs, epochNs, scale: own } = COUNTED[format];
  const ns = epochNs + scaled(value, unitNs);
  const day = Number((ns - mod(ns, NS_PER_DAY)) / NS_PER_DAY);
  const ofDay = mod(ns, NS_PER_DAY);
  if (own !== 'given') return toTai(day, ofDay, own, fail);
  // A UTC day with a leap second is stretched: its fraction counts 86 401 s.
  const length = scale === 'utc' ? BigInt(dayLengthSeconds(day)) : 86_400n;
  return toTai(day, (ofDay * length) / 86_400n, scale, fail);
}

function toTai(day: number, nsOfDay: bigint, scale: TimeScale, fail: (reason: string) => never): bigint {
  const ns = BigInt(day) * NS_PER_DAY + nsOfDay;
  if (scale === 'tai') return ns;
  if (scale === 'tt') return ns - TT_MINUS_TAI_NS;
  const offset = taiMinusUtcSeconds(day) ?? fail('UTC is understood from 1972 on; give the time in TAI');
  return ns + BigInt(offset) * NS_PER_SECOND;
}

function dayLengthSeconds(day: number): number {
  return 86_400 + (taiMinusUtcSeconds(day + 1) ?? 0) - (taiMinusUtcSeconds(day) ?? taiMinusUtcSeconds(day + 1) ?? 0);
}

function calendarDay(year: number, month: number, day: number, fail: (reason: string) => never): number {
  const days = Math.round(Date.UTC(2000, month - 1, day) / 86_400_000) - 10_957;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (Number.isNaN(days) || date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day)
    fail('the date does not exist');
  return date.getTime() / 86_400_000;
}

function yearDay(year: number, dayOfYear: number, fail: (reason: string) => never): number {
  const date = new Date(0);
  date.setUTCFullYear(year, 0, dayOfYear);
  if (dayOfYear < 1 || date.getUTCFullYear() !== year) fail('the day of the year does not exist');
  return date.getTime() / 86_400_000;
}

/** `decimal` × `unit`, exact, then rounded to an integer (half away from zero). */
function scaled(decimal: string, unit: bigint): bigint {
  const [mantissa, exponent = '0'] = decimal.toLowerCase().split('e');
  const [whole, fraction = ''] = mantissa.replace(/^[+-]/, '').split('.');
  const digits = BigInt(whole + fraction || '0') * unit;
  const power = Number(exponent) - fraction.length;
  const size =
    power >= 0 ? digits * 10n ** BigInt(power) : (2n * digits + 10n ** BigInt(-power)) / (2n * 10n ** BigInt(-power));
  return decimal.startsWith('-') ? -size : size;
}

function normal(format: string, value: string, scale: TimeScale): string {
  const guessed =
    format === 'mjd' || (format in CALENDAR && Object.keys(CALENDAR).find((f) => CALENDAR[f].test(value)) === format);
  return (guessed ? '' : `${format}/`) + value + (scale === defaultScale(format) ? '' : `/${scale}`);
}

const countedText = (value: string): string => (/^[+-]?\d+$/.test(value) ? `${value}.0` : value);
const pad = (digits: string): string => digits.padStart(2, '0');
const mod = (a: bigint, b: bigint): bigint => ((a % b) + b) % b;
