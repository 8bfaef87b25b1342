// SPDX-License-Identifier: BSD-3-Clause
import { defineErrors } from '../base/index.ts';

export const runErrors = defineErrors('RUN', {
  IMPOSSIBLE_TRANSITION: {
    kind: 'fault',
    message: (p: { quantum: number; from: string; to: string; event: string }) =>
      `Quantum ${p.quantum} cannot go from ${p.from} to ${p.to} on the event ${p.event}`,
    next: 'This is a bug of the scheduler; please report it with the run folder.',
  },
  IN_MEMORY_TYPE: {
    message: (p: { datasetType: string; hint: string }) =>
      `"${p.datasetType}" is no dataset type of the graph and cannot be handed over in memory.${p.hint}`,
    next: 'Name a dataset type that a task of the run makes and another reads; `skymill graph show` lists them.',
  },
  IMPOSSIBLE_EVENT: {
    kind: 'fault',
    message: (p: { event: string; problem: string }) =>
      `The scheduler was given an impossible event ${p.event}: ${p.problem}`,
    next: 'This is a bug; please report it with the run folder.',
  },
  LOG_CORRUPT: {
    message: (p: { file: string; byteOffset: number; problem: string }) =>
      `The outcome log ${p.file} is damaged at byte ${p.byteOffset}: ${p.problem}, and whole records follow`,
    next: 'Something other than an interrupted write changed the file. Restore it from a copy, or move it away: then everything of this run is executed again.',
  },
  LOG_WRITE: {
    message: (p: { file: string; reason: string }) => `The outcome log ${p.file} cannot be written: ${p.reason}`,
    next: 'Free some space or restore access, then repeat the command: it continues from the last whole record.',
  },
  LOG_VERSION: {
    message: (p: { file: string; version: string }) =>
      `The outcome log ${p.file} has version ${p.version}, which this version cannot read`,
    next: 'Continue the run with the version of Skymill that began it.',
  },
  LOCKED: {
    message: (p: { run: string; host: string; pid: number; user: string; since: string; seen: string }) =>
      `The run ${p.run} is being executed by process ${p.pid} of ${p.user} on ${p.host} since ${p.since} (last sign of life ${p.seen})`,
    next: 'Wait for it or stop it. If that machine is gone for good (it would show a sign of life every ten seconds), repeat the command with --take-over.',
  },
  LOCK_LOST: {
    message: (p: { run: string; host: string; pid: number; user: string }) =>
      `The run ${p.run} was taken over by process ${p.pid} of ${p.user} on ${p.host}, so this one has stopped`,
    next: 'Two controllers must not execute one run. What was done is kept; the other one goes on.',
  },
  OTHER_GRAPH: {
    message: (p: { run: string; graph: string; other: string }) =>
      `The run ${p.run} belongs to graph ${p.other}, not to ${p.graph}`,
    next: 'Give another output run, or continue with the graph stored with the run.',
  },
  OTHER_REPOSITORY: {
    message: (p: { graph: string; built: string; opened: string }) =>
      `The graph ${p.graph} was built for repository ${p.built}, but repository ${p.opened} is open`,
    next: 'Open the repository the graph was built for, or build the graph again.',
  },
  EMPTY_GRAPH: {
    message: (p: { run: string }) => `The graph for run ${p.run} has no quanta, so there is nothing to run`,
    next: 'Use "skymill graph build --explain" to see which inputs are missing.',
  },
  READ_ONLY: {
    message: (p: { root: string }) => `The repository ${p.root} was opened without write access`,
    next: 'Check the permissions of the repository, or run on one you may write.',
  },
  WORKER_DOES_NOT_START: {
    message: (p: { command: string; times: number; how: string; stderr: string }) =>
      `Worker processes (${p.command}) ended ${p.times} times in a row before they did any work; the last one ${p.how}: ${p.stderr}`,
    next: 'Read the message above; often a module cannot be loaded or memory is too short for a process.',
  },
  PROTOCOL: {
    kind: 'fault',
    message: (p: { problem: string }) => `Controller and worker do not understand each other: ${p.problem}`,
    next: 'Make sure that both run the same version of Skymill; otherwise please report this.',
  },
  TASK_NOT_FOUND: {
    message: (p: { taskClass: string; label: string }) =>
      `There is no task ${p.taskClass} (label ${p.label}) in the worker's task library`,
    next: 'Check the class in the pipeline, or that the module that defines it is the one the graph was built with.',
  },
  MISSING_OUTPUT: {
    message: (p: { label: string; connection: string; missing: number; expected: number }) =>
      `Task ${p.label} gave ${p.missing} of ${p.expected} datasets too few for its output "${p.connection}"`,
    next: 'Return every output of the task, or declare caveat("partialOutputs", …) when some cannot be made.',
  },
  UNKNOWN_OUTPUT: {
    message: (p: { label: string; connection: string; hint: string }) =>
      `Task ${p.label} returned "${p.connection}", which is not one of its outputs.${p.hint}`,
    next: 'Return only declared output connections.',
  },
  OUTPUT_COUNT: {
    message: (p: { label: string; connection: string; given: number; expected: number }) =>
      `Task ${p.label} returned ${p.given} objects for its output "${p.connection}" of ${p.expected} datasets`,
    next: 'Return one entry per element of outputDataIds, undefined where there is none.',
  },
  OUTPUT_TYPE: {
    message: (p: { label: string; connection: string; datasetType: string; problem: string }) =>
      `Task ${p.label} returned something for its output "${p.connection}" that cannot become a dataset of type ${p.datasetType}: ${p.problem}`,
    next: 'Return an object of the declared storage class, or declare the storage class of what the task returns.',
  },
  OUTPUT_EMPTY: {
    message: (p: { label: string; connection: string; datasetType: string }) =>
      `What task ${p.label} returned for its output "${p.connection}" became an empty file of dataset type ${p.datasetType}`,
    next: 'Correct the formatter of that storage class, or return an object with something in it.',
  },
  INIT_FAILED: {
    message: (p: { label: string; problem: string }) =>
      `The init outputs of ${p.label} cannot be written: ${p.problem}`,
    next: 'Nothing was run. Correct the cause and repeat the command.',
  },
  NO_SUCH_QUANTUM: {
    message: (p: { what: string; run: string }) => `The run ${p.run} has no quantum or dataset ${p.what}`,
    next: 'Give a quantum row or UUID, a dataset UUID, or a label with a data ID such as "isr visit=42 detector=3".',
  },
  NOT_ONE_QUANTUM: {
    message: (p: { what: string; count: number }) =>
      `"${p.what}" means ${p.count} quanta or more, and only one can be replayed`,
    next: 'Give more of the data ID, or the row or UUID that `skymill why` prints.',
  },
  NO_SUCH_RUN: {
    message: (p: { run: string; root: string; hint: string }) =>
      `There is no execution record of run ${p.run} in ${p.root}.${p.hint}`,
    next: 'List the runs with `skymill report REPO`.',
  },
  REPLAY_INPUT: {
    message: (p: { datasetType: string; dataId: string; label: string; problem: string }) =>
      `The input ${p.datasetType} ${p.dataId} of ${p.label} cannot be given to a replay: ${p.problem}`,
    next: 'Make it again by repeating the command of the run, then replay.',
  },
  REPLAY_FOLDER: {
    message: (p: { folder: string }) => `The folder ${p.folder} is not empty`,
    next: 'Give a folder that does not exist yet, or none: then one is made among the temporary files.',
  },
  RETRY_RULE: {
    message: (p: { problem: string }) => `A retry rule cannot be used: ${p.problem}`,
    next: 'Correct the file at the place shown; docs/running.md describes the rules.',
  },
  REGISTRY_GONE: {
    message: (p: { seconds: number; waiting: number; reason: string }) =>
      `The registry has not taken ${p.waiting} outputs for ${p.seconds} s: ${p.reason}`,
    next: 'Nothing is lost: the outcome log has them. When the database is back, repeat the command; it registers them and goes on.',
  },
  EXCLUSION: {
    message: (p: { text: string; problem: string; hint: string }) =>
      `"${p.text}" cannot be excluded: ${p.problem}.${p.hint}`,
    next: 'Write values of dimensions, such as "visit=42, detector=3", or a task before them: "calibrate visit=42".',
  },
  OUTPUT_GONE: {
    message: (p: { path: string; label: string }) =>
      `The output ${p.path} of ${p.label} vanished or changed size after it was written`,
    next: 'Find out what removes files of this repository while it is written, then repeat the command: what is missing is made again.',
  },
});
