// SPDX-License-Identifier: BSD-3-Clause
import { didYouMean } from '../../../base/index.ts';
import { placeInExpression, queryErrors } from '../errors.ts';
import { buildCall } from './functions.ts';
import { lex, type Token, type TokenKind } from './lexer.ts';
import { parseTimeLiteral } from './time-literal.ts';
import type { BinaryOperator, Expression } from './tree.ts';

/** Binding powers, weakest first. NOT binds looser than comparisons: NOT x > y is NOT (x > y). */
const POWER = { OR: 1, AND: 2, NOT: 3, COMPARE: 4, IN: 5, SUM: 6, PRODUCT: 7, SIGN: 8 } as const;

const INFIX: Partial<Record<TokenKind, { power: number; operator: BinaryOperator }>> = {
  OR: { power: POWER.OR, operator: 'OR' },
  AND: { power: POWER.AND, operator: 'AND' },
  OVERLAPS: { power: POWER.COMPARE, operator: 'OVERLAPS' },
  EQ: { power: POWER.COMPARE, operator: '=' },
  NE: { power: POWER.COMPARE, operator: '!=' },
  LT: { power: POWER.COMPARE, operator: '<' },
  LE: { power: POWER.COMPARE, operator: '<=' },
  GT: { power: POWER.COMPARE, operator: '>' },
  GE: { power: POWER.COMPARE, operator: '>=' },
  ADD: { power: POWER.SUM, operator: '+' },
  SUB: { power: POWER.SUM, operator: '-' },
  MUL: { power: POWER.PRODUCT, operator: '*' },
  DIV: { power: POWER.PRODUCT, operator: '/' },
  MOD: { power: POWER.PRODUCT, operator: '%' },
};

/**
 * Parses an expression of the Gen3 query language (the `where` of queries and graphs).
 * @returns undefined for an empty expression, which constrains nothing
 * @throws QUERY_BAD_CHARACTER, QUERY_SYNTAX, QUERY_BAD_TIME or QUERY_BAD_ARGUMENTS, each with line, column and caret
 */
export function parseExpression(text: string): Expression | undefined {
  return new Parser(text).parse();
}

