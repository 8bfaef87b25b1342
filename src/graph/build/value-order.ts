// SPDX-License-Identifier: BSD-3-Clause
import type { PagedColumn } from '../paged/column.ts';
import { sortedBy } from '../paged/sort.ts';
import type { BuildContext } from './candidates.ts';
import { existingAt, type Relation, type TypeRows } from './tables.ts';

/**
 * Datasets that only exist, and are the only users of their relation, in the order of values, then of ids (calibrations have several of one
 * data ID): rows in that order. undefined for other relations, which are in order.
 */
export function valueOrder(
  { dictionaries, existing, pool }: BuildContext,
  relation: Relation,
  type: TypeRows | undefined,
  rows: PagedColumn,
): PagedColumn | undefined {
  if (type === undefined || type.declared.producer !== undefined || type.declared.isInit) return undefined;
  const keys = dictionaries.keys(relation, relation.group.required);
  return sortedBy(pool, rows, (a, b) => {
    for (const { ranks, values } of keys) {
      const [one, other] = [values.at(a), values.at(b)];
      if (one !== other) return (ranks as Uint32Array)[one] - (ranks as Uint32Array)[other];
    }
    const [one, other] = [existingAt(type, a), existingAt(type, b)];
    return one === 0 || other === 0 ? one - other : existing.compare(one - 1, other - 1);
  });
}
