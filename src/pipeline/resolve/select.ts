// SPDX-License-Identifier: BSD-3-Clause
import { didYouMean, type Place } from '../../base/index.ts';
import { pipelineErrors } from '../errors.ts';
import type { ResolvedPipeline, ResolvedTask } from './model.ts';
import { taskDependencies } from './order.ts';

/**
 * Which tasks of a pipeline to keep. Two forms: after a file name, labels and subsets with commas (`isr,coadds`) or a range by
 * the order of the data (`a..b`, `..b`, `a..`); and expressions of the Gen3 task-subset language: `|`, `&`, `~`, parentheses,
 * `<a`, `<=a` (what a needs), `>a`, `>=a` (what needs a), names qualified `T:` task, `D:` dataset type, `S:` subset.
 */
export type Selection =
  | { op: '|' | '&'; lhs: Selection; rhs: Selection }
  | { op: '~' | '<' | '<=' | '>' | '>='; of: Selection }
  | { op: 'range'; from: string | undefined; to: string | undefined }
  | { id: string; qualifier: 'T' | 'D' | 'S' | null };

interface Token {
  text: string;
  column: number;
}

export function parseSelection(expression: string): Selection {
  const tokens = tokenise(expression);
  let at = 0;
  const fail = (problem: string): never => {
    throw pipelineErrors.SELECT_SYNTAX({ expression, problem }, { place: placeIn(expression, tokens[at]?.column) });
  };
  const binary = (operators: readonly string[], op: '|' | '&', next: () => Selection) => (): Selection => {
    let left = next();
    while (operators.includes(tokens[at]?.text)) {
      at++;
      left = { op, lhs: left, rhs: next() };
    }
    return left;
  };
  const unary = (): Selection => {
    const token = tokens[at]?.text;
    if (token === '~' || token === '<' || token === '<=' || token === '>' || token === '>=') {
      at++;
      return { op: token, of: unary() };
    }
    return primary();
  };
  const primary = (): Selection => {
    const token = tokens[at]?.text;
    if (token === '(') {
      at++;
      const inner = or();
      if (tokens[at]?.text !== ')') fail('a parenthesis is not closed');
      at++;
      return inner;
    }
    const isName = (text: string | undefined): text is string => text !== undefined && /^[\w.]*\w$/.test(text);
    if (token === '..' || (isName(token) && tokens[at + 1]?.text === '..')) {
      const from = token === '..' ? undefined : token;
      at += from === undefined ? 1 : 2;
      const to = isName(tokens[at]?.text) ? tokens[at++].text : undefined;
      if (from === undefined && to === undefined) fail('a range needs a first or a last task');
      return { op: 'range', from, to };
    }
    if (token === undefined) return fail('it ends too early');
    if (isName(token) && tokens[at + 1]?.text === ':') {
      const id = tokens[at + 2]?.text;
      if (token !== 'T' && token !== 'D' && token !== 'S') fail(`"${token}:" is none of T:, D: and S:`);
      at += 2;
      if (!isName(id)) return fail(`${token}: needs a name`);
      at++;
      return { id, qualifier: token as 'T' | 'D' | 'S' };
    }
    if (!isName(token)) return fail(`"${token}" is not expected here`);
    at++;
    return { id: token, qualifier: null };
  };
  const and = binary(['&'], '&', unary);
  const or = binary(['|', ','], '|', and);
  const whole = or();
  if (at < tokens.length) fail(`"${tokens[at].text}" is left over`);
  return whole;
}

/** What can be selected from: a pipeline, or the tasks of a graph. */
export interface Selectable extends Pick<ResolvedPipeline, 'datasetTypes' | 'subsets'> {
  readonly tasks: readonly Pick<ResolvedTask, 'declaration'>[];
}

