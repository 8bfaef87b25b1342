// SPDX-License-Identifier: BSD-3-Clause
import { existsSync } from 'node:fs';
import type { QuantumGraph } from '../../graph/index.ts';
import type { RunFolder } from '../folder/run-folder.ts';
import { readOutcomeLog } from '../outcomes/log.ts';
import type { AttemptRecord, OutcomeRecord } from '../outcomes/record.ts';
import { FailureGroups } from './failures.ts';
import { type Execution, type RunReport, UNFINISHED } from './model.ts';
import { RuleTally } from './rules.ts';
import { TaskTally } from './tally.ts';

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
] as const;
export type ReportState = (typeof STATES)[number];

/**
 * Reads a run's outcome log into a report. One pass; memory is a few bytes per quantum and a number per attempt. Of several attempts or
 * executions the last word on a quantum counts; time lost in earlier ones is badput.
 */
export function collectReport(graph: QuantumGraph, folder: RunFolder): RunReport {
  return readRun(graph, folder).report;
}

/** The report, and how each quantum stands. */
export function readRun(
  graph: QuantumGraph,
  folder: RunFolder,
): { report: RunReport; stateOf(quantum: number): ReportState } {
  const collector = new Collector(graph);
  if (existsSync(folder.outcomesPath)) for (const record of readOutcomeLog(folder.outcomesPath)) collector.add(record);
  return { report: collector.finish(folder), stateOf: (quantum) => collector.stateOf(quantum) };
}

const ENDED_WELL: ReadonlySet<ReportState> = new Set(['done', 'doneWithCaveat', 'noWork']);

class Collector {
  readonly #graph: QuantumGraph;
  readonly #state: Uint8Array;
  readonly #made: Uint8Array; // per dataset
  readonly #tallies: TaskTally[];
  readonly #failures = new FailureGroups();
  readonly #rules = new RuleTally();
  readonly #executions: Execution[] = [];
  #initOutputs = 0;

  constructor(graph: QuantumGraph) {
    this.#graph = graph;
    this.#state = new Uint8Array(graph.quantumCount);
    this.#made = new Uint8Array(graph.datasetCount);
    this.#tallies = graph.tasks.map((task) => new TaskTally(task.label, task.quantumCount));
  }

  add(record: OutcomeRecord): void {
    switch (record.type) {
      case 'runStarted': {
        const { host, pid, startedUnixMs, jobs, skipped } = record;
        this.#executions.push({ host, pid, startedUnixMs, jobs, skipped });
        // What was blocked before may run now.
        for (let q = 0; q < this.#state.length; q++)
          if (STATES[this.#state[q]].startsWith('blocked')) this.#set(q, 'unfinished');
        break;
      }
      case 'runEnded':
        Object.assign(this.#executions.at(-1) ?? {}, { endedUnixMs: record.endedUnixMs, how: record.how });
        break;
      case 'blocked':
        for (const q of record.quanta) this.#set(q, record.reason === 'upstreamFailed' ? 'blocked' : 'blockedNoWork');
        break;
      case 'init':
        this.#initOutputs = record.outputs.length;
        for (const { dataset } of record.outputs) this.#made[dataset] = 1;
        break;
      case 'attempt':
        this.#attempt(record);
        break;
    }
  }

  #attempt(record: AttemptRecord): void {
    const tally = this.#tallies[this.#graph.taskOf(record.quantum)];
    tally.attempt(record);
    this.#rules.attempt(record);
    this.#failures.forget(record.quantum);
    for (const { dataset } of record.outputs) this.#made[dataset] = 1;
    if (record.decision === 'retry') return;
    if (record.state === 'failed') this.#failures.add(record);
    this.#set(record.quantum, record.state);
  }

  #set(quantum: number, state: ReportState): void {
    this.#state[quantum] = STATES.indexOf(state);
  }

  stateOf(quantum: number): ReportState {
    return STATES[this.#state[quantum]];
  }

  finish(folder: RunFolder): RunReport {
    const graph = this.#graph;
    const tasks = graph.tasks.map((task, t) => {
      const counts = Object.fromEntries(STATES.map((name) => [name, 0])) as Record<ReportState, number>;
      for (let q = task.firstQuantum; q < task.firstQuantum + task.quantumCount; q++) counts[STATES[this.#state[q]]]++;
      return this.#tallies[t].report(counts);
    });
    const totals = Object.fromEntries(
      STATES.map((name) => [name, tasks.reduce((sum, task) => sum + task.counts[name], 0)]),
    ) as Record<ReportState, number>;
    return {
      ...folder.info(),
      executions: this.#executions,
      quanta: graph.quantumCount,
      counts: totals,
      unfinished: totals[UNFINISHED] + totals.killed,
      tasks,
      failures: this.#failures.groups(),
      rules: this.#rules.firings((quantum) => ENDED_WELL.has(STATES[this.#state[quantum]])),
      missingOutputs: this.#missingOutputs(),
      initOutputs: this.#initOutputs,
    };
  }

  #missingOutputs(): RunReport['missingOutputs'] {
    const graph = this.#graph;
    const produced = new Uint8Array(graph.datasetCount);
    for (const row of graph.outputDatasets) produced[row] = 1;
    return graph.datasetTypes.flatMap(({ name, firstDataset, datasetCount }) => {
      let expected = 0;
      const missing: number[] = [];
      for (let row = firstDataset; row < firstDataset + datasetCount; row++) {
        expected += produced[row];
        if (produced[row] === 1 && this.#made[row] === 0) missing.push(row);
      }
      if (missing.length === 0) return [];
      const examples = missing.slice(0, 3).map((row) => graph.dataset(row).dataId);
      return [{ datasetType: name, expected, missing: missing.length, examples }];
    });
  }
}
