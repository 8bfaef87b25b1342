// SPDX-License-Identifier: BSD-3-Clause
import type { DataId } from '../../butler/index.ts';
import type { QuantumGraph } from '../../graph/index.ts';
import type { RunFolder } from '../folder/run-folder.ts';
import type { CauseKind } from '../outcomes/record.ts';
import { readRun } from './collect.ts';
import type { FinalCounts, RunReport, TaskReport } from './model.ts';

/** One side of a comparison. */
export interface ComparedRun {
  run: string;
  quanta: number;
  counts: FinalCounts;
  /** Wall seconds of all executions, together. */
  wallSeconds: number;
  /** Of all attempts. */
  cpuSeconds: number;
  badputSeconds: number;
  bytesRead: number;
  bytesWritten: number;
}

/** A quantum that ended otherwise in the other run. */
export interface ChangedQuantum {
  label: string;
  dataId: DataId;
  /** States; `absent`: not in the graph of that run. */
  a: string;
  b: string;
  /** Message of the failure, in the run that has it, where it is known. */
  message?: string;
}

export interface RunComparison {
  a: ComparedRun;
  b: ComparedRun;
  /** By label; a task of only one run has only one side. */
  tasks: { label: string; a?: TaskReport; b?: TaskReport }[];
  /** Failed or blocked in B, and neither in A. */
  newlyFailed: ChangedQuantum[];
  /** Failed or blocked in A, ended well in B. */
  newlySucceeded: ChangedQuantum[];
  /** Most frequent of both together first. */
  failures: { signature: string; kind: CauseKind; a: number; b: number }[];
}

interface Side {
  graph: QuantumGraph;
  folder: RunFolder;
}

/** Compares two runs, of one repository or of two. Quanta are matched by task label and data ID, so that their graphs may differ. */
export function compareRuns(a: Side, b: Side): RunComparison {
  const [one, two] = [readRun(a.graph, a.folder), readRun(b.graph, b.folder)];
  const labels = [...new Set([...one.report.tasks, ...two.report.tasks].map(({ label }) => label))];
  const failedA = troubled(a.graph, one.stateOf);
  const failedB = troubled(b.graph, two.stateOf);
  const statesOfA = statesOf(a.graph, one.stateOf, failedB);
  const statesOfB = statesOf(b.graph, two.stateOf, failedA);
  const [messagesA, messagesB] = [messagesOf(one.report), messagesOf(two.report)];
  const newlyFailed = [...failedB].flatMap(([key, q]): ChangedQuantum[] => {
    const was = statesOfA.get(key) ?? 'absent';
    if (isTrouble(was)) return [];
    return [{ label: q.label, dataId: q.dataId, a: was, b: q.state, message: messagesB.get(q.quantum) }];
  });
  const newlySucceeded = [...failedA].flatMap(([key, q]): ChangedQuantum[] => {
    const is = statesOfB.get(key) ?? 'absent';
    if (!endedWell.has(is)) return [];
    return [{ label: q.label, dataId: q.dataId, a: q.state, b: is, message: messagesA.get(q.quantum) }];
  });
  return {
    a: sideOf(one.report),
    b: sideOf(two.report),
    tasks: labels.map((label) => ({
      label,
      a: one.report.tasks.find((task) => task.label === label),
      b: two.report.tasks.find((task) => task.label === label),
    })),
    newlyFailed,
    newlySucceeded,
    failures: signatures(one.report, two.report),
  };
}

const endedWell: ReadonlySet<string> = new Set(['done', 'doneWithCaveat', 'noWork']);
const isTrouble = (state: string): boolean => state === 'failed' || state === 'blocked';

interface Troubled {
  quantum: number;
  label: string;
  dataId: DataId;
  state: string;
}

/** Failed and blocked quanta by label and data ID: few, however large the graph is. */
function troubled(graph: QuantumGraph, stateOf: (quantum: number) => string): Map<string, Troubled> {
  const found = new Map<string, Troubled>();
  for (const { label, firstQuantum, quantumCount } of graph.tasks)
    for (let quantum = firstQuantum; quantum < firstQuantum + quantumCount; quantum++) {
      const state = stateOf(quantum);
      if (!isTrouble(state)) continue;
      const dataId = graph.quantumDataId(quantum);
      found.set(keyOf(label, dataId), { quantum, label, dataId, state });
    }
  return found;
}

/** The states of the quanta asked for, by label and data ID; only tasks that are asked for are looked through. */
function statesOf(
  graph: QuantumGraph,
  stateOf: (quantum: number) => string,
  wanted: ReadonlyMap<string, Troubled>,
): Map<string, string> {
  const labels = new Set([...wanted.values()].map(({ label }) => label));
  const states = new Map<string, string>();
  for (const { label, firstQuantum, quantumCount } of graph.tasks) {
    if (!labels.has(label)) continue;
    for (let quantum = firstQuantum; quantum < firstQuantum + quantumCount; quantum++) {
      const key = keyOf(label, graph.quantumDataId(quantum));
      if (wanted.has(key)) states.set(key, stateOf(quantum));
    }
  }
  return states;
}

function keyOf(label: string, dataId: DataId): string {
  const names = Object.keys(dataId).sort();
  return JSON.stringify([label, ...names.map((name) => [name, dataId[name]])]);
}

/** Of failed quanta that are among the examples of their group. */
function messagesOf({ failures }: RunReport): Map<number, string> {
  return new Map(
    failures.flatMap(({ examples, quanta, signature }) => [
      ...quanta.map((quantum) => [quantum, signature] as const),
      ...examples.map(({ quantum, cause }) => [quantum, cause?.message ?? signature] as const),
    ]),
  );
}

function sideOf({ run, quanta, counts, totals }: RunReport): ComparedRun {
  const { elapsedSeconds, cpuSeconds, badputSeconds, bytesRead, bytesWritten } = totals;
  return { run, quanta, counts, wallSeconds: elapsedSeconds, cpuSeconds, badputSeconds, bytesRead, bytesWritten };
}

function signatures(a: RunReport, b: RunReport): RunComparison['failures'] {
  const bySignature = new Map<string, RunComparison['failures'][number]>();
  for (const [side, { failures }] of [
    ['a', a],
    ['b', b],
  ] as const)
    for (const { signature, kind, count } of failures) {
      const both = bySignature.get(signature) ?? { signature, kind, a: 0, b: 0 };
      both[side] = count;
      bySignature.set(signature, both);
    }
  return [...bySignature.values()].sort((x, y) => y.a + y.b - x.a - x.b || (x.signature < y.signature ? -1 : 1));
}
