// SPDX-License-Identifier: BSD-3-Clause

/** One field that differs; undefined where a side has none. */
export interface FieldDifference {
  /** `overscan.order`; numbers are places in lists. */
  field: string;
  a: unknown;
  b: unknown;
}

/** Differences of two plain values, field by field, in the order of A's fields, then those that only B has. */
export function fieldDifferences(a: unknown, b: unknown, path = ''): FieldDifference[] {
  if (Object.is(a, b)) return [];
  if (isTree(a) && isTree(b) && Array.isArray(a) === Array.isArray(b)) {
    const names = [...new Set([...Object.keys(a), ...Object.keys(b)])];
    return names.flatMap((name) => fieldDifferences(a[name], b[name], path === '' ? name : `${path}.${name}`));
  }
  return [{ field: path, a, b }];
}

function isTree(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
