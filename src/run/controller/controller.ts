// SPDX-License-Identifier: BSD-3-Clause
import { hostname } from 'node:os';
import { join } from 'node:path';
import { SkymillError } from '../../base/index.ts';
import type { ButlerApi } from '../../butler/index.ts';
import type { QuantumGraph } from '../../graph/index.ts';
import { RunClock, steadyUnixMs } from '../clock.ts';
import { runErrors } from '../errors.ts';
import type { RunFolder } from '../folder/run-folder.ts';
import type { OutcomeLogWriter } from '../outcomes/log.ts';
import { causeOfException } from '../outcomes/signature.ts';
import type { RunEvent } from '../progress/events.ts';
import type { Progress } from '../progress/snapshot.ts';
import { type Instruction, isMissing, type SchedulerEvent, type SchedulerState, step } from '../scheduler/index.ts';
import type { PoolHandlers, WorkerPool } from '../workers/pool.ts';
import type { EndedMessage, FromWorker, QuantumSpec } from '../workers/protocol.ts';
import { foldTail } from '../workers/typescript/log-tail.ts';
import { type AttemptFacts, attemptRecord, type Settled, usageOfDead, withChildren } from './attempt-records.ts';
import { AttemptWatch, type WatchLimits } from './attempt-watch.ts';
import { DeadWorkers } from './dead-workers.ts';
import { type HandOver, remadeRecord } from './hand-over.ts';
import { InitOutputs } from './init-outputs.ts';
import { watchMs } from './memory-watch.ts';
import { ProgressReader } from './progress.ts';
import type { QuantumSpecs } from './quantum-specs.ts';
import type { Registrar } from './registrar.ts';

export interface ControllerParts {
  graph: QuantumGraph;
  butler: ButlerApi;
  state: SchedulerState;
  specs: QuantumSpecs;
  log: OutcomeLogWriter;
  registrar: Registrar;
  /** Where products are handed over in memory. */
  handOver?: HandOver;
  folder: RunFolder;
  jobs: number;
  tickSeconds: number;
  limits: WatchLimits;
  emit(event: RunEvent): void;
  /** Keeps what the scheduler is told, for a replay. */
  record(event: SchedulerEvent): void;
  onSpawn(pid: number, places: { scratch: string; logFile: string; token: string }): void;
  onGone(pid: number): void;
}

interface AtWork {
  pid: number;
  token: string;
  /** By quantum: what it was sent and not ended, in order; those it started may be in commit. */
  sent: Map<number, Sent>;
  /** What it computes. */
  current?: Started;
  /** Of its memory what datasets take that are there for other quanta. */
  datasetBytes?: number;
  logFile: string;
}
interface Sent {
  spec: QuantumSpec;
  startedUnixMs?: number;
  logOffset?: number;
}
interface Started extends Required<Sent> {
  atSeconds: number;
}

/**
 * The shell around the scheduler core: turns what workers say into events, and instructions into messages, log records and
 * registrations. One instance executes one run once.
 */
export class Controller implements PoolHandlers {
  readonly #p: ControllerParts;
  readonly #workers = new Map<number, AtWork>();
  readonly #progress: ProgressReader;
  readonly #watch: AttemptWatch;
  readonly #clock = new RunClock();
  #pool: WorkerPool | undefined;
  #flushQueued = false;
  /** Of the worker that was lost last. */
  #lostPid: number | undefined;
  readonly #init: InitOutputs;
  readonly #dead: DeadWorkers;
  #resolve!: (how: 'complete' | 'drained' | 'cancelled') => void;
  #reject!: (error: unknown) => void;
  readonly ended: Promise<'complete' | 'drained' | 'cancelled'>;
  #over = false;

  constructor(parts: ControllerParts) {
    this.#p = parts;
    this.#watch = new AttemptWatch(parts.limits, (worker, bytes) => this.#pool?.allowMemory(worker, bytes));
    const { specs, graph, butler } = parts;
    this.#dead = new DeadWorkers(butler.datastoreRoot, (error) => this.#fail(error));
    this.#init = new InitOutputs(specs, graph.header.skymill, (worker, message) => this.#pool!.send(worker, message));
    this.#progress = new ProgressReader(parts.graph, parts.state, parts.jobs, this.#clock.now());
    this.ended = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.ended.catch(() => {}); // whoever awaits it later still sees the error
  }

