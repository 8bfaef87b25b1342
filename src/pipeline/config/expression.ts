// SPDX-License-Identifier: BSD-3-Clause

/**
 * The small language of contracts: names (`label.field.sub`), literals (numbers, quoted text, True/False/None, lists),
 * comparisons, `in`, `is`, arithmetic, and/or/not, parentheses. Written as the Gen3 pipelines write them.
 */
export type Expression =
  | { kind: 'literal'; value: unknown }
  | { kind: 'name'; path: readonly string[] }
  | { kind: 'list'; items: readonly Expression[] }
  | { kind: 'unary'; op: string; of: Expression }
  | { kind: 'binary'; op: string; left: Expression; right: Expression };

interface Token {
  text: string;
  kind: 'number' | 'string' | 'name' | 'operator' | 'end';
  column: number;
}

/** A problem with its column (1-based) in the expression. */
export class ExpressionProblem extends Error {
  override readonly name = 'ExpressionProblem';
  readonly column: number;
  constructor(message: string, column: number) {
    super(message);
    this.column = column;
  }
}

const tokenPattern =
  /\s*(?:(\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+)|("[^"]*"|'[^']*')|([A-Za-z_]\w*(?:\s*\.\s*[A-Za-z_]\w*)*)|(==|!=|<=|>=|[<>+\-*/%()[\],]))/y;

function tokens(text: string): Token[] {
  const found: Token[] = [];
  let at = 0;
  while (at < text.length && text.slice(at).trim() !== '') {
    tokenPattern.lastIndex = at;
    const match = tokenPattern.exec(text);
    const column = at + (text.slice(at).length - text.slice(at).trimStart().length) + 1;
    if (match === null) throw new ExpressionProblem(`"${text[column - 1]}" means nothing here`, column);
    const [, number, quoted, name, operator] = match;
    if (number !== undefined) found.push({ text: number, kind: 'number', column });
    else if (quoted !== undefined) found.push({ text: quoted.slice(1, -1), kind: 'string', column });
    else if (name !== undefined) found.push({ text: name.replace(/\s/g, ''), kind: 'name', column });
    else found.push({ text: operator, kind: 'operator', column });
    at = tokenPattern.lastIndex;
  }
  found.push({ text: 'the end', kind: 'end', column: text.length + 1 });
  return found;
}

const bindingPower: Record<string, number> = {
  or: 1,
  and: 2,
  '==': 4,
  '!=': 4,
  '<': 4,
  '<=': 4,
  '>': 4,
  '>=': 4,
  in: 4,
  'not in': 4,
  is: 4,
  'is not': 4,
  '+': 5,
  '-': 5,
  '*': 6,
  '/': 6,
  '%': 6,
};
const constants: Record<string, unknown> = {
  True: true,
  true: true,
  False: false,
  false: false,
  None: null,
  null: null,
};

export function parseExpression(text: string): Expression {
  const list = tokens(text);
  let at = 0;
  const operatorHere = (): string | undefined => {
    const [token, next] = [list[at], list[at + 1]];
    if (token.text === 'not' && next?.text === 'in') return 'not in';
    if (token.text === 'is' && next?.text === 'not') return 'is not';
    return token.kind !== 'string' && token.text in bindingPower ? token.text : undefined;
  };
  const expect = (what: string) => {
    if (list[at].text !== what || list[at].kind === 'string') {
      throw new ExpressionProblem(`expected "${what}", found ${list[at].text}`, list[at].column);
    }
    at++;
  };
  const expression = (power: number): Expression => {
    let left = primary();
    for (let op = operatorHere(); op !== undefined && bindingPower[op] > power; op = operatorHere()) {
      at += op.includes(' ') ? 2 : 1;
      left = { kind: 'binary', op, left, right: expression(bindingPower[op]) };
    }
    return left;
  };
  const primary = (): Expression => {
    const token = list[at++];
    if (token.kind === 'number') return { kind: 'literal', value: Number(token.text) };
    if (token.kind === 'string') return { kind: 'literal', value: token.text };
    if (token.text === 'not') return { kind: 'unary', op: 'not', of: expression(3) };
    if (token.text === '-') return { kind: 'unary', op: '-', of: expression(7) };
    if (token.text === '(') {
      const inner = expression(0);
      expect(')');
      return inner;
    }
    if (token.text === '[') {
      const items: Expression[] = [];
      while (list[at].text !== ']') {
        items.push(expression(0));
        if (list[at].text === ',') at++;
        else break;
      }
      expect(']');
      return { kind: 'list', items };
    }
    if (token.kind === 'name' && !(token.text in bindingPower)) {
      if (token.text in constants) return { kind: 'literal', value: constants[token.text] };
      return { kind: 'name', path: token.text.split('.') };
    }
    throw new ExpressionProblem(`expected a name or a value, found ${token.text}`, token.column);
  };
  const whole = expression(0);
  if (list[at].kind !== 'end') throw new ExpressionProblem(`${list[at].text} is left over`, list[at].column);
  return whole;
}

/** Value of an expression; `lookup` gives the value of a name. */
export function evaluate(expression: Expression, lookup: (path: readonly string[]) => unknown): unknown {
  if (expression.kind === 'literal') return expression.value;
  if (expression.kind === 'name') return lookup(expression.path);
  if (expression.kind === 'list') return expression.items.map((item) => evaluate(item, lookup));
  if (expression.kind === 'unary') {
    const value = evaluate(expression.of, lookup);
    return expression.op === 'not' ? !value : -(value as number);
  }
  const left = evaluate(expression.left, lookup);
  if (expression.op === 'and') return left ? evaluate(expression.right, lookup) : left;
  if (expression.op === 'or') return left ? left : evaluate(expression.right, lookup);
  const right = evaluate(expression.right, lookup);
  switch (expression.op) {
    case '==':
    case 'is':
      return equal(left, right);
    case '!=':
    case 'is not':
      return !equal(left, right);
    case 'in':
      return contains(right, left);
    case 'not in':
      return !contains(right, left);
    case '<':
      return (left as number) < (right as number);
    case '<=':
      return (left as number) <= (right as number);
    case '>':
      return (left as number) > (right as number);
    case '>=':
      return (left as number) >= (right as number);
    case '+':
      return (left as number) + (right as number);
    case '-':
      return (left as number) - (right as number);
    case '*':
      return (left as number) * (right as number);
    case '/':
      return (left as number) / (right as number);
    default:
      return (left as number) % (right as number);
  }
}

/** Every name in the expression. */
export function namesIn(expression: Expression): (readonly string[])[] {
  if (expression.kind === 'name') return [expression.path];
  if (expression.kind === 'list') return expression.items.flatMap(namesIn);
  if (expression.kind === 'unary') return namesIn(expression.of);
  if (expression.kind === 'binary') return [...namesIn(expression.left), ...namesIn(expression.right)];
  return [];
}

function equal(a: unknown, b: unknown): boolean {
  if (a === b || (a ?? null) === (b ?? null)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  return JSON.stringify(a) === JSON.stringify(b);
}

function contains(whole: unknown, part: unknown): boolean {
  if (typeof whole === 'string') return whole.includes(String(part));
  if (Array.isArray(whole)) return whole.some((item) => equal(item, part));
  return whole !== null && typeof whole === 'object' && String(part) in whole;
}
