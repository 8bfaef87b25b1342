// SPDX-License-Identifier: BSD-3-Clause
import { formatRange } from './lexer.ts';
import type { Expression } from './tree.ts';

/** The expression in its one normal spelling: keywords and functions in capitals, one space round operators. Parsing it again gives the same tree. */
export function formatExpression(node: Expression): string {
  const call = (name: string, ...args: readonly Expression[]) => `${name}(${args.map(formatExpression).join(', ')})`;
  switch (node.kind) {
    case 'identifier':
      return node.name;
    case 'bind':
      return `:${node.name}`;
    case 'number':
      return node.text;
    case 'string':
      return `'${node.value}'`;
    case 'time':
      return `T'${node.time.text}'`;
    case 'uuid':
      return `UUID('${node.value}')`;
    case 'range':
      return formatRange(node.range);
    case 'parens':
      return `(${formatExpression(node.inner)})`;
    case 'tuple':
      return call('', ...node.items);
    case 'unary':
      return `${node.operator} ${formatExpression(node.operand)}`;
    case 'binary':
      return `${formatExpression(node.left)} ${node.operator} ${formatExpression(node.right)}`;
    case 'in':
      return `${formatExpression(node.operand)}${node.negated ? ' NOT' : ''} IN ${call('', ...node.items)}`;
    case 'call':
      return call(node.name, ...node.arguments);
    case 'point':
      return call('POINT', node.ra, node.dec);
    case 'circle':
      return call('CIRCLE', node.ra, node.dec, node.radius);
    case 'box':
      return call('BOX', node.ra, node.dec, node.width, node.height);
    case 'polygon':
      return call('POLYGON', ...node.vertices.flat());
    case 'region':
      return call('REGION', node.pos);
    case 'glob':
      return call('GLOB', node.column, node.pattern);
  }
}