/** Precedence climbing over the token stream; one token of look-ahead (two after NOT). */
class Parser {
  readonly #text: string;
  readonly #tokens: Iterator<Token>;
  #token!: Token;
  #next: Token | undefined;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = lex(text);
    this.#advance();
  }

  parse(): Expression | undefined {
    if (this.#token.kind === 'END') return undefined;
    const tree = this.#expression(0);
    this.#expect('END', 'an operator, AND, OR or the end');
    return tree;
  }

  #expression(minPower: number): Expression {
    let left = this.#operand();
    for (;;) {
      const token = this.#token;
      const negated = token.kind === 'NOT' && this.#peek().kind === 'IN';
      if ((negated || token.kind === 'IN') && POWER.IN > minPower) {
        // Only an arithmetic term may stand left of IN: a = b IN (c) means a = (b IN (c)), as a comparison stops the climb.
        if (negated) this.#advance();
        this.#advance();
        left = { kind: 'in', negated, operand: left, items: this.#items(), offset: left.offset };
        continue;
      }
      const infix = INFIX[token.kind];
      if (infix === undefined || infix.power <= minPower) return left;
      this.#advance();
      const right = this.#expression(infix.power);
      left = { kind: 'binary', operator: infix.operator, left, right, offset: left.offset };
    }
  }

  #operand(): Expression {
    const token = this.#token;
    const offset = token.offset;
    switch (token.kind) {
      case 'NOT':
        this.#advance();
        return { kind: 'unary', operator: 'NOT', operand: this.#expression(POWER.NOT), offset };
      case 'SUB':
      case 'ADD':
        this.#advance();
        return {
          kind: 'unary',
          operator: token.kind === 'SUB' ? '-' : '+',
          operand: this.#expression(POWER.SIGN),
          offset,
        };
      case 'LPAREN':
        return this.#parens();
      case 'SIMPLE_IDENTIFIER':
        this.#advance();
        if ((this.#token.kind as TokenKind) === 'LPAREN') return this.#call(token);
        return { kind: 'identifier', name: token.value, offset };
      default: {
        const literal = this.#literal();
        if (literal === undefined) this.#fail('a name, a value, NOT, or an opening parenthesis');
        return literal;
      }
    }
  }

  #literal(): Expression | undefined {
    const token = this.#token;
    const offset = token.offset;
    let node: Expression;
    switch (token.kind) {
      case 'SIMPLE_IDENTIFIER':
      case 'QUALIFIED_IDENTIFIER':
        node = { kind: 'identifier', name: token.value, offset };
        break;
      case 'BIND_NAME':
        node = { kind: 'bind', name: token.value, offset };
        break;
      case 'NUMERIC_LITERAL':
        node = { kind: 'number', text: token.value, offset };
        break;
      case 'STRING_LITERAL':
        node = { kind: 'string', value: token.value, offset };
        break;
      case 'RANGE_LITERAL':
        node = { kind: 'range', range: token.range!, offset };
        break;
      case 'TIME_LITERAL':
        node = { kind: 'time', time: parseTimeLiteral(token.value, placeInExpression(this.#text, offset)), offset };
        break;
      default:
        return undefined;
    }
    this.#advance();
    return node;
  }

  /** After an opening parenthesis: a parenthesised expression, or the two items of a tuple. */
  #parens(): Expression {
    const offset = this.#token.offset;
    this.#advance();
    const first = this.#expression(0);
    if (this.#token.kind !== 'COMMA') {
      this.#expect('RPAREN', 'an operator, a comma or a closing parenthesis');
      return { kind: 'parens', inner: first, offset };
    }
    this.#advance();
    const second = this.#expression(0);
    this.#expect('RPAREN', 'a closing parenthesis after the second item (a tuple has two)');
    return { kind: 'tuple', items: [first, second], offset };
  }

  /** The parenthesised list after IN: literals (numbers may carry a sign), ranges, names, bound values, UUIDs. */
  #items(): Expression[] {
    this.#expect('LPAREN', 'an opening parenthesis after IN');
    const items: Expression[] = [];
    do {
      if (items.length > 0) this.#advance();
      items.push(this.#item());
    } while (this.#token.kind === 'COMMA');
    this.#expect('RPAREN', 'a comma or a closing parenthesis');
    return items;
  }

  #item(): Expression {
    const token = this.#token;
    if (token.kind === 'SUB' || token.kind === 'ADD') {
      this.#advance();
      const number = this.#token;
      if (number.kind !== 'NUMERIC_LITERAL') this.#fail('a number after the sign');
      this.#advance();
      return { kind: 'number', text: (token.kind === 'SUB' ? '-' : '') + number.value, offset: token.offset };
    }
    if (token.kind === 'SIMPLE_IDENTIFIER' && this.#peek().kind === 'LPAREN') {
      this.#advance();
      return this.#call(token);
    }
    const literal = this.#literal();
    if (literal === undefined) this.#fail('a value, a range, a name or a bound value');
    return literal;
  }

  #call(name: Token): Expression {
    this.#expect('LPAREN', 'an opening parenthesis');
    const args: Expression[] = [];
    if (this.#token.kind !== 'RPAREN') {
      args.push(this.#expression(0));
      while (this.#token.kind === 'COMMA') {
        this.#advance();
        args.push(this.#expression(0));
      }
    }
    this.#expect('RPAREN', 'a comma or a closing parenthesis');
    return buildCall(name.value, args, name.offset, (offset) => placeInExpression(this.#text, offset));
  }

  #expect(kind: TokenKind, expected: string): void {
    if (this.#token.kind !== kind) this.#fail(expected);
    if (kind !== 'END') this.#advance();
  }

  #advance(): void {
    if (this.#next !== undefined) {
      this.#token = this.#next;
      this.#next = undefined;
    } else {
      this.#token = this.#tokens.next().value as Token;
    }
  }

  #peek(): Token {
    this.#next ??= this.#tokens.next().value as Token;
    return this.#next;
  }

  #fail(expected: string): never {
    const token = this.#token;
    const found = token.kind === 'END' ? 'its end' : `"${token.text}"`;
    const hint =
      token.kind === 'SIMPLE_IDENTIFIER' ? didYouMean(token.value, ['AND', 'OR', 'IN', 'NOT', 'OVERLAPS']) : '';
    throw queryErrors.SYNTAX(
      { found, expected: expected + (hint === '' ? '' : ` (${hint.trim()})`) },
      { place: placeInExpression(this.#text, token.offset) },
    );
  }
}
