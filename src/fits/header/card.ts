// SPDX-License-Identifier: BSD-3-Clause
import type { SkymillError } from '../../base/index.ts';
import { fitsErrors } from '../errors.ts';
import { formatCard } from './format.ts';
import { type CardValue, type ParsedValue, parseValueField } from './value.ts';

export const CARD_BYTES = 80;

/**
 * One header card with the CONTINUE records that belong to it. It is parsed when its value is asked for, and
 * a card that was read is written as it was, byte for byte.
 */
export class Card {
  /** Upper case, without trailing blanks and without `HIERARCH`; empty for a blank card. */
  readonly keyword: string;
  /** The 80-character records of this card. */
  readonly records: string;
  readonly #field: number;
  #parsed: ParsedValue | undefined;

  /** `valueAt`: where the value field begins in `records`, or -1 for commentary cards. */
  constructor(keyword: string, records: string, valueAt: number, parsed?: ParsedValue) {
    this.keyword = keyword;
    this.records = records;
    this.#field = valueAt;
    this.#parsed = parsed;
  }

  /** A new card. Strings that do not fit are continued (CONTINUE); long or unusual keywords become HIERARCH. */
  static of(keyword: string, value: CardValue, comment = ''): Card {
    const { name, records, commentary } = formatCard(keyword, value, comment);
    return new Card(name, records, commentary ? -1 : 10, { value, comment });
  }

  get isCommentary(): boolean {
    return this.#field < 0;
  }

  get value(): CardValue {
    return this.#parse().value;
  }

  get comment(): string {
    return this.#parse().comment;
  }

  /** The typed warning of a card that breaks the standard. */
  get warning(): SkymillError | undefined {
    const problem = this.#parse().problem;
    return problem === undefined ? undefined : fitsErrors.BAD_CARD({ card: this.records.trimEnd(), problem });
  }

  #parse(): ParsedValue {
    return (this.#parsed ??= this.#field < 0 ? parseCommentary(this.records) : parseRecords(this.records, this.#field));
  }
}

function parseCommentary(records: string): ParsedValue {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are exactly what is looked for
  const bad = /[\x00-\x1f\x7f-\xff]/.test(records);
  return {
    value: records.slice(8).trimEnd(),
    comment: '',
    problem: bad ? 'has characters that are not printable ASCII' : undefined,
  };
}

function parseRecords(records: string, field: number): ParsedValue {
  if (records.length === CARD_BYTES) return parseValueField(records.slice(field));
  const first = parseValueField(records.slice(field, CARD_BYTES));
  let text = String(first.value).slice(0, -1);
  const comments = first.comment === '' ? [] : [first.comment];
  for (let at = CARD_BYTES; at < records.length; at += CARD_BYTES) {
    const next = parseValueField(records.slice(at + 8, at + CARD_BYTES));
    if (next.comment !== '') comments.push(next.comment);
    const part = typeof next.value === 'string' ? next.value : '';
    const last = at + CARD_BYTES === records.length;
    text += !last && part.endsWith('&') ? part.slice(0, -1) : part;
  }
  return { value: text, comment: comments.join(' ') };
}

/** Splits the text of a header (multiple of 80 characters, without END) into cards. */
export function splitCards(text: string): Card[] {
  const cards: Card[] = [];
  for (let at = 0; at < text.length; at += CARD_BYTES) {
    let end = at + CARD_BYTES;
    const field = valueStart(text, at);
    const keyword = keywordOf(text, at, field);
    if (field >= 0 && text.startsWith('CONTINUE  ', end)) {
      // The long-string convention: a string ending in & goes on in CONTINUE records.
      while (
        text.startsWith('CONTINUE  ', end) &&
        continues(text, end - CARD_BYTES, end - at === CARD_BYTES ? field : 8)
      )
        end += CARD_BYTES;
    }
    cards.push(new Card(keyword, text.slice(at, end), field));
    at = end - CARD_BYTES;
  }
  return cards;
}

function continues(text: string, record: number, field: number): boolean {
  const { value } = parseValueField(text.slice(record + field, record + CARD_BYTES));
  return typeof value === 'string' && value.endsWith('&');
}

/** Offset of the value field in the record at `at`, or -1 for commentary. */
function valueStart(text: string, at: number): number {
  if (text.charCodeAt(at + 8) === 61 && text.charCodeAt(at + 9) === 32) return isCommentaryKeyword(text, at) ? -1 : 10;
  if (text.startsWith('HIERARCH ', at)) {
    const equals = text.indexOf('=', at);
    if (equals > at && equals < at + CARD_BYTES) return equals - at + 1;
  }
  return -1;
}

function isCommentaryKeyword(text: string, at: number): boolean {
  return text.startsWith('COMMENT ', at) || text.startsWith('HISTORY ', at) || text.startsWith('        ', at);
}

function keywordOf(text: string, at: number, field: number): string {
  const name =
    field > 10 || (field === 10 && text.startsWith('HIERARCH ', at) && text.charCodeAt(at + 8) !== 61)
      ? text.slice(at + 9, at + field - 1).trim()
      : text.slice(at, at + 8).trimEnd();
  return name.toUpperCase();
}
