// SPDX-License-Identifier: BSD-3-Clause
import { readdirSync, readFileSync } from 'node:fs';

/** What the system says about a process at a moment (proc(5), `stat`). */
export interface ProcessSample {
  /** `R` runs, `S` sleeps, `D` waits for a device, `T` stopped, `Z` has ended. */
  state: string;
  /** User and system time; of its ended children that were waited for too. */
  cpuSeconds: number;
  residentBytes: number;
}

/** Processes say to whom they belong by this variable of their environment, which what they start inherits. */
export const WORKER_TOKEN = 'SKYMILL_WORKER_TOKEN';

/** USER_HZ: the unit of times in /proc, the same on every architecture that Node runs on. */
const TICKS_PER_SECOND = 100;

/** Undefined where the system does not tell (not Linux) or the process is gone. */
export function sampleProcess(pid: number): ProcessSample | undefined {
  const text = readProc(`${pid}/stat`);
  if (text === undefined) return undefined;
  // The second field is a name in brackets that may hold spaces; the third is the first of these.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return {
    state: fields[0],
    cpuSeconds: (Number(fields[11]) + Number(fields[12]) + Number(fields[13]) + Number(fields[14])) / TICKS_PER_SECOND,
    residentBytes: Number(fields[21]) * pageBytes(),
  };
}

/** The children that the first thread of a process started, where the kernel lists them. */
export function childrenOf(pid: number): number[] {
  const text = readProc(`${pid}/task/${pid}/children`)?.trim() ?? '';
  return text === '' ? [] : text.split(' ').map(Number);
}

/** Bytes a process has read and written so far, by any call; undefined where that is not told. */
export function bytesMoved(pid: number): number | undefined {
  const found = /^rchar: (\d+)\nwchar: (\d+)$/m.exec(readProc(`${pid}/io`) ?? '');
  return found === null ? undefined : Number(found[1]) + Number(found[2]);
}

/** The name of a process, for people. */
export function nameOf(pid: number): string {
  return readProc(`${pid}/comm`)?.trim() ?? '?';
}

/**
 * Processes by the token in their environment, wherever in the process tree they are by now. A look through the whole process table: some 10 µs for
 * each process of this machine that we may look at.
 */
export function processesByToken(tokens: ReadonlySet<string>): Map<string, number[]> {
  const found = new Map<string, number[]>();
  if (process.platform !== 'linux' || tokens.size === 0) return found;
  for (const name of readdirSync('/proc')) {
    if (name < '0' || name > ':') continue;
    const environment = readProc(`${name}/environ`);
    const at = environment?.indexOf(`${WORKER_TOKEN}=`) ?? -1;
    if (at < 0) continue;
    const from = at + WORKER_TOKEN.length + 1;
    const end = environment!.indexOf('\0', from);
    const token = environment!.slice(from, end < 0 ? undefined : end);
    if (!tokens.has(token)) continue;
    const pids = found.get(token);
    if (pids === undefined) found.set(token, [Number(name)]);
    else pids.push(Number(name));
  }
  return found;
}

/** Undefined where there is no such file, or it is another user's. */
function readProc(name: string): string | undefined {
  try {
    return readFileSync(`/proc/${name}`, 'latin1');
  } catch {
    return undefined;
  }
}

let page: number | undefined;

/** AT_PAGESZ of the auxiliary vector (getauxval(3)): pairs of words, the kind first. */
function pageBytes(): number {
  if (page !== undefined) return page;
  page = 4096;
  const words = Buffer.from(readProc('self/auxv') ?? '', 'latin1');
  for (let at = 0; at + 16 <= words.length; at += 16)
    if (words.readBigUInt64LE(at) === 6n) page = Number(words.readBigUInt64LE(at + 8));
  return page;
}
