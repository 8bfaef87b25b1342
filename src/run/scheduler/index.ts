// SPDX-License-Identifier: BSD-3-Clause
/** The pure core: what runs next, what is retried, what is blocked. */
export * from './events.ts';
export { type RequestDefaults, type SchedulerGraph, type SchedulerTask, schedulerGraph } from './graph.ts';
export { DEFAULT_RETRY_RULES, matchRule, type RetryRule } from './retry.ts';
export { createScheduler, isMissing, type SchedulerOptions, type SchedulerState, type WorkerState } from './state.ts';
export * from './states.ts';
export { step } from './step.ts';
