// SPDX-License-Identifier: BSD-3-Clause
import type { Database } from './database.ts';

/** What was read lately, kept for as long as the database says that nothing changed: never stale, and empty on engines that cannot tell. */
export class Recent<V> {
  readonly #db: Database;
  readonly #limit: number;
  readonly #kept = new Map<string, V>();
  #token: string | undefined;

  constructor(db: Database, limit: number) {
    this.#db = db;
    this.#limit = limit;
  }

  get(key: string): V | undefined {
    return this.#isCurrent() ? this.#kept.get(key) : undefined;
  }

  /** What is kept under `key`, or what `read` gives; that is kept if nothing changed meanwhile. */
  async getOr(key: string, read: () => Promise<V>): Promise<V> {
    const kept = this.get(key);
    if (kept !== undefined) return kept;
    const before = this.#token;
    const value = await read();
    this.keep(key, value, before);
    return value;
  }

  /** The token to give to {@link keep} for what is read from now on. */
  begin(): string | undefined {
    this.#isCurrent();
    return this.#token;
  }

  keep(key: string, value: V, begun: string | undefined): void {
    if (begun === undefined || begun !== this.#db.changeToken()) return;
    if (!this.#isCurrent() || this.#kept.size >= this.#limit) this.#kept.clear();
    this.#kept.set(key, value);
  }

  #isCurrent(): boolean {
    const now = this.#db.changeToken();
    if (now !== undefined && now === this.#token) return true;
    this.#kept.clear();
    this.#token = now;
    return false;
  }
}
