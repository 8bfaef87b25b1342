// SPDX-License-Identifier: BSD-3-Clause
import { placeInExpression, queryErrors } from '../errors.ts';

const KEYWORDS = new Set(['NOT', 'IN', 'OR', 'AND', 'OVERLAPS']);
const SYMBOLS: Readonly<Record<string, TokenKind>> = {
  '=': 'EQ',
  '!=': 'NE',
  '<': 'LT',
  '<=': 'LE',
  '>': 'GT',
  '>=': 'GE',
  '+': 'ADD',
  '-': 'SUB',
  '*': 'MUL',
  '/': 'DIV',
  '%': 'MOD',
  '(': 'LPAREN',
  ')': 'RPAREN',
  ',': 'COMMA',
};

export type TokenKind =
  | 'NOT'
  | 'IN'
  | 'OR'
  | 'AND'
  | 'OVERLAPS'
  | 'EQ'
  | 'NE'
  | 'LT'
  | 'LE'
  | 'GT'
  | 'GE'
  | 'ADD'
  | 'SUB'
  | 'MUL'
  | 'DIV'
  | 'MOD'
  | 'LPAREN'
  | 'RPAREN'
  | 'COMMA'
  | 'SIMPLE_IDENTIFIER'
  | 'QUALIFIED_IDENTIFIER'
  | 'BIND_NAME'
  | 'NUMERIC_LITERAL'
  | 'STRING_LITERAL'
  | 'TIME_LITERAL'
  | 'RANGE_LITERAL'
  | 'END';

export interface IntegerRange {
  readonly start: number;
  /** Inclusive. */
  readonly stop: number;
  /** At least 1. */
  readonly stride: number;
  readonly hasStride: boolean;
}

export interface Token {
  readonly kind: TokenKind;
  /** The token as it stands in the source. */
  readonly text: string;
  /** Keyword in capitals, string or time without quotes, bind name without colon, number as written; a range's numbers are in `range`. */
  readonly value: string;
  readonly range?: IntegerRange;
  /** 0-based offset in the expression. */
  readonly offset: number;
}

/*
 * One sticky pattern per kind, tried in this order: a range must win over a number, a time over a name.
 * Names have at most three parts; whatever follows is a fresh token (and `.` begins none, except a number such as `.5`).
 */
const PATTERNS: readonly [TokenKind | 'SYMBOL' | 'WORD', RegExp][] = [
  ['TIME_LITERAL', /T'([^'\n]*)'/y],
  ['STRING_LITERAL', /'([^'\n]*)'/y],
  ['RANGE_LITERAL', /([+-]?\d+)\s*\.\.\s*([+-]?\d+)(?:\s*:\s*([1-9]\d*))?/y],
  ['NUMERIC_LITERAL', /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y],
  ['QUALIFIED_IDENTIFIER', /[A-Za-z_]\w*(?:\.[A-Za-z_]\w*){1,2}/y],
  ['WORD', /[A-Za-z_]\w*/y],
  ['BIND_NAME', /:([A-Za-z_]\w*)/y],
  ['SYMBOL', /!=|<=|>=|[=<>+\-*/%(),]/y],
];

/**
 * Tokens of a query expression in order, ending with one of kind END.
 * @throws QUERY_BAD_CHARACTER at the first offset where no token can begin; tokens before it have been yielded.
 */
export function* lex(text: string): Generator<Token, void, undefined> {
  const blank = /\s*/y;
  let offset = 0;
  for (;;) {
    blank.lastIndex = offset;
    blank.test(text);
    offset = blank.lastIndex;
    if (offset >= text.length) break;
    const token = tokenAt(text, offset);
    if (token === undefined) {
      throw queryErrors.BAD_CHARACTER({ found: text[offset] }, { place: placeInExpression(text, offset) });
    }
    yield token;
    offset += token.text.length;
  }
  yield { kind: 'END', text: '', value: '', offset: text.length };
}

function tokenAt(text: string, offset: number): Token | undefined {
  for (const [kind, pattern] of PATTERNS) {
    pattern.lastIndex = offset;
    const match = pattern.exec(text);
    if (match === null) continue;
    const [whole, first, second, third] = match;
    switch (kind) {
      case 'SYMBOL':
        return { kind: SYMBOLS[whole], text: whole, value: whole, offset };
      case 'WORD': {
        const upper = whole.toUpperCase();
        return KEYWORDS.has(upper)
          ? { kind: upper as TokenKind, text: whole, value: upper, offset }
          : { kind: 'SIMPLE_IDENTIFIER', text: whole, value: whole, offset };
      }
      case 'RANGE_LITERAL': {
        const range = {
          start: Number(first),
          stop: Number(second),
          stride: Number(third ?? 1),
          hasStride: third !== undefined,
        };
        return { kind, text: whole, value: formatRange(range), range, offset };
      }
      default:
        return { kind, text: whole, value: first ?? whole, offset };
    }
  }
  return undefined;
}

export function formatRange(range: IntegerRange): string {
  return `${range.start}..${range.stop}${range.hasStride ? `:${range.stride}` : ''}`;
}
