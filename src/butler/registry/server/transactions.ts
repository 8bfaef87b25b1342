// SPDX-License-Identifier: BSD-3-Clause
import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TransactionOptions } from '../database.ts';
import type { PooledSession, SessionPool } from './pool.ts';

/** How often a transaction is run again: rows that another had just written are seen the second time, deadlocks may come back. */
const mostRepeats = { collision: 2, deadlock: 10, lost: 5 };

/** A session in which transactions are begun and ended. Its methods raise the server's own errors. */
export interface TransactionSession extends PooledSession {
  begin(options: TransactionOptions): Promise<void>;
  commit(): Promise<void>;
  /** Undoes the transaction; a connection that is lost has undone it already. */
  rollback(): Promise<void>;
  /** One statement without parameters, for savepoints. */
  command(sql: string): Promise<void>;
  /** Keeps others who lock the same tables out until the transaction ends. */
  lock(tables: readonly string[]): Promise<void>;
}

/** What a server's errors mean. */
export interface ErrorRules<Session> {
  isConnectionLoss(error: unknown): boolean;
  /** The server undid the whole transaction, because another was in the way. */
  isDeadlock(error: unknown): boolean;
  /** Another writer had just written the same: what the savepoint restores is sound. */
  isLocalCollision(error: unknown): boolean;
  translate(error: unknown, about: string): unknown;
  /** The connection was lost in COMMIT (and the session given back): returns if the server did commit, else raises the error for it. */
  afterLostCommit(error: unknown, session: Session): Promise<void>;
}

/** In the asynchronous context of a transaction's body. */
interface Current<Session> {
  readonly session: Session;
  /** Savepoints of this level come one after the other. */
  turn: Promise<unknown>;
}

/** Transactions over the sessions of a pool: which calls belong to which, savepoints for nested ones, and running again. */
export class Transactions<Session extends TransactionSession> {
  statementCount = 0;
  readonly #pool: SessionPool<Session>;
  readonly #rules: ErrorRules<Session>;
  readonly #inside = new AsyncLocalStorage<Current<Session>>();
  #savepoints = 0;

  constructor(pool: SessionPool<Session>, rules: ErrorRules<Session>) {
    this.#pool = pool;
    this.#rules = rules;
  }

  /** The session of the transaction in whose body the caller is. */
  get current(): Session | undefined {
    return this.#inside.getStore()?.session;
  }

  async run<T>(body: () => Promise<T>, options: TransactionOptions = {}): Promise<T> {
    const current = this.#inside.getStore();
    const once =
      current === undefined ? () => this.#outermost(body, options) : () => this.#nested(current, body, options);
    if (!options.repeatable) return once();
    for (let attempt = 1; ; attempt++) {
      try {
        return await once();
      } catch (error) {
        if (typeof options.repeatable === 'function' && !options.repeatable()) throw error;
        const kind = this.#kindOf(error, current === undefined);
        if (kind === undefined || attempt > mostRepeats[kind]) throw error;
        await sleep(Math.random() * 10 * 2 ** Math.min(attempt, 6));
      }
    }
  }

  /** Changes something, in the current transaction or in one of its own. */
  write<T>(about: string, action: (session: Session) => Promise<T>): Promise<T> {
    const session = this.current;
    if (session !== undefined) return this.attempt(about, () => action(session));
    return this.run(() => this.write(about, action), { repeatable: true });
  }

  /**
   * Reads, in the current transaction or on its own; on its own it is repeated after the loss of a connection. `alone` is what is then done
   * instead, where a session does not know everything outside of transactions.
   */
  read<T>(about: string, action: (session: Session) => Promise<T>, alone = action): Promise<T> {
    const session = this.current;
    if (session !== undefined) return this.attempt(about, () => action(session));
    return this.again(about, () => this.#pool.with(alone));
  }

  async again<T>(about: string, action: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.attempt(about, action);
      } catch (error) {
        if (!this.#rules.isConnectionLoss(error) || attempt > mostRepeats.lost) throw error;
      }
    }
  }

  /** Counts one statement and names its errors. What brackets nested transactions is not counted. */
  attempt<T>(about: string, action: () => Promise<T>): Promise<T> {
    this.statementCount++;
    return this.named(about, action);
  }

  async named<T>(about: string, action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (error) {
      throw this.#rules.translate(error, about);
    }
  }

  #kindOf(error: unknown, outermost: boolean): keyof typeof mostRepeats | undefined {
    if (this.#rules.isLocalCollision(error)) return 'collision';
    if (!outermost) return undefined;
    if (this.#rules.isDeadlock(error)) return 'deadlock';
    return this.#rules.isConnectionLoss(error) ? 'lost' : undefined;
  }

  async #outermost<T>(body: () => Promise<T>, options: TransactionOptions): Promise<T> {
    const session = await this.again('the database', () => this.#begin(options));
    let result: T;
    let lostCommit: unknown;
    try {
      result = await this.#inside.run({ session, turn: Promise.resolve() }, async () => {
        await this.#lock(session, options);
        return body();
      });
      lostCommit = await this.#commit(session);
    } catch (error) {
      if (session.unfinished) await session.rollback();
      throw error;
    } finally {
      this.#pool.release(session);
    }
    // Only now, since the answer may have to come over the only session there may be.
    if (lostCommit !== undefined) await this.#rules.afterLostCommit(lostCommit, session);
    return result;
  }

  /** Returns the loss of the connection, after which nobody knows here whether the server committed. */
  async #commit(session: Session): Promise<unknown> {
    this.statementCount++;
    try {
      await session.commit();
      return undefined;
    } catch (error) {
      if (this.#rules.isConnectionLoss(error)) return error;
      throw this.#rules.translate(error, 'the database');
    }
  }

  async #begin(options: TransactionOptions): Promise<Session> {
    const session = await this.#pool.acquire();
    try {
      await session.begin(options);
      return session;
    } catch (error) {
      await session.rollback();
      this.#pool.release(session);
      throw error;
    }
  }

  async #nested<T>(current: Current<Session>, body: () => Promise<T>, options: TransactionOptions): Promise<T> {
    if (!options.repeatable) {
      await this.#lock(current.session, options);
      return body();
    }
    const result = current.turn.then(() => this.#savepoint(current.session, body, options));
    current.turn = result.catch(() => {});
    return result;
  }

  async #savepoint<T>(session: Session, body: () => Promise<T>, options: TransactionOptions): Promise<T> {
    const savepoint = `again_${++this.#savepoints}`;
    await this.named('the database', () => session.command(`SAVEPOINT ${savepoint}`));
    try {
      await this.#lock(session, options);
      const result = await this.#inside.run({ session, turn: Promise.resolve() }, body);
      await this.named('the database', () => session.command(`RELEASE SAVEPOINT ${savepoint}`));
      return result;
    } catch (error) {
      if (!session.lost) await session.command(`ROLLBACK TO SAVEPOINT ${savepoint}`).catch(() => {});
      throw error;
    }
  }

  async #lock(session: Session, { lock }: TransactionOptions): Promise<void> {
    if (lock === undefined || lock.length === 0) return;
    await this.attempt(lock.join(', '), () => session.lock(lock));
  }
}
