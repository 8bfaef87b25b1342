// SPDX-License-Identifier: BSD-3-Clause
import { didYouMean, type Place } from '../../../base/index.ts';
import { makeTimespan } from '../../timespan.ts';
import { placeInExpression, queryErrors } from '../errors.ts';
import { formatExpression } from '../expression/format.ts';
import { FUNCTION_NAMES, withoutParens } from '../expression/functions.ts';
import { parseExpression } from '../expression/parser.ts';
import type { Expression, ExpressionOf } from '../expression/tree.ts';
import { boxRegion, circleRegion, parsePosRegion, pointRegion, polygonRegion, type Region } from '../spatial/sky.ts';
import { bindList, bindLiteral } from './bind.ts';
import { compare, overlaps } from './compare.ts';
import { resolveName, type Scope } from './names.ts';
import {
  type Arithmetic,
  type Comparison,
  conjunction,
  type Literal,
  type Predicate,
  TRUE,
  type Value,
} from './types.ts';

/** An expression with the values bound to its names. */
export interface Where {
  readonly text: string;
  readonly bind: Readonly<Record<string, unknown>>;
}

/**
 * Gives an expression its meaning: names become columns, literals and bound values get types, sky functions become regions.
 * @throws errors of section QUERY, each pointing into the expression
 */
export function buildPredicate(where: Where, scope: Scope): Predicate {
  const tree = parseExpression(where.text);
  return tree === undefined ? TRUE : new Builder(where, scope).predicate(tree);
}

class Builder {
  readonly #where: Where;
  readonly #scope: Scope;

  constructor(where: Where, scope: Scope) {
    this.#where = where;
    this.#scope = scope;
  }

