// SPDX-License-Identifier: BSD-3-Clause

import type { Place } from '../../../base/index.ts';
import { queryErrors } from '../errors.ts';
import { isRegion, pointRegion } from '../spatial/sky.ts';
import type { Literal } from './types.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * A bound value as a literal. Strings, finite numbers, booleans and null are themselves; a Date or `{taiNs}` is a moment (bigint, TAI
 * nanoseconds since 1970), `{beginNs, endNs}` a timespan, `{uuid}` a UUID, `{raDeg, decDeg}` a point, and a region of sky/ a region.
 * Plain strings stay strings: a column of UUIDs also takes a string that is one.
 * @throws QUERY_BAD_BIND
 */
export function bindLiteral(name: string, value: unknown, place?: Place): Literal {
  const bad = (reason: string): never => {
    throw queryErrors.BAD_BIND({ name, reason }, { place });
  };
  switch (typeof value) {
    case 'string':
      return { kind: 'literal', type: 'string', value };
    case 'boolean':
      return { kind: 'literal', type: 'bool', value };
    case 'bigint':
      return { kind: 'literal', type: 'time', value };
    case 'number':
      if (!Number.isFinite(value)) bad(`${value} is not a finite number`);
      if (Number.isInteger(value) && !Number.isSafeInteger(value)) bad(`${value} is beyond 2^53 and would be rounded`);
      return { kind: 'literal', type: Number.isInteger(value) ? 'int' : 'float', value };
    case 'object':
      break;
    default:
      bad(`it is ${value === undefined ? 'undefined' : `a ${typeof value}`}`);
  }
  if (value === null) return { kind: 'literal', type: 'null', value };
  if (isRegion(value)) return { kind: 'literal', type: 'region', value };
  const object = value as Record<string, unknown>;
  if ('taiNs' in object && typeof object.taiNs === 'bigint')
    return { kind: 'literal', type: 'time', value: object.taiNs };
  if ('uuid' in object && typeof object.uuid === 'string' && UUID.test(object.uuid)) {
    return { kind: 'literal', type: 'uuid', value: object.uuid.toLowerCase() };
  }
  if ('beginNs' in object || 'endNs' in object) {
    const { beginNs, endNs } = object as { beginNs?: bigint; endNs?: bigint };
    if ([beginNs, endNs].some((ns) => ns !== undefined && typeof ns !== 'bigint')) bad('a timespan has bigint bounds');
    return { kind: 'literal', type: 'timespan', value: { beginNs, endNs } };
  }
  if (typeof object.raDeg === 'number' && typeof object.decDeg === 'number') {
    return { kind: 'literal', type: 'region', value: pointRegion(object.raDeg, object.decDeg) };
  }
  return bad('it is an object of no known kind');
}

/** Members of a bound list (array or set) as literals, or the one literal of a single value. */
export function bindList(name: string, value: unknown, place?: Place): Literal[] {
  const members = Array.isArray(value) || value instanceof Set ? [...value] : [value];
  return members.map((member) => bindLiteral(name, member, place));
}
