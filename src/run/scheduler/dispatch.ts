// SPDX-License-Identifier: BSD-3-Clause
import { bindCluster, firstBound } from './clusters.ts';
import type { Instruction } from './events.ts';
import { mayRunOn, readyElsewhere } from './hosts.ts';
import { continuation, nearestIdle } from './placement.ts';
import { type Request, requestOf, type SchedulerState, setState, type WorkerState } from './state.ts';
import { READY, REASON_NONE, RUNNING } from './states.ts';

/**
 * Hands ready quanta to workers while there is room. The quantum of smallest rank goes first; when it does not fit into the
 * free cores and memory, others may overtake it, but only `overtakeLimit` times, then the room is kept for it.
 * `freed` is the worker whose queue has become shorter.
 */
export function dispatch(s: SchedulerState, out: Instruction[], freed?: WorkerState): void {
  if (!s.started || s.draining || s.cancelled || s.workers.size === 0) return;
  const elsewhere = dispatchElsewhere(s, out);
  const bound = dispatchBound(s, out);
  const stuck = bound >= 0 ? bound : elsewhere;
  if (stuck >= 0 && s.heldBack !== stuck) holdBack(s, stuck);
  let passed = none; // tasks whose first quantum does not fit now
  for (;;) {
    const quantum = preferred(s, passed);
    if (quantum < 0) return;
    const worker = roomFor(s, quantum, freed);
    if (worker !== undefined) {
      if ((passed.size > 0 || stuck >= 0) && ++s.overtaken > s.overtakeLimit) return;
      if (quantum === s.heldBack) holdBack(s, -1);
      give(s, worker, continuation(s, worker, quantum), out);
      continue;
    }
    if (!anyRoom(s)) return;
    if (passed.size === 0 && stuck < 0 && s.heldBack !== quantum) holdBack(s, quantum);
    if (s.overtaken >= s.overtakeLimit) return;
    passed = new Set(passed).add(s.taskOf[quantum]);
  }
}

/** Members of clusters go before others, each to its worker. @returns one that its idle worker has no room for now, or -1 */
function dispatchBound(s: SchedulerState, out: Instruction[]): number {
  let stuck = -1;
  for (const worker of [...(s.clusters?.waiting ?? [])]) {
    for (let quantum = firstBound(s, worker); quantum >= 0; quantum = firstBound(s, worker)) {
      const request = requestOf(s, quantum);
      const idle = s.idle.has(worker);
      if (!(idle ? fits(s, request) : mayTake(s, worker, quantum, request))) {
        if (idle) stuck = quantum;
        break;
      }
      if (quantum === s.heldBack) holdBack(s, -1);
      give(s, worker, quantum, out);
    }
  }
  return stuck;
}

/** Quanta that may not go everywhere go first, since others can. @returns one that an idle worker has no room for now, or -1 */
function dispatchElsewhere(s: SchedulerState, out: Instruction[]): number {
  if (s.hosts.ready.size === 0) return -1;
  let stuck = -1;
  for (const quantum of readyElsewhere(s)) {
    const request = requestOf(s, quantum);
    const idle = [...s.idle].find((worker) => mayRunOn(s, worker, quantum));
    const room = idle !== undefined && fits(s, request);
    const worker = room
      ? idle
      : [...s.workers.values()].find((one) => mayRunOn(s, one, quantum) && mayTake(s, one, quantum, request));
    if (worker !== undefined) {
      if (quantum === s.heldBack) holdBack(s, -1);
      give(s, worker, quantum, out);
    } else if (idle !== undefined && stuck < 0) stuck = quantum;
  }
  return stuck;
}

function holdBack(s: SchedulerState, quantum: number): void {
  s.heldBack = quantum;
  s.overtaken = 0;
}

const none: ReadonlySet<number> = new Set();

function preferred(s: SchedulerState, passed: ReadonlySet<number>): number {
  let best = -1;
  for (let task = 0; task < s.ready.length; task++) {
    const set = s.ready[task];
    if (set.size === 0 || passed.has(task)) continue;
    const quantum = s.order[s.graph.tasks[task].firstQuantum + set.first()];
    if (best < 0 || s.rank[quantum] < s.rank[best]) best = quantum;
  }
  return best;
}

