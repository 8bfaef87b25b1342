// SPDX-License-Identifier: BSD-3-Clause
import { didYouMean, type SkymillError } from '../../base/index.ts';
import { fitsErrors } from '../errors.ts';
import { CARD_BYTES, Card, splitCards } from './card.ts';
import type { CardValue } from './value.ts';

export const BLOCK_BYTES = 2880;

/**
 * The cards of one HDU in order, duplicates and commentary included. Reading is lazy: cards are split at the first
 * look and a value is parsed when asked for. Cards that were read and not changed are written byte for byte.
 * Keywords are case-insensitive; HIERARCH keywords go without the word HIERARCH (`"ESO DET ID"`).
 */
export class Header {
  #text: string | undefined;
  #cards: Card[] = [];
  #index: Map<string, number> | undefined;

  constructor(cards: Iterable<Card> = []) {
    this.#cards = [...cards];
  }

  /** From the bytes of a header; stops at the END card, which may be absent here (the file layer insists on it). */
  static parse(bytes: Uint8Array): Header {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const end = findEnd(buffer, 0);
    return Header.fromText(buffer.toString('latin1', 0, end < 0 ? buffer.length - (buffer.length % CARD_BYTES) : end));
  }

  /** From 80-character records without the END card. */
  static fromText(text: string): Header {
    const header = new Header();
    header.#text = text;
    return header;
  }

  /** From plain values, in the order of the record's keys. */
  static from(values: Readonly<Record<string, CardValue | null>>): Header {
    return new Header(Object.entries(values).map(([key, value]) => Card.of(key, value ?? undefined)));
  }

  get cards(): readonly Card[] {
    if (this.#text !== undefined) {
      this.#cards = splitCards(this.#text);
      this.#text = undefined;
    }
    return this.#cards;
  }

  /** What breaks the standard, card by card; such cards are kept as they are and have the value undefined. */
  get warnings(): SkymillError[] {
    return this.cards.flatMap((card) => card.warning ?? []);
  }

  has(keyword: string): boolean {
    return this.card(keyword) !== undefined;
  }

