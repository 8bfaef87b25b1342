// SPDX-License-Identifier: BSD-3-Clause
import { fitsErrors } from '../errors.ts';
import { type CardValue, formatScalar } from './value.ts';

const STANDARD_KEYWORD = /^[A-Z0-9_-]{1,8}$/;
const PRINTABLE = /^[\x20-\x7e]*$/;
const WIDTH = 80;

/**
 * The 80-character records of a card in fixed format (FITS standard 4.0, section 4.2; HIERARCH: ESO convention;
 * CONTINUE: section 4.2.1.2). A comment that does not fit is cut, a value never is.
 */
export function formatCard(
  keyword: string,
  value: CardValue,
  comment: string,
): { name: string; records: string; commentary: boolean } {
  const name = keyword.trim().toUpperCase();
  assertPrintable(name, comment);
  if (name === 'COMMENT' || name === 'HISTORY' || name === '') {
    const text = value === undefined ? '' : String(value);
    assertPrintable(name, text);
    return { name, records: splitText(name, text), commentary: true };
  }
  if (name === 'END' || name === 'CONTINUE' || name.includes('='))
    throw fitsErrors.BAD_VALUE({ keyword: name, value: String(value), problem: 'the keyword itself is not allowed' });
  const start = STANDARD_KEYWORD.test(name) ? `${name.padEnd(8)}= ` : `HIERARCH ${name} = `;
  if (typeof value === 'string') {
    assertPrintable(name, value);
    return { name, records: formatString(name, start, value, comment), commentary: false };
  }
  const scalar = formatScalar(name, value);
  const head = start + (start.length === 10 ? scalar.padStart(20) : scalar);
  if (head.length > WIDTH) throw tooLong(name, scalar);
  return { name, records: withComment(head, comment), commentary: false };
}

function formatString(name: string, start: string, value: string, comment: string): string {
  const escaped = value.replaceAll("'", "''");
  const short = start.length === 10 ? `'${escaped.padEnd(8)}'` : `'${escaped}'`;
  if (start.length + short.length <= WIDTH) {
    const head = start + short;
    return withComment(start.length === 10 ? head.padEnd(30) : head, comment);
  }
  const room = WIDTH - start.length - 3;
  if (room < 10) throw tooLong(name, value);
  let records = '';
  let prefix = start;
  let rest = value;
  for (;;) {
    const last = rest.replaceAll("'", "''").length <= WIDTH - prefix.length - 2;
    if (last) return records + withComment(`${prefix}'${rest.replaceAll("'", "''")}'`, comment);
    const part = takeEscaped(rest, WIDTH - prefix.length - 3);
    records += `${prefix}'${part.replaceAll("'", "''")}&'`.padEnd(WIDTH);
    rest = rest.slice(part.length);
    prefix = 'CONTINUE  ';
  }
}

/** The longest start of `text` whose quoted form has at most `room` characters; trailing blanks stay with the next part. */
function takeEscaped(text: string, room: number): string {
  let used = 0;
  let n = 0;
  while (n < text.length) {
    used += text[n] === "'" ? 2 : 1;
    if (used > room) break;
    n++;
  }
  return text.slice(0, n);
}

function withComment(head: string, comment: string): string {
  const text = comment === '' ? head : `${head} / ${comment}`;
  return text.slice(0, WIDTH).padEnd(WIDTH);
}

function splitText(name: string, text: string): string {
  let records = '';
  for (let at = 0; at === 0 || at < text.length; at += WIDTH - 8)
    records += (name.padEnd(8) + text.slice(at, at + WIDTH - 8)).padEnd(WIDTH);
  return records;
}

function assertPrintable(keyword: string, text: string): void {
  if (!PRINTABLE.test(text) || !PRINTABLE.test(keyword))
    throw fitsErrors.BAD_VALUE({ keyword, value: JSON.stringify(text), problem: 'only printable ASCII is allowed' });
}

function tooLong(keyword: string, value: string): Error {
  return fitsErrors.BAD_VALUE({
    keyword,
    value: JSON.stringify(value),
    problem: 'keyword and value do not fit in a card',
  });
}
