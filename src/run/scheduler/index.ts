// SPDX-License-Identifier: BSD-3-Clause
/** The pure core: what runs next, what is retried, what is blocked. */
export { type Clusters, NO_CLUSTER } from './cluster-state.ts';
export * from './events.ts';
export { type SchedulerGraph, schedulerGraph } from './graph.ts';
export { DEFAULT_RETRY_RULES, matchRule, RETRY_ACTIONS, type RetryAction, type RetryRule } from './retry.ts';
export { blamedFor, createScheduler, isMissing, type SchedulerState } from './state.ts';
export * from './states.ts';
export { step } from './step.ts';