/** Labels that the expression selects. Unknown names are errors with a suggestion. */
export function selectTasks(expression: string, pipeline: Selectable): Set<string> {
  const order = pipeline.tasks.map((task) => task.declaration.label);
  const waits = taskDependencies(order, pipeline.datasetTypes);
  const upstream = (labels: ReadonlySet<string>): Set<string> => {
    const found = new Set<string>();
    const visit = (label: string) => {
      for (const other of waits.get(label) ?? []) {
        if (found.has(other)) continue;
        found.add(other);
        visit(other);
      }
    };
    for (const label of labels) visit(label);
    return found;
  };
  const position = (label: string, fallback: number): number => {
    if (label === '') return fallback;
    const found = order.indexOf(label);
    if (found < 0) throw unknown(expression, label, order);
    return found;
  };
  const evaluate = (selection: Selection): Set<string> => {
    if ('id' in selection) return byName(expression, selection, pipeline).tasks;
    if (selection.op === 'range') {
      const from = position(selection.from ?? '', 0);
      const to = position(selection.to ?? '', order.length - 1);
      return new Set(order.slice(from, to + 1));
    }
    if (selection.op === '|') return evaluate(selection.lhs).union(evaluate(selection.rhs));
    if (selection.op === '&') return evaluate(selection.lhs).intersection(evaluate(selection.rhs));
    if (selection.op === '~') return new Set(order).difference(evaluate((selection as { of: Selection }).of));
    return along(selection as { op: string; of: Selection });
  };
  const along = ({ op, of }: { op: string; of: Selection }): Set<string> => {
    if (!('id' in of))
      throw problem(expression, `"${op}" stands before a task or a dataset type, not before a whole expression`);
    const named = byName(expression, of, pipeline, op);
    const type = named.datasetType === undefined ? undefined : pipeline.datasetTypes.get(named.datasetType);
    const reach = new Set<string>();
    if (type !== undefined) {
      // `<d` is what is upstream of the dataset's producer; `<=d` has the producer too. Downstream starts at its readers.
      const producers = new Set(type.producer === undefined ? [] : [type.producer.label]);
      if (op === '<' || op === '<=') return op === '<' ? upstream(producers) : upstream(producers).union(producers);
      const readers = new Set(type.consumers.map((consumer) => consumer.label));
      for (const label of order) if (upstream(new Set([label])).intersection(readers).size > 0) reach.add(label);
      const after = reach.union(readers);
      return op === '>' ? after : after.union(producers);
    }
    const start = named.tasks;
    if (op === '<') return upstream(start).difference(start);
    if (op === '<=') return upstream(start).union(start);
    for (const label of order) if (upstream(new Set([label])).intersection(start).size > 0) reach.add(label);
    return op === '>' ? reach.difference(start) : reach.union(start);
  };
  const chosen = evaluate(parseSelection(expression));
  return new Set(order.filter((label) => chosen.has(label)));
}

/** What a name stands for. `op` is the direction in front of it, which subsets and init outputs do not take. */
function byName(
  expression: string,
  { id, qualifier }: { id: string; qualifier: string | null },
  pipeline: Selectable,
  op?: string,
): { tasks: Set<string>; datasetType?: string } {
  const labels = pipeline.tasks.map((task) => task.declaration.label);
  const subset = pipeline.subsets.get(id);
  const type = pipeline.datasetTypes.get(id);
  const meanings = [
    ...(labels.includes(id) ? ['T'] : []),
    ...(type !== undefined ? ['D'] : []),
    ...(subset !== undefined ? ['S'] : []),
  ].filter((meaning) => qualifier === null || qualifier === meaning);
  if (meanings.length > 1) {
    throw problem(
      expression,
      `"${id}" has several meanings; write ${meanings.map((meaning) => `${meaning}:${id}`).join(' or ')}`,
    );
  }
  const [meaning] = meanings;
  if (meaning === 'T') return { tasks: new Set([id]) };
  if (meaning === 'S' && subset !== undefined) {
    if (op !== undefined) throw problem(expression, `"${op}" cannot stand before the subset "${id}"`);
    return { tasks: new Set(subset.labels) };
  }
  if (meaning === 'D' && type !== undefined) {
    if (type.isInit && (op === undefined || op.startsWith('<'))) {
      throw problem(
        expression,
        `"${id}" is written once a run, before any quantum; only ">" and ">=" can stand before it`,
      );
    }
    return { tasks: new Set(type.producer === undefined ? [] : [type.producer.label]), datasetType: id };
  }
  throw unknown(expression, id, [...labels, ...pipeline.subsets.keys(), ...pipeline.datasetTypes.keys()]);
}

function problem(expression: string, text: string) {
  return pipelineErrors.SELECT_SYNTAX({ expression, problem: text });
}

function unknown(expression: string, label: string, known: Iterable<string>) {
  const what = `The selection "${expression}"`;
  const place = placeIn(expression, expression.indexOf(label) + 1);
  return pipelineErrors.UNKNOWN_LABEL({ what, label, hint: didYouMean(label, known) }, { place });
}

function tokenise(expression: string): Token[] {
  const tokens: Token[] = [];
  const pattern = /\s+|\.\.|<=|>=|[|&~<>():,]|\w+(?:\.\w+)*/y;
  let at = 0;
  while (at < expression.length) {
    pattern.lastIndex = at;
    const match = pattern.exec(expression);
    if (match === null) {
      throw pipelineErrors.SELECT_SYNTAX(
        { expression, problem: `"${expression[at]}" means nothing here` },
        { place: placeIn(expression, at + 1) },
      );
    }
    if (match[0].trim() !== '') tokens.push({ text: match[0], column: at + 1 });
    at = pattern.lastIndex;
  }
  return tokens;
}

function placeIn(expression: string, column: number | undefined): Place {
  const at = column ?? expression.length + 1;
  return { line: 1, column: at, excerpt: `${expression}\n${' '.repeat(at - 1)}^` };
}
