// SPDX-License-Identifier: BSD-3-Clause
import type { Place } from '../../../base/index.ts';
import { queryErrors } from '../errors.ts';
import type { Expression } from './tree.ts';

const UUID_TEXT = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;

type PlaceOf = (offset: number) => Place;

/** Names that {@link buildCall} gives a node of their own; in any case. */
export const FUNCTION_NAMES = ['GLOB', 'POINT', 'CIRCLE', 'BOX', 'POLYGON', 'REGION', 'UUID'] as const;

/**
 * The node of `name(args)`: the functions of the language get nodes of their own and have their arguments checked here;
 * any other name stays a plain call, for the reader of the tree to refuse.
 * @throws QUERY_BAD_ARGUMENTS
 */
export function buildCall(name: string, args: readonly Expression[], offset: number, placeOf: PlaceOf): Expression {
  const upper = name.toUpperCase();
  const bad = (reason: string, at = offset): never => {
    throw queryErrors.BAD_ARGUMENTS({ function: upper, reason }, { place: placeOf(at) });
  };
  const angles = (...names: string[]): void => {
    if (args.length !== names.length)
      bad(`it takes ${names.length} arguments (${names.join(', ')}), not ${args.length}`);
    args.forEach((argument, i) => {
      if (!isNumeric(argument))
        bad(`${names[i]} must be a number, a column, arithmetic or a bound value`, argument.offset);
    });
  };
  switch (upper) {
    case 'POINT':
      angles('ra', 'dec');
      return { kind: 'point', ra: args[0], dec: args[1], offset };
    case 'CIRCLE':
      angles('ra', 'dec', 'radius');
      return { kind: 'circle', ra: args[0], dec: args[1], radius: args[2], offset };
    case 'BOX':
      angles('ra', 'dec', 'width', 'height');
      return { kind: 'box', ra: args[0], dec: args[1], width: args[2], height: args[3], offset };
    case 'POLYGON': {
      if (args.length < 6)
        bad(`it takes at least three vertices (ra1, dec1, ra2, dec2, …), not ${args.length} numbers`);
      if (args.length % 2 === 1) bad(`it takes pairs of ra and dec, and ${args.length} numbers are odd`);
      angles(...args.map((_, i) => `${i % 2 === 0 ? 'ra' : 'dec'}${(i >> 1) + 1}`));
      const vertices = Array.from({ length: args.length / 2 }, (_, i) => [args[2 * i], args[2 * i + 1]] as const);
      return { kind: 'polygon', vertices, offset };
    }
    case 'REGION': {
      const pos = args.length === 1 ? withoutParens(args[0]) : bad(`it takes one argument, not ${args.length}`);
      if (pos.kind !== 'string' && pos.kind !== 'bind')
        bad('its argument must be a string or a bound value', pos.offset);
      return { kind: 'region', pos, offset };
    }
    case 'GLOB': {
      if (args.length !== 2) bad(`it takes two arguments (column, pattern), not ${args.length}`);
      const [column, pattern] = args.map(withoutParens);
      if (column.kind !== 'identifier') bad('its first argument must be a column', column.offset);
      if (pattern.kind !== 'string' && pattern.kind !== 'bind') {
        bad('its second argument must be a string or a bound value', pattern.offset);
      }
      return { kind: 'glob', column, pattern, offset };
    }
    case 'UUID': {
      const text = args.length === 1 ? withoutParens(args[0]) : bad(`it takes one argument, not ${args.length}`);
      if (text.kind !== 'string') return bad('its argument must be a string', text.offset);
      if (!UUID_TEXT.test(text.value)) bad(`"${text.value}" is not a UUID`, text.offset);
      return { kind: 'uuid', value: canonicalUuid(text.value), offset };
    }
    default:
      return { kind: 'call', name, arguments: args, offset };
  }
}

function canonicalUuid(text: string): string {
  return text
    .replaceAll('-', '')
    .toLowerCase()
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

export function withoutParens(node: Expression): Expression {
  return node.kind === 'parens' ? withoutParens(node.inner) : node;
}

function isNumeric(node: Expression): boolean {
  switch (node.kind) {
    case 'number':
    case 'identifier':
    case 'bind':
      return true;
    case 'parens':
      return isNumeric(node.inner);
    case 'unary':
      return node.operator !== 'NOT' && isNumeric(node.operand);
    case 'binary':
      return '+-*/%'.includes(node.operator) && isNumeric(node.left) && isNumeric(node.right);
    default:
      return false;
  }
}
