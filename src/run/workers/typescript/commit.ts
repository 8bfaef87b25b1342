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
/** Syncs under way at a time. More of them cost processor time and save none: journals serve one after the other. */
const SYNCS = 3;
/** While others are being synced, those that are wait for company, so many or so long: they share the sync of their folders. */
const ROUND_QUANTA = 16;
const ROUND_MS = 10;

/**
 * Syncs outputs of quanta and puts them in place while the worker computes others. Nothing is in its place before its bytes are on the disk, and
 * nobody is told of a quantum before all its files are in place for good. A quantum any of whose files fails has failed.
 */
export class Commits {
  readonly #tell: (ended: EndedMessage[]) => void;
  readonly #alongside: () => Promise<void>;
  readonly #syncs = new Gate(SYNCS);
  /** Not told yet; among them those whose files wait to be synced, and those that are. */
  #quanta = 0;
  #bytes = 0;
  #syncing = 0;
  #synced: (Computed & { failure?: unknown; fromMs: number })[] = [];
  #inRound = false;
  #timer: NodeJS.Timeout | undefined;
  #waiting: (() => void)[] = [];

  /** @param alongside syncs what else must be on the disk before a quantum is told; begun after all its files are synced */
  constructor(tell: (ended: EndedMessage[]) => void, alongside: () => Promise<void> = async () => {}) {
    this.#tell = tell;
    this.#alongside = alongside;
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

  async #sync(computed: Computed): Promise<void> {
    const fromMs = performance.now();
    const results = await Promise.allSettled(computed.staged.map((file) => this.#syncs.run(() => file.sync())));
    const failed = results.find((result) => result.status === 'rejected');
    this.#syncing--;
    this.#synced.push({ ...computed, fromMs, failure: failed?.reason });
    if (this.#syncing === 0 || this.#synced.length >= ROUND_QUANTA) void this.#rounds();
    else this.#timer ??= setTimeout(() => void this.#rounds(), ROUND_MS);
  }

  /** One round at a time; what is synced meanwhile makes the next. */
  async #rounds(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#inRound) return;
    this.#inRound = true;
    while (this.#synced.length > 0) {
      const batch = this.#synced;
      this.#synced = [];
      await this.#placeAll(batch);
      this.#quanta -= batch.length;
      for (const one of batch) this.#bytes -= bytesOf(one);
      const now = performance.now();
      this.#tell(
        batch.map(({ message, failure, fromMs }) => {
          const usage = { ...message.usage, commitSeconds: (now - fromMs) / 1e3 };
          if (failure === undefined) return { ...message, usage };
          return { ...message, usage, outcome: 'failed', cause: causeOfException(failure), outputs: [], missing: [] };
        }),
      );
      for (const wake of this.#waiting.splice(0)) wake();
    }
    this.#inRound = false;
  }

  async #placeAll(batch: (Computed & { failure?: unknown })[]): Promise<void> {
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
      await Promise.all([syncFolders(folders), this.#alongside()]);
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
