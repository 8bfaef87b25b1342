// SPDX-License-Identifier: BSD-3-Clause
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { ControlGroups, ownGroup } from '../../src/run/workers/control-groups.ts';

/** Control groups of this machine: where there are none of version 2, or none for us, that is said. */
const own = ownGroup();
const probe = own === undefined ? undefined : ControlGroups.open();
probe?.close();
if (probe === undefined)
  process.stderr.write('\n*** SKIPPED: control groups of version 2: this process may make none\n');
else if (!probe.limitMemory)
  process.stderr.write(
    '\n*** SKIPPED: limits of memory by the kernel: no memory controller in this tree, or others are in our group\n',
  );

const alive = (pid: number): boolean => {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'latin1'));
  } catch {
    return false;
  }
};

/** A shell that waits for a line, then starts processes that leave its group, session and environment, and goes on. */
function shell(script: string) {
  return spawn('sh', ['-c', `read _; ${script}`], { stdio: ['pipe', 'pipe', 'inherit'], detached: true });
}

describe.skipIf(probe === undefined)('control groups', () => {
  const groups = ControlGroups.open()!;
  afterAll(() => groups.close());

  it('end all that was started in them, wherever it went, and count its CPU time', async () => {
    const child = shell('env -i setsid sh -c "while :; do :; done" & echo $!; sleep 1000');
    const group = groups.add('one', child.pid!)!;
    child.stdin.write('\n');
    const [text] = (await Promise.race([
      new Promise((resolve) => child.stdout.once('data', (d) => resolve([String(d)]))),
      sleep(5000),
    ])) as [string];
    const stray = Number(text);
    expect(group.pids()).toEqual(expect.arrayContaining([child.pid!, stray]));
    while (group.cpuSeconds() < 0.05) await sleep(10);
    expect(group.kill()).toBe(true);
    for (let i = 0; i < 200 && (alive(stray) || alive(child.pid!)); i++) await sleep(10);
    expect(alive(stray)).toBe(false);
    for (let i = 0; i < 200 && !group.remove(); i++) await sleep(10);
    expect(group.pids()).toEqual([]);
  });

  it('of controllers that were killed are ended and removed by the next', async () => {
    const dead = spawn('true');
    await new Promise((resolve) => dead.on('exit', resolve));
    const left = join(own!, `skymill-${dead.pid}-0`);
    mkdirSync(join(left, '0'), { recursive: true });
    const child = spawn('sleep', ['1000']);
    writeFileSync(join(left, '0', 'cgroup.procs'), String(child.pid));
    ControlGroups.open()!.close();
    for (let i = 0; i < 200 && alive(child.pid!); i++) await sleep(10);
    expect(alive(child.pid!)).toBe(false);
    for (let i = 0; i < 50 && existsSync(left); i++) {
      await sleep(20);
      ControlGroups.open()!.close();
    }
    expect(existsSync(left)).toBe(false);
  });

  it.skipIf(probe?.limitMemory !== true)('keep a worker to its memory, and say that they did', async () => {
    const child = shell(`exec ${process.execPath} -e "const b=[]; for(;;) b.push(Buffer.alloc(1e7, 1))"`);
    const group = groups.add('two', child.pid!)!;
    group.allow(200e6);
    child.stdin.write('\n');
    const signal = await new Promise((resolve) => child.on('exit', (_code, s) => resolve(s)));
    expect(signal).toBe('SIGKILL');
    expect(group.endedAtBytes()).toBeGreaterThan(200e6);
    expect(group.peakMemoryBytes() ?? 200e6).toBeGreaterThan(150e6);
  });
});

describe('a tree of groups that is not ours', () => {
  it('is left alone', () => {
    const folder = mkdtempSync(join(tmpdir(), 'skymill-groups-'));
    const absent = join(folder, 'absent');
    expect(ControlGroups.open(absent)).toBeUndefined();
    expect(existsSync(absent)).toBe(false);
    rmSync(folder, { recursive: true });
  });

  it('without the memory controller sets no limits', () => {
    // The files of a group as the kernel shows them; only that there is no kernel behind them.
    const base = mkdtempSync(join(tmpdir(), 'skymill-groups-'));
    writeFileSync(join(base, 'cgroup.controllers'), 'cpu io memory pids\n');
    writeFileSync(join(base, 'cgroup.type'), 'domain\n');
    writeFileSync(join(base, 'cgroup.subtree_control'), '');
    writeFileSync(join(base, 'cgroup.procs'), `1\n${process.pid}\n`);
    const groups = ControlGroups.open(base)!;
    expect(groups.limitMemory).toBe(false); // process 1 is in the group, and we do not move others
    groups.close();
    expect(readFileSync(join(base, 'cgroup.subtree_control'), 'latin1')).toBe('');
    rmSync(base, { recursive: true });
  });
});
