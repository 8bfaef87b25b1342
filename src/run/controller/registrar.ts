// SPDX-License-Identifier: BSD-3-Clause
import { setTimeout as sleep } from 'node:timers/promises';
import { SkymillError } from '../../base/index.ts';
import type { ButlerApi, DatasetRef } from '../../butler/index.ts';
import { steadyUnixMs } from '../clock.ts';
import { runErrors } from '../errors.ts';
import type { OutcomeLogWriter } from '../outcomes/log.ts';
import type { OutputRecord } from '../outcomes/record.ts';
import type { RegistryWait } from '../progress/snapshot.ts';

/** A transaction of so many takes some tens of milliseconds, in which nothing else happens here. */
const BATCH = 2000;
/** An answer that takes longer than this is worth telling. */
const SLOW_MS = 3000;
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 10_000;
/** More than this many outputs are not held for a registry that does not answer: some hundred bytes each. */
const MOST_WAITING = 1_000_000;

export interface RegistrarOptions {
  /** How long the registry may be away before the run stops. Default 600 s. */
  patienceSeconds?: number;
}

/**
 * Registers outputs in batches. The outcome log is on disk before the registry hears of a batch, so that whatever is registered
 * has its record; what is recorded and not registered is registered by the next execution. While the registry's database is away or
 * locked, the outputs wait and are tried again; when that lasts too long, {@link flush} rejects with RUN_REGISTRY_GONE, from then on
 * always.
 */
export class Registrar {
  readonly #butler: Pick<ButlerApi, 'registerOutputs'>;
  readonly #refOf: (row: number) => DatasetRef;
  readonly #log: Pick<OutcomeLogWriter, 'sync'>;
  readonly #patienceMs: number;
  readonly #stop = new AbortController();
  #waiting: OutputRecord[] = [];
  #work: Promise<void> = Promise.resolve();
  #queued: Promise<void> | undefined;
  #busy = false;
  /** When the present batch was first tried, and what has gone wrong with it. */
  #tryingSinceMs: number | undefined;
  #trouble: string | undefined;
  #gone: unknown;
  #request: Promise<unknown> = Promise.resolve();
  registered = 0;

  constructor(
    butler: Pick<ButlerApi, 'registerOutputs'>,
    refOf: (row: number) => DatasetRef,
    log: Pick<OutcomeLogWriter, 'sync'>,
    { patienceSeconds = 600 }: RegistrarOptions = {},
  ) {
    this.#butler = butler;
    this.#refOf = refOf;
    this.#log = log;
    this.#patienceMs = patienceSeconds * 1000;
  }

  add(outputs: readonly OutputRecord[]): void {
    this.#waiting.push(...outputs);
  }

  get full(): boolean {
    return this.#waiting.length >= BATCH && !this.#busy;
  }

  /** What waits for a registry that does not answer; undefined while all is well. */
  get wait(): RegistryWait | undefined {
    const since = this.#tryingSinceMs;
    if (since === undefined || (this.#trouble === undefined && steadyUnixMs() - since < SLOW_MS)) return undefined;
    return { sinceUnixMs: since, waiting: this.#waiting.length, reason: this.#trouble ?? 'it does not answer' };
  }

  /** Registers everything added so far; calls queue up behind each other. */
  flush(): Promise<void> {
    if (this.#queued !== undefined) return this.#queued;
    const queued = this.#work.then(() => {
      this.#queued = undefined;
      return this.#registerAll();
    });
    this.#queued = queued;
    this.#work = queued;
    return queued;
  }

  /**
   * When the last request has had its answer. After {@link flush} gave up a request may still be under way, and nobody else may register
   * the same outputs meanwhile; a database client that cannot reach its server gives up after a minute.
   */
  async settled(): Promise<void> {
    await this.#request;
  }

  /** No more waiting for a registry that is away: the operator wants to stop. */
  hurry(): void {
    this.#stop.abort();
  }

  async #registerAll(): Promise<void> {
    if (this.#gone !== undefined) throw this.#gone;
    this.#busy = true;
    try {
      while (this.#waiting.length > 0) {
        const batch = this.#waiting.slice(0, BATCH);
        await this.#register(batch);
        this.#waiting.splice(0, batch.length);
        this.registered += batch.length;
      }
    } catch (error) {
      this.#gone = error;
      throw error;
    } finally {
      this.#busy = false;
    }
  }

  async #register(batch: readonly OutputRecord[]): Promise<void> {
    this.#log.sync();
    const datasets = batch.map(({ dataset, file }) => ({ ref: this.#refOf(dataset), record: file }));
    const sinceMs = steadyUnixMs();
    this.#tryingSinceMs = sinceMs;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      try {
        const request = this.#butler.registerOutputs(datasets);
        this.#request = Promise.allSettled([request]);
        await this.#withPatience(request);
        this.#tryingSinceMs = undefined;
        this.#trouble = undefined;
        return;
      } catch (error) {
        if (!mayPass(error)) throw error;
        this.#trouble = (error as Error).message;
        const waitedMs = steadyUnixMs() - sinceMs;
        if (waitedMs >= this.#patienceMs || this.#waiting.length > MOST_WAITING || this.#stop.signal.aborted)
          throw this.#goneError(waitedMs, error);
        // No longer than the patience lasts, and never for nothing.
        const left = Math.max(FIRST_PAUSE_MS, this.#patienceMs - waitedMs);
        await sleep(Math.min(pauseMs, left), undefined, { signal: this.#stop.signal }).catch(() => {});
      }
    }
  }

  /** A database client has a patience of its own, which may be longer than ours, or than that of an operator who wants to stop. */
  #withPatience<T>(work: Promise<T>): Promise<T> {
    const { signal } = this.#stop;
    return new Promise((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined;
      const leftMs = this.#tryingSinceMs! + this.#patienceMs - steadyUnixMs();
      const limit = setTimeout(() => giveUp(), Math.max(0, leftMs));
      const giveUp = () => reject(this.#goneError(steadyUnixMs() - this.#tryingSinceMs!, undefined));
      const stop = () => {
        timer = setTimeout(giveUp, this.#trouble === undefined ? SLOW_MS : 0);
      };
      signal.addEventListener('abort', stop, { once: true });
      if (signal.aborted) stop();
      work.then(resolve, reject).finally(() => {
        clearTimeout(timer);
        clearTimeout(limit);
        signal.removeEventListener('abort', stop);
      });
    });
  }

  #goneError(waitedMs: number, cause: unknown): Error {
    const reason = this.#trouble ?? 'it does not answer';
    const seconds = Math.round(waitedMs / 1000);
    return runErrors.REGISTRY_GONE({ seconds, waiting: this.#waiting.length, reason }, { cause });
  }
}

/** Troubles of a database that end by themselves: a server that is restarted, a lock that another process holds. */
function mayPass(error: unknown): boolean {
  return error instanceof SkymillError && /^BUTLER_DATABASE_(UNREACHABLE|INTERRUPTED|BUSY|COLLISION)$/.test(error.code);
}
