// SPDX-License-Identifier: BSD-3-Clause
import { NO_CLUSTER } from './cluster-state.ts';
import type { SchedulerState, WorkerState } from './state.ts';

/** Which hosts there are, and which of them quanta are kept away from; of quanta that have not ended. */
export interface HostState {
  /** All that had a worker and are not known to be gone. */
  readonly known: Set<string>;
  readonly excluded: Map<number, Set<string>>;
  /** Ready quanta that may not go everywhere: they are not among those that any worker may have. */
  readonly ready: Set<number>;
}

export function hostState(): HostState {
  return { known: new Set(), excluded: new Map(), ready: new Set() };
}

export function mayRunOn(s: SchedulerState, worker: WorkerState, quantum: number): boolean {
  return s.hosts.excluded.get(quantum)?.has(worker.host) !== true;
}

/**
 * Keeps a quantum away from a host from now on. Members of a cluster stay with the worker that has their inputs, wherever it is.
 * @returns whether there is another host
 */
export function excludeHost(s: SchedulerState, quantum: number, host: string): boolean {
  if ((s.clusters?.of[quantum] ?? NO_CLUSTER) !== NO_CLUSTER) return true;
  const hosts = s.hosts.excluded.get(quantum) ?? new Set();
  hosts.add(host);
  s.hosts.excluded.set(quantum, hosts);
  return hasHost(s, quantum);
}

export function hasHost(s: SchedulerState, quantum: number): boolean {
  const excluded = s.hosts.excluded.get(quantum);
  if (excluded === undefined) return true;
  for (const host of s.hosts.known) if (!excluded.has(host)) return true;
  return false;
}

/** Ready quanta with excluded hosts in the order in which they should run. */
export function readyElsewhere(s: SchedulerState): number[] {
  return [...s.hosts.ready].sort((a, b) => s.rank[a] - s.rank[b]);
}
