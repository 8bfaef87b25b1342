// SPDX-License-Identifier: BSD-3-Clause
import { didYouMean } from '../../base/index.ts';
import type { ContractEntry } from '../document/model.ts';
import { pipelineErrors } from '../errors.ts';
import { type Expression, ExpressionProblem, evaluate, namesIn, parseExpression } from './expression.ts';

/** What a contract may speak of: config fields of a task, and `connections.<name>` (the dataset type, or the value of a template). */
export interface ContractScope {
  config: Readonly<Record<string, unknown>>;
  connections: Readonly<Record<string, string>>;
}

/** Checks every contract; the first that does not hold, or names what does not exist, is an error. */
export function checkContracts(contracts: readonly ContractEntry[], scopes: ReadonlyMap<string, ContractScope>): void {
  for (const entry of contracts) {
    const { contract, place } = entry;
    let expression: Expression;
    try {
      expression = parseExpression(contract);
    } catch (cause) {
      if (!(cause instanceof ExpressionProblem)) throw cause;
      throw pipelineErrors.CONTRACT_SYNTAX(
        { contract, problem: `${cause.message} (column ${cause.column})` },
        { place, cause },
      );
    }
    const lookup = (path: readonly string[]) => lookUp(entry, path, scopes);
    if (evaluate(expression, lookup)) continue;
    const values = namesIn(expression)
      .map((path) => `${path.join('.')} is ${JSON.stringify(lookup(path)) ?? 'unset'}`)
      .join(', ');
    throw pipelineErrors.CONTRACT_BROKEN({ contract, values, message: entry.message ?? '' }, { place });
  }
}

function lookUp(entry: ContractEntry, path: readonly string[], scopes: ReadonlyMap<string, ContractScope>): unknown {
  const { contract, place } = entry;
  const missing = (name: string, word: string, known: Iterable<string>) =>
    pipelineErrors.CONTRACT_FIELD({ contract, name, hint: didYouMean(word, known) }, { place });
  const [label, ...rest] = path;
  const scope = scopes.get(label);
  if (scope === undefined) throw missing(label, label, scopes.keys());
  let at: unknown = scope.config;
  let trail = label;
  let fields = rest;
  if (rest[0] === 'connections') {
    at = scope.connections;
    trail += '.connections';
    fields = rest.slice(1);
  }
  for (const field of fields) {
    trail += `.${field}`;
    const keys = at !== null && typeof at === 'object' ? Object.keys(at) : [];
    if (!keys.includes(field)) throw missing(trail, field, keys);
    at = (at as Record<string, unknown>)[field];
  }
  return at;
}
