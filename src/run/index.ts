// SPDX-License-Identifier: BSD-3-Clause
/** Execute a graph: scheduler, workers, outcomes, resume, progress, reports as data. */
export { type ExecuteOptions, execute, type RunSummary } from './execute.ts';
export { exitCodeOf, RUN_EXIT } from './exit-codes.ts';
export { findRun, listRuns, RunFolder, type RunInfo } from './folder/run-folder.ts';
export { readOutcomeLog } from './outcomes/log.ts';
export * from './outcomes/record.ts';
export * from './progress/events.ts';
export * from './progress/snapshot.ts';
export { DEFAULT_RETRY_RULES, type QuantumState, type Reason, type RetryRule } from './scheduler/index.ts';
export { type WorkerOptions, workerMain } from './workers/typescript/main.ts';
export type { WorkerCommand } from './workers/worker-process.ts';
