// SPDX-License-Identifier: BSD-3-Clause
import { readFileSync } from 'node:fs';
import type { Cause, CauseKind } from '../outcomes/record.ts';
import { signatureOf } from '../outcomes/signature.ts';
import type { KilledFor } from '../scheduler/index.ts';
import type { Exit } from './worker-process.ts';

/**
 * Tells deaths for want of memory from others. The kernel's killer leaves only SIGKILL, so its counters are compared: of our control
 * group (cgroup v2 memory.events) and of the machine (/proc/vmstat). A JavaScript heap at its limit aborts with a message.
 */
export class OomWatch {
  #known = oomKills();

  /** Whether the kernel has killed for memory since this was last asked. */
  happened(): boolean {
    const now = oomKills();
    const more = now > this.#known;
    this.#known = now;
    return more;
  }
}

/** Why an attempt failed when its worker ended under it. `killedFor` is set where we killed it ourselves, `story` where there is more to say. */
export function causeOfExit(exit: Exit, killedFor: KilledFor | undefined, oom: OomWatch, story?: string): Cause {
  const heap = /heap out of memory|Reached heap limit|Array buffer allocation failed/i.test(exit.stderrTail);
  let kind: CauseKind;
  if (killedFor !== undefined) kind = killedFor === 'memoryLimit' ? 'outOfMemory' : killedFor;
  else if (heap || (exit.signal === 'SIGKILL' && oom.happened())) kind = 'outOfMemory';
  else kind = exit.signal === null ? 'crashed' : 'signalled';
  const message = {
    timeLimit: 'The attempt was killed because its time limit was over',
    hang: 'The attempt was killed because it neither computed nor read or wrote anything',
    cancelled: 'The attempt was killed because the run was stopped',
    outOfMemory:
      killedFor === 'memoryLimit'
        ? 'The attempt was killed because its worker took more memory than it may'
        : heap
          ? 'The worker reached its JavaScript heap limit'
          : 'The worker was killed by the kernel for want of memory',
    signalled: `The worker was killed by ${exit.signal}`,
    crashed: `The worker ended by itself with exit code ${exit.code}`,
  }[kind as 'crashed'];
  const more = story === undefined ? '' : ` (${story})`;
  const lastLine = kind === 'crashed' ? errorLine(exit.stderrTail) : undefined;
  return {
    kind,
    message: lastLine === undefined ? `${message}${more}` : `${message}: ${lastLine}`,
    signature: signatureOf(kind, lastLine ?? (killedFor === undefined ? (exit.signal ?? message) : message)),
    exitCode: exit.code,
    signal: exit.signal,
    stderrTail: exit.stderrTail === '' ? undefined : exit.stderrTail,
  };
}

/** The line of a stack trace that says what it is about. */
function errorLine(text: string): string | undefined {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.findLast((line) => /^\S*(Error|Exception)\b.*:/.test(line)) ?? lines.at(-1);
}

function oomKills(): number {
  return counter('/proc/vmstat', 'oom_kill') + counter('/sys/fs/cgroup/memory.events', 'oom_kill');
}

function counter(file: string, name: string): number {
  try {
    const found = new RegExp(`^${name} (\\d+)$`, 'm').exec(readFileSync(file, 'latin1'));
    return found === null ? 0 : Number(found[1]);
  } catch {
    return 0; // not Linux, or no such control group: then SIGKILL stays "signalled"
  }
}
