// SPDX-License-Identifier: BSD-3-Clause
import { processesByToken, sampleProcess } from './process-table.ts';

/**
 * Ends the process group of a worker: the worker, and what its tasks started and did not put elsewhere. Workers lead groups and sessions of their
 * own, so that this, and Ctrl-C of a terminal, meet nobody else.
 */
export function endGroup(leader: number): void {
  kill(-leader);
}

/** Rounds of looking for processes that are born while others are ended. */
const ROUNDS = 50;

/**
 * Ends all processes that bear one of the tokens, also those that left group and session of their worker, except `spared`.
 * `onFound` hears of each before it is ended.
 */
export function endByToken(tokens: readonly string[], spared?: number, onFound?: (pid: number) => void): void {
  const ended = new Set<number>();
  const wanted = new Set(tokens);
  for (let round = 0; round < ROUNDS; round++) {
    const alive = [...processesByToken(wanted).values()]
      .flat()
      .filter((pid) => pid !== spared && pid !== process.pid && sampleProcess(pid)?.state !== 'Z');
    const fresh = alive.filter((pid) => !ended.has(pid));
    if (onFound !== undefined) fresh.forEach(onFound);
    for (const pid of alive) {
      kill(pid);
      ended.add(pid);
    }
    // Those that were met before are on their way out: a signal is not waited for.
    if (fresh.length === 0) break;
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
