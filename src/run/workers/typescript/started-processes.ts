// SPDX-License-Identifier: BSD-3-Clause
import { closeSync, openSync, readSync } from 'node:fs';
import { endByToken } from '../end-processes.ts';
import { nameOf, WORKER_TOKEN } from '../process-table.ts';

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

/** Of ended children, at the end of the attempt before. */
let knownFaults = 0;
let children: number | undefined | 'none';

/**
 * Ends what a task started and left running, in whatever group or session it is by now: nothing of an attempt works on after its end, on files that
 * others may be given. Where nothing was started since the last call, nothing is searched, and this takes 6 µs.
 * @returns the names of those ended
 */
export function endStartedProcesses(): string[] {
  const token = process.env[WORKER_TOKEN];
  if (token === undefined) return [];
  const { faults } = childTimes();
  if (faults === knownFaults && !hasChildren()) return [];
  const names = new Map<number, string>();
  endByToken([token], process.pid, (pid) => names.set(pid, nameOf(pid)));
  knownFaults = childTimes().faults;
  return [...names.values()];
}

/** As `childrenOf` this process, by a file that stays open. */
function hasChildren(): boolean {
  if (children === 'none') return false;
  try {
    children ??= openSync(`/proc/self/task/${process.pid}/children`, 'r');
    return readSync(children, buffer, 0, 1, 0) > 0;
  } catch {
    children = 'none'; // a kernel without these lists: those not waited for are found when the worker ends
    return false;
  }
}
