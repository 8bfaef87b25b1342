// SPDX-License-Identifier: BSD-3-Clause
import type { DimensionGroup } from '../types.ts';
import type { QueryContext } from './context.ts';
import type { QueryState } from './state.ts';

/** Why a query has no rows. */
export async function explainNoResults(
  _context: QueryContext,
  _state: QueryState,
  _dimensions: DimensionGroup,
): Promise<string[]> {
  return [];
}
