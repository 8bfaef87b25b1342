// SPDX-License-Identifier: BSD-3-Clause
import { type TimeScale, taiNsFromMjd, taiNsFromText, taiNsFromUnix } from '../../sky/index.ts';
import type { Rule, SingleRule } from '../definition/schema.ts';
import { instrumentErrors } from '../errors.ts';
import type { Evaluate, RuleScope, Scalar } from './rules.ts';
import { toQuantity } from './units.ts';

/** A rule's value as a number; sexagesimal text is degrees. */
export function toNumber(value: Scalar, property: string, file: string): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  const number = toQuantity(value);
  if (Number.isFinite(number)) return number;
  throw instrumentErrors.BAD_VALUE({ file, property, value: String(value).trim(), problem: 'it is not a number' });
}

export function toId(value: number, property: string, file: string): number {
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw instrumentErrors.BAD_VALUE({
    file,
    property,
    value: String(value),
    problem: 'an id is a whole number from 0 to 2^53-1',
  });
}

/** A time rule's value as TAI nanoseconds. Which of its cases spoke decides on format and scale. */
export type EvaluateTime = (value: Scalar, scope: RuleScope) => bigint;

export function timeReader(rule: Rule, property: string, timesys: Evaluate): EvaluateTime {
  const spec: SingleRule = typeof rule === 'object' && !('cases' in rule) ? rule : {};
  return (value, scope) => {
    const scale = spec.timescale === 'header' ? scaleOf(timesys(scope)) : (spec.timescale ?? 'utc');
    try {
      switch (spec.format ?? 'isot') {
        case 'isot':
          return taiNsFromText(String(value).trim(), scale);
        case 'mjd':
          return taiNsFromMjd(Number(value), scale);
        case 'jd':
          return taiNsFromMjd(Number(value) - 2400000.5, scale);
        case 'unix':
          return taiNsFromUnix(Number(value));
      }
    } catch (cause) {
      throw instrumentErrors.BAD_VALUE(
        {
          file: scope.file,
          property,
          value: String(value),
          problem: cause instanceof Error ? cause.message : String(cause),
        },
        { cause },
      );
    }
  };
}

function scaleOf(timesys: Scalar | undefined): TimeScale {
  const name = String(timesys ?? 'utc').toLowerCase();
  return name === 'tai' || name === 'tt' ? name : 'utc';
}

/** YYYYMMDD of the observing day, which begins `offsetHours` after midnight. The peer convention: TAI shifted back by the offset. */
export function observingDay(beginNs: bigint, offsetHours: number): number {
  const shifted = new Date(Number(beginNs / 1_000_000n) - offsetHours * 3_600_000);
  return shifted.getUTCFullYear() * 10_000 + (shifted.getUTCMonth() + 1) * 100 + shifted.getUTCDate();
}
