// SPDX-License-Identifier: BSD-3-Clause
import { linkSync, readFileSync, rmSync, statSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { newUuid } from '../../base/index.ts';
import { runErrors } from '../errors.ts';
import { identityOf, livenessOf, type ProcessIdentity } from './process-identity.ts';

interface LockContent extends ProcessIdentity {
  token: string;
  user: string;
  sinceUnixMs: number;
}

/** So often the holder shows that it lives, and sees whether the lock is still its own. */
const BEAT_MS = 10_000;

/**
 * The lock that keeps two controllers off one run: a file that says who and since when. It appears whole (written aside, then
 * linked under its name, which fails where one exists), also on network file systems, whose locks proper cannot be relied on. Its
 * time of change is the holder's last sign of life. A lock whose process is dead on this host is taken over; one of another host only when
 * told so: then a holder that lives all the same finds out within {@link BEAT_MS} and ends.
 */
export class RunLock {
  readonly #path: string;
  readonly #run: string;
  readonly #token: string;
  #beat: NodeJS.Timeout | undefined;

  private constructor(path: string, run: string, token: string) {
    this.#path = path;
    this.#run = run;
    this.#token = token;
  }

  static acquire(path: string, run: string, takeOver = false): RunLock {
    const mine: LockContent = {
      ...identityOf(process.pid),
      token: newUuid(),
      user: userInfo().username,
      sinceUnixMs: Date.now(),
    };
    for (let tries = 0; ; tries++) {
      if (create(path, mine)) return new RunLock(path, run, mine.token);
      const holder = read(path);
      if (holder === undefined) continue; // released meanwhile
      const life = livenessOf(holder);
      if (life === 'alive' || (life === 'elsewhere' && !takeOver) || tries > 50) throw locked(path, run, holder);
      removeStale(path, holder, mine, run);
    }
  }

  /** Shows from time to time that the holder lives; `lost` is called once if the lock has become another's. */
  watch(lost: (error: Error) => void, beatMs = BEAT_MS): void {
    this.#beat = setInterval(() => {
      try {
        const holder = read(this.#path);
        if (holder?.token === this.#token) {
          const now = new Date();
          utimesSync(this.#path, now, now);
          return;
        }
        clearInterval(this.#beat);
        const { host = '?', pid = 0, user = '?' } = holder ?? {};
        lost(runErrors.LOCK_LOST({ run: this.#run, host, pid, user }));
      } catch (error) {
        // A file system that is away for a moment says nothing about the lock; work that needs it fails by itself.
        if (!/^(EIO|ESTALE|ETIMEDOUT|EACCES|EROFS|ENOENT)$/.test((error as NodeJS.ErrnoException).code ?? ''))
          throw error;
      }
    }, beatMs);
    this.#beat.unref();
  }

  /** A lock that cannot be removed (the disk is read-only or gone) is that of a dead process soon, and taken over. */
  release(): void {
    clearInterval(this.#beat);
    try {
      if (read(this.#path)?.token === this.#token) unlinkSync(this.#path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).errno === undefined) throw error;
    }
  }
}

/** Who holds a lock, without taking it; undefined: nobody. */
export function holderOf(path: string): (ProcessIdentity & { life: ReturnType<typeof livenessOf> }) | undefined {
  const holder = read(path);
  return holder && { ...holder, life: livenessOf(holder) };
}

/** Whoever removes a stale lock holds a second lock while doing so; else two of them could remove each other's fresh ones. */
function removeStale(path: string, stale: LockContent, mine: LockContent, run: string): void {
  const guard = `${path}.takeover`;
  if (!create(guard, mine)) {
    const other = read(guard);
    if (other === undefined) return;
    if (livenessOf(other) !== 'dead') throw locked(guard, run, other);
    rmSync(guard, { force: true });
    return;
  }
  try {
    if (read(path)?.token === stale.token) unlinkSync(path);
  } finally {
    rmSync(guard, { force: true });
  }
}

function create(path: string, content: LockContent): boolean {
  const aside = `${path}.${content.token}`;
  writeFileSync(aside, `${JSON.stringify(content)}\n`, { flush: true });
  try {
    linkSync(aside, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    // A network file system may have made the link, lost its answer, and refused the repetition.
    return statSync(aside).nlink === 2;
  } finally {
    unlinkSync(aside);
  }
}

function read(path: string): LockContent | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as LockContent;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function locked(path: string, run: string, holder: LockContent) {
  const { host, pid, user } = holder;
  const time = (unixMs: number) => new Date(unixMs).toISOString();
  const seen = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? holder.sinceUnixMs;
  return runErrors.LOCKED({ run, host, pid, user, since: time(holder.sinceUnixMs), seen: time(seen) });
}
