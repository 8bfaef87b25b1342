// SPDX-License-Identifier: BSD-3-Clause
import type { ChildProcess } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import type { BegunProcess } from './begin-process.ts';
import { ConsoleFile } from './console-file.ts';
import { endByToken, endGroup } from './end-processes.ts';
import { encodeFrame, FrameReader } from './frames.ts';
import type { FromWorker, ToWorker } from './protocol.ts';

/** How a process ended: what the system says, and its last words. */
export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
  stderrTail: string;
  /** The process could not be started at all. */
  spawnError?: string;
}

/** After its end, a process's messages are waited for so long; children it left behind may hold its pipes open. */
const PIPE_GRACE_MS = 2000;

/**
 * One worker process and the pipes to it. Calls back once per message, and once when it is over and every message was given; what its tasks
 * started is gone by then.
 */
export class WorkerProcess {
  /** In the environment of the worker and of what it starts. */
  readonly token: string;
  readonly #child: ChildProcess;
  readonly #in: Writable;
  readonly #unsent: ToWorker[] = [];
  #ended = false;

  constructor(
    { child, token }: BegunProcess,
    consoleFile: string,
    onMessage: (message: FromWorker) => void,
    onEnd: (exit: Exit) => void,
  ) {
    this.token = token;
    this.#child = child;
    const said = new ConsoleFile(consoleFile, [child.stdout!, child.stderr!]);
    this.#in = child.stdio[3] as Writable;
    this.#in.on('error', () => {}); // the process is gone; its end is reported by `exit`
    const out = child.stdio[4] as Readable;
    const reader = new FrameReader<FromWorker[]>();
    out.on('data', (chunk: Buffer) => {
      for (const message of reader.push(chunk).flat()) if (!this.#ended) onMessage(message);
    });
    out.on('error', () => {});

    const end = (exit: Omit<Exit, 'stderrTail'>) => {
      if (this.#ended) return;
      this.#ended = true;
      said.end();
      onEnd({ ...exit, stderrTail: said.tail });
    };
    child.on('error', (error) => {
      if (child.pid === undefined) end({ code: null, signal: null, spawnError: error.message });
    });
    child.on('exit', (code, signal) => {
      endGroup(child.pid!);
      if (code !== 0) endByToken([this.token]); // a worker that ended as it was told has seen to this itself
      const timer = setTimeout(() => end({ code, signal }), PIPE_GRACE_MS);
      child.on('close', () => {
        clearTimeout(timer);
        end({ code, signal });
      });
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** What is said in one turn of the event loop goes in one write. */
  send(message: ToWorker): void {
    if (this.#unsent.push(message) > 1) return;
    setImmediate(() => this.#in.write(encodeFrame(this.#unsent.splice(0))));
  }

  /** Ends the process at once, with what its tasks started. */
  kill(): void {
    if (this.pid !== undefined && !this.#ended) endGroup(this.pid);
  }
}
