// SPDX-License-Identifier: BSD-3-Clause
import { SkymillError } from '../../src/base/index.ts';
import { formatExpression } from '../../src/butler/query/expression/format.ts';
import { parseExpression } from '../../src/butler/query/expression/parser.ts';
import type { Expression } from '../../src/butler/query/expression/tree.ts';
import { offsetOf } from './expression-lexer.ts';
import type { Adapter, Case, Comparison } from './suite.ts';

/** Suite expression-parser: node, normal text and tree, or the position of the error. */
export const expressionParser: Adapter = { run };

function run(test: Case): Comparison {
  const expected = { ...test.expect };
  delete expected.message;
  delete expected.meaning;
  const actual = answer(test.input);
  if (expected.ok === false) {
    // Names of errors are each implementation's own, and positions of argument errors are not part of the contract.
    const positioned = expected.peerError === 'ParseError';
    delete expected.peerError;
    if (!positioned) return { actual: { ok: actual.ok }, expected: { ok: false } };
    // The peer reports the inside of a bad time or token; ours reports the place.
    delete expected.token;
  }
  if (expected.ok && expected.tree === undefined) delete actual.tree;
  return { actual, expected };
}

function answer(text: string): Record<string, unknown> {
  try {
    const tree = parseExpression(text);
    if (tree === undefined) return { ok: true, node: null };
    return { ok: true, node: NODES[tree.kind], normalized: formatExpression(tree), tree: compact(tree) };
  } catch (error) {
    if (!(error instanceof SkymillError)) throw error;
    const { line, column } = error.place!;
    return { ok: false, pos: offsetOf(text, line!, column!), line, column: column! - 1 };
  }
}

const NODES: Record<Expression['kind'], string> = {
  identifier: 'Identifier',
  bind: 'BindName',
  number: 'NumericLiteral',
  string: 'StringLiteral',
  time: 'TimeLiteral',
  uuid: 'UuidLiteral',
  range: 'RangeLiteral',
  parens: 'Parens',
  tuple: 'TupleNode',
  unary: 'UnaryOp',
  binary: 'BinaryOp',
  in: 'IsIn',
  call: 'FunctionCall',
  point: 'PointNode',
  circle: 'CircleNode',
  box: 'BoxNode',
  polygon: 'PolygonNode',
  region: 'RegionNode',
  glob: 'GlobNode',
};

/** The compact tree that the suite's `about` describes. */
function compact(node: Expression): string {
  const list = (nodes: readonly Expression[]): string => nodes.map(compact).join(', ');
  switch (node.kind) {
    case 'identifier':
      return `ID(${node.name})`;
    case 'bind':
      return `:(${node.name})`;
    case 'number':
      return `N(${node.text})`;
    case 'string':
      return `S(${node.value})`;
    case 'time':
      return `T(${node.time.text})`;
    case 'uuid':
      return `UUID(${node.value})`;
    case 'range':
      return `R(${formatExpression(node)})`;
    case 'parens':
      return `P(${compact(node.inner)})`;
    case 'tuple':
      return `TUPLE((${node.items.map((item) => pythonString(compact(item))).join(', ')}))`;
    case 'unary':
      return `U(${node.operator} ${compact(node.operand)})`;
    case 'binary':
      return `B(${compact(node.left)} ${node.operator} ${compact(node.right)})`;
    case 'in':
      return `${node.negated ? '!' : ''}IN(${compact(node.operand)} (${list(node.items)}))`;
    case 'call':
      return `${node.name}(${list(node.arguments)})`;
    case 'point':
      return `POINT(${list([node.ra, node.dec])})`;
    case 'circle':
      return `CIRCLE(${list([node.ra, node.dec, node.radius])})`;
    case 'box':
      return `BOX(${list([node.ra, node.dec, node.width, node.height])})`;
    case 'polygon':
      return `POLYGON(${list(node.vertices.flat())})`;
    case 'region':
      return `REGION(${compact(node.pos)})`;
    case 'glob':
      return `GLOB(${list([node.column, node.pattern])})`;
  }
}

function pythonString(text: string): string {
  return text.includes("'") ? `"${text}"` : `'${text}'`;
}
