// SPDX-License-Identifier: BSD-3-Clause
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { endByToken, endGroup } from '../workers/end-processes.ts';
import { identityOf, livenessOf, type ProcessIdentity } from './process-identity.ts';

export interface WorkerEntry extends ProcessIdentity {
  logFile: string;
  /** In the environment of the worker and of what its tasks start; records of before have none. */
  token?: string;
}

/**
 * The workers of a run, one small file each, so that the next controller can end those whose controller was killed: a worker
 * that still computes would write over the files of its successor.
 */
export class WorkerRoster {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true });
  }

  /** Called between the start of a process and the first work it is given. */
  add(pid: number, places: { logFile: string; token: string }): void {
    const { logFile, token } = places;
    const entry: WorkerEntry = { ...identityOf(pid), logFile, token };
    writeFileSync(join(this.#folder, `${pid}.json`), JSON.stringify(entry), { flush: true });
  }

  /** An entry that cannot be removed now (the disk is read-only) names a process that has ended: the next controller strikes it off. */
  remove(pid: number): void {
    try {
      rmSync(join(this.#folder, `${pid}.json`), { force: true });
    } catch (error) {
      if (!isSystemError(error)) throw error;
    }
  }

  /**
   * Ends workers that an earlier controller left on this host, and the processes that their tasks started, whether or not the worker lives.
   * @returns those found, and how many of them still lived.
   */
  async clearOrphans(): Promise<{ workers: WorkerEntry[]; killed: number }> {
    let killed = 0;
    const workers: WorkerEntry[] = [];
    const paths: string[] = [];
    for (const name of readdirSync(this.#folder)) {
      const path = join(this.#folder, name);
      const entry = parse(readFileSync(path, 'utf8'));
      if (entry !== undefined) {
        const life = livenessOf(entry);
        if (life === 'elsewhere') continue;
        if (life === 'alive') {
          killed++;
          endGroup(entry.pid);
          while (livenessOf(entry) === 'alive') await sleep(5);
        }
        workers.push(entry);
      }
      paths.push(path);
    }
    endByToken(workers.flatMap(({ token }) => token ?? []));
    for (const path of paths) rmSync(path, { force: true });
    return { workers, killed };
  }
}

function isSystemError(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).errno !== undefined;
}

/** An entry that was being written when its controller died belongs to a worker that was never given work. */
function parse(text: string): WorkerEntry | undefined {
  try {
    return JSON.parse(text) as WorkerEntry;
  } catch {
    return undefined;
  }
}
