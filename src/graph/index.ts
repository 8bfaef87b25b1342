// SPDX-License-Identifier: BSD-3-Clause
/** From pipeline and repository to quantum graph. */
export * from './quantum-graph.ts';
