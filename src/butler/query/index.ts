// SPDX-License-Identifier: BSD-3-Clause
/** Queries of a registry: the expression language, and what makes SQL of it. */
export type { QueryContext } from './context.ts';
export { parseTimeLiteral, type TimeLiteral } from './expression/time-literal.ts';
export { Query } from './query.ts';
