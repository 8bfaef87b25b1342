// SPDX-License-Identifier: BSD-3-Clause
import { join } from 'node:path';
import { runErrors } from '../errors.ts';
import type { Cause } from '../outcomes/record.ts';
import type { KilledFor } from '../scheduler/index.ts';
import { beginProcess, type WarmProcesses, type WorkerCommand } from './begin-process.ts';
import { type ControlGroup, ControlGroups } from './control-groups.ts';
import { causeOfExit, OomWatch } from './exit-cause.ts';
import { type FromWorker, PROTOCOL_VERSION, type SetupMessage, type ToWorker } from './protocol.ts';
import { peakMemoryBytes } from './usage.ts';
import { type Exit, WorkerProcess } from './worker-process.ts';

export interface PoolOptions {
  size: number;
  command: WorkerCommand;
  /** Processes of this command that were begun before. */
  warm?: WarmProcesses;
  setup: Omit<SetupMessage, 'type' | 'scratch' | 'logFile'>;
  logFolder: string;
  scratchFolder: string;
  /** A process that has not said hello after so long is ended; 0 or absent: never. */
  startSeconds?: number;
}

export interface PoolHandlers {
  /** A process exists; nothing has been sent to it. Whatever must be written down about it is written now. */
  onSpawn(worker: number, pid: number, places: { scratch: string; logFile: string; token: string }): void;
  onReady(worker: number, pid: number, token: string): void;
  onMessage(worker: number, message: FromWorker): void;
  onLost(
    worker: number,
    lost: { pid: number | undefined; cause: Cause; peakMemoryBytes?: number; wasReady: boolean },
  ): void;
  /** The pool cannot go on. */
  onFatal(error: Error): void;
}

interface Member {
  process: WorkerProcess;
  /** Where the system has such groups, and gives us some. */
  group: ControlGroup | undefined;
  pid: number | undefined;
  ready: boolean;
  /** Until it is ready. */
  starting: NodeJS.Timeout | undefined;
  worked: boolean;
  killedFor: KilledFor | undefined;
  story: string | undefined;
  peakMemoryBytes: number;
}

/** So many processes in a row may end without having done anything before the pool gives up. */
const FRUITLESS_LIMIT = 3;

/** Worker processes that stay warm; one that is lost is replaced until the pool is stopped. */
export class WorkerPool {
  readonly #options: PoolOptions;
  readonly #handlers: PoolHandlers;
  readonly #members = new Map<number, Member>();
  readonly #oom = new OomWatch();
  #groups: ControlGroups | undefined;
  #next = 0;
  #fruitless = 0;
  #stopping = false;
  #whenEmpty: (() => void) | undefined;

  constructor(options: PoolOptions, handlers: PoolHandlers) {
    this.#options = options;
    this.#handlers = handlers;
  }

