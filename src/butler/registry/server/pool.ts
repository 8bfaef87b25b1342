// SPDX-License-Identifier: BSD-3-Clause

/** One connection to a server, as far as a pool is concerned with it. */
export interface PooledSession {
  readonly lost: boolean;
  /** Whether a transaction was begun and not ended. */
  readonly unfinished: boolean;
  /** An idle session does not keep the process alive. */
  unref(): void;
  ref(): void;
  end(): Promise<void>;
}

/** Idle sessions are given back soon: others may be waiting for a place on the server. */
const idleMs = 3000;

/** At most so many sessions at a time; who asks for more waits his turn. */
export class SessionPool<Session extends PooledSession> {
  readonly #make: () => Promise<Session>;
  readonly #max: number;
  readonly #isLoss: (error: unknown) => boolean;
  readonly #idle: { session: Session; timer: NodeJS.Timeout }[] = [];
  readonly #waiting: (() => void)[] = [];
  #busy = 0;
  #closed = false;

  constructor(max: number, make: () => Promise<Session>, isConnectionLoss: (error: unknown) => boolean) {
    this.#isLoss = isConnectionLoss;
    this.#max = max;
    this.#make = make;
  }

  /** Gives a session to `use` alone. One that lost its connection is not used again. */
  async with<T>(use: (session: Session) => Promise<T>): Promise<T> {
    const session = await this.acquire();
    let sound = true;
    try {
      return await use(session);
    } catch (error) {
      sound = !this.#isLoss(error);
      throw error;
    } finally {
      this.release(session, sound);
    }
  }

  async acquire(): Promise<Session> {
    while (this.#busy >= this.#max) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#busy++;
    try {
      for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) {
        clearTimeout(idle.timer);
        if (!idle.session.lost) {
          idle.session.ref();
          return idle.session;
        }
        void idle.session.end();
      }
      return await this.#make();
    } catch (error) {
      this.#left();
      throw error;
    }
  }

  release(session: Session, sound = true): void {
    if (!sound || session.lost || session.unfinished || this.#closed) void session.end();
    else {
      const entry = { session, timer: setTimeout(() => this.#retire(entry), idleMs) };
      entry.timer.unref();
      session.unref();
      this.#idle.push(entry);
    }
    this.#left();
  }

  /** A session in use no longer counts: its user may need others before he is done with it. */
  lend(): void {
    this.#left();
  }
  takeBack(session: Session): void {
    this.#busy++;
    this.release(session);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(
      this.#idle.splice(0).map(({ session, timer }) => {
        clearTimeout(timer);
        return session.end();
      }),
    );
  }

  #retire(entry: { session: Session; timer: NodeJS.Timeout }): void {
    const at = this.#idle.indexOf(entry);
    if (at < 0) return;
    this.#idle.splice(at, 1);
    void entry.session.end();
  }

  #left(): void {
    this.#busy--;
    this.#waiting.shift()?.();
  }
}
