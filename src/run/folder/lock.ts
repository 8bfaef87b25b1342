// SPDX-License-Identifier: BSD-3-Clause
import { linkSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { newUuid } from '../../base/index.ts';
import { runErrors } from '../errors.ts';
import { identityOf, livenessOf, type ProcessIdentity } from './process-identity.ts';

interface LockContent extends ProcessIdentity {
  token: string;
  user: string;
  sinceUnixMs: number;
}

/**
 * The lock that keeps two controllers off one run: a file that says who and since when. It appears whole (written aside, then
 * linked under its name, which fails where one exists), also on network file systems. A lock whose process is dead on this host
 * is taken over; one of another host only when told so.
 */
export class RunLock {
  readonly #path: string;
  readonly #token: string;

  private constructor(path: string, token: string) {
    this.#path = path;
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
      if (create(path, mine)) return new RunLock(path, mine.token);
      const holder = read(path);
      if (holder === undefined) continue; // released meanwhile
      const life = livenessOf(holder);
      if (life === 'alive' || (life === 'elsewhere' && !takeOver) || tries > 50) throw locked(run, holder);
      removeStale(path, holder, mine, run);
    }
  }

  release(): void {
    if (read(this.#path)?.token === this.#token) unlinkSync(this.#path);
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
    if (livenessOf(other) !== 'dead') throw locked(run, other);
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
  writeFileSync(aside, `${JSON.stringify(content)}\n`);
  try {
    linkSync(aside, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
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

function locked(run: string, holder: LockContent) {
  const { host, pid, user } = holder;
  return runErrors.LOCKED({ run, host, pid, user, since: new Date(holder.sinceUnixMs).toISOString() });
}
