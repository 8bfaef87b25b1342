// SPDX-License-Identifier: BSD-3-Clause
import { fitsErrors } from '../errors.ts';

/** A complex header value, FITS standard 4.0, section 4.2.5. */
export interface Complex {
  readonly re: number;
  readonly im: number;
}

/**
 * Value of a header card. Integers beyond 2^53 are `bigint`; `undefined` is a card with an empty value field
 * (and a card that cannot be understood). COMMENT, HISTORY and blank cards have their text as a string.
 */
export type CardValue = string | number | boolean | bigint | Complex | undefined;

export interface ParsedValue {
  value: CardValue;
  comment: string;
  /** Why the value field breaks the standard, if it does. */
  problem?: string;
}

const INTEGER = /^[+-]?\d+$/;
const REAL = /^[+-]?(\d+\.?\d*|\.\d+)([ED][+-]?\d+)?$/i;
const COMPLEX = /^\(\s*([^,\s]+)\s*,\s*([^,\s]+)\s*\)$/;

/** Parses what follows the value indicator `= ` (FITS standard 4.0, section 4.2, free format). */
export function parseValueField(field: string): ParsedValue {
  let start = 0;
  while (start < field.length && field.charCodeAt(start) === 32) start++;
  if (start === field.length) return { value: undefined, comment: '' };
  if (field.charCodeAt(start) === 39) return parseQuoted(field, start);
  const slash = field.indexOf('/', start);
  const text = (slash < 0 ? field.slice(start) : field.slice(start, slash)).trimEnd();
  const comment = slash < 0 ? '' : field.slice(slash + 1).trim();
  if (text === '') return { value: undefined, comment };
  if (text === 'T') return { value: true, comment };
  if (text === 'F') return { value: false, comment };
  const value = parseNumber(text);
  if (value !== undefined) return { value, comment };
  const complex = COMPLEX.exec(text);
  if (complex !== null) {
    const re = parseNumber(complex[1]);
    const im = parseNumber(complex[2]);
    if (re !== undefined && im !== undefined) return { value: { re: Number(re), im: Number(im) }, comment };
  }
  return { value: undefined, comment, problem: `has the value "${text}", which is no FITS value` };
}

/** Comments keep what follows the slash, without the blanks around. */
function parseQuoted(field: string, open: number): ParsedValue {
  let text = '';
  let from = open + 1;
  for (;;) {
    const quote = field.indexOf("'", from);
    if (quote < 0) return { value: undefined, comment: '', problem: 'has a string without its closing quote' };
    text += field.slice(from, quote);
    if (field.charCodeAt(quote + 1) !== 39) {
      const slash = field.indexOf('/', quote + 1);
      return { value: text.trimEnd(), comment: slash < 0 ? '' : field.slice(slash + 1).trim() };
    }
    text += "'";
    from = quote + 2;
  }
}

/** An integer or real in FITS notation (D exponents too); undefined when it is neither. */
export function parseNumber(text: string): number | bigint | undefined {
  if (INTEGER.test(text)) {
    const value = Number(text);
    return Number.isSafeInteger(value) ? value : BigInt(text.replace(/^\+/, ''));
  }
  if (!REAL.test(text)) return undefined;
  return Number(text.replace(/d/i, 'E'));
}

/** The value as it stands in a card, without padding: shortest text that reads back as the same number. */
export function formatScalar(keyword: string, value: Exclude<CardValue, string>): string {
  if (value === undefined) return '';
  if (typeof value === 'boolean') return value ? 'T' : 'F';
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number') return formatNumber(keyword, value);
  return `(${formatNumber(keyword, value.re)}, ${formatNumber(keyword, value.im)})`;
}

function formatNumber(keyword: string, value: number): string {
  if (!Number.isFinite(value))
    throw fitsErrors.BAD_VALUE({ keyword, value: String(value), problem: 'FITS headers have no such number' });
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) return value.toString();
  return formatReal(value);
}

/** A real always has a decimal point, so that readers do not take it for an integer. */
function formatReal(value: number): string {
  const text = (Object.is(value, -0) ? '-0' : value.toString()).toUpperCase();
  const [mantissa, exponent] = text.split('E');
  const pointed = mantissa.includes('.') ? mantissa : `${mantissa}.0`;
  return exponent === undefined ? pointed : `${pointed}E${exponent}`;
}
