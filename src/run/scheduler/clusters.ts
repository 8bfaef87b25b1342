// SPDX-License-Identifier: BSD-3-Clause
import { addReady, boundTo, type ClusterState, deleteReady, isOpen, membersOf, NO_CLUSTER } from './cluster-state.ts';
import type { Instruction } from './events.ts';
import { isMissing, type SchedulerState, type WorkerState } from './state.ts';
import { DONE, DONE_WITH_CAVEAT, READY, WAITING } from './states.ts';

/** The ready quantum of smallest rank that only this worker can run, or -1. */
export function firstBound(s: SchedulerState, worker: WorkerState): number {
  let best = -1;
  for (const quantum of worker.bound) if (best < 0 || s.rank[quantum] < s.rank[best]) best = quantum;
  return best;
}

/** A quantum is given to a worker: with its first member, a cluster is that worker's. */
export function bindCluster(s: SchedulerState, quantum: number, worker: WorkerState): void {
  const { clusters } = s;
  const c = clusters?.of[quantum] ?? NO_CLUSTER;
  if (clusters === undefined || c === NO_CLUSTER || clusters.worker[c] >= 0) return;
  const ready = membersOf(clusters, c).filter((member) => s.state[member] === READY);
  for (const member of ready) deleteReady(s, member);
  clusters.worker[c] = worker.id;
  worker.clusters.add(c);
  for (const member of ready) addReady(s, member);
}

/** After each step: what nobody will read any more is forgotten, and workers are free of clusters that are over. */
export function settleClusters(s: SchedulerState, out: Instruction[]): void {
  const { clusters } = s;
  if (clusters === undefined || clusters.ended.length === 0) return;
  const { dependencyOffsets, dependencies } = s.graph;
  const forgotten = new Map<WorkerState, Set<number>>();
  const over = new Map<number, WorkerState | undefined>();
  for (const quantum of clusters.ended.splice(0)) {
    const c = clusters.of[quantum];
    const worker = boundTo(s, quantum);
    if (clusters.open[c] === 0) over.set(c, worker);
    if (worker === undefined) continue;
    const near = [quantum, ...dependencies.subarray(dependencyOffsets[quantum], dependencyOffsets[quantum + 1])];
    for (const one of near) {
      if (clusters.of[one] !== c || isOpen(s.state[one]) || isWanted(s, one)) continue;
      if (!s.graph.outputs(one).some(({ dataset }) => clusters.isInMemory(dataset))) continue;
      if (!forgotten.has(worker)) forgotten.set(worker, new Set());
      forgotten.get(worker)!.add(one);
    }
  }
  for (const [c, worker] of over) {
    if (worker !== undefined) release(clusters, c, worker);
    for (const member of membersOf(clusters, c)) s.commitLosses.delete(member);
  }
  for (const [worker, quanta] of forgotten) out.push({ type: 'forget', worker: worker.id, quanta: [...quanta] });
}

/**
 * A worker is gone, and with it what it held: quanta that made what others still need run again, and those others wait for them.
 * To be called when everything else about the loss is settled.
 */
export function remakeLost(
  s: SchedulerState,
  lost: WorkerState,
  change: (quantum: number, to: number) => void,
  out: Instruction[],
): void {
  const begun = [...lost.clusters];
  for (const c of begun) unbind(s, c, lost);
  if (s.draining || s.cancelled) return; // nothing runs any more; the next execution sees what it lacks
  const remade: number[] = [];
  for (const c of begun) {
    // Last first, so that whoever needs a quantum's products has been looked at before it.
    for (const quantum of membersOf(s.clusters!, c).sort((a, b) => s.rank[b] - s.rank[a])) {
      if (s.state[quantum] !== DONE && s.state[quantum] !== DONE_WITH_CAVEAT) continue;
      if (!isWanted(s, quantum)) continue;
      s.attempts[quantum]--; // that one is not held against it; failures before it are, or there might be no end
      change(quantum, WAITING);
      remade.push(quantum);
    }
  }
  const { dependentOffsets, dependents } = s.graph;
  for (const quantum of remade) {
    for (let e = dependentOffsets[quantum]; e < dependentOffsets[quantum + 1]; e++) {
      const to = dependents[e];
      s.remaining[to]++;
      if (s.state[to] === READY) change(to, WAITING);
    }
  }
  for (const quantum of remade) if (s.remaining[quantum] === 0) change(quantum, READY);
  if (remade.length > 0) out.push({ type: 'remade', worker: lost.id, quanta: remade.reverse() });
}

/** Its ready members may go to any worker again. */
function unbind(s: SchedulerState, c: number, worker: WorkerState): void {
  const ready = membersOf(s.clusters!, c).filter((member) => worker.bound.delete(member));
  release(s.clusters!, c, worker);
  for (const quantum of ready) addReady(s, quantum);
}

function release(clusters: ClusterState, c: number, worker: WorkerState): void {
  clusters.worker[c] = -1;
  worker.clusters.delete(c);
  if (worker.bound.size === 0) clusters.waiting.delete(worker);
}

/** Whether a quantum that has not ended reads something of this one that is only in memory. */
function isWanted(s: SchedulerState, quantum: number): boolean {
  const { clusters, graph } = s;
  const c = clusters!.of[quantum];
  let held: Set<number> | undefined;
  for (let e = graph.dependentOffsets[quantum]; e < graph.dependentOffsets[quantum + 1]; e++) {
    const to = graph.dependents[e];
    if (clusters!.of[to] !== c || !isOpen(s.state[to])) continue;
    held ??= new Set(
      graph
        .outputs(quantum)
        .flatMap(({ dataset }) => (clusters!.isInMemory(dataset) && !isMissing(s, dataset) ? [dataset] : [])),
    );
    if (graph.inputs(to).some(({ dataset }) => held!.has(dataset))) return true;
  }
  return false;
}
