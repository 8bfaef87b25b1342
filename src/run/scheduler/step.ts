// SPDX-License-Identifier: BSD-3-Clause

import { runErrors } from '../errors.ts';
import type { Cause } from '../outcomes/record.ts';
import { boundTo } from './cluster-state.ts';
import { remakeLost, settleClusters } from './clusters.ts';
import { beginCommit, endCommit, giveUpCommits } from './commit.ts';
import { dispatch, reserve } from './dispatch.ts';
import type { Instruction, SchedulerEvent } from './events.ts';
import { excludeHost, hasHost, readyElsewhere } from './hosts.ts';
import { notePlace } from './placement.ts';
import { actionOf, matchRule } from './retry.ts';
import { acceptedUpstream, blockDependents, markAbsent, release, seed } from './settle.ts';
import { requestOf, type SchedulerState, setState, takeBack, type WorkerState } from './state.ts';
import {
  DONE,
  DONE_WITH_CAVEAT,
  EXCLUDED,
  FAILED,
  KILLED,
  NO_WORK,
  READY,
  REASON_ACCEPTED_FAILURE,
  REASON_CANCELLED,
  REASON_DONE_BEFORE,
  REASON_EXCLUDED,
  REASON_NAMES,
  REASON_NO_HOST_LEFT,
  REASON_NO_RETRY_RULE,
  REASON_NONE,
  REASON_RETRIES_EXHAUSTED,
  RUNNING,
  SKIPPED,
  WAITING,
} from './states.ts';

type Event<T extends SchedulerEvent['type']> = Extract<SchedulerEvent, { type: T }>;

/**
 * Takes one event into the state and says what to do. The only code that changes a {@link SchedulerState}: no clock, no input
 * or output, no randomness, so equal event logs give equal states and instructions.
 */
export function step(s: SchedulerState, event: SchedulerEvent): Instruction[] {
  const out: Instruction[] = [];
  let freed: WorkerState | undefined;
  switch (event.type) {
    case 'preset':
      preset(s, event, out);
      return out;
    case 'absent':
      if (s.started) impossible(event, 'the run has started');
      markAbsent(s, event.datasets);
      return out;
    case 'start':
      s.started = true;
      seed(s, out);
      break;
    case 'budgetChanged':
      s.cores = event.cores;
      s.memoryBytes = event.memoryBytes;
      s.queuesFull.fill(0);
      for (const worker of s.workers.values()) reserve(s, worker);
      break;
    case 'workerReady':
      if (s.workers.has(event.worker)) impossible(event, `worker ${event.worker} is known already`);
      s.workers.set(event.worker, newWorker(event.worker, event.host ?? ''));
      s.hosts.known.add(event.host ?? '');
      reserve(s, s.workers.get(event.worker)!);
      break;
    case 'hostGone':
      hostGone(s, event, out);
      break;
    case 'attemptStarted':
      attemptStarted(s, event);
      return out; // gives room to nothing
    case 'attemptComputed':
      freed = attemptComputed(s, event);
      break;
    case 'attemptEnded':
      freed = s.workers.get(event.worker);
      attemptEnded(s, event, out);
      break;
    case 'workerLost': {
      const lost = workerOf(s, event, event.worker);
      s.queuesFull.fill(0);
      workerLost(s, event, out);
      remakeLost(s, lost, (quantum, to) => setState(s, quantum, to, REASON_NONE, event.type), out);
      s.heldBytes -= lost.heldBytes;
      break;
    }
    case 'held': {
      const worker = workerOf(s, event, event.worker);
      s.heldBytes += event.heldBytes - worker.heldBytes;
      worker.heldBytes = event.heldBytes;
      break;
    }
    case 'recalled':
      s.queuesFull.fill(0);
      recalled(s, event);
      break;
    case 'overMemory':
      overMemory(s, event, out);
      return out; // room comes with the end of the worker
    case 'hung':
      hung(s, event, out);
      return out;
    case 'tick':
      tick(s, event.nowSeconds, out);
      break;
    case 'rulesChanged':
      s.rules = event.rules;
      break;
    case 'drain':
      drain(s, out);
      break;
    case 'cancel':
      cancel(s, out);
      break;
  }
  settleClusters(s, out);
  dispatch(s, out, freed);
  if (s.started && !s.finished && nothingMoves(s)) {
    s.finished = true;
    out.push({ type: 'finished' });
  }
  return out;
}

