// SPDX-License-Identifier: BSD-3-Clause
import type { IntegerRange } from './lexer.ts';
import type { TimeLiteral } from './time-literal.ts';

/** Comparison, logic and arithmetic in the words of the expression. */
export type BinaryOperator =
  | 'AND'
  | 'OR'
  | 'OVERLAPS'
  | '='
  | '!='
  | '<'
  | '<='
  | '>'
  | '>='
  | '+'
  | '-'
  | '*'
  | '/'
  | '%';

interface At {
  /** 0-based offset of the node's first character in the expression. */
  readonly offset: number;
}

/**
 * A parsed expression. Nothing here knows the repository: names and types are given meaning by predicate/.
 * Angles in the sky functions are degrees.
 */
export type Expression =
  | (At & { readonly kind: 'identifier'; readonly name: string })
  | (At & { readonly kind: 'bind'; readonly name: string })
  /** As written: whether it is an integer shows in the text. */
  | (At & { readonly kind: 'number'; readonly text: string })
  | (At & { readonly kind: 'string'; readonly value: string })
  | (At & { readonly kind: 'time'; readonly time: TimeLiteral })
  | (At & { readonly kind: 'uuid'; readonly value: string })
  | (At & { readonly kind: 'range'; readonly range: IntegerRange })
  | (At & { readonly kind: 'parens'; readonly inner: Expression })
  | (At & { readonly kind: 'tuple'; readonly items: readonly [Expression, Expression] })
  | (At & { readonly kind: 'unary'; readonly operator: 'NOT' | '+' | '-'; readonly operand: Expression })
  | (At & {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
    })
  | (At & {
      readonly kind: 'in';
      readonly negated: boolean;
      readonly operand: Expression;
      readonly items: readonly Expression[];
    })
  | (At & { readonly kind: 'call'; readonly name: string; readonly arguments: readonly Expression[] })
  | (At & { readonly kind: 'point'; readonly ra: Expression; readonly dec: Expression })
  | (At & { readonly kind: 'circle'; readonly ra: Expression; readonly dec: Expression; readonly radius: Expression })
  | (At & {
      readonly kind: 'box';
      readonly ra: Expression;
      readonly dec: Expression;
      readonly width: Expression;
      readonly height: Expression;
    })
  | (At & { readonly kind: 'polygon'; readonly vertices: readonly (readonly [Expression, Expression])[] })
  | (At & { readonly kind: 'region'; readonly pos: Expression })
  | (At & { readonly kind: 'glob'; readonly column: Expression; readonly pattern: Expression });

export type ExpressionOf<K extends Expression['kind']> = Extract<Expression, { kind: K }>;
