// SPDX-License-Identifier: BSD-3-Clause
import { runErrors } from '../errors.ts';
import {
  addReady,
  type ClusterState,
  type Clusters,
  clusterState,
  countMember,
  deleteReady,
  isOpen,
} from './cluster-state.ts';
import type { KilledFor } from './events.ts';
import type { SchedulerGraph } from './graph.ts';
import { type HostState, hostState } from './hosts.ts';
import { depthFirstRanks } from './order.ts';
import { RankSet } from './rank-set.ts';
import { askedMemory, type RequestClasses } from './request-classes.ts';
import { DEFAULT_RETRY_RULES, type RetryRule } from './retry.ts';
import { mayFollow, READY, REASON_NONE, STATE_COUNT, STATE_NAMES, WAITING } from './states.ts';

export interface SchedulerOptions {
  /** What all workers together may use. */
  cores: number;
  memoryBytes: number;
  rules?: readonly RetryRule[];
  /** Rules that are only watched: what they would have done is said, and nothing done. */
  passiveRules?: readonly RetryRule[];
  /** Quanta that hand datasets over in memory only. */
  clusters?: Clusters;
  /** Work may be queued on a busy worker up to this many expected seconds, so that short quanta never wait for a round trip. */
  queueSeconds?: number;
  /** While much is ready, one quantum is given ahead to a worker that will be busy for up to this many expected seconds. */
  aheadSeconds?: number;
  /** Most quanta queued on one worker, the running one included. */
  queueLimit?: number;
  /** How often smaller quanta may overtake the preferred one because it does not fit just now. */
  overtakeLimit?: number;
}

export interface WorkerState {
  readonly id: number;
  readonly host: string;
  /** Quanta given to it, in order; the first may have started. */
  readonly queue: number[];
  started: boolean;
  /** Computed, and their outputs not in place yet. */
  readonly committing: number[];
  deadlineSeconds: number;
  /** Reserved: the largest request in the queue. */
  cores: number;
  memoryBytes: number;
  dying: KilledFor | undefined;
  /** The quantum it is killed for; -1: for none. */
  dyingFor: number;
  recalling: boolean;
  /** Quanta that were made ready by what it has just made; some may have been started since. */
  readonly next: number[];
  /** Clusters it has begun, the ready members of them, and what it holds for members to come. */
  readonly clusters: Set<number>;
  readonly bound: Set<number>;
  heldBytes: number;
}

/** Everything the scheduler knows. Arrays are per quantum unless said otherwise; only `step` writes them. */
export interface SchedulerState {
  readonly graph: SchedulerGraph;
  readonly state: Uint8Array;
  readonly attempts: Uint8Array;
  /** Dependencies that have not ended. */
  readonly remaining: Uint32Array;
  readonly reason: Uint8Array;
  readonly taskOf: Uint16Array;
  /** Some input is missing: count before running. */
  readonly touched: Uint8Array;
  /** One bit a dataset: will not exist. */
  readonly missing: Uint32Array;
  /** The quantum to blame, of blocked ones; not there before the first is blocked. {@link blamedFor} reads it. */
  blamed: Uint32Array | undefined;
  readonly hosts: HostState;
  /** What quanta ask for, of tasks whose quanta ask for different amounts. */
  readonly requestClasses: RequestClasses;
  /** Memory asked for after a retry rule raised it; only of quanta that have not ended. */
  readonly memoryOverride: Map<number, number>;
  /** How often workers were lost while they put a quantum's outputs in place; only of quanta that have not ended. */
  readonly commitLosses: Map<number, number>;

  /** Depth-first rank, and per task its quanta in that order (`order`, from `firstQuantum` on) with the way back (`place`). */
  readonly rank: Uint32Array;
  readonly order: Uint32Array;
  readonly place: Uint32Array;
  readonly ready: readonly RankSet[]; // per task, of places

  /** By quantum that has ended: where (placement.ts). */
  readonly ranOn: Uint16Array;

  /** Quanta by task and state: `counts[task * STATE_COUNT + state]`. */
  readonly counts: Uint32Array;
  readonly stateTotals: Uint32Array;
  /** Running mean of wall seconds by task; NaN before the first. */
  readonly meanWallSeconds: Float64Array;

  /** By task: 1 when no worker's queue had room for a quantum of it; only workers that end something can have room since. */
  readonly queuesFull: Uint8Array;

  readonly workers: Map<number, WorkerState>;
  /** Those with nothing in their queue, longest idle first. */
  readonly idle: Set<WorkerState>;
  usedCores: number;
  usedMemoryBytes: number;
  /** What workers hold of datasets that are nowhere else. */
  heldBytes: number;
  cores: number;
  memoryBytes: number;
  readonly clusters: ClusterState | undefined;
  rules: readonly RetryRule[];
  readonly passiveRules: readonly RetryRule[];
  readonly queueSeconds: number;
  readonly aheadSeconds: number;
  readonly queueLimit: number;
  readonly overtakeLimit: number;
  /** The preferred quantum that did not fit, and how often others overtook it. */
  heldBack: number;
  overtaken: number;

  started: boolean;
  draining: boolean;
  cancelled: boolean;
  finished: boolean;
}