function preset(s: SchedulerState, event: Event<'preset'>, out: Instruction[]): void {
  if (s.started) impossible(event, 'the run has started');
  const to = { skipped: SKIPPED, noWork: NO_WORK, excluded: EXCLUDED }[event.state];
  const before = event.accepted === true ? REASON_ACCEPTED_FAILURE : REASON_DONE_BEFORE;
  setState(s, event.quantum, to, to === EXCLUDED ? REASON_EXCLUDED : before, event.type);
  release(s, event.quantum, event.missing, event.type, out);
}

function attemptStarted(s: SchedulerState, event: Event<'attemptStarted'>): void {
  const worker = workerOf(s, event, event.worker);
  if (worker.queue[0] !== event.quantum) impossible(event, `worker ${worker.id} was to run ${worker.queue[0]} first`);
  if (worker.started) impossible(event, `worker ${worker.id} has started already`);
  worker.started = true;
  s.attempts[event.quantum]++;
  const { limitSeconds, isUnlimited } = s.graph.tasks[s.taskOf[event.quantum]];
  const limit = isUnlimited?.(event.quantum) === true ? undefined : limitSeconds;
  worker.deadlineSeconds = limit === undefined ? Number.POSITIVE_INFINITY : event.nowSeconds + limit;
}

function attemptComputed(s: SchedulerState, event: Event<'attemptComputed'>): WorkerState {
  const worker = workerOf(s, event, event.worker);
  if (!worker.started || worker.queue[0] !== event.quantum) impossible(event, `worker ${worker.id} is not running it`);
  beginCommit(s, worker);
  return worker;
}

function attemptEnded(s: SchedulerState, event: Event<'attemptEnded'>, out: Instruction[]): void {
  const worker = workerOf(s, event, event.worker);
  const { quantum } = event;
  if (worker.started && worker.queue[0] === quantum) beginCommit(s, worker);
  if (!endCommit(worker, quantum)) impossible(event, `worker ${worker.id} is not running it`);
  if (boundTo(s, quantum) === undefined) s.commitLosses.delete(quantum); // others may still run again
  const task = s.taskOf[quantum];
  const mean = s.meanWallSeconds[task];
  s.meanWallSeconds[task] = Number.isNaN(mean) ? event.wallSeconds : mean + 0.1 * (event.wallSeconds - mean);
  const attempt = s.attempts[quantum];
  if (event.outcome === 'failed') {
    if (event.cause === undefined) impossible(event, 'a failure without a cause');
    failAttempt(s, quantum, worker.host, event.cause!, event.peakMemoryBytes ?? 0, event.type, out);
    return;
  }
  const upstreamFailures = acceptedUpstream(s, quantum);
  // What ran without something that should have been there has not ended wholly well.
  const state = event.outcome === 'done' && upstreamFailures !== undefined ? 'doneWithCaveat' : event.outcome;
  const to = { done: DONE, doneWithCaveat: DONE_WITH_CAVEAT, noWork: NO_WORK }[state];
  setState(s, quantum, to, REASON_NONE, event.type);
  s.memoryOverride.delete(quantum);
  const { cause } = event;
  out.push({ type: 'settled', quantum, attempt, decision: 'final', state, reason: 'none', cause, upstreamFailures });
  release(s, quantum, event.missing, event.type, out);
  notePlace(s, quantum, worker);
}

