// SPDX-License-Identifier: BSD-3-Clause
import type { SchedulerState, WorkerState } from './state.ts';
import { READY, RUNNING, WAITING } from './states.ts';

/**
 * Quanta that hand datasets over in memory and nowhere else: connected by such datasets, they are a cluster and run in one worker.
 * Made by `planInMemory`; all indices are rows.
 */
export interface Clusters {
  /** By quantum: its cluster, or {@link NO_CLUSTER}. */
  readonly of: Uint32Array;
  /** Members by cluster: `members[offsets[c]] … members[offsets[c + 1] - 1]`. */
  readonly offsets: Uint32Array;
  readonly members: Uint32Array;
  isInMemory(dataset: number): boolean;
}

export const NO_CLUSTER = 0xffffffff;

/** Which worker runs which cluster. */
export interface ClusterState extends Clusters {
  /** The worker that has begun it, or -1. */
  readonly worker: Int32Array;
  /** Members that have not ended. */
  readonly open: Uint32Array;
  /** Workers that have ready members of their clusters. */
  readonly waiting: Set<WorkerState>;
  /** Members that ended in the present step. */
  readonly ended: number[];
}

export function clusterState(clusters: Clusters): ClusterState {
  const count = clusters.offsets.length - 1;
  const open = new Uint32Array(count);
  for (let c = 0; c < count; c++) open[c] = clusters.offsets[c + 1] - clusters.offsets[c];
  return { ...clusters, worker: new Int32Array(count).fill(-1), open, waiting: new Set(), ended: [] };
}

/** The worker that a quantum must go to, or undefined if it may go to any. */
export function boundTo(s: SchedulerState, quantum: number): WorkerState | undefined {
  const c = s.clusters?.of[quantum] ?? NO_CLUSTER;
  return c === NO_CLUSTER ? undefined : s.workers.get(s.clusters!.worker[c]);
}

/** A quantum becomes ready: it is put with those that any worker may have, or with those of its worker. */
export function addReady(s: SchedulerState, quantum: number): void {
  const worker = boundTo(s, quantum);
  if (worker === undefined) s.ready[s.taskOf[quantum]].add(s.place[quantum]);
  else {
    worker.bound.add(quantum);
    s.clusters!.waiting.add(worker);
  }
}

export function deleteReady(s: SchedulerState, quantum: number): void {
  const worker = boundTo(s, quantum);
  s.ready[s.taskOf[quantum]].delete(s.place[quantum]);
  if (worker?.bound.delete(quantum) && worker.bound.size === 0) s.clusters!.waiting.delete(worker);
}

/** Keeps count of the members that have not ended. */
export function countMember(s: SchedulerState, quantum: number, from: number, to: number): void {
  const { clusters } = s;
  const c = clusters?.of[quantum] ?? NO_CLUSTER;
  if (clusters === undefined || c === NO_CLUSTER || isOpen(from) === isOpen(to)) return;
  clusters.open[c] += isOpen(to) ? 1 : -1;
  if (isOpen(to)) return;
  clusters.ended.push(quantum);
  // After attempts of its own it may be blocked, when what it read is made again in vain.
  s.memoryOverride.delete(quantum);
}

export function membersOf({ offsets, members }: Clusters, c: number): Uint32Array {
  return members.slice(offsets[c], offsets[c + 1]);
}

/** It has not ended. */
export function isOpen(state: number): boolean {
  return state === WAITING || state === READY || state === RUNNING;
}
