// SPDX-License-Identifier: BSD-3-Clause
import type { ButlerApi, DatasetRef } from '../../butler/index.ts';
import type { OutcomeLogWriter } from '../outcomes/log.ts';
import type { OutputRecord } from '../outcomes/record.ts';

const BATCH = 500;

/**
 * Registers outputs in batches. The outcome log is on disk before the registry hears of a batch, so that whatever is registered
 * has its record; what is recorded and not registered is registered by the next execution.
 */
export class Registrar {
  readonly #butler: ButlerApi;
  readonly #refOf: (row: number) => DatasetRef;
  readonly #log: OutcomeLogWriter;
  #waiting: OutputRecord[] = [];
  #work: Promise<void> = Promise.resolve();
  #busy = false;
  registered = 0;

  constructor(butler: ButlerApi, refOf: (row: number) => DatasetRef, log: OutcomeLogWriter) {
    this.#butler = butler;
    this.#refOf = refOf;
    this.#log = log;
  }

  add(outputs: readonly OutputRecord[]): void {
    this.#waiting.push(...outputs);
  }

  get full(): boolean {
    return this.#waiting.length >= BATCH && !this.#busy;
  }

  /** Registers everything added so far; calls queue up behind each other. */
  flush(): Promise<void> {
    this.#work = this.#work.then(async () => {
      this.#busy = true;
      try {
        while (this.#waiting.length > 0) {
          const batch = this.#waiting.splice(0, BATCH);
          this.#log.sync();
          const datasets = batch.map(({ dataset, file }) => ({ ref: this.#refOf(dataset), record: file }));
          await this.#butler.registerOutputs(datasets);
          this.registered += batch.length;
        }
      } finally {
        this.#busy = false;
      }
    });
    return this.#work;
  }
}
