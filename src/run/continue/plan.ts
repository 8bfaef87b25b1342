// SPDX-License-Identifier: BSD-3-Clause
import { type ColumnGraph, type Judgement, judge, verdictNames } from '../../graph/index.ts';
import type { Excluded } from '../exclude.ts';
import type { Predecessor } from './earlier.ts';
import { type TaskChange, type TaskIdentity, taskChanges } from './task-changes.ts';

/** Why a quantum runs (again). */
export type RerunReason =
  | 'configChanged'
  | 'declarationChanged'
  | 'codeChanged'
  | 'upstream'
  | 'inputsChanged'
  | 'fileMissing'
  | 'fileAltered'
  | 'failedBefore'
  | 'blockedBefore'
  | 'stoppedBefore'
  | 'notRunYet'
  | 'excludedBefore'
  | 'neededAgain'
  | 'notRegistered';

export interface Reason {
  reason: RerunReason;
  /** In words, for one or many quanta. */
  text: string;
}

/** What a command would do about each task: how much of it is kept, and why the rest is not. */
export interface RerunPlan {
  /** Runs it builds on, newest first. */
  earlier: string[];
  quanta: number;
  kept: number;
  rerun: number;
  excluded: number;
  /** Cannot run: too few of their inputs were made by what is kept. */
  idle: number;
  tasks: TaskPlan[];
}

export interface TaskPlan {
  label: string;
  quanta: number;
  kept: number;
  keptIn: { run: string; quanta: number }[];
  excluded: number;
  idle: number;
  rerun: number;
  reasons: (Reason & { quanta: number; example: Readonly<Record<string, string | number>> })[];
}

/** A plan with what is behind it. */
export interface Judged {
  plan: RerunPlan;
  judgement: Judgement;
  isKept(quantum: number): boolean;
  /** Of a quantum that is not kept. */
  reasonOf(quantum: number): Reason;
}

/**
 * Judges a graph, built as if nothing had been done, by the runs that came before (newest first). `identities` are the tasks as they
 * are now, `earlierCode` gives the code that a run had; with `anyCode` results of other code count as well.
 */
export function planRerun(
  full: ColumnGraph,
  earlier: readonly Predecessor[],
  codes: Readonly<Record<string, string>>,
  options: { anyCode?: boolean; excluded?: Excluded } = {},
): Judged {
  const changes = earlier.map((run) => changesSince(full, run, options.anyCode === true ? {} : codes));
  const judgement = judge(full, earlier, (label, run) => (changes[run].get(label)?.length ?? 0) > 0);
  const { verdicts, runs, quanta, details } = judgement;
  const reasonOf = (q: number): Reason => {
    const { label } = full.tasks[full.taskOf(q)];
    const names = full.tasks[full.taskOf(q)].inputNames;
    switch (verdictNames[verdicts[q]]) {
      case 'kept':
        return { reason: 'notRegistered', text: 'its results are not in the registry' };
      case 'lacking':
        return { reason: 'notRunYet', text: 'too few of its inputs were made' };
      case 'new':
        return { reason: 'notRunYet', text: 'not run yet' };
      case 'taskChanged':
        return changeReason(changes[runs[q]].get(label)!);
      case 'inputsChanged':
        return { reason: 'inputsChanged', text: `other datasets for its input ${names[details[q]] ?? '(one less)'}` };
      case 'upstream':
        return { reason: 'upstream', text: `what ${full.tasks[details[q]].label} makes for it is made anew` };
      case 'neededAgain':
        return neededReason(full, details[q]);
      case 'notWhole':
        return stateReason(earlier[runs[q]], quanta[q]);
    }
  };
  const isKept = (q: number) => verdictNames[verdicts[q]] === 'kept';
  const plan = countPlan(full, earlier, judgement, reasonOf, options.excluded);
  return { plan, judgement, isKept, reasonOf };
}

/** The same for a run that goes on itself: what is whole is kept, the rest runs. */
export function planResume(graph: ColumnGraph, run: Predecessor, excluded?: Excluded): Judged {
  const n = graph.quantumCount;
  const judgement: Judgement = {
    verdicts: Uint8Array.from(run.whole, (whole) => verdictNames.indexOf(whole === 1 ? 'kept' : 'notWhole')),
    runs: new Uint8Array(n),
    quanta: Uint32Array.from({ length: n }, (_, quantum) => quantum),
    details: new Uint16Array(n),
  };
  const { verdicts, details } = judgement;
  markNeededAgain(graph, run, judgement, (quantum) => excluded?.quanta.has(quantum) === true);
  const isKept = (quantum: number) => verdictNames[verdicts[quantum]] === 'kept';
  const reasonOf = (quantum: number) =>
    verdictNames[verdicts[quantum]] === 'neededAgain'
      ? neededReason(graph, details[quantum])
      : stateReason(run, quantum);
  const plan = countPlan(graph, [run], judgement, reasonOf, excluded);
  return { plan, judgement, isKept, reasonOf };
}