/** The least loaded worker that may take it: an idle one, or one whose queue will soon be empty. */
function roomFor(s: SchedulerState, quantum: number, freed: WorkerState | undefined): WorkerState | undefined {
  const request = requestOf(s, quantum);
  if (s.idle.size > 0 && fits(s, request)) return nearestIdle(s, quantum);
  const task = s.taskOf[quantum];
  if (!(s.meanWallSeconds[task] < (isPlenty(s) ? s.aheadSeconds : s.queueSeconds))) return undefined;
  // Where no queue had room for this task, none but the one that became shorter has now.
  if (s.queuesFull[task] === 1) return freed !== undefined && mayTake(s, freed, quantum, request) ? freed : undefined;
  let best: WorkerState | undefined;
  for (const worker of s.workers.values()) {
    if (best !== undefined && best.queue.length <= worker.queue.length) continue;
    if (mayTake(s, worker, quantum, request)) best = worker;
  }
  if (best === undefined) s.queuesFull[task] = 1;
  return best;
}

/** On a worker that has nothing to do. What workers hold takes room too; but it may not keep the last of them from going on. */
function fits(s: SchedulerState, request: Request): boolean {
  if (s.usedCores + request.cores > s.cores) return false;
  return s.usedCores === 0 || s.usedMemoryBytes + s.heldBytes + request.memoryBytes <= s.memoryBytes;
}

function mayTake(s: SchedulerState, worker: WorkerState, quantum: number, request: Request): boolean {
  if (worker.dying !== undefined || worker.recalling || worker.queue.length === 0) return false;
  if (!mayQueue(s, worker, quantum)) return false;
  const cores = s.usedCores + Math.max(0, request.cores - worker.cores);
  const memoryBytes = s.usedMemoryBytes + Math.max(0, request.memoryBytes - worker.memoryBytes);
  return cores <= s.cores && memoryBytes + s.heldBytes <= s.memoryBytes;
}

/**
 * Short quanta are queued behind the running one; how short is learned from those of the same task that have ended. Behind one that takes
 * longer goes one at most, and only while there is so much else to do that nobody will be idle for want of it.
 */
function mayQueue(s: SchedulerState, worker: WorkerState, quantum: number): boolean {
  if (worker.queue.length >= s.queueLimit) return false;
  let seconds = s.meanWallSeconds[s.taskOf[quantum]];
  for (const queued of worker.queue) seconds += s.meanWallSeconds[s.taskOf[queued]];
  // Both are false while a mean is NaN.
  return seconds <= s.queueSeconds || (worker.queue.length === 1 && seconds <= s.aheadSeconds && isPlenty(s));
}

function isPlenty(s: SchedulerState): boolean {
  return s.stateTotals[READY] > 4 * s.workers.size;
}

function anyRoom(s: SchedulerState): boolean {
  return s.usedCores < s.cores && s.idle.size > 0;
}

function give(s: SchedulerState, worker: WorkerState, quantum: number, out: Instruction[]): void {
  const request = requestOf(s, quantum);
  setState(s, quantum, RUNNING, REASON_NONE, 'dispatch');
  bindCluster(s, quantum, worker);
  worker.queue.push(quantum);
  reserve(s, worker);
  out.push({ type: 'dispatch', worker: worker.id, quantum, attempt: s.attempts[quantum] + 1, ...request });
}

/** Brings a worker's reservation, and the sums over workers, up to date with its queue. */
export function reserve(s: SchedulerState, worker: WorkerState): void {
  let cores = 0;
  let memoryBytes = 0;
  for (const quantum of worker.queue) {
    const request = requestOf(s, quantum);
    cores = Math.max(cores, request.cores);
    memoryBytes = Math.max(memoryBytes, request.memoryBytes);
  }
  if (cores < worker.cores || memoryBytes < worker.memoryBytes) s.queuesFull.fill(0); // room for others too
  s.usedCores += cores - worker.cores;
  s.usedMemoryBytes += memoryBytes - worker.memoryBytes;
  worker.cores = cores;
  worker.memoryBytes = memoryBytes;
  if (worker.queue.length > 0 || worker.dying !== undefined) s.idle.delete(worker);
  else s.idle.add(worker);
}
