// SPDX-License-Identifier: BSD-3-Clause
import { mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Socket } from 'node:net';
import { dirname } from 'node:path';
import type { TaskResolver } from '../../../pipeline/index.ts';
import { runErrors } from '../../errors.ts';
import { FrameReader, writeFrameSync } from '../frames.ts';
import {
  type DatasetSpec,
  type EndedMessage,
  type FromWorker,
  PROTOCOL_VERSION,
  type QuantumSpec,
  type SetupMessage,
  type ToWorker,
} from '../protocol.ts';
import { AttemptLog, captureConsole, WorkerLog } from './attempt-log.ts';
import { Commits, type Computed } from './commit.ts';
import { runInit } from './init.ts';
import { runQuantum } from './run-quantum.ts';
import { WorkerStore } from './store.ts';
import { TaskLibrary } from './task-library.ts';

const IN_FD = 3;
const OUT_FD = 4;
const MUCH_BYTES = 2 ** 26;

export interface WorkerOptions {
  resolveTask: TaskResolver;
}

/**
 * The life of a TypeScript worker: says hello, then runs what it is sent, in order, until it is told to stop or the controller is
 * gone. The entry file of a worker process calls this with the task library it offers.
 */
export async function workerMain(options: WorkerOptions): Promise<void> {
  // Interrupts from the terminal reach the whole process group; what they mean is the controller's business.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => process.exit(143));
  const say = (...messages: FromWorker[]) => writeFrameSync(OUT_FD, messages);
  const inbox = new Inbox();
  say({ type: 'hello', protocol: PROTOCOL_VERSION, pid: process.pid, node: process.version });
  const setup = await inbox.next();
  if (setup?.type !== 'setup') {
    if (setup === undefined || setup.type === 'stop') return process.exit(0);
    throw runErrors.PROTOCOL({ problem: `${setup.type} before setup` });
  }
  await new Worker(setup, options, inbox, say).work();
  process.exit(0);
}

class Worker {
  readonly #setup: SetupMessage;
  readonly #inbox: Inbox;
  readonly #send: (...messages: FromWorker[]) => void;
  /** What may wait until something else is said. */
  #unsaid: FromWorker[] = [];
  readonly #commits: Commits;
  readonly #library: TaskLibrary;
  readonly #store: WorkerStore;
  readonly #log: WorkerLog;
  /** Outputs of quanta that are computed, until their files are in place. */
  readonly #uncommitted = new Map<number, readonly DatasetSpec[]>();
  #told = { held: 0, kept: 0 };
  #current: AttemptLog | undefined;