/** Quanta that run may want what others made only in memory: those run too, and so on, from the end of the graph to its beginning. */
function markNeededAgain(
  graph: ColumnGraph,
  { whole, made }: Predecessor,
  { verdicts, details }: Judgement,
  leftOut: (quantum: number) => boolean,
): void {
  if (!made.includes(2)) return;
  const needed = verdictNames.indexOf('neededAgain');
  for (let quantum = graph.quantumCount - 1; quantum >= 0; quantum--) {
    if ((whole[quantum] === 1 && verdicts[quantum] !== needed) || leftOut(quantum)) continue;
    for (const { dataset } of graph.quantumInputs(quantum)) {
      const { producer } = graph.dataset(dataset);
      if (producer === undefined || made[dataset] !== 2 || whole[producer] !== 1) continue;
      verdicts[producer] = needed;
      details[producer] = graph.taskOf(quantum);
    }
  }
}

function neededReason(graph: ColumnGraph, task: number): Reason {
  return { reason: 'neededAgain', text: `${graph.tasks[task].label} needs what was only in memory` };
}

function changesSince(
  full: ColumnGraph,
  { graph, info }: Predecessor,
  codes: Readonly<Record<string, string>>,
): Map<string, TaskChange[]> {
  const found = new Map<string, TaskChange[]>();
  for (const { label, declaration } of full.tasks) {
    const then = graph.tasks.find((task) => task.label === label);
    if (then === undefined) continue;
    const before: TaskIdentity = { declaration: then.declaration, code: info.code?.[label] };
    found.set(label, taskChanges(before, { declaration, code: codes[label] }));
  }
  return found;
}

function changeReason(changes: readonly TaskChange[]): Reason {
  const text = changes.map((change) => change.text).join(', ');
  const kinds = { config: 'configChanged', declaration: 'declarationChanged', code: 'codeChanged' } as const;
  return { reason: kinds[changes[0].kind], text };
}

function stateReason(run: Predecessor, quantum: number): Reason {
  const lost = run.lost.get(quantum);
  if (lost !== undefined)
    return { reason: lost.reason, text: lost.reason === 'fileMissing' ? 'a file is missing' : 'a file was altered' };
  const where = ` in ${run.info.run}`;
  switch (run.stateOf(quantum)) {
    case 'failed':
      return { reason: 'failedBefore', text: `failed${where}` };
    case 'blocked':
      return { reason: 'blockedBefore', text: `blocked${where}` };
    case 'killed':
    case 'interrupted':
      return { reason: 'stoppedBefore', text: `stopped${where}` };
    case 'excluded':
      return { reason: 'excludedBefore', text: `excluded${where}` };
    default:
      return { reason: 'notRunYet', text: 'not run yet' };
  }
}

function countPlan(
  full: ColumnGraph,
  earlier: readonly Predecessor[],
  { verdicts, runs }: Judgement,
  reasonOf: (quantum: number) => Reason,
  excluded: Excluded | undefined,
): RerunPlan {
  const plan: RerunPlan = {
    earlier: earlier.map(({ info }) => info.run),
    quanta: full.quantumCount,
    kept: 0,
    rerun: 0,
    excluded: 0,
    idle: 0,
    tasks: [],
  };
  for (const { label, firstQuantum, quantumCount } of full.tasks) {
    if (quantumCount === 0) continue;
    const task: TaskPlan = {
      label,
      quanta: quantumCount,
      kept: 0,
      keptIn: [],
      excluded: 0,
      idle: 0,
      rerun: 0,
      reasons: [],
    };
    const keptIn = new Uint32Array(earlier.length);
    const reasons = new Map<string, TaskPlan['reasons'][number]>();
    for (let q = firstQuantum; q < firstQuantum + quantumCount; q++) {
      if (excluded?.quanta.has(q)) task.excluded++;
      else if (verdictNames[verdicts[q]] === 'lacking') task.idle++;
      else if (verdictNames[verdicts[q]] === 'kept') {
        task.kept++;
        keptIn[runs[q]]++;
      } else {
        task.rerun++;
        const reason = reasonOf(q);
        const known = reasons.get(reason.text);
        if (known === undefined) reasons.set(reason.text, { ...reason, quanta: 1, example: full.quantumDataId(q) });
        else known.quanta++;
      }
    }
    task.keptIn = earlier.flatMap(({ info }, r) => (keptIn[r] > 0 ? [{ run: info.run, quanta: keptIn[r] }] : []));
    task.reasons = [...reasons.values()].sort((a, b) => b.quanta - a.quanta);
    plan.kept += task.kept;
    plan.rerun += task.rerun;
    plan.excluded += task.excluded;
    plan.idle += task.idle;
    plan.tasks.push(task);
  }
  return plan;
}