export function createScheduler(graph: SchedulerGraph, options: SchedulerOptions): SchedulerState {
  const n = graph.quantumCount;
  const taskOf = new Uint16Array(n);
  const counts = new Uint32Array(graph.tasks.length * STATE_COUNT);
  const rank = depthFirstRanks(graph);
  const order = new Uint32Array(n);
  const place = new Uint32Array(n);
  graph.tasks.forEach((task, t) => {
    const end = task.firstQuantum + task.quantumCount;
    taskOf.fill(t, task.firstQuantum, end);
    counts[t * STATE_COUNT] = task.quantumCount;
  });
  // Dealt out to the tasks in the order of ranks: a sort in linear time.
  const byRank = new Uint32Array(n);
  for (let q = 0; q < n; q++) byRank[rank[q]] = q;
  const dealt = new Uint32Array(graph.tasks.length);
  for (let r = 0; r < n; r++) {
    const quantum = byRank[r];
    if (rank[quantum] !== r) continue; // on a cycle: without a rank, and never ready
    const task = taskOf[quantum];
    place[quantum] = dealt[task]++;
    order[graph.tasks[task].firstQuantum + place[quantum]] = quantum;
  }
  const remaining = new Uint32Array(n);
  for (let q = 0; q < n; q++) remaining[q] = graph.dependencyOffsets[q + 1] - graph.dependencyOffsets[q];
  const stateTotals = new Uint32Array(STATE_COUNT);
  stateTotals[0] = n;
  return {
    graph,
    state: new Uint8Array(n),
    attempts: new Uint8Array(n),
    remaining,
    reason: new Uint8Array(n),
    taskOf,
    touched: new Uint8Array(n),
    missing: new Uint32Array(Math.ceil(graph.datasetCount / 32)),
    blamed: undefined,
    hosts: hostState(),
    requestClasses: {
      of: new Uint8Array(graph.tasks.some(({ memoryOf }) => memoryOf !== undefined) ? n : 0),
      memoryBytes: [],
    },
    memoryOverride: new Map(),
    commitLosses: new Map(),
    rank,
    order,
    place,
    ready: graph.tasks.map((task) => new RankSet(task.quantumCount)),
    ranOn: new Uint16Array(n),
    counts,
    stateTotals,
    meanWallSeconds: new Float64Array(graph.tasks.length).fill(Number.NaN),
    queuesFull: new Uint8Array(graph.tasks.length),
    workers: new Map(),
    idle: new Set(),
    usedCores: 0,
    usedMemoryBytes: 0,
    heldBytes: 0,
    clusters: options.clusters && clusterState(options.clusters),
    cores: options.cores,
    memoryBytes: options.memoryBytes,
    rules: options.rules ?? DEFAULT_RETRY_RULES,
    passiveRules: options.passiveRules ?? [],
    queueSeconds: options.queueSeconds ?? 0.1,
    aheadSeconds: options.aheadSeconds ?? 2,
    queueLimit: options.queueLimit ?? 256,
    overtakeLimit: options.overtakeLimit ?? 32,
    heldBack: -1,
    overtaken: 0,
    started: false,
    draining: false,
    cancelled: false,
    finished: false,
  };
}

/** Changes a quantum's state with everything counted on it. A transition that is not in the table is a bug and says so. */
export function setState(s: SchedulerState, quantum: number, to: number, reason: number, event: string): void {
  const from = s.state[quantum];
  if (!mayFollow(from, to))
    throw runErrors.IMPOSSIBLE_TRANSITION({ quantum, from: STATE_NAMES[from], to: STATE_NAMES[to], event });
  const task = s.taskOf[quantum];
  const picky = s.hosts.excluded.size > 0 && s.hosts.excluded.has(quantum);
  if (from === READY && !s.hosts.ready.delete(quantum)) deleteReady(s, quantum);
  if (to === READY) picky ? s.hosts.ready.add(quantum) : addReady(s, quantum);
  if (!isOpen(to)) s.hosts.excluded.delete(quantum);
  countMember(s, quantum, from, to);
  s.state[quantum] = to;
  s.reason[quantum] = reason;
  s.counts[task * STATE_COUNT + from]--;
  s.counts[task * STATE_COUNT + to]++;
  s.stateTotals[from]--;
  s.stateTotals[to]++;
}

/** A quantum that was handed to a worker may be handed out again, or has to wait if what it reads was lost meanwhile. */
export function takeBack(s: SchedulerState, quantum: number, event: string): void {
  setState(s, quantum, s.remaining[quantum] > 0 ? WAITING : READY, REASON_NONE, event);
}

/** Notes who is to blame that a quantum is blocked. */
export function blame(s: SchedulerState, quantum: number, by: number): void {
  s.blamed ??= new Uint32Array(s.graph.quantumCount).fill(NOBODY);
  s.blamed[quantum] = by;
}

export function blamedFor(s: SchedulerState, quantum: number): number | undefined {
  const by = s.blamed?.[quantum] ?? NOBODY;
  return by === NOBODY ? undefined : by;
}

const NOBODY = 0xffffffff;

export function isMissing(s: SchedulerState, dataset: number): boolean {
  return (s.missing[dataset >>> 5] & (1 << (dataset & 31))) !== 0;
}

export interface Request {
  cores: number;
  memoryBytes: number;
}

/** What the next attempt of a quantum asks for; never more than there is, so that a large one runs alone rather than never. */
export function requestOf(s: SchedulerState, quantum: number): Request {
  const task = s.graph.tasks[s.taskOf[quantum]];
  return {
    cores: Math.min(task.cores, s.cores),
    memoryBytes: Math.min(s.memoryOverride.get(quantum) ?? askedMemory(s.requestClasses, task, quantum), s.memoryBytes),
  };
}