  start(): void {
    this.#groups = ControlGroups.open();
    for (let i = 0; i < this.#options.size; i++) this.#spawn();
  }

  send(worker: number, message: ToWorker): void {
    this.#members.get(worker)?.process.send(message);
  }

  /** Ends a process at once; {@link PoolHandlers.onLost} follows. */
  kill(worker: number, why: KilledFor, story?: string): void {
    const member = this.#members.get(worker);
    if (member === undefined) return;
    member.killedFor = why;
    member.story = story;
    this.#note(member);
    end(member);
  }

  /** Has the kernel keep a worker to so much memory beyond what it has now, where it can; undefined: no limit. */
  allowMemory(worker: number, moreBytes: number | undefined): void {
    this.#members.get(worker)?.group?.allow(moreBytes);
  }

  /** Notes how much memory the processes use, for the records of those that are killed. */
  sample(): void {
    for (const member of this.#members.values()) this.#note(member);
  }

  #note(member: Member): void {
    if (member.pid !== undefined) member.peakMemoryBytes = peakMemoryBytes(member.pid) ?? member.peakMemoryBytes;
  }

  /** From here on, lost processes are not replaced. */
  freeze(): void {
    this.#stopping = true;
  }

  /** Lets the processes end and waits for it; those still there after `graceMs` are killed. */
  async stop(graceMs = 5000): Promise<void> {
    this.#stopping = true;
    await this.#empty(graceMs);
    this.#groups?.close();
  }

  async #empty(graceMs: number): Promise<void> {
    if (this.#members.size === 0) return;
    const empty = new Promise<void>((resolve) => {
      this.#whenEmpty = resolve;
    });
    for (const { process } of this.#members.values()) process.send({ type: 'stop' });
    const timer = setTimeout(() => this.killAll(), graceMs);
    await empty;
    clearTimeout(timer);
  }

  /** Nothing is replaced after this. */
  killAll(): void {
    this.#stopping = true;
    for (const member of this.#members.values()) {
      member.killedFor ??= 'cancelled';
      end(member);
    }
  }

  #spawn(): void {
    const worker = this.#next++;
    const { command, warm, logFolder, scratchFolder } = this.#options;
    const scratch = join(scratchFolder, String(worker));
    const name = `worker-${process.pid}-${worker}`;
    const child = new WorkerProcess(
      warm?.take() ?? beginProcess(command),
      join(logFolder, `${name}.console`),
      (message) => this.#receive(worker, member, message),
      (exit) => this.#ended(worker, member, exit),
    );
    const member: Member = {
      process: child,
      group: child.pid === undefined ? undefined : this.#groups?.add(String(worker), child.pid),
      pid: child.pid,
      ready: false,
      starting: this.#startTimer(worker),
      worked: false,
      killedFor: undefined,
      story: undefined,
      peakMemoryBytes: 0,
    };
    this.#members.set(worker, member);
    if (child.pid === undefined) return; // `ended` follows with the reason
    const places = { scratch, logFile: join(logFolder, `${name}.log`) };
    this.#handlers.onSpawn(worker, child.pid, { ...places, token: child.token });
    child.send({ type: 'setup', ...this.#options.setup, ...places });
  }

  /** What hangs before it can be given anything is no attempt's fault. */
  #startTimer(worker: number): NodeJS.Timeout | undefined {
    const { startSeconds = 0 } = this.#options;
    if (startSeconds === 0) return undefined;
    const kill = () => this.kill(worker, 'hang', `it did not begin within ${startSeconds} s`);
    return setTimeout(kill, startSeconds * 1000).unref();
  }

  #receive(worker: number, member: Member, message: FromWorker): void {
    if (message.type === 'hello') {
      if (message.protocol !== PROTOCOL_VERSION) {
        this.#handlers.onFatal(runErrors.PROTOCOL({ problem: `version ${message.protocol} and ${PROTOCOL_VERSION}` }));
        return;
      }
      member.ready = true;
      clearTimeout(member.starting);
      this.#handlers.onReady(worker, member.pid!, member.process.token);
      return;
    }
    member.worked = true;
    this.#fruitless = 0;
    this.#handlers.onMessage(worker, message);
  }

  #ended(worker: number, member: Member, exit: Exit): void {
    this.#members.delete(worker);
    clearTimeout(member.starting);
    if (member.group !== undefined) this.#endGroup(member, member.group);
    const cause = causeOfExit(exit, member.killedFor, this.#oom, member.story);
    this.#handlers.onLost(worker, {
      pid: member.pid,
      cause,
      peakMemoryBytes: member.peakMemoryBytes || undefined,
      wasReady: member.ready,
    });
    if (this.#stopping) {
      if (this.#members.size === 0) this.#whenEmpty?.();
      return;
    }
    const fruitless = !member.worked && (member.killedFor === undefined || !member.ready);
    if (fruitless && ++this.#fruitless >= FRUITLESS_LIMIT) {
      const { file, args } = this.#options.command;
      const how = exit.spawnError ?? (exit.signal === null ? `with exit code ${exit.code}` : `by ${exit.signal}`);
      const times = this.#fruitless;
      const stderr = exit.stderrTail === '' ? 'it wrote nothing' : exit.stderrTail;
      this.#handlers.onFatal(
        runErrors.WORKER_DOES_NOT_START({ command: [file, ...args].join(' '), times, how, stderr }),
      );
      return;
    }
    try {
      this.#spawn();
    } catch (error) {
      this.#handlers.onFatal(error as Error); // its place on the roster cannot be written, or so
    }
  }

  /** What the kernel says of the end, and the end of whatever is left. */
  #endGroup(member: Member, group: ControlGroup): void {
    const limitBytes = group.endedAtBytes();
    if (limitBytes !== undefined && member.killedFor === undefined) {
      member.killedFor = 'memoryLimit';
      member.story = `the kernel ended it at ${Math.round(limitBytes / 2 ** 20)} MiB`;
      member.peakMemoryBytes = Math.max(member.peakMemoryBytes, group.peakMemoryBytes() ?? 0);
    }
    group.kill();
    this.#groups?.remove(group);
  }
}

/** The process, and what its tasks started. */
function end({ process, group }: Member): void {
  group?.kill();
  process.kill();
}