  constructor(setup: SetupMessage, options: WorkerOptions, inbox: Inbox, send: (...messages: FromWorker[]) => void) {
    this.#setup = setup;
    this.#inbox = inbox;
    this.#send = send;
    this.#commits = new Commits({
      tell: (ended) => {
        for (const { quantum, outcome } of ended) {
          if (outcome === 'failed') this.#store.forget(this.#uncommitted.get(quantum)!.map(({ id }) => id));
          this.#uncommitted.delete(quantum);
        }
        this.#say(...ended);
      },
      alongside: () => this.#store.syncArchive(),
      moreToCome: () => inbox.hasQuantum,
      recordedIn: dirname(setup.logFile), // in the folder of the run, as the outcome log is
    });
    this.#library = new TaskLibrary(options.resolveTask, setup.tasks);
    this.#store = new WorkerStore(setup, () => this.#tellMemory(MUCH_BYTES));
    mkdirSync(setup.scratch, { recursive: true });
    this.#log = new WorkerLog(setup.logFile);
    captureConsole(() => this.#current);
  }

  async work(): Promise<void> {
    for (;;) {
      const message = await this.#inbox.next();
      if (message === undefined || message.type === 'stop') break;
      if (message.type === 'run') await this.#run(message.quantum);
      else if (message.type === 'init') {
        this.#log.begin('init');
        this.#say(await runInit(message.tasks, message.packages, this.#surroundings()));
      } else if (message.type === 'forget') {
        this.#store.forget(message.datasets);
        this.#tellMemory();
        this.#say();
      } else if (message.type === 'recall') this.#say({ type: 'recalled', quanta: this.#inbox.takeQuanta() });
      else throw runErrors.PROTOCOL({ problem: `a second ${message.type}` });
    }
    await this.#commits.drained();
    await this.#store.closeArchive();
    await rm(this.#setup.scratch, { recursive: true, force: true });
  }

  async #run(spec: QuantumSpec): Promise<void> {
    await this.#commits.room();
    this.#store.makeRoom(spec);
    const { label } = this.#setup.tasks[spec.task];
    this.#log.begin(`quantum ${spec.quantum} attempt ${spec.attempt} id ${spec.quantumId}`);
    const log = new AttemptLog(this.#log, `${label}{${dataIdText(spec.dataId)}}`);
    const { kept: keptBytes, held } = this.#store.bytes;
    this.#say({ type: 'started', quantum: spec.quantum, logOffset: log.offset });
    this.#current = log;
    let computed: Computed;
    try {
      computed = await runQuantum(spec, { ...this.#surroundings(), log });
    } finally {
      this.#current = undefined;
    }
    this.#account(computed.message, keptBytes + held);
    if (computed.message.outcome === 'failed') {
      this.#store.forget(spec.outputs.map(({ id }) => id));
      this.#say(computed.message);
      return;
    }
    this.#store.consumed(spec.inputs);
    this.#uncommitted.set(spec.quantum, spec.outputs);
    this.#unsaid.push({ type: 'computed', quantum: spec.quantum });
    this.#commits.add(computed);
    // With the start of the next, if that comes at once.
    if (!this.#inbox.hasQuantum || !this.#commits.hasRoom) this.#say();
    if (!this.#inbox.hasQuantum) this.#commits.hasten();
  }

  /** What lay in memory for other quanta throughout is not this one's peak. */
  #account(message: EndedMessage, bytesBefore: number): void {
    const { kept, held } = this.#store.bytes;
    const { usage } = message;
    usage.cacheBytes = Math.min(bytesBefore, kept + held);
    usage.peakMemoryBytes = Math.max(0, usage.peakMemoryBytes - usage.cacheBytes);
    this.#tellMemory();
  }

  /** With the next message, or at once if it is so much that a quantum might be blamed for it. */
  #tellMemory(atLeastBytes = 1): void {
    const { held, kept } = this.#store.bytes;
    const changedBytes = Math.abs(held - this.#told.held) + Math.abs(kept - this.#told.kept);
    if (changedBytes < atLeastBytes || (held === this.#told.held && changedBytes < MUCH_BYTES / 8)) return;
    this.#told = { held, kept };
    this.#unsaid.push({ type: 'memory', heldBytes: held, keptBytes: kept });
    if (atLeastBytes > 1) this.#say();
  }

  #say(...messages: FromWorker[]): void {
    const all = [...this.#unsaid, ...messages];
    this.#unsaid = [];
    if (all.length > 0) this.#send(...all);
  }

  #surroundings() {
    return {
      load: (task: number) => this.#library.load(task),
      open: (datasets: readonly DatasetSpec[]) => this.#store.open(datasets),
      scratch: this.#setup.scratch,
    };
  }
}

function dataIdText(dataId: Readonly<Record<string, string | number>>): string {
  return Object.entries(dataId)
    .map(([key, value]) => `${key}=${value}`)
    .join(' ');
}

/** Messages that have arrived and are not dealt with. A recall overtakes the quanta that wait. */
class Inbox {
  #messages: ToWorker[] = [];
  #quanta = 0;
  #recalls = 0;
  #wake: (() => void) | undefined;
  #closed = false;

  constructor() {
    const reader = new FrameReader<ToWorker[]>();
    const socket = new Socket({ fd: IN_FD, readable: true, writable: false });
    socket.on('data', (chunk) => {
      for (const message of reader.push(chunk).flat()) this.#take(message);
      this.#wake?.();
    });
    // The controller is gone: nobody would record what is made from here on.
    const close = () => {
      this.#closed = true;
      this.#messages = [];
      this.#quanta = 0;
      this.#recalls = 0;
      this.#wake?.();
    };
    socket.on('end', close);
    socket.on('error', close);
    socket.on('close', close);
  }

  #take(message: ToWorker): void {
    this.#messages.push(message);
    if (message.type === 'run') this.#quanta++;
    else if (message.type === 'recall') this.#recalls++;
  }

  get hasQuantum(): boolean {
    return this.#quanta > 0 && this.#recalls === 0;
  }

  /** The next message, or undefined when there will be none. */
  async next(): Promise<ToWorker | undefined> {
    await new Promise(setImmediate); // let what is in the pipe arrive, above all a recall
    for (;;) {
      if (this.#recalls > 0) {
        this.#recalls--;
        return this.#messages.splice(
          this.#messages.findIndex((m) => m.type === 'recall'),
          1,
        )[0];
      }
      const message = this.#messages.shift();
      if (message?.type === 'run') this.#quanta--;
      if (message !== undefined || this.#closed) return message;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Takes the quanta that wait out of the queue. */
  takeQuanta(): number[] {
    const quanta: number[] = [];
    this.#messages = this.#messages.filter((message) => {
      if (message.type !== 'run') return true;
      quanta.push(message.quantum.quantum);
      return false;
    });
    this.#quanta = 0;
    return quanta;
  }
}
