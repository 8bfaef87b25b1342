// SPDX-License-Identifier: BSD-3-Clause
import { type ChildProcess, spawn } from 'node:child_process';
import { newUuid } from '../../base/index.ts';
import { WORKER_TOKEN } from './process-table.ts';
import { workerEnvironment } from './worker-environment.ts';

export interface WorkerCommand {
  file: string;
  args: readonly string[];
  env?: Readonly<Record<string, string | undefined>>;
}

/** A process that loads its code; what it says waits in its pipes until somebody listens. */
export interface BegunProcess {
  readonly child: ChildProcess;
  /** In the environment of the worker and of what it starts. */
  readonly token: string;
}

/** It leads a session of its own, so that Ctrl-C of a terminal reaches the controller alone. */
export function beginProcess(command: WorkerCommand): BegunProcess {
  const token = newUuid();
  const child = spawn(command.file, [...command.args], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...workerEnvironment(), ...command.env, [WORKER_TOKEN]: token },
    detached: true,
  });
  return { child, token };
}

/**
 * Processes begun before anybody knows what they will be told, so that they load their code while that is found out. They do nothing by
 * themselves, and end when this process does.
 */
export class WarmProcesses {
  readonly command: WorkerCommand;
  readonly #begun: BegunProcess[] = [];

  constructor(command: WorkerCommand) {
    this.command = command;
  }

  /** Begins what lacks to so many. */
  begin(count: number): this {
    while (this.#begun.length < count) {
      const begun = beginProcess(this.command);
      begun.child.on('error', () => {}); // whoever begins another one instead hears why it does not start
      this.#begun.push(begun);
    }
    return this;
  }

  /** One that runs, if any does. */
  take(): BegunProcess | undefined {
    for (let begun = this.#begun.shift(); begun !== undefined; begun = this.#begun.shift())
      if (begun.child.pid !== undefined && begun.child.exitCode === null && begun.child.signalCode === null)
        return begun;
    return undefined;
  }

  /** Ends those that were not taken. */
  end(): void {
    for (let begun = this.take(); begun !== undefined; begun = this.take()) {
      begun.child.kill('SIGKILL');
      for (const pipe of begun.child.stdio) pipe?.destroy();
    }
  }
}
