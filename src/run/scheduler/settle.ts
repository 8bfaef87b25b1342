// SPDX-License-Identifier: BSD-3-Clause
import type { Instruction } from './events.ts';
import { blame, blamedFor, isMissing, type SchedulerState, setState } from './state.ts';
import {
  BLOCKED,
  EXCLUDED,
  READY,
  REASON_ACCEPTED_FAILURE,
  REASON_NAMES,
  REASON_NONE,
  REASON_UPSTREAM_EXCLUDED,
  REASON_UPSTREAM_FAILED,
  REASON_UPSTREAM_NO_WORK,
  type Reason,
  WAITING,
} from './states.ts';

/**
 * A quantum has ended and these of its outputs do not exist: frees its dependents, or blocks those for which too few inputs
 * are left. A blocked one's outputs are missing in turn.
 */
export function release(
  s: SchedulerState,
  quantum: number,
  missing: readonly number[] | undefined,
  event: string,
  out: Instruction[],
): void {
  const { dependentOffsets, dependents } = s.graph;
  if (missing !== undefined) for (const dataset of missing) markMissing(s, dataset);
  let lost = s.state[quantum] === BLOCKED || (missing !== undefined && missing.length > 0);
  const ended = [quantum];
  const blocked = new Map<number, number[]>(); // by whom they are
  for (let from = ended.pop(); from !== undefined; from = ended.pop()) {
    for (let e = dependentOffsets[from]; e < dependentOffsets[from + 1]; e++) {
      const to = dependents[e];
      s.remaining[to]--;
      if (lost) s.touched[to] = 1;
      if (s.remaining[to] > 0 || s.state[to] !== WAITING || !s.started) continue;
      if (hasEnoughInputs(s, to)) {
        setState(s, to, READY, REASON_NONE, event);
      } else {
        const by = from !== quantum ? blamedFor(s, from)! : lost ? quantum : firstLackingDependency(s, to);
        blockForWantOfInputs(s, to, by, event);
        const others = blocked.get(by);
        if (others === undefined) blocked.set(by, [to]);
        else others.push(to);
        ended.push(to);
      }
    }
    lost = true; // all that follow are blocked ones, and make nothing
  }
  for (const [by, quanta] of blocked) tell(out, quanta, by, REASON_NAMES[s.reason[quanta[0]]]);
}

/** At the start: those without open dependencies become ready, or are blocked when what was found missing leaves them too few inputs. */
export function seed(s: SchedulerState, out: Instruction[]): void {
  const want: number[] = [];
  for (let q = 0; q < s.graph.quantumCount; q++) {
    if (s.state[q] !== WAITING || s.remaining[q] > 0) continue;
    if (hasEnoughInputs(s, q)) setState(s, q, READY, REASON_NONE, 'start');
    else want.push(q);
  }
  for (const q of want) {
    if (s.state[q] !== WAITING) continue;
    const by = firstLackingDependency(s, q);
    blockForWantOfInputs(s, q, by, 'start');
    out.push({ type: 'blocked', quanta: [q], by, reason: REASON_NAMES[s.reason[q]] });
    release(s, q, undefined, 'start', out);
  }
}

/** A quantum has failed for good: all that waits for it, directly or not, is blocked. */
export function blockDependents(s: SchedulerState, quantum: number, event: string, out: Instruction[]): void {
  const { dependentOffsets, dependents } = s.graph;
  const blocked: number[] = [];
  const open = [quantum];
  for (let from = open.pop(); from !== undefined; from = open.pop()) {
    for (let e = dependentOffsets[from]; e < dependentOffsets[from + 1]; e++) {
      const to = dependents[e];
      if (s.state[to] !== WAITING) continue;
      setState(s, to, BLOCKED, REASON_UPSTREAM_FAILED, event);
      blame(s, to, quantum);
      blocked.push(to);
      open.push(to);
    }
  }
  tell(out, blocked, quantum, 'upstreamFailed');
}

/** In pieces, so that no record of the outcome log is larger than some hundred kilobytes. */
function tell(out: Instruction[], blocked: readonly number[], by: number, reason: Reason): void {
  for (let from = 0; from < blocked.length; from += 50_000)
    out.push({ type: 'blocked', quanta: blocked.slice(from, from + 50_000), by, reason });
}

function blockForWantOfInputs(s: SchedulerState, quantum: number, by: number, event: string): void {
  const excluded = s.state[by] === EXCLUDED || s.reason[by] === REASON_UPSTREAM_EXCLUDED;
  setState(s, quantum, BLOCKED, excluded ? REASON_UPSTREAM_EXCLUDED : REASON_UPSTREAM_NO_WORK, event);
  blame(s, quantum, by);
  for (const { dataset } of s.graph.outputs(quantum)) markMissing(s, dataset);
}

/** A dependency that left outputs out; the quantum itself where it is inputs of the graph that are not there. */
function firstLackingDependency(s: SchedulerState, quantum: number): number {
  const { dependencyOffsets, dependencies } = s.graph;
  const mine = dependencies.subarray(dependencyOffsets[quantum], dependencyOffsets[quantum + 1]);
  const found = mine.find((d) => s.graph.outputs(d).some(({ dataset }) => isMissing(s, dataset)));
  return found ?? quantum;
}

/** Before the start: datasets that the graph takes for granted and that are not there. */
export function markAbsent(s: SchedulerState, datasets: readonly number[]): void {
  for (const dataset of datasets) markMissing(s, dataset);
  for (let q = 0; q < s.graph.quantumCount; q++)
    if (s.touched[q] === 0 && s.graph.inputs(q).some(({ dataset }) => isMissing(s, dataset))) s.touched[q] = 1;
}

function markMissing(s: SchedulerState, dataset: number): void {
  s.missing[dataset >>> 5] |= 1 << (dataset & 31);
}

/** Whether every input connection still has its minimum. A connection that had no datasets in the graph was allowed to be empty when it was built. */
function hasEnoughInputs(s: SchedulerState, quantum: number): boolean {
  if (s.touched[quantum] === 0) return true;
  const { minimums } = s.graph.tasks[s.taskOf[quantum]];
  const there = new Uint32Array(minimums.length);
  const wanted = new Uint32Array(minimums.length);
  for (const { dataset, connection } of s.graph.inputs(quantum)) {
    wanted[connection]++;
    if (!isMissing(s, dataset)) there[connection]++;
  }
  return minimums.every((minimum, c) => wanted[c] === 0 || there[c] >= minimum);
}

/**
 * Failures that a rule accepted and for want of which this quantum ran with fewer inputs, by task: of quanta that it reads from, or that kept those
 * from running. Undefined: none.
 */
export function acceptedUpstream(s: SchedulerState, quantum: number): { label: string; count: number }[] | undefined {
  if (s.touched[quantum] === 0) return undefined;
  const { dependencyOffsets, dependencies, tasks } = s.graph;
  const counts = new Map<number, number>();
  for (let e = dependencyOffsets[quantum]; e < dependencyOffsets[quantum + 1]; e++) {
    const from = dependencies[e];
    const culprit = s.reason[from] === REASON_UPSTREAM_NO_WORK ? (blamedFor(s, from) ?? from) : from;
    if (s.reason[culprit] !== REASON_ACCEPTED_FAILURE) continue;
    const task = s.taskOf[culprit];
    counts.set(task, (counts.get(task) ?? 0) + 1);
  }
  return counts.size === 0 ? undefined : [...counts].map(([task, count]) => ({ label: tasks[task].label, count }));
}
