// SPDX-License-Identifier: BSD-3-Clause
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** A process of a test's own, found by a mark in its environment. */
export interface Marked {
  pid: number;
  state: string;
  command: string;
}

/** Processes whose environment holds `mark` and that have not ended, wherever they are in the process table. */
export function processesMarked(mark: string): Marked[] {
  const found: Marked[] = [];
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      if (!readFileSync(`/proc/${name}/environ`, 'latin1').includes(mark)) continue;
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
      const state = stat.slice(stat.lastIndexOf(')') + 2)[0];
      const command = readFileSync(`/proc/${name}/cmdline`, 'latin1').replaceAll('\0', ' ').trim();
      if (state !== 'Z' && state !== 'X') found.push({ pid: Number(name), state, command });
    } catch (error) {
      // It ended meanwhile (ESRCH from an open file), or it is another user's.
      if (!['ENOENT', 'ESRCH', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
  }
  return found;
}

/** Those that are still there after what takes a dying process to go. */
export async function survivors(mark: string): Promise<Marked[]> {
  for (let tries = 0; tries < 50 && processesMarked(mark).length > 0; tries++) await sleep(10);
  return processesMarked(mark);
}
