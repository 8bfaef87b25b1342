// SPDX-License-Identifier: BSD-3-Clause
import { type StagedFile, syncFolders } from '../../../butler/index.ts';
import { causeOfException } from '../../outcomes/signature.ts';
import type { EndedMessage } from '../protocol.ts';

/** A quantum that is computed: its outputs are written, and neither synced nor in their places. */
export interface Computed {
  /** What the controller is told when they are. */
  message: EndedMessage;
  staged: readonly StagedFile[];
}

/** So many quanta, or their outputs of so many bytes, wait for the disk at most; one quantum may always. */
export const COMMIT_QUANTA = 64;
const COMMIT_BYTES = 2 ** 28;
/** Syncs of files under way at a time. More of them cost processor time and save none: journals serve one after the other. */
const SYNCS = 2;
/** While more is to come, those that are synced wait for company, so many or so long: they share the syncs of a round. */
const ROUND_QUANTA = 32;
const ROUND_MS = 20;
/** What took so long waits for no company: everything it needs is begun to be synced at once, beside the computing of the next. */
const LONG_SECONDS = 0.02;

export interface CommitOptions {
  tell(ended: EndedMessage[]): void;
  /** Syncs what else must be on the disk before a quantum is told. */
  alongside(): Promise<void>;
  /** Whether the worker will compute another quantum at once. */
  moreToCome(): boolean;
  /** A folder in which a record of the quanta will be synced before anything relies on it: see {@link syncFolders}. */
  recordedIn?: string;
}

type Synced = Computed & { fromMs: number; isAlongside: boolean; failure?: unknown };

/**
 * Syncs outputs of quanta and puts them in place while the worker computes others. Nothing is in its place before its bytes are on the disk, and
 * nobody is told of a quantum before all its files are in place for good. A quantum any of whose files fails has failed.
 */
export class Commits {
  readonly #options: CommitOptions;
  readonly #syncs = new Gate(SYNCS);
  /** Not told yet; among them those whose files wait to be synced, and those that are. */
  #quanta = 0;
  #bytes = 0;
  #syncing = 0;
  #synced: Synced[] = [];
  #inRound = false;
  #timer: NodeJS.Timeout | undefined;
  #waiting: (() => void)[] = [];

  constructor(options: CommitOptions) {
    this.#options = options;
  }

  get hasRoom(): boolean {
    return this.#quanta === 0 || (this.#quanta < COMMIT_QUANTA && this.#bytes < COMMIT_BYTES);
  }

  /** Resolves when another quantum may be computed. */
  async room(): Promise<void> {
    while (!this.hasRoom) await this.#change();
  }

  /** Resolves when everything has been told. */
  async drained(): Promise<void> {
    while (this.#quanta > 0) await this.#change();
  }

  add(computed: Computed): void {
    this.#quanta++;
    this.#bytes += bytesOf(computed);
    this.#syncing++;
    void this.#sync(computed);
  }

  /** Nothing more is to come for now. */
  hasten(): void {
    this.#consider();
  }

  async #sync(computed: Computed): Promise<void> {
    const fromMs = performance.now();
    const isAlongside = computed.message.usage.wallSeconds >= LONG_SECONDS;
    const syncs = computed.staged.map((file) => this.#syncs.run(() => file.sync()));
    if (isAlongside) syncs.push(this.#options.alongside());
    const results = await Promise.allSettled(syncs);
    const failed = results.find((result) => result.status === 'rejected');
    this.#syncing--;
    this.#synced.push({ ...computed, fromMs, isAlongside, failure: failed?.reason });
    this.#consider();
  }

  /** Begins a round unless company is worth waiting for. */
  #consider(): void {
    clearTimeout(this.#timer);
    if (this.#inRound || this.#synced.length === 0) return;
    const leftMs = ROUND_MS - (performance.now() - this.#synced[0].fromMs);
    const more = this.#syncing > 0 || this.#options.moreToCome();
    if (more && leftMs > 0 && this.#synced.length < ROUND_QUANTA)
      this.#timer = setTimeout(() => this.#consider(), leftMs);
    else void this.#round();
  }

  /** One at a time; what is synced meanwhile makes the next. */
  async #round(): Promise<void> {
    this.#inRound = true;
    const batch = this.#synced;
    this.#synced = [];
    await this.#placeAll(batch);
    this.#quanta -= batch.length;
    for (const one of batch) this.#bytes -= bytesOf(one);
    this.#options.tell(batch.map(outcomeOf));
    for (const wake of this.#waiting.splice(0)) wake();
    this.#inRound = false;
    this.#consider();
  }

  async #placeAll(batch: readonly Synced[]): Promise<void> {
    const folders: string[] = [];
    for (const one of batch) {
      try {
        if (one.failure !== undefined) throw one.failure;
        for (const file of one.staged) folders.push(...(await file.place()));
      } catch (error) {
        one.failure = error;
        await discardAll(one.staged);
      }
    }
    try {
      const syncs = [syncFolders(folders, this.#options.recordedIn)];
      if (batch.some(({ isAlongside }) => !isAlongside)) syncs.push(this.#options.alongside());
      await Promise.all(syncs);
    } catch (error) {
      for (const one of batch) one.failure ??= error;
    }
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}

/** Removes unfinished files after a failure. What cannot be removed has a name that tells, and the failure is what must be heard. */
export async function discardAll(staged: readonly StagedFile[]): Promise<void> {
  await Promise.allSettled(staged.map((file) => file.discard()));
}

function outcomeOf({ message, failure, fromMs }: Synced): EndedMessage {
  const usage = { ...message.usage, commitSeconds: (performance.now() - fromMs) / 1e3 };
  if (failure === undefined) return { ...message, usage };
  return { ...message, usage, outcome: 'failed', cause: causeOfException(failure), outputs: [], missing: [] };
}

function bytesOf({ message }: Computed): number {
  return message.outputs.reduce((sum, { file }) => sum + file.sizeBytes, 0);
}

/** Lets so many run at a time, in order. */
class Gate {
  #free: number;
  readonly #queue: (() => void)[] = [];

  constructor(size: number) {
    this.#free = size;
  }

  async run<T>(act: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#queue.push(resolve));
    try {
      return await act();
    } finally {
      const next = this.#queue.shift();
      if (next === undefined) this.#free++;
      else next();
    }
  }
}
