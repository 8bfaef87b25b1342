// SPDX-License-Identifier: BSD-3-Clause
import { butlerErrors } from '../errors.ts';

/**
 * A value by a Python format specification, as far as file names need it: fill, alignment, sign, zero padding, width, precision of
 * texts, and the types s, d, x, X, o, b.
 */
export function formatValue(value: string | number, spec: string): string {
  const match = /^(?:(.)?([<>=^]))?([+ -])?(0)?(\d+)?(?:\.(\d+))?([sdxXob])?$/s.exec(spec);
  if (match === null) throw butlerErrors.BAD_TEMPLATE({ template: spec, problem: 'this format is not supported' });
  const [, fill, align, sign, zero, width, precision, type] = match;
  const isNumber = typeof value === 'number';
  if (isNumber ? type === 's' : type !== undefined && type !== 's') {
    throw butlerErrors.BAD_TEMPLATE({ template: spec, problem: `it does not suit the value ${value}` });
  }
  if (!isNumber) {
    const text = precision === undefined ? value : value.slice(0, Number(precision));
    return pad('', text, Number(width ?? 0), fill ?? ' ', align ?? '<');
  }
  const radix = { x: 16, X: 16, o: 8, b: 2 }[type ?? 'd'] ?? 10;
  const digits = Math.abs(value).toString(radix);
  const head = value < 0 ? '-' : sign === '+' ? '+' : sign === ' ' ? ' ' : '';
  const body = type === 'X' ? digits.toUpperCase() : digits;
  return zero === undefined
    ? pad(head, body, Number(width ?? 0), fill ?? ' ', align ?? '>')
    : pad(head, body, Number(width ?? 0), fill ?? '0', align ?? '=');
}

function pad(head: string, body: string, width: number, fill: string, align: string): string {
  const missing = Math.max(0, width - head.length - body.length);
  const left = align === '<' ? 0 : align === '^' ? Math.floor(missing / 2) : missing;
  if (align === '=') return head + fill.repeat(missing) + body;
  return fill.repeat(left) + head + body + fill.repeat(missing - left);
}