  /** Starts the pool, has the init outputs written where they are not there, and starts the scheduler. */
  async run(pool: WorkerPool, initNeeded: boolean): Promise<'complete' | 'drained' | 'cancelled'> {
    this.#pool = pool;
    const ticker = setInterval(() => this.#guard(() => this.#tick()), this.#p.tickSeconds * 1000);
    const watcher = setInterval(() => this.#guard(() => this.#look()), watchMs(this.#p.jobs));
    try {
      const initialised = initNeeded ? this.#init.written() : Promise.resolve();
      initialised.catch((error) => this.#fail(error));
      pool.start();
      await Promise.race([initialised, this.ended]);
      if (!this.#over) this.#guard(() => this.#apply({ type: 'start' }));
      const how = await this.ended;
      await this.#dead.done();
      return how;
    } finally {
      clearInterval(ticker);
      clearInterval(watcher);
    }
  }

  drain(): void {
    this.#p.emit({ type: 'draining' });
    if (this.#over) this.#p.registrar.hurry(); // all that is left to wait for
    this.#guard(() => this.#apply({ type: 'drain' }));
    if (!this.#p.state.started) this.#end('drained');
  }

  cancel(): void {
    this.#p.emit({ type: 'cancelling' });
    this.#p.registrar.hurry();
    this.#pool?.freeze();
    this.#guard(() => this.#apply({ type: 'cancel' }));
    if (!this.#p.state.started) this.#end('cancelled');
  }

  // --- what the pool tells

  onSpawn(_worker: number, pid: number, places: Parameters<PoolHandlers['onSpawn']>[2]): void {
    this.#p.onSpawn(pid, places);
  }

  onReady(worker: number, pid: number, token: string): void {
    const logFile = `logs/worker-${process.pid}-${worker}.log`;
    this.#workers.set(worker, { pid, token, sent: new Map(), logFile });
    this.#guard(() => {
      this.#init.offer(worker);
      this.#apply({ type: 'workerReady', worker, host: hostname() });
    });
  }

  onMessage(worker: number, message: FromWorker): void {
    this.#guard(() => {
      const at = this.#workers.get(worker)!;
      if (message.type === 'started') {
        const { quantum, logOffset } = message;
        const spec = at.sent.get(quantum)?.spec;
        if (spec === undefined) throw runErrors.PROTOCOL({ problem: `worker ${worker} started ${quantum}` });
        const nowSeconds = this.#clock.now();
        this.#watch.began(worker);
        at.current = { spec, startedUnixMs: steadyUnixMs(), atSeconds: nowSeconds, logOffset };
        at.sent.set(quantum, at.current);
        this.#apply({ type: 'attemptStarted', worker, quantum, nowSeconds });
      } else if (message.type === 'computed') {
        if (at.current?.spec.quantum === message.quantum) at.current = undefined;
        this.#apply({ type: 'attemptComputed', worker, quantum: message.quantum });
      } else if (message.type === 'ended') this.#attemptEnded(worker, at, message);
      else if (message.type === 'memory') {
        at.datasetBytes = message.heldBytes + message.keptBytes;
        this.#apply({ type: 'held', worker, heldBytes: message.heldBytes });
      } else if (message.type === 'recalled') {
        for (const quantum of message.quanta) at.sent.delete(quantum);
        this.#apply({ type: 'recalled', worker, quanta: message.quanta });
      } else if (message.type === 'initEnded') {
        const { outputs, error } = message;
        if (error === undefined) {
          this.#p.log.append({ type: 'init', outputs, endedUnixMs: steadyUnixMs() });
          this.#p.registrar.add(outputs);
        }
        this.#init.ended(message);
      } else throw runErrors.PROTOCOL({ problem: `unexpected ${message.type}` });
    });
  }

  onLost(worker: number, lost: Parameters<PoolHandlers['onLost']>[1]): void {
    if (this.#over) this.#removeAllOf(worker, lost.pid);
    else if (lost.wasReady) this.#guard(() => this.#workerLost(worker, lost));
    if (lost.pid === undefined) return;
    const { pid } = lost;
    this.#dead.afterwards(() => this.#p.onGone(pid));
  }

  #workerLost(worker: number, lost: Parameters<PoolHandlers['onLost']>[1]): void {
    const at = this.#workers.get(worker)!;
    this.#workers.delete(worker);
    this.#p.emit({ type: 'workerLost', worker, pid: lost.pid, cause: lost.cause });
    if (this.#init.isWriting(worker)) {
      this.#dead.removeUnfinished(this.#init.outputs(), at.pid);
      this.#init.lost(lost.cause.message, this.#workers.keys().next().value);
    }
    this.#watch.forget(worker);
    foldTail(join(this.#p.folder.path, at.logFile));
    const { cause } = lost;
    const peakMemoryBytes = Math.max(lost.peakMemoryBytes ?? 0, this.#watch.peakOf(at.current?.spec));
    const begun = [...at.sent.values()].filter((one) => one.startedUnixMs !== undefined);
    this.#dead.removeUnfinished(
      begun.flatMap(({ spec }) => spec.outputs),
      at.pid,
    );
    this.#lostPid = at.pid;
    this.#apply({ type: 'workerLost', worker, cause, peakMemoryBytes }, (settled) => {
      const { spec, startedUnixMs, logOffset } = at.sent.get(settled.quantum) ?? {};
      if (spec === undefined || startedUnixMs === undefined) return undefined;
      const endedUnixMs = steadyUnixMs();
      const usage = usageOfDead(spec, endedUnixMs - startedUnixMs, peakMemoryBytes, this.#watch.usageOf(spec));
      const log = { file: at.logFile, offset: logOffset! };
      return { spec, workerPid: at.pid, startedUnixMs, endedUnixMs, outputs: [], usage, log };
    });
  }

  /** A worker that was killed because the run is over: what it said last may not have been heard, so all it was sent counts. */
  #removeAllOf(worker: number, pid: number | undefined): void {
    const at = this.#workers.get(worker);
    if (at === undefined || pid === undefined) return;
    const init = this.#init.isWriting(worker) ? this.#init.outputs() : [];
    this.#dead.removeUnfinished([...init, ...[...at.sent.values()].flatMap(({ spec }) => spec.outputs)], pid);
  }

  /** When the unfinished files of dead workers are gone; after the pool has stopped. */
  async cleaned(): Promise<void> {
    await this.#dead.done();
  }

  onFatal(error: Error): void {
    this.#fail(error);
  }

  // --- the scheduler and its instructions

  #attemptEnded(worker: number, at: AtWork, message: EndedMessage): void {
    const { quantum } = message;
    const { spec } = at.sent.get(quantum)!;
    at.sent.delete(quantum);
    if (at.current?.spec === spec) at.current = undefined;
    const event: SchedulerEvent = {
      type: 'attemptEnded',
      worker,
      quantum,
      outcome: message.outcome,
      cause: message.cause,
      missing: this.#p.handOver?.missing(message) ?? message.missing,
      wallSeconds: message.usage.wallSeconds,
      peakMemoryBytes: message.usage.peakMemoryBytes,
    };
    this.#apply(event, () => ({
      spec,
      workerPid: at.pid,
      startedUnixMs: message.startedUnixMs,
      endedUnixMs: message.endedUnixMs,
      outputs: (message.outcome === 'failed' ? undefined : this.#p.handOver?.ended(message)) ?? message.outputs,
      held: message.held,
      usage: withChildren(message.usage, this.#watch.usageOf(spec)),
      caveats: message.caveats,
      log: { file: at.logFile, offset: message.logOffset, length: message.logLength },
    }));
  }

  /** `describe` gives what a record needs besides the scheduler's decision, for the attempt this event is about. */
  #apply(event: SchedulerEvent, describe?: (settled: Settled) => AttemptFacts | undefined): void {
    this.#p.record(event);
    for (const instruction of step(this.#p.state, event)) {
      switch (instruction.type) {
        case 'dispatch':
          this.#dispatch(instruction);
          break;
        case 'kill':
          this.#pool!.kill(instruction.worker, instruction.why, instruction.story);
          break;
        case 'recall':
          this.#pool!.send(instruction.worker, { type: 'recall' });
          break;
        case 'forget': {
          const forget = this.#p.handOver?.forget(instruction.quanta);
          if (forget !== undefined) this.#pool!.send(instruction.worker, forget);
          break;
        }
        case 'remade':
          this.#p.log.append(remadeRecord(instruction.quanta, this.#lostPid));
          break;
        case 'settled':
          this.#settled(instruction, describe?.(instruction));
          break;
        case 'blocked': {
          const { quanta, by, reason } = instruction;
          this.#p.log.append({ type: 'blocked', quanta, by, reason, unixMs: steadyUnixMs() });
          this.#p.emit({ type: 'blocked', quanta: quanta.length, by, reason });
          break;
        }
        case 'stopping':
          this.#p.emit({ type: 'draining', rule: instruction.rule, cause: instruction.cause });
          break;
        case 'finished':
          this.#end(this.#p.state.cancelled ? 'cancelled' : this.#p.state.draining ? 'drained' : 'complete');
          break;
      }
    }
    this.#flushSoon();
  }

  #dispatch({ worker, quantum, attempt, cores, memoryBytes }: Extract<Instruction, { type: 'dispatch' }>): void {
    const plain = this.#p.specs.quantum(quantum, { attempt, cores, memoryBytes }, (row) =>
      isMissing(this.#p.state, row),
    );
    const spec = this.#p.handOver?.mark(plain) ?? plain;
    this.#workers.get(worker)!.sent.set(quantum, { spec });
    this.#pool!.send(worker, { type: 'run', quantum: spec });
  }

