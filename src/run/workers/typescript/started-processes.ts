// SPDX-License-Identifier: BSD-3-Clause
import { closeSync, openSync, readSync } from 'node:fs';
import { endByToken } from '../end-processes.ts';
import { childrenOf, nameOf, WORKER_TOKEN } from '../process-table.ts';

/** CPU seconds of ended processes that this one started and waited for, and what tells that there were any. */
export interface ChildTimes {
  userSeconds: number;
  systemSeconds: number;
  /** Minor page faults: no process lives without some, however short its time. */
  faults: number;
}

const TICKS_PER_SECOND = 100; // USER_HZ, proc(5)
const none: ChildTimes = { userSeconds: 0, systemSeconds: 0, faults: 0 };
const buffer = Buffer.alloc(1024);
let file: number | undefined | 'none';

/** Of this process so far; some microseconds. Zeros where the system does not tell. */
export function childTimes(): ChildTimes {
  if (file === 'none') return none;
  try {
    file ??= openSync('/proc/self/stat', 'r');
    const text = buffer.toString('latin1', 0, readSync(file, buffer, 0, buffer.length, 0));
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return {
      faults: Number(fields[8]),
      userSeconds: Number(fields[13]) / TICKS_PER_SECOND,
      systemSeconds: Number(fields[14]) / TICKS_PER_SECOND,
    };
  } catch {
    if (typeof file === 'number') closeSync(file);
    file = 'none'; // not Linux
    return none;
  }
}

/**
 * Ends what a task started and left running, in whatever group or session it is by now: nothing of an attempt works on after its end, on files that
 * others may be given. `before` is {@link childTimes} at its beginning: where nothing was started, nothing is searched.
 * @returns the names of those ended
 */
export function endStartedProcesses(before: ChildTimes): string[] {
  const token = process.env[WORKER_TOKEN];
  if (token === undefined) return [];
  if (childTimes().faults === before.faults && childrenOf(process.pid).length === 0) return [];
  const names = new Map<number, string>();
  endByToken([token], process.pid, (pid) => names.set(pid, nameOf(pid)));
  return [...names.values()];
}
