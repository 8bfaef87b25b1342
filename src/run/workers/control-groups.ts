// SPDX-License-Identifier: BSD-3-Clause
import { mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A control group of version 2 for each worker (cgroups(7), Documentation/admin-guide/cgroup-v2 of the kernel), below the one this process is in, where that
 * is delegated to us (`systemd-run --user --scope -p Delegate=yes skymill run …`, a container with its own tree). What is in it is ended in one
 * stroke, whatever it forks meanwhile; where the memory controller is there too, the kernel keeps attempts to their memory. The processes of a group
 * above the leaves may not be of any with controllers, so that this needs a scope that holds nobody but us; we move into a leaf for as long.
 */
export class ControlGroups {
  /** The kernel can hold workers to a limit of memory. */
  readonly limitMemory: boolean;
  readonly #base: string;
  readonly #folder: string;
  readonly #groups = new Set<ControlGroup>();

  private constructor(base: string, folder: string, limitMemory: boolean) {
    this.#base = base;
    this.#folder = folder;
    this.limitMemory = limitMemory;
  }

  /** Undefined where there are no groups of version 2, or we may not make any. */
  static open(base: string | undefined = ownGroup()): ControlGroups | undefined {
    if (base === undefined) return undefined;
    clearLeft(base);
    const folder = join(base, `skymill-${process.pid}-${opened++}`);
    if (!attempt(() => mkdirSync(folder))) return undefined;
    return new ControlGroups(base, folder, takeMemoryController(base, folder));
  }

  /** Puts a process that has started nothing yet into a group of its own. Undefined where the kernel will not have it. */
  add(name: string, pid: number): ControlGroup | undefined {
    const folder = join(this.#folder, name);
    if (!attempt(() => mkdirSync(folder))) return undefined;
    const group = new ControlGroup(folder, this.limitMemory);
    this.#groups.add(group);
    if (!group.add(pid)) {
      this.remove(group);
      return undefined;
    }
    return group;
  }

  /** Of a worker that has ended; groups that still have a dying process in them go when the others do. */
  remove(group: ControlGroup): void {
    if (group.remove()) this.#groups.delete(group);
  }

  /** All workers have ended: takes everything back. */
  close(): void {
    for (const group of this.#groups) this.remove(group);
    attempt(() => rmdirSync(this.#folder));
    if (!this.limitMemory) return;
    attempt(() => writeFileSync(join(this.#base, 'cgroup.subtree_control'), '-memory'));
    attempt(() => writeFileSync(join(this.#base, 'cgroup.procs'), String(process.pid)));
    attempt(() => rmdirSync(leafOf(this.#folder)));
  }
}

let opened = 0;

/** The group of one worker and of all that its tasks start. */
export class ControlGroup {
  readonly #folder: string;
  readonly #limited: boolean;
  #limitBytes: number | undefined;

  constructor(folder: string, limited: boolean) {
    this.#folder = folder;
    this.#limited = limited;
  }

  add(pid: number): boolean {
    if (this.#limited) {
      // All of a worker dies of want, or none: half of its processes are no use. And what is not in memory is not computed with.
      this.#write('memory.oom.group', '1');
      this.#write('memory.swap.max', '0');
    }
    return this.#write('cgroup.procs', String(pid));
  }

  /** Memory that processes of the group may take from here on, beyond what they have; undefined: no limit. */
  allow(moreBytes: number | undefined): void {
    if (!this.#limited || (moreBytes === undefined && this.#limitBytes === undefined)) return;
    this.#limitBytes = moreBytes === undefined ? undefined : this.memoryBytes() + moreBytes;
    this.#write('memory.max', this.#limitBytes === undefined ? 'max' : String(Math.ceil(this.#limitBytes)));
  }

  /** The limit in force, where the kernel has ended the group for it. */
  endedAtBytes(): number | undefined {
    return counter(this.#read('memory.events'), 'oom_kill') > 0 ? this.#limitBytes : undefined;
  }

  memoryBytes(): number {
    return Number(this.#read('memory.current') ?? 0);
  }

  /** High-water mark; undefined where the kernel does not tell (before 5.19). */
  peakMemoryBytes(): number | undefined {
    const text = this.#read('memory.peak');
    return text === undefined ? undefined : Number(text);
  }

  /** User and system time of every process that has been in it. */
  cpuSeconds(): number {
    return counter(this.#read('cpu.stat'), 'usage_usec') / 1e6;
  }

  pids(): number[] {
    return (this.#read('cgroup.procs') ?? '').split('\n').filter(Boolean).map(Number);
  }

  /** Ends every process in it (kernel 5.14; before, whoever calls must end them one by one). */
  kill(): boolean {
    return this.#write('cgroup.kill', '1');
  }

  /** @returns false while something is in it */
  remove(): boolean {
    return attempt(() => rmdirSync(this.#folder));
  }

  #read(name: string): string | undefined {
    return read(join(this.#folder, name));
  }

  #write(name: string, value: string): boolean {
    return attempt(() => writeFileSync(join(this.#folder, name), value));
  }
}

/** Folder of the group of version 2 that this process is in. */
export function ownGroup(): string | undefined {
  const path = /^0::(.*)$/m.exec(read('/proc/self/cgroup') ?? '')?.[1];
  // Fields of mountinfo (proc(5)): … root mount-point options … - type source options
  const mount = /^\d+ \d+ \S+ (\S+) (\S+) .* - cgroup2 /m.exec(read('/proc/self/mountinfo') ?? '');
  if (path === undefined || mount === null) return undefined;
  const [, root, point] = mount;
  const below =
    root === '/' ? path : path.startsWith(`${root}/`) ? path.slice(root.length) : path === root ? '/' : undefined;
  return below === undefined ? undefined : join(point, below);
}

/** Hands the memory controller down to the groups of workers, where it is there and this process is alone in its group. */
function takeMemoryController(base: string, folder: string): boolean {
  const has = (text: string | undefined): boolean => (text ?? '').trim().split(' ').includes('memory');
  if (!has(read(join(base, 'cgroup.controllers')))) return false;
  const isRoot = read(join(base, 'cgroup.type')) === undefined; // the root alone has no type, and may hold processes
  const handed = has(read(join(base, 'cgroup.subtree_control')));
  if (!isRoot && !handed) {
    const others = (read(join(base, 'cgroup.procs')) ?? '')
      .split('\n')
      .filter((pid) => pid !== '' && pid !== String(process.pid));
    const leaf = leafOf(folder);
    if (others.length > 0 || !attempt(() => mkdirSync(leaf))) return false;
    if (!attempt(() => writeFileSync(join(leaf, 'cgroup.procs'), String(process.pid)))) {
      attempt(() => rmdirSync(leaf));
      return false;
    }
  }
  const down = handed || attempt(() => writeFileSync(join(base, 'cgroup.subtree_control'), '+memory'));
  return down && attempt(() => writeFileSync(join(folder, 'cgroup.subtree_control'), '+memory'));
}

/** Ends and removes groups of controllers that were killed. */
function clearLeft(base: string): void {
  for (const name of namesIn(base)) {
    const pid = Number(/^skymill-(\d+)-\d+(-controller)?$/.exec(name)?.[1] ?? 0);
    if (pid === 0 || attempt(() => process.kill(pid, 0))) continue;
    const left = join(base, name);
    attempt(() => writeFileSync(join(left, 'cgroup.kill'), '1'));
    for (const worker of namesIn(left)) attempt(() => rmdirSync(join(left, worker)));
    attempt(() => rmdirSync(left)); // while one is still dying in it, it stays for the next
  }
}

/** Of the groups in a group. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
  } catch {
    return []; // not for us
  }
}

function leafOf(folder: string): string {
  return `${folder}-controller`;
}

function counter(text: string | undefined, name: string): number {
  return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text ?? '')?.[1] ?? 0);
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined; // no such file in this kernel, or not for us
  }
}

/** What the kernel refuses is done without. @returns whether it did it */
function attempt(act: () => unknown): boolean {
  try {
    act();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).errno === undefined) throw error;
    return false;
  }
}