function workerLost(s: SchedulerState, event: Event<'workerLost'>, out: Instruction[]): void {
  const worker = workerOf(s, event, event.worker);
  const running = worker.started ? worker.queue[0] : undefined;
  for (const quantum of worker.queue) if (quantum !== running) takeBack(s, quantum, event.type);
  worker.queue.length = 0;
  const blamed = giveUpCommits(s, worker, event.type);
  reserve(s, worker);
  s.workers.delete(worker.id);
  s.idle.delete(worker);
  for (const quantum of blamed)
    failAttempt(s, quantum, worker.host, event.cause, event.peakMemoryBytes ?? 0, event.type, out);
  if (running === undefined) return;
  if (worker.dying !== undefined && worker.dying !== 'cancelled' && worker.dyingFor !== running) {
    // The one it was meant for ended after all, and the blow met its successor: that attempt does not count.
    s.attempts[running]--;
    takeBack(s, running, event.type);
    return;
  }
  if (worker.dying === 'cancelled') {
    setState(s, running, KILLED, REASON_CANCELLED, event.type);
    out.push({
      type: 'settled',
      quantum: running,
      attempt: s.attempts[running],
      decision: 'final',
      state: 'killed',
      reason: 'cancelled',
      cause: event.cause,
    });
    return;
  }
  failAttempt(s, running, worker.host, event.cause, event.peakMemoryBytes ?? 0, event.type, out);
}

/** One attempt failed: a rule gives another one, or the failure is final and what depends on it is blocked. */
function failAttempt(
  s: SchedulerState,
  quantum: number,
  host: string,
  cause: Cause,
  peakMemoryBytes: number,
  event: string,
  out: Instruction[],
): void {
  s.commitLosses.delete(quantum);
  const attempt = s.attempts[quantum];
  const { label } = s.graph.tasks[s.taskOf[quantum]];
  const rule = matchRule(s.rules, cause, label);
  const watched = matchRule(s.passiveRules, cause, label);
  const base = {
    type: 'settled',
    quantum,
    attempt,
    state: 'failed',
    rule: rule?.name,
    action: rule && actionOf(rule),
    wouldFire: watched && { rule: watched.name, action: actionOf(watched) },
    cause,
  } as const;
  if (rule?.stopsRun === true && !s.draining) {
    out.push({ type: 'stopping', rule: rule.name, cause });
    drain(s, out);
  }
  if (base.action === 'acceptAsCaveat') {
    setState(s, quantum, DONE_WITH_CAVEAT, REASON_ACCEPTED_FAILURE, event);
    s.memoryOverride.delete(quantum);
    out.push({ ...base, state: 'doneWithCaveat', decision: 'final', reason: 'none' });
    const missing = s.graph.outputs(quantum).map(({ dataset }) => dataset);
    release(s, quantum, missing, event, out);
    return;
  }
  const again = rule !== undefined && attempt < rule.maxAttempts && rule.stopsRun !== true && !s.cancelled;
  const nowhere = again && rule.excludesHost === true && !excludeHost(s, quantum, host);
  if (again && !nowhere) {
    let nextMemoryBytes: number | undefined;
    if (rule.memoryFactor !== undefined) {
      const { memoryBytes } = requestOf(s, quantum);
      const wanted = Math.ceil(Math.max(memoryBytes, peakMemoryBytes) * rule.memoryFactor);
      // A cap below what it asked for already takes nothing away.
      nextMemoryBytes = Math.max(memoryBytes, Math.min(wanted, rule.memoryCapBytes ?? wanted));
      s.memoryOverride.set(quantum, nextMemoryBytes);
      nextMemoryBytes = requestOf(s, quantum).memoryBytes;
    }
    takeBack(s, quantum, event);
    out.push({ ...base, decision: 'retry', reason: 'none', nextMemoryBytes });
    return;
  }
  s.memoryOverride.delete(quantum);
  const exhausted = rule !== undefined && attempt >= rule.maxAttempts && attempt > 1;
  const reason = nowhere ? REASON_NO_HOST_LEFT : exhausted ? REASON_RETRIES_EXHAUSTED : REASON_NO_RETRY_RULE;
  setState(s, quantum, FAILED, reason, event);
  out.push({ ...base, decision: 'final', reason: REASON_NAMES[reason] });
  blockDependents(s, quantum, event, out);
}

/** Ready quanta that might have run only there have failed for want of a host. */
function hostGone(s: SchedulerState, { host, type }: Event<'hostGone'>, out: Instruction[]): void {
  s.hosts.known.delete(host);
  for (const quantum of readyElsewhere(s)) {
    if (hasHost(s, quantum)) continue;
    const attempt = s.attempts[quantum];
    const reason = REASON_NAMES[REASON_NO_HOST_LEFT];
    s.memoryOverride.delete(quantum);
    setState(s, quantum, FAILED, REASON_NO_HOST_LEFT, type);
    out.push({ type: 'settled', quantum, attempt, decision: 'final', state: 'failed', reason });
    blockDependents(s, quantum, type, out);
  }
}

