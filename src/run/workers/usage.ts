// SPDX-License-Identifier: BSD-3-Clause
import { readFileSync, writeFileSync } from 'node:fs';
import { type ChildTimes, childTimes } from './typescript/started-processes.ts';

/** CPU seconds and peak memory of this process between two moments. */
export interface UsageMark {
  atMs: number;
  userMicros: number;
  systemMicros: number;
  children: ChildTimes;
}

/**
 * Starts measuring; the high-water mark of memory is set back to what is resident now where Linux allows it (proc(5), clear_refs 5).
 * Asking the system costs some 50 microseconds each time. So quanta of less than {@link COARSE_MS} share what is known of memory, and what is
 * measured at once after another measurement begins with that one.
 */
export function markUsage(): UsageMark {
  const atMs = performance.now();
  if (atMs - memory.resetMs >= COARSE_MS) resetPeakMemory(atMs);
  return { ...(atMs - latest.atMs < 1 ? latest : readCpu()), atMs };
}

/** Since then; CPU time of processes that were started and waited for is in it. */
export function usageSince(mark: UsageMark): {
  wallSeconds: number;
  cpuUserSeconds: number;
  cpuSystemSeconds: number;
  peakMemoryBytes: number;
} {
  const { atMs, userMicros, systemMicros, children } = readCpu();
  return {
    wallSeconds: (atMs - mark.atMs) / 1e3,
    cpuUserSeconds: (userMicros - mark.userMicros) / 1e6 + children.userSeconds - mark.children.userSeconds,
    cpuSystemSeconds: (systemMicros - mark.systemMicros) / 1e6 + children.systemSeconds - mark.children.systemSeconds,
    peakMemoryBytes: readPeak(atMs),
  };
}

const COARSE_MS = 10;
let latest: UsageMark = {
  atMs: Number.NEGATIVE_INFINITY,
  userMicros: 0,
  systemMicros: 0,
  children: { faults: 0, userSeconds: 0, systemSeconds: 0 },
};
const memory = { resetMs: Number.NEGATIVE_INFINITY, readMs: Number.NEGATIVE_INFINITY, peakBytes: 0 };

function readCpu(): UsageMark {
  const { user, system } = process.cpuUsage();
  latest = { atMs: performance.now(), userMicros: user, systemMicros: system, children: childTimes() };
  return latest;
}

function readPeak(atMs: number): number {
  if (atMs - memory.readMs >= COARSE_MS || memory.readMs < memory.resetMs) {
    memory.peakBytes = peakMemoryBytes(process.pid) ?? process.resourceUsage().maxRSS * 1024;
    memory.readMs = atMs;
  }
  return memory.peakBytes;
}

let resettable = process.platform === 'linux';

function resetPeakMemory(atMs: number): void {
  memory.resetMs = atMs;
  if (!resettable) return;
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    resettable = false; // no CONFIG_PROC_PAGE_MONITOR, or /proc is read-only: the mark is then that of the whole life
  }
}

/** High-water mark of the resident set of a process; undefined where the system does not tell or the process is gone. */
export function peakMemoryBytes(pid: number): number | undefined {
  return statusBytes(pid, 'VmHWM');
}
export function residentBytes(pid: number): number | undefined {
  return statusBytes(pid, 'VmRSS');
}

function statusBytes(pid: number, field: string): number | undefined {
  if (process.platform !== 'linux') return undefined;
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/status`, 'latin1');
  } catch {
    return undefined; // the process has ended
  }
  const found = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(text);
  return found === null ? undefined : Number(found[1]) * 1024;
}
