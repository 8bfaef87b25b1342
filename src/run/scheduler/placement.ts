// SPDX-License-Identifier: BSD-3-Clause
import { boundTo } from './cluster-state.ts';
import { mayRunOn } from './hosts.ts';
import { requestOf, type SchedulerState, type WorkerState } from './state.ts';
import { READY } from './states.ts';

/** How far down the order a worker may look for a quantum whose inputs it has just made. */
const RANKS = 64;
/** More neighbours of a quantum are not looked at, and no more quanta noted: there are always others nearly as good. */
const LOOKED_AT = 8;

/** Notes which worker made a quantum's products, and which quanta that has made ready: what they read may be in that worker's memory. */
export function notePlace(s: SchedulerState, quantum: number, worker: WorkerState): void {
  s.ranOn[quantum] = placeOf(worker);
  const { dependentOffsets, dependents } = s.graph;
  const end = Math.min(dependentOffsets[quantum + 1], dependentOffsets[quantum] + LOOKED_AT);
  for (let e = dependentOffsets[quantum]; e < end && worker.next.length < LOOKED_AT; e++)
    if (s.state[dependents[e]] === READY) worker.next.push(dependents[e]);
}

/** The idle worker that has made something this quantum reads, else the one that is idle longest. There must be one. */
export function nearestIdle(s: SchedulerState, quantum: number): WorkerState {
  const [first] = s.idle;
  if (s.idle.size === 1) return first;
  const { dependencyOffsets, dependencies } = s.graph;
  const end = Math.min(dependencyOffsets[quantum + 1], dependencyOffsets[quantum] + LOOKED_AT);
  for (let e = dependencyOffsets[quantum]; e < end; e++) {
    const place = s.ranOn[dependencies[e]];
    if (place === 0) continue;
    for (const worker of s.idle) if (placeOf(worker) === place) return worker;
  }
  return first;
}

/**
 * What a worker that is free for this quantum had better run: another one that reads what it has just made, if that is near in the order, asks for
 * no more, and the quantum itself reads nothing of this worker's. So a quantum is put off by at most as many others as it may be ahead of.
 */
export function continuation(s: SchedulerState, worker: WorkerState, quantum: number): number {
  const { next } = worker;
  if (next.length === 0 || madeInputOf(s, worker, quantum)) return quantum;
  const { cores, memoryBytes } = requestOf(s, quantum);
  let best = -1;
  let kept = 0;
  for (const other of next) {
    if (s.state[other] !== READY) continue;
    next[kept++] = other;
    if (s.rank[other] > s.rank[quantum] + RANKS || (best >= 0 && s.rank[other] > s.rank[best])) continue;
    const request = requestOf(s, other);
    if (
      request.cores <= cores &&
      request.memoryBytes <= memoryBytes &&
      boundTo(s, other) === undefined &&
      mayRunOn(s, worker, other)
    )
      best = other;
  }
  next.length = kept;
  return best < 0 ? quantum : best;
}

function madeInputOf(s: SchedulerState, worker: WorkerState, quantum: number): boolean {
  const { dependencyOffsets, dependencies } = s.graph;
  const end = Math.min(dependencyOffsets[quantum + 1], dependencyOffsets[quantum] + LOOKED_AT);
  for (let e = dependencyOffsets[quantum]; e < end; e++) if (s.ranOn[dependencies[e]] === placeOf(worker)) return true;
  return false;
}

/** Two bytes a quantum are enough for it; that two of 65 535 workers share one does no harm. 0: nobody. */
function placeOf({ id }: WorkerState): number {
  return (id % 0xffff) + 1;
}
