// SPDX-License-Identifier: BSD-3-Clause
import { fromPlainError } from '../../base/index.ts';
import { runErrors } from '../errors.ts';
import type { FromWorker, ToWorker } from '../workers/protocol.ts';
import type { QuantumSpecs } from './quantum-specs.ts';

type InitEnded = Extract<FromWorker, { type: 'initEnded' }>;

/** Workers that may die over the init outputs before the run gives up. */
const TRIES = 2;

/** Has the init outputs of a run (schemas, configurations, package versions) written by one worker, or by another when that one dies. */
export class InitOutputs {
  readonly #specs: QuantumSpecs;
  readonly #version: string;
  readonly #send: (worker: number, message: ToWorker) => void;
  #done: { resolve(): void; reject(error: Error): void } | undefined;
  #worker: number | undefined;
  #tries = 0;

  constructor(specs: QuantumSpecs, version: string, send: (worker: number, message: ToWorker) => void) {
    this.#specs = specs;
    this.#version = version;
    this.#send = send;
  }

  /** Resolves when they are written. @throws RUN_INIT_FAILED */
  written(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#done = { resolve, reject };
    });
  }

  isWriting(worker: number): boolean {
    return this.#done !== undefined && this.#worker === worker;
  }

  outputs() {
    return this.#specs.init().flatMap((spec) => spec.outputs);
  }

  /** A worker that could write them. */
  offer(worker: number | undefined): void {
    if (worker === undefined || this.#done === undefined || this.#worker !== undefined) return;
    this.#worker = worker;
    this.#tries++;
    this.#send(worker, { type: 'init', tasks: this.#specs.init(), packages: { skymill: this.#version } });
  }

  /** The worker died over them. `other` is one that is there; else the next that is ready is offered. */
  lost(problem: string, other: number | undefined): void {
    this.#worker = undefined;
    if (this.#tries >= TRIES) this.#end(runErrors.INIT_FAILED({ label: 'the run', problem }));
    else this.offer(other);
  }

  ended({ error }: InitEnded): void {
    if (error === undefined) {
      this.#end();
      return;
    }
    const { label, cause } = error;
    const trace = fromPlainError({
      code: cause.code ?? 'UNEXPECTED',
      kind: 'user',
      message: cause.message,
      next: cause.next ?? '',
      stack: cause.stack,
    });
    this.#end(runErrors.INIT_FAILED({ label: `task ${label}`, problem: cause.message }, { cause: trace }));
  }

  #end(error?: Error): void {
    const done = this.#done;
    this.#done = undefined;
    if (error === undefined) done?.resolve();
    else done?.reject(error);
  }
}
