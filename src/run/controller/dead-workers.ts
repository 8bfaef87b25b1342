// SPDX-License-Identifier: BSD-3-Clause
import { dirname, resolve } from 'node:path';
import { removeUnfinished } from '../../butler/index.ts';
import type { DatasetSpec } from '../workers/protocol.ts';

/** Removes what workers that died left half written. Unfinished files have names of their own, so that nobody need wait for this but the end of the run. */
export class DeadWorkers {
  readonly #datastoreRoot: string;
  readonly #onFailure: (error: unknown) => void;
  #work: Promise<unknown> = Promise.resolve();

  constructor(datastoreRoot: string, onFailure: (error: unknown) => void) {
    this.#datastoreRoot = datastoreRoot;
    this.#onFailure = onFailure;
  }

  /** Of outputs that the process may have been writing. */
  removeUnfinished(outputs: readonly DatasetSpec[], pid: number): void {
    const folders = outputs.flatMap((o) =>
      o.predicted ? dirname(resolve(this.#datastoreRoot, o.predicted.path)) : [],
    );
    this.#add(Promise.all([this.#work, removeUnfinished(folders, pid)]));
  }

  /** When all that was begun so far is done, and only then: what is left by who is killed before is found by what this would strike off. */
  afterwards(act: () => void): void {
    this.#add(this.#work.then(act));
  }

  /** @throws what went wrong first */
  async done(): Promise<void> {
    await this.#work;
  }

  #add(work: Promise<unknown>): void {
    this.#work = work;
    work.catch(this.#onFailure);
  }
}