  #settled(settled: Settled, described: AttemptFacts | undefined): void {
    if (described === undefined)
      throw runErrors.IMPOSSIBLE_EVENT({ event: 'settled', problem: `nothing is known of quantum ${settled.quantum}` });
    const record = attemptRecord(settled, this.#p.graph.tasks[described.spec.task].label, described);
    this.#p.log.append(record);
    const final = settled.decision === 'final';
    if (final) this.#p.specs.made(record.outputs);
    if (final && record.outputs.length > 0)
      this.#p.registrar.add(this.#p.handOver?.written(record, described.spec) ?? record.outputs);
    this.#progress.attempt(described.spec.task, record);
    this.#p.emit({ type: 'attempt', record });
  }

  // --- time, ends, errors

  #tick(): void {
    this.#pool!.sample();
    this.#apply({ type: 'tick', nowSeconds: this.#clock.now() });
    void this.#register();
    this.#p.emit({ type: 'progress', progress: this.progress() });
  }

  #look(): void {
    this.#clock.beat();
    for (const event of this.#watch.look(this.#workers, this.#clock.now(), (worker) => this.#init.isWriting(worker)))
      this.#apply(event);
  }

  /** Records are written once per turn of the event loop, however many arrived in it. */
  #flushSoon(): void {
    if (this.#flushQueued) return;
    this.#flushQueued = true;
    setImmediate(() => {
      this.#flushQueued = false;
      if (this.#over) return;
      this.#guard(() => this.#p.log.flush());
      if (this.#p.registrar.full) void this.#register();
    });
  }

  async #register(): Promise<void> {
    try {
      await this.#p.registrar.flush();
    } catch (error) {
      if (error instanceof SkymillError && error.code === 'RUN_REGISTRY_GONE') this.#stopFor(error);
      else this.#fail(error);
    }
  }

  /** What runs is let end, since its outcomes are kept; the run as such fails with this error when it is registered at last. */
  #stopFor(error: SkymillError): void {
    if (this.#p.state.draining) return;
    this.#p.emit({ type: 'draining', cause: causeOfException(error) });
    this.#guard(() => this.#apply({ type: 'drain' }));
  }

  progress(): Progress {
    return { ...this.#progress.read(this.#workers, this.#clock.now()), registry: this.#p.registrar.wait };
  }

  #end(how: 'complete' | 'drained' | 'cancelled'): void {
    this.#over = true;
    this.#resolve(how);
  }

  #fail(error: unknown): void {
    if (this.#over) return;
    this.#over = true;
    this.#reject(error);
  }

  #guard(f: () => void): void {
    if (this.#over) return;
    try {
      f();
    } catch (error) {
      this.#fail(error);
    }
  }
}
