// SPDX-License-Identifier: BSD-3-Clause
/** Execute a graph: scheduler, workers, outcomes, resume, progress, reports as data. */
export { isSettled, type Predecessor, readPredecessor } from './continue/earlier.ts';
export { keepPlan, readKeptPlan } from './continue/kept-plan.ts';
export {
  type Judged,
  planRerun,
  planResume,
  type Reason as RerunReasonText,
  type RerunPlan,
  type RerunReason,
  type TaskPlan,
} from './continue/plan.ts';
export { planLines } from './continue/plan-text.ts';
export { settleRun } from './continue/settle.ts';
export { type TaskChange, type TaskIdentity, taskChanges } from './continue/task-changes.ts';
export { type VerifyMode, verifyFiles } from './controller/verify-files.ts';
export { runErrors } from './errors.ts';
export { type Excluded, type Exclusion, findExcluded, parseExclusion } from './exclude.ts';
export { type ExecuteOptions, execute, type RunSummary } from './execute.ts';
export { RUN_EXIT } from './exit-codes.ts';
export { productionsUnderway, runFolderCheck } from './folder/doctor.ts';
export { findRun, listRuns, RunFolder, type RunInfo } from './folder/run-folder.ts';
export { lastStateNames, lastStates } from './outcomes/last-states.ts';
export { readOutcomeLog } from './outcomes/log.ts';
export * from './outcomes/record.ts';
export { type MeasuredUsage, measuredUsage } from './outcomes/usage.ts';
export { chooseDisplay, type DisplayMode, type DisplayStream, progressDisplay } from './progress/display.ts';
export * from './progress/events.ts';
export {
  countsOf,
  type Progress,
  type StateCounts,
  type TaskProgress,
  type WorkerProgress,
} from './progress/snapshot.ts';
export { type Replay, type ReplayOptions, replay } from './replay/replay.ts';
export { formatReplay } from './replay/text.ts';
export { type CampaignReport, campaignOf } from './report/campaign.ts';
export { formatCampaign } from './report/campaign-table.ts';
export { type CollectOptions, collectReport, type ReadRun, type ReportState, readRun } from './report/collect.ts';
export { type ChangedQuantum, type ComparedRun, compareRuns, type RunComparison } from './report/compare.ts';
export { comparedLines } from './report/compared-lines.ts';
export { formatComparison } from './report/comparison-table.ts';
export { type Found, findInGraph } from './report/find.ts';
export { formatBytes, formatCount, formatDataId, formatSeconds } from './report/format.ts';
export * from './report/model.ts';
export { concentrationPhrases, livenessPhrases, percent } from './report/phrases.ts';
export { formatReport } from './report/table.ts';
export { type Neighbour, readAttemptLog, type Story, why } from './report/why.ts';
export { type LearnedUsage, learnedUsage } from './requests/learned.ts';
export { DEFAULT_REQUEST, type RequestSource, requestTable, type TaskRequest } from './requests/request-table.ts';
export { formatRequests, requestOrigin } from './requests/text.ts';
export { readRetryRules } from './retry-file.ts';
export type { QuantumState, Reason, RetryRule } from './scheduler/index.ts';
export { WarmProcesses, type WorkerCommand } from './workers/begin-process.ts';
export { packageVersions } from './workers/typescript/init.ts';
