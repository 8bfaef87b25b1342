// SPDX-License-Identifier: BSD-3-Clause
import { existsSync, statSync } from 'node:fs';
import type { QuantumGraph } from '../../graph/index.ts';
import { holderOf } from '../folder/lock.ts';
import type { RunFolder } from '../folder/run-folder.ts';
import { type OutcomeFigures, readOutcomeFigures } from '../outcomes/log.ts';
import type { AttemptRecord, RequestRecord } from '../outcomes/record.ts';
import type { AttemptFigures } from '../outcomes/skim.ts';
import { AttemptPlaces } from './attempt-places.ts';
import { CaveatGroups } from './caveats.ts';
import { FailureGroups } from './failures.ts';
import { type Execution, type Liveness, type RunReport, UNFINISHED } from './model.ts';
import { OutputTally } from './outputs.ts';
import { RetriedGroups } from './retried.ts';
import { RuleTally } from './rules.ts';
import { TaskTally } from './tally.ts';
import { TimelineTally } from './timeline.ts';
import { totalsOf } from './totals.ts';

/** Final states as the report counts them; blocked by failure and by want of work are different things. */
const STATES = [
  'unfinished',
  'done',
  'doneWithCaveat',
  'noWork',
  'failed',
  'killed',
  'blocked',
  'blockedNoWork',
  'excluded',
] as const;
export type ReportState = (typeof STATES)[number];

export interface CollectOptions {
  /** Told now and then how much of the log is read. */
  onProgress?(readBytes: number, totalBytes: number): void;
}

/**
 * Reads a run's outcome log into a report. One pass; memory is some bytes a quantum and a dataset, and what failures and caveats need. Of
 * several attempts or executions the last word on a quantum counts; time lost in earlier ones is badput. The log may be growing.
 */
export function collectReport(graph: QuantumGraph, folder: RunFolder, options: CollectOptions = {}): RunReport {
  return readRun(graph, folder, options).report;
}

/** A run as its log tells: the report, and how each quantum stands. */
export interface ReadRun {
  report: RunReport;
  stateOf(quantum: number): ReportState;
  /** Of a blocked quantum: the one it waits for. */
  blamedFor(quantum: number): number | undefined;
  /** Whether a dataset that was planned exists. */
  isMade(dataset: number): boolean;
}

export function readRun(graph: QuantumGraph, folder: RunFolder, options: CollectOptions = {}): ReadRun {
  const collector = new Collector(graph);
  if (existsSync(folder.outcomesPath)) {
    const total = statSync(folder.outcomesPath).size;
    const onRead = (bytes: number) => options.onProgress?.(bytes, total);
    for (const record of readOutcomeFigures(folder.outcomesPath, onRead)) collector.add(record);
  }
  return {
    report: collector.finish(folder),
    stateOf: (quantum) => collector.stateOf(quantum),
    blamedFor: (quantum) => collector.blamedFor(quantum),
    isMade: (dataset) => collector.isMade(dataset),
  };
}

const endedWell: ReadonlySet<ReportState> = new Set(['done', 'doneWithCaveat', 'noWork']);
const codeOf = Object.fromEntries(STATES.map((name, i) => [name, i])) as Record<ReportState, number>;

class Collector {
  readonly #graph: QuantumGraph;
  readonly #state: Uint8Array;
  readonly #attempts: Uint8Array; // in this log, up to 255
  readonly #outputs: OutputTally;
  readonly #tallies: TaskTally[];
  readonly #timeline: TimelineTally;
  readonly #places: AttemptPlaces;
  readonly #failures = new FailureGroups();
  readonly #retried = new RetriedGroups();
  readonly #caveats: CaveatGroups;
  readonly #rules = new RuleTally();
  readonly #executions: Execution[] = [];
  #blamed: Uint32Array | undefined; // by quantum, one more than the quantum to blame
  #requests: readonly RequestRecord[] = []; // of the newest execution
  #records = 0;
  #redone = 0;

  constructor(graph: QuantumGraph) {
    this.#graph = graph;
    this.#state = new Uint8Array(graph.quantumCount);
    this.#attempts = new Uint8Array(graph.quantumCount);
    this.#outputs = new OutputTally(graph);
    this.#tallies = graph.tasks.map((task) => new TaskTally(task.label, task.quantumCount));
    this.#timeline = new TimelineTally(graph.tasks.length);
    this.#places = new AttemptPlaces(graph);
    this.#caveats = new CaveatGroups(graph);
  }

