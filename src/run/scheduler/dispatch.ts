// SPDX-License-Identifier: BSD-3-Clause
import type { Instruction } from './events.ts';
import { requestOf, type SchedulerState, setState, type WorkerState } from './state.ts';
import { REASON_NONE, RUNNING } from './states.ts';

/**
 * Hands ready quanta to workers while there is room. The quantum of smallest rank goes first; when it does not fit into the
 * free cores and memory, others may overtake it, but only `overtakeLimit` times, then the room is kept for it.
 */
export function dispatch(s: SchedulerState, out: Instruction[]): void {
  if (!s.started || s.draining || s.cancelled || s.workers.size === 0) return;
  const passed = new Set<number>(); // tasks whose first quantum does not fit now
  for (;;) {
    const quantum = preferred(s, passed);
    if (quantum < 0) return;
    const worker = roomFor(s, quantum);
    if (worker !== undefined) {
      if (passed.size > 0 && ++s.overtaken > s.overtakeLimit) return;
      if (quantum === s.heldBack) {
        s.heldBack = -1;
        s.overtaken = 0;
      }
      give(s, worker, quantum, out);
      continue;
    }
    if (!anyRoom(s)) return;
    if (passed.size === 0 && s.heldBack !== quantum) {
      s.heldBack = quantum;
      s.overtaken = 0;
    }
    if (s.overtaken >= s.overtakeLimit) return;
    passed.add(s.taskOf[quantum]);
  }
}

function preferred(s: SchedulerState, passed: ReadonlySet<number>): number {
  let best = -1;
  s.ready.forEach((set, task) => {
    if (set.size === 0 || passed.has(task)) return;
    const quantum = s.order[s.graph.tasks[task].firstQuantum + set.first()];
    if (best < 0 || s.rank[quantum] < s.rank[best]) best = quantum;
  });
  return best;
}

/** The least loaded worker that may take it: an idle one, or one whose queue will soon be empty. */
function roomFor(s: SchedulerState, quantum: number): WorkerState | undefined {
  const request = requestOf(s, quantum);
  const [idle] = s.idle;
  if (
    idle !== undefined &&
    s.usedCores + request.cores <= s.cores &&
    s.usedMemoryBytes + request.memoryBytes <= s.memoryBytes
  )
    return idle;
  if (!(s.meanWallSeconds[s.taskOf[quantum]] < s.queueSeconds)) return undefined;
  let best: WorkerState | undefined;
  for (const worker of s.workers.values()) {
    if (worker.dying !== undefined || worker.recalling || worker.queue.length === 0) continue;
    if (best !== undefined && best.queue.length <= worker.queue.length) continue;
    if (!mayQueue(s, worker, quantum)) continue;
    const cores = s.usedCores + Math.max(0, request.cores - worker.cores);
    const memoryBytes = s.usedMemoryBytes + Math.max(0, request.memoryBytes - worker.memoryBytes);
    if (cores <= s.cores && memoryBytes <= s.memoryBytes) best = worker;
  }
  return best;
}

/** Short quanta are queued behind the running one; how short is learned from those of the same task that have ended. */
function mayQueue(s: SchedulerState, worker: WorkerState, quantum: number): boolean {
  if (worker.queue.length >= s.queueLimit) return false;
  let seconds = s.meanWallSeconds[s.taskOf[quantum]];
  for (const queued of worker.queue) seconds += s.meanWallSeconds[s.taskOf[queued]];
  return seconds <= s.queueSeconds; // false while a mean is NaN
}

function anyRoom(s: SchedulerState): boolean {
  return s.usedCores < s.cores && s.idle.size > 0;
}

function give(s: SchedulerState, worker: WorkerState, quantum: number, out: Instruction[]): void {
  const request = requestOf(s, quantum);
  setState(s, quantum, RUNNING, REASON_NONE, 'dispatch');
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
  s.usedCores += cores - worker.cores;
  s.usedMemoryBytes += memoryBytes - worker.memoryBytes;
  worker.cores = cores;
  worker.memoryBytes = memoryBytes;
  if (worker.queue.length > 0 || worker.dying !== undefined) s.idle.delete(worker);
  else s.idle.add(worker);
}
