// SPDX-License-Identifier: BSD-3-Clause
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** A process that can be told from a later one with the same number. */
export interface ProcessIdentity {
  host: string;
  pid: number;
  /** Clock ticks from boot to the start of the process (proc(5), field 22 of stat), and which boot; null where not Linux. */
  startTicks: string | null;
  bootId: string | null;
}

export function identityOf(pid: number): ProcessIdentity {
  return { host: hostname(), pid, startTicks: startTicks(pid), bootId: bootId() };
}

/** `elsewhere`: on another machine, so it cannot be known. */
export function livenessOf(identity: ProcessIdentity): 'alive' | 'dead' | 'elsewhere' {
  if (identity.host !== hostname()) return 'elsewhere';
  if (identity.bootId !== null && identity.bootId !== bootId()) return 'dead';
  try {
    process.kill(identity.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return 'dead';
  }
  const ticks = startTicks(identity.pid);
  if (identity.startTicks !== null && ticks !== identity.startTicks) return 'dead';
  return 'alive';
}

function startTicks(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field is a name in brackets that may hold spaces; a zombie has ended for all purposes.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? null : fields[19];
  } catch {
    return null;
  }
}

function bootId(): string | null {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  } catch {
    return null;
  }
}