  add(record: OutcomeFigures): void {
    this.#records++;
    switch (record.type) {
      case 'runStarted': {
        const { host, pid, startedUnixMs, jobs, skipped } = record;
        this.#requests = record.requests ?? [];
        this.#executions.push({ host, pid, startedUnixMs, jobs, skipped });
        // What was blocked or left out before may run now.
        for (let q = 0; q < this.#state.length; q++)
          if (this.#state[q] >= codeOf.blocked) {
            this.#state[q] = codeOf.unfinished;
            this.#caveats.forget(q);
          }
        break;
      }
      case 'runEnded':
        Object.assign(this.#executions.at(-1) ?? {}, { endedUnixMs: record.endedUnixMs, how: record.how });
        break;
      case 'blocked': {
        const { reason, quanta, by } = record;
        this.#blamed ??= new Uint32Array(this.#graph.quantumCount);
        for (const q of quanta) this.#blamed[q] = by + 1;
        const state =
          reason === 'upstreamFailed' ? 'blocked' : reason === 'upstreamExcluded' ? 'excluded' : 'blockedNoWork';
        for (const q of quanta) this.#state[q] = codeOf[state];
        if (state === 'blockedNoWork') this.#caveats.starved(quanta);
        break;
      }
      case 'excluded':
        for (const q of record.quanta) this.#state[q] = codeOf.excluded;
        break;
      case 'redone':
        for (const q of record.quanta) this.#state[q] = codeOf.unfinished;
        this.#redone += record.quanta.length;
        break;
      case 'init':
        this.#outputs.initOutputs = record.outputs.length;
        this.#outputs.add(record.outputs);
        break;
      case 'attempt':
        this.#attempt(record);
        break;
    }
  }

  #attempt(record: AttemptRecord | AttemptFigures): void {
    const { quantum, usage, state } = record;
    const task = this.#graph.taskOf(quantum);
    const retried = record.decision === 'retry';
    const bytes = this.#outputs.add(record.outputs);
    this.#tallies[task].attempt(quantum, state, usage, retried, bytes);
    this.#timeline.add(task, record.startedUnixMs, usage.wallSeconds);
    const row = this.#places.add(quantum, record.host, record.workerPid, retried);
    this.#failures.forget(quantum);
    this.#caveats.forget(quantum);
    if (this.#attempts[quantum] < 255) this.#attempts[quantum]++;
    if (!('quantumId' in record)) {
      this.#state[quantum] = codeOf.done;
      return;
    }
    this.#outputs.hold(record.held ?? []);
    this.#rules.attempt(record);
    if (retried) {
      this.#retried.add(record, row);
      return;
    }
    if (state === 'failed') this.#failures.add(record);
    else if (state === 'noWork' || (record.caveats?.length ?? 0) > 0) this.#caveats.add(record);
    this.#state[quantum] = codeOf[state];
  }

  stateOf(quantum: number): ReportState {
    return STATES[this.#state[quantum]];
  }

  blamedFor(quantum: number): number | undefined {
    const state = this.stateOf(quantum);
    const by = this.#blamed?.[quantum] ?? 0;
    return by === 0 || (state !== 'blocked' && state !== 'blockedNoWork') ? undefined : by - 1;
  }

  isMade(dataset: number): boolean {
    return this.#outputs.isMade(dataset);
  }

  finish(folder: RunFolder): RunReport {
    const graph = this.#graph;
    const stateOf = (quantum: number) => this.stateOf(quantum);
    const missingOutputs = this.#outputs.missing(stateOf); // before sizes of what existed are looked up
    const tasks = graph.tasks.map(({ label, firstQuantum, quantumCount }, t) => {
      const counts = new Uint32Array(STATES.length);
      for (let q = firstQuantum; q < firstQuantum + quantumCount; q++) counts[this.#state[q]]++;
      const byName = Object.fromEntries(STATES.map((name, i) => [name, counts[i]])) as Record<ReportState, number>;
      const inputBytes = this.#outputs.inputBytes(firstQuantum, quantumCount, this.#attempts);
      const request = this.#requests.find((one) => one.label === label);
      const origin = request && { source: request.source, from: request.from };
      return { ...this.#tallies[t].report(byName, inputBytes), request: origin };
    });
    const totals = Object.fromEntries(
      STATES.map((name) => [name, tasks.reduce((sum, task) => sum + task.counts[name], 0)]),
    ) as Record<ReportState, number>;
    const timeline = this.#timeline.timeline(graph.tasks.map(({ label }) => label));
    const fate = (quantum: number) =>
      endedWell.has(stateOf(quantum)) ? 'well' : stateOf(quantum) === 'failed' ? 'failed' : 'open';
    return {
      ...folder.info(),
      executions: this.#executions,
      liveness: livenessOf(this.#executions.at(-1), folder),
      quanta: graph.quantumCount,
      counts: totals,
      unfinished: totals[UNFINISHED] + totals.killed,
      tasks,
      failures: this.#failures.groups(graph, this.#places),
      retried: this.#retried.groups(graph, this.#places, fate),
      caveats: this.#caveats.groups(),
      rules: this.#rules.firings((quantum) => endedWell.has(stateOf(quantum))),
      missingOutputs,
      redone: this.#redone,
      initOutputs: this.#outputs.initOutputs,
      totals: totalsOf(tasks, this.#executions, timeline?.toUnixMs),
      timeline,
      records: this.#records,
    };
  }
}

/** Whether somebody is at work on the run; the log alone cannot tell a run in progress from one whose controller was killed. */
function livenessOf(last: Execution | undefined, folder: RunFolder): Liveness {
  const holder = holderOf(folder.lockPath);
  if (holder?.life === 'alive') return 'running';
  if (last?.endedUnixMs !== undefined) return 'ended';
  if (holder?.life === 'elsewhere') return 'unknown';
  return last === undefined ? 'ended' : 'died';
}