  predicate(node: Expression): Predicate {
    switch (node.kind) {
      case 'parens':
        return this.predicate(node.inner);
      case 'unary':
        if (node.operator === 'NOT') return { op: 'not', term: this.predicate(node.operand) };
        break;
      case 'binary':
        return this.#binary(node);
      case 'in':
        return this.#in(node);
      case 'glob':
        return this.#glob(node);
      case 'call': {
        const hint = didYouMean(node.name.toUpperCase(), FUNCTION_NAMES);
        throw queryErrors.UNKNOWN_FUNCTION({ function: node.name, hint }, { place: this.#place(node) });
      }
    }
    const value = this.#value(node);
    if (value.kind === 'literal' && value.type === 'bool') return { op: 'constant', value: value.value };
    if (value.type === 'bool') return { op: 'true', value };
    throw queryErrors.NOT_BOOLEAN(
      { text: formatExpression(node), type: `a ${value.type}` },
      { place: this.#place(node) },
    );
  }

  #binary(node: ExpressionOf<'binary'>): Predicate {
    const { operator } = node;
    switch (operator) {
      case 'AND':
        return conjunction([this.predicate(node.left), this.predicate(node.right)]);
      case 'OR':
        return { op: 'or', terms: [this.predicate(node.left), this.predicate(node.right)] };
      case 'OVERLAPS':
        return this.#overlaps(node);
      case '+':
      case '-':
      case '*':
      case '/':
      case '%':
        throw queryErrors.NOT_BOOLEAN({ text: formatExpression(node), type: 'a number' }, { place: this.#place(node) });
      default:
        return this.#compare(operator, node.left, node.right, node);
    }
  }

  /** A bare dimension (visit OVERLAPS tract) stands for its region or its timespan, whichever the other side has. */
  #overlaps(node: ExpressionOf<'binary'>): Predicate {
    const [left, right] = [this.#value(node.left), this.#value(node.right)];
    const extents = [left, right].map((value) => extentsOf(value, this.#scope.universe));
    const shared = (['region', 'timespan'] as const).find((type) => extents.every((extent) => extent[type]));
    const sides = shared === undefined ? [left, right] : extents.map((extent) => extent[shared]!);
    return overlaps(sides[0], sides[1], formatExpression(node), this.#place(node));
  }

  #compare(operator: Comparison, left: Expression, right: Expression, node: Expression): Predicate {
    const text = { left: formatExpression(left), right: formatExpression(right) };
    return compare(operator, this.#value(left), this.#value(right), text, this.#place(node));
  }

  #in(node: ExpressionOf<'in'>): Predicate {
    const value = this.#value(node.operand);
    const place = this.#place(node);
    const list: Literal[] = [];
    const terms: Predicate[] = [];
    const text = { left: formatExpression(node.operand), right: formatExpression(node) };
    const equals = (other: Value): Predicate =>
      value.type === 'region' || other.type === 'region' || (value.type === 'time' && other.type === 'timespan')
        ? overlaps(value, other, text.right, place)
        : compare('=', value, other, text, place);
    for (const item of node.items) {
      if (item.kind === 'range') {
        if (value.type !== 'int') {
          const right = formatExpression(item);
          throw queryErrors.TYPE_MISMATCH(
            { left: text.left, leftType: value.type, operator: 'IN', right, rightType: 'range of integers' },
            { place: this.#place(item) },
          );
        }
        terms.push({ op: 'range', value, ...item.range });
        continue;
      }
      for (const other of this.#members(item)) {
        const term = equals(other);
        // Equalities with literals are gathered into one list, whose members may be many.
        if (term.op === 'compare' && term.right.kind === 'literal' && isPlain(term.right)) list.push(term.right);
        else terms.push(term);
      }
    }
    if (list.length > 0) terms.unshift({ op: 'in', value, list });
    const any: Predicate =
      terms.length === 1 ? terms[0] : terms.length === 0 ? { op: 'constant', value: false } : { op: 'or', terms };
    return node.negated ? { op: 'not', term: any } : any;
  }

  #members(item: Expression): Value[] {
    const name =
      item.kind === 'bind' || (item.kind === 'identifier' && item.name in this.#where.bind) ? item.name : undefined;
    return name === undefined ? [this.#value(item)] : bindList(name, this.#bound(name, item), this.#place(item));
  }

  #glob(node: ExpressionOf<'glob'>): Predicate {
    const value = this.#value(node.column);
    const pattern = this.#value(node.pattern);
    const bad = (reason: string): never => {
      throw queryErrors.BAD_ARGUMENTS({ function: 'GLOB', reason }, { place: this.#place(node) });
    };
    if (value.type !== 'string')
      bad(`its column must hold strings, and ${formatExpression(node.column)} holds ${value.type}`);
    if (pattern.kind !== 'literal' || pattern.type !== 'string') return bad('its pattern must be a string');
    return { op: 'glob', value, pattern: pattern.value };
  }

  #value(node: Expression): Value {
    switch (node.kind) {
      case 'parens':
        return this.#value(node.inner);
      case 'identifier':
        if (node.name in this.#where.bind)
          return bindLiteral(node.name, this.#where.bind[node.name], this.#place(node));
        if (node.name.toUpperCase() === 'NULL') return { kind: 'literal', type: 'null', value: null };
        return resolveName(node.name, this.#scope, this.#place(node));
      case 'bind':
        return bindLiteral(node.name, this.#bound(node.name, node), this.#place(node));
      case 'number':
        return number(node.text);
      case 'string':
        return { kind: 'literal', type: 'string', value: node.value };
      case 'time':
        return { kind: 'literal', type: 'time', value: node.time.taiNs };
      case 'uuid':
        return { kind: 'literal', type: 'uuid', value: node.value };
      case 'tuple':
        return this.#interval(node);
      case 'unary':
        if (node.operator === 'NOT') break;
        return this.#arithmetic(node.operator, { kind: 'literal', type: 'int', value: 0 }, node.operand, node);
      case 'binary':
        if (!'+-*/%'.includes(node.operator)) break;
        return this.#arithmetic(node.operator as Arithmetic, this.#value(node.left), node.right, node);
      case 'point':
      case 'circle':
      case 'box':
      case 'polygon':
      case 'region':
        return { kind: 'literal', type: 'region', value: this.#region(node) };
    }
    throw queryErrors.NOT_A_VALUE({ text: formatExpression(node) }, { place: this.#place(node) });
  }

  #interval(node: ExpressionOf<'tuple'>): Value {
    const [begin, end] = node.items.map((item) => this.#value(item));
    [begin, end].forEach((side, i) => {
      if (side.type !== 'time' && side.type !== 'null') {
        const text = formatExpression(node.items[i]);
        throw queryErrors.NOT_A_VALUE(
          { text: `${text} (${side.type}) in a timespan` },
          { place: this.#place(node.items[i]) },
        );
      }
    });
    if (begin.kind === 'literal' && end.kind === 'literal') {
      const value = makeTimespan(
        (begin.value as bigint | null) ?? undefined,
        (end.value as bigint | null) ?? undefined,
      );
      return { kind: 'literal', type: 'timespan', value };
    }
    return { kind: 'interval', begin, end, type: 'timespan' };
  }

  #arithmetic(operator: Arithmetic, left: Value, rightNode: Expression, node: Expression): Value {
    const right = this.#value(rightNode);
    for (const side of [left, right]) {
      if (side.type !== 'int' && side.type !== 'float') {
        throw queryErrors.NOT_A_VALUE(
          { text: `${formatExpression(node)} (with a ${side.type})` },
          { place: this.#place(node) },
        );
      }
    }
    const type = operator === '/' || left.type === 'float' || right.type === 'float' ? 'float' : 'int';
    if (left.kind === 'literal' && right.kind === 'literal') {
      const [a, b] = [left.value as number, right.value as number];
      return { kind: 'literal', type, value: { '+': a + b, '-': a - b, '*': a * b, '/': a / b, '%': a % b }[operator] };
    }
    return { kind: 'arithmetic', operator, left, right, type };
  }

  #region(node: Expression): Region {
    const degrees = (argument: Expression): number => {
      const value = this.#value(argument);
      if (value.kind === 'literal' && (value.type === 'int' || value.type === 'float')) return value.value;
      throw queryErrors.BAD_ARGUMENTS(
        {
          function: node.kind.toUpperCase(),
          reason: `${formatExpression(argument)} is not a number that is known before the query`,
        },
        { place: this.#place(argument) },
      );
    };
    try {
      switch (node.kind) {
        case 'point':
          return pointRegion(degrees(node.ra), degrees(node.dec));
        case 'circle':
          return circleRegion(degrees(node.ra), degrees(node.dec), degrees(node.radius));
        case 'box':
          return boxRegion(degrees(node.ra), degrees(node.dec), degrees(node.width), degrees(node.height));
        case 'polygon':
          return polygonRegion(node.vertices.map(([ra, dec]) => [degrees(ra), degrees(dec)]));
        default: {
          const pos = this.#value((node as ExpressionOf<'region'>).pos);
          if (pos.kind === 'literal' && pos.type === 'region') return pos.value;
          if (pos.kind === 'literal' && pos.type === 'string') return parsePosRegion(pos.value);
          throw new Error('it takes an IVOA POS string');
        }
      }
    } catch (error) {
      if (error instanceof Error && 'code' in error && String(error.code).startsWith('QUERY_')) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      throw queryErrors.BAD_ARGUMENTS(
        { function: node.kind.toUpperCase(), reason },
        { place: this.#place(node), cause: error },
      );
    }
  }

  #bound(name: string, node: Expression): unknown {
    if (name in this.#where.bind) return this.#where.bind[name];
    throw queryErrors.UNKNOWN_BIND(
      { name, hint: didYouMean(name, Object.keys(this.#where.bind)) },
      { place: this.#place(node) },
    );
  }

  #place(node: Expression): Place {
    return placeInExpression(this.#where.text, withoutParens(node).offset);
  }
}

/** What a value can be compared by with OVERLAPS. */
function extentsOf(value: Value, universe: Scope['universe']): { region?: Value; timespan?: Value } {
  if (value.type === 'region') return { region: value };
  if (value.type === 'timespan' || value.type === 'time') return { timespan: value };
  if (value.kind !== 'dimension') return {};
  const element = universe.element(value.dimension);
  const { name } = element;
  const field = (type: 'region' | 'timespan'): Value => ({ kind: 'field', element: name, field: type, type });
  return {
    ...(element.spatialFamily === undefined ? {} : { region: field('region') }),
    ...(element.temporalFamily === undefined ? {} : { timespan: field('timespan') }),
  };
}

/** Literals that can stand in one SQL list. */
function isPlain(literal: Literal): boolean {
  return literal.type === 'int' || literal.type === 'float' || literal.type === 'string' || literal.type === 'uuid';
}

function number(text: string): Literal {
  const value = Number(text);
  return { kind: 'literal', type: /^[+-]?\d+$/.test(text) && Number.isSafeInteger(value) ? 'int' : 'float', value };
}