  /** The first card of a keyword. */
  card(keyword: string): Card | undefined {
    if (this.#text !== undefined && STANDARD_KEYWORD.test(keyword)) {
      const found = findCard(this.#text, keyword.toUpperCase());
      if (found !== 'look closer') return found;
    }
    const at = this.#find(keyword);
    return at < 0 ? undefined : this.#cards[at];
  }

  /** Value of the first card of a keyword; undefined when it is absent or has no value. */
  get(keyword: string): CardValue {
    return this.card(keyword)?.value;
  }

  /** Values of all cards of a keyword: `getAll('HISTORY')`. */
  getAll(keyword: string): CardValue[] {
    const name = keyword.toUpperCase();
    return this.cards.filter((card) => card.keyword === name).map((card) => card.value);
  }

  /** A finite number; throws when the card is absent (and there is no default) or something else. */
  getNumber(keyword: string, fallback?: number): number {
    const value = this.#required(keyword, fallback);
    if (typeof value === 'number') return value;
    if (typeof value === 'bigint') return Number(value);
    throw wrongType(keyword, value, 'number');
  }

  getInteger(keyword: string, fallback?: number): number {
    const value = this.getNumber(keyword, fallback);
    if (Number.isInteger(value)) return value;
    throw wrongType(keyword, value, 'integer');
  }

  getString(keyword: string, fallback?: string): string {
    const value = this.#required(keyword, fallback);
    if (typeof value === 'string') return value;
    throw wrongType(keyword, value, 'string');
  }

  getBoolean(keyword: string, fallback?: boolean): boolean {
    const value = this.#required(keyword, fallback);
    if (typeof value === 'boolean') return value;
    throw wrongType(keyword, value, 'logical');
  }

  /** Changes the first card of a keyword in place, or adds one. The comment stays unless a new one is given. */
  set(keyword: string, value: CardValue, comment?: string): this {
    const at = this.#find(keyword);
    if (at < 0) return this.add(keyword, value, comment);
    this.#cards[at] = Card.of(keyword, value, comment ?? this.#cards[at].comment);
    return this;
  }

  /** Appends a card, also where the keyword exists: `add('HISTORY', 'flat-fielded')`. */
  add(keyword: string, value: CardValue, comment?: string): this {
    return this.append(Card.of(keyword, value, comment));
  }

  append(card: Card): this {
    if (this.#text !== undefined) this.cards;
    if (this.#index !== undefined && !this.#index.has(card.keyword)) this.#index.set(card.keyword, this.#cards.length);
    this.#cards.push(card);
    return this;
  }

  /** Removes every card of a keyword; says whether there was one. */
  delete(keyword: string): boolean {
    const name = keyword.toUpperCase();
    const kept = this.cards.filter((card) => card.keyword !== name);
    const found = kept.length !== this.#cards.length;
    this.#cards = kept;
    this.#index = undefined;
    return found;
  }

  clone(): Header {
    return new Header(this.cards);
  }

  /** First value of each keyword as plain data. Commentary, undefined and complex cards are left out; big integers become numbers. */
  toCards(): Record<string, string | number | boolean> {
    const plain: Record<string, string | number | boolean> = {};
    for (const card of this.cards) {
      const { keyword } = card;
      if (card.isCommentary || plain[keyword] !== undefined) continue;
      const value = card.value;
      if (typeof value === 'bigint') plain[keyword] = Number(value);
      else if (value !== undefined && typeof value !== 'object') plain[keyword] = value;
    }
    return plain;
  }

  /** The records with END, filled with blanks to a multiple of 2880 bytes. */
  toBytes(): Buffer {
    const text = this.#text ?? this.#cards.map((card) => card.records).join('');
    const used = text.length + CARD_BYTES;
    const bytes = Buffer.alloc(Math.ceil(used / BLOCK_BYTES) * BLOCK_BYTES, 32);
    bytes.write(text, 0, 'latin1');
    bytes.write('END', text.length, 'latin1');
    return bytes;
  }

  #find(keyword: string): number {
    if (this.#index === undefined) {
      const cards = this.cards;
      this.#index = new Map();
      for (let i = cards.length - 1; i >= 0; i--) this.#index.set(cards[i].keyword, i);
    }
    return this.#index.get(keyword) ?? this.#index.get(keyword.toUpperCase()) ?? -1;
  }

  #required(keyword: string, fallback: CardValue): CardValue {
    const card = this.card(keyword);
    if (card !== undefined && card.value !== undefined) return card.value;
    if (fallback !== undefined) return fallback;
    if (card !== undefined) throw card.warning ?? wrongType(keyword, undefined, 'value');
    throw fitsErrors.NO_CARD({ keyword, hint: didYouMean(keyword, new Set(this.cards.map((c) => c.keyword))) });
  }
}

function wrongType(keyword: string, value: CardValue, wanted: string): SkymillError {
  const text =
    value === undefined
      ? 'undefined'
      : typeof value === 'object'
        ? `(${value.re}, ${value.im})`
        : typeof value === 'string'
          ? `"${value}"`
          : String(value);
  return fitsErrors.CARD_TYPE({ keyword, value: text, wanted });
}

const STANDARD_KEYWORD = /^[A-Za-z0-9_-]{1,8}$/;

/** The first card of a keyword without splitting the header: what a look at a few cards of very many headers needs. */
function findCard(text: string, keyword: string): Card | undefined | 'look closer' {
  const first = keyword.charCodeAt(0) | 32;
  let found = -1;
  for (let at = 0; at < text.length; at += CARD_BYTES) {
    const code = text.charCodeAt(at) | 32;
    if (code === 104 && text.startsWith('HIERARCH ', at)) return 'look closer';
    if (
      found < 0 &&
      code === first &&
      text
        .slice(at, at + 8)
        .trimEnd()
        .toUpperCase() === keyword
    )
      found = at;
  }
  if (found < 0) return undefined;
  let end = found + CARD_BYTES;
  while (text.startsWith('CONTINUE  ', end)) end += CARD_BYTES;
  return keyword === 'CONTINUE' ? 'look closer' : splitCards(text.slice(found, end))[0];
}

/** Byte offset of the END card at or after `from` (a multiple of 80), or -1. */
export function findEnd(bytes: Uint8Array, from: number): number {
  const last = bytes.length - CARD_BYTES;
  for (let at = from; at <= last; at += CARD_BYTES) {
    if (
      bytes[at] === 69 &&
      bytes[at + 1] === 78 &&
      bytes[at + 2] === 68 &&
      bytes[at + 3] === 32 &&
      bytes[at + 4] === 32 &&
      bytes[at + 5] === 32 &&
      bytes[at + 6] === 32 &&
      bytes[at + 7] === 32
    )
      return at;
  }
  return -1;
}
