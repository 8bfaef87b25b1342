// SPDX-License-Identifier: BSD-3-Clause
import type { Place } from '../../../base/index.ts';
import { queryErrors } from '../errors.ts';
import { regionsOverlap } from '../spatial/sky.ts';
import type { Comparison, Predicate, Value, ValueType } from './types.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const FLIPPED: Readonly<Record<Comparison, Comparison>> = {
  '=': '=',
  '!=': '!=',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
};

/**
 * A comparison of values of one kind, the column (if only one side is one) on the left.
 * @throws QUERY_TYPE_MISMATCH
 */
export function compare(
  operator: Comparison,
  left: Value,
  right: Value,
  text: { left: string; right: string },
  place: Place,
): Predicate {
  if (left.kind === 'literal' && right.kind !== 'literal') {
    return compare(FLIPPED[operator], right, left, { left: text.right, right: text.left }, place);
  }
  const mismatch = (): never => {
    throw queryErrors.TYPE_MISMATCH(
      { left: text.left, leftType: left.type, operator, right: text.right, rightType: right.type },
      { place },
    );
  };
  if (right.kind === 'literal' && right.type === 'null') {
    if (operator === '=') return { op: 'null', value: left };
    if (operator === '!=') return { op: 'not', term: { op: 'null', value: left } };
    return mismatch();
  }
  // Command lines have no UUID type, so a column of UUIDs takes a string that is one.
  if (left.type === 'uuid' && right.kind === 'literal' && right.type === 'string' && UUID.test(right.value)) {
    return {
      op: 'compare',
      operator,
      left,
      right: { kind: 'literal', type: 'uuid', value: right.value.toLowerCase() },
    };
  }
  const kinds = [kindOf(left.type), kindOf(right.type)];
  if (kinds.includes(undefined)) return mismatch();
  if (kinds[0] !== kinds[1]) {
    // A moment against a timespan: before it, after it.
    const temporal = kinds.every((kind) => kind === 'time' || kind === 'timespan');
    if (!temporal || (operator !== '<' && operator !== '>')) return mismatch();
  }
  if (kinds.includes('timespan') && (operator === '<=' || operator === '>=')) return mismatch();
  if ((kinds[0] === 'uuid' || kinds[0] === 'bool') && operator !== '=' && operator !== '!=') return mismatch();
  return { op: 'compare', operator, left, right };
}

/** Types that compare with each other. */
function kindOf(type: ValueType): string | undefined {
  if (type === 'int' || type === 'float') return 'number';
  return type === 'region' || type === 'hash' || type === 'null' ? undefined : type;
}

/**
 * `left OVERLAPS right`: of two timespans (a moment counts as one), or of two regions of which at least one is a column.
 * @throws QUERY_SPATIAL_TYPES
 */
export function overlaps(left: Value, right: Value, text: string, place: Place): Predicate {
  const bad = (): never => {
    throw queryErrors.SPATIAL_TYPES({ text }, { place });
  };
  const temporal = [left, right].every(({ type }) => type === 'time' || type === 'timespan');
  if (temporal) return { op: 'timespans overlap', left, right };
  if (left.type !== 'region' || right.type !== 'region') return bad();
  if (left.kind === 'literal' && right.kind === 'literal') {
    return { op: 'constant', value: regionsOverlap(left.value as never, right.value as never) };
  }
  const column = left.kind === 'field' ? left : right;
  const other = column === left ? right : left;
  if (column.kind !== 'field') return bad();
  if (other.kind === 'literal' && other.type === 'region') {
    return { op: 'region overlaps', element: column.element, region: other.value };
  }
  if (other.kind !== 'field') return bad();
  return { op: 'regions join', left: column.element, right: other.element, text };
}