function recalled(s: SchedulerState, event: Event<'recalled'>): void {
  const worker = workerOf(s, event, event.worker);
  for (const quantum of event.quanta) {
    const at = worker.queue.indexOf(quantum);
    if (at < 0 || (at === 0 && worker.started)) impossible(event, `quantum ${quantum} is not waiting there`);
    worker.queue.splice(at, 1);
    takeBack(s, quantum, event.type);
  }
  worker.recalling = false;
  reserve(s, worker);
}

function tick(s: SchedulerState, nowSeconds: number, out: Instruction[]): void {
  for (const worker of s.workers.values()) {
    if (!worker.started || worker.dying !== undefined || nowSeconds < worker.deadlineSeconds) continue;
    worker.dying = 'timeLimit';
    worker.dyingFor = worker.queue[0];
    out.push({ type: 'kill', worker: worker.id, why: 'timeLimit', quantum: worker.queue[0] });
  }
}

/** It may have ended meanwhile: then there is nothing to do. */
function overMemory(s: SchedulerState, event: Event<'overMemory'>, out: Instruction[]): void {
  const worker = s.workers.get(event.worker);
  if (worker === undefined || !worker.started || worker.dying !== undefined || worker.queue[0] !== event.quantum)
    return;
  worker.dying = 'memoryLimit';
  worker.dyingFor = event.quantum;
  out.push({ type: 'kill', worker: worker.id, why: 'memoryLimit', quantum: event.quantum });
}

/** It may have begun or ended something meanwhile: then it does not hang. */
function hung(s: SchedulerState, event: Event<'hung'>, out: Instruction[]): void {
  const worker = s.workers.get(event.worker);
  if (worker === undefined || worker.dying !== undefined) return;
  if (event.quantum !== (worker.started ? worker.queue[0] : -1)) return;
  worker.dying = 'hang';
  worker.dyingFor = event.quantum;
  out.push({ type: 'kill', worker: worker.id, why: 'hang', quantum: event.quantum, story: event.story });
}

function drain(s: SchedulerState, out: Instruction[]): void {
  s.draining = true;
  for (const worker of s.workers.values()) {
    if (worker.recalling || worker.dying !== undefined || worker.queue.length <= (worker.started ? 1 : 0)) continue;
    worker.recalling = true;
    out.push({ type: 'recall', worker: worker.id });
  }
}

function cancel(s: SchedulerState, out: Instruction[]): void {
  s.cancelled = true;
  for (const worker of s.workers.values()) {
    if (worker.queue.length + worker.committing.length === 0 || worker.dying === 'cancelled') continue;
    worker.dying = 'cancelled';
    out.push({ type: 'kill', worker: worker.id, why: 'cancelled', quantum: worker.queue[0] });
  }
}

function nothingMoves(s: SchedulerState): boolean {
  if (s.stateTotals[RUNNING] > 0) return false;
  if (s.draining || s.cancelled) return true;
  if (s.stateTotals[READY] > 0) return false;
  if (s.stateTotals[WAITING] > 0)
    throw runErrors.IMPOSSIBLE_EVENT({
      event: 'finished',
      problem: `${s.stateTotals[WAITING]} quanta wait for ever; the graph has a cycle`,
    });
  return true;
}

function newWorker(id: number, host: string): WorkerState {
  return {
    id,
    host,
    queue: [],
    started: false,
    committing: [],
    deadlineSeconds: Number.POSITIVE_INFINITY,
    cores: 0,
    memoryBytes: 0,
    dying: undefined,
    dyingFor: -1,
    recalling: false,
    next: [],
    clusters: new Set(),
    bound: new Set(),
    heldBytes: 0,
  };
}

function workerOf(s: SchedulerState, event: SchedulerEvent, id: number): WorkerState {
  return s.workers.get(id) ?? impossible(event, `there is no worker ${id}`);
}

function impossible(event: SchedulerEvent, problem: string): never {
  throw runErrors.IMPOSSIBLE_EVENT({ event: JSON.stringify(event), problem });
}
