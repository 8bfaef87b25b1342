// SPDX-License-Identifier: BSD-3-Clause

/** More than so many lines do not help anybody. */
const limit = 20;

type Numbers = ArrayLike<number | bigint>;

/**
 * Where two values differ, in words: one line for each place, at most 20. Arrays of numbers are compared as a whole (how many elements, by
 * how much at most; NaN equals NaN); everything else by its properties. Functions are not looked at.
 */
export function differences(was: unknown, is: unknown): string[] {
  const lines: string[] = [];
  const seen = new Set<object>();
  const visit = (place: string, a: unknown, b: unknown): void => {
    if (lines.length >= limit || Object.is(a, b) || typeof a === 'function') return;
    const where = place === '' ? 'value' : place;
    if (isNumbers(a) && isNumbers(b)) {
      const line = numbersDiffer(a, b);
      if (line !== undefined) lines.push(`${where}: ${line}`);
      return;
    }
    if (!isObject(a) || !isObject(b) || Array.isArray(a) !== Array.isArray(b)) {
      lines.push(`${where}: ${shown(a)} became ${shown(b)}`);
      return;
    }
    if (seen.has(a)) return;
    seen.add(a);
    const [one, other] = [entriesOf(a), entriesOf(b)];
    for (const key of new Set([...one.keys(), ...other.keys()])) {
      const at = Array.isArray(a) ? `${place}[${key}]` : place === '' ? key : `${place}.${key}`;
      if (!other.has(key)) lines.push(`${at}: ${shown(one.get(key))} is gone`);
      else if (!one.has(key)) lines.push(`${at}: ${shown(other.get(key))} is new`);
      else visit(at, one.get(key), other.get(key));
      if (lines.length >= limit) return;
    }
  };
  visit('', was, is);
  return lines;
}

function numbersDiffer(a: Numbers, b: Numbers): string | undefined {
  if (a.length !== b.length) return `${a.length} elements became ${b.length}`;
  let count = 0;
  let first = -1;
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    if (Object.is(a[i], b[i]) || a[i] === b[i]) continue;
    if (first < 0) first = i;
    count++;
    largest = Math.max(largest, Math.abs(Number(a[i]) - Number(b[i])) || 0);
  }
  if (count === 0) return undefined;
  return `${count} of ${a.length} elements differ, by ${Number(largest.toPrecision(4))} at most; the first is [${first}]: ${a[first]} became ${b[first]}`;
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
const isNumbers = (value: unknown): value is Numbers =>
  ArrayBuffer.isView(value) && !(value instanceof DataView) && 'length' in value;

function entriesOf(value: object): Map<string, unknown> {
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [String(key), item]));
  if (value instanceof Set) return new Map([...value].map((item) => [shown(item), item]));
  return new Map(Object.entries(value));
}

function shown(value: unknown): string {
  if (isNumbers(value)) return `${value.length} numbers`;
  const text = JSON.stringify(value, (_, v) => (typeof v === 'bigint' ? String(v) : v)) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
