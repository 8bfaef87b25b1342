// SPDX-License-Identifier: BSD-3-Clause
import type { DimensionUniverse } from '../../dimensions/universe.ts';
import { queryErrors } from '../errors.ts';
import { columnsOf, conjuncts, type Predicate } from './types.ts';

/**
 * Dimensions whose values a predicate fixes: those which every row that fulfils it has equal to, or among, known values.
 * A dimension that is fixed in each branch of an OR is fixed.
 */
export function fixedDimensions(predicate: Predicate): Map<string, ReadonlySet<string | number>> {
  const out = new Map<string, ReadonlySet<string | number>>();
  if (predicate.op === 'or') {
    const branches = predicate.terms.map(fixedDimensions);
    for (const [name, values] of branches[0] ?? []) {
      if (!branches.every((branch) => branch.has(name))) continue;
      out.set(name, new Set([...values, ...branches.flatMap((branch) => [...branch.get(name)!])]));
    }
    return out;
  }
  for (const term of conjuncts(predicate)) {
    if (term.op === 'or') {
      for (const [name, values] of fixedDimensions(term)) if (!out.has(name)) out.set(name, values);
      continue;
    }
    const values =
      term.op === 'in'
        ? term.list.map((literal) => literal.value as string | number)
        : term.op === 'compare' && term.operator === '=' && term.right.kind === 'literal'
          ? [term.right.value as string | number]
          : undefined;
    const column = term.op === 'in' ? term.value : term.op === 'compare' ? term.left : undefined;
    if (values === undefined || column?.kind !== 'dimension') continue;
    const before = out.get(column.dimension);
    out.set(column.dimension, new Set(before === undefined ? values : values.filter((value) => before.has(value))));
  }
  return out;
}

/**
 * Dimensions in the predicate whose governor (the instrument of a visit, the sky map of a tract) is not fixed: their values
 * mean nothing alone, so such a query is almost always a mistake. Fields (visit.exposure_time) mean the same everywhere and are free.
 * @throws QUERY_GOVERNOR_UNCONSTRAINED
 */
export async function checkGovernors(
  predicate: Predicate,
  universe: DimensionUniverse,
  governorValues: (governor: string) => Promise<readonly string[]>,
): Promise<void> {
  const fixed = fixedDimensions(predicate);
  for (const column of columnsOf(predicate)) {
    if (column.kind !== 'dimension') continue;
    const element = universe.element(column.dimension);
    if (element.governor) continue;
    for (const governor of element.required) {
      if (!universe.element(governor).governor || fixed.has(governor)) continue;
      const present = await governorValues(governor);
      const values = present.length === 0 ? 'none' : present.map((value) => `'${value}'`).join(', ');
      throw queryErrors.GOVERNOR_UNCONSTRAINED({ dimension: column.dimension, governor, values });
    }
  }
}
