// SPDX-License-Identifier: BSD-3-Clause
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { FaultRun } from '../../support/run/fault-run.ts';
import { processesMarked } from '../../support/run/processes.ts';

const CELLS = 24;
const plan = { cells: CELLS, config: { make: { busyMs: 60 } }, options: { hangSeconds: 2 } };

describe('SIGSTOP', () => {
  let expected: Record<string, string>;
  beforeAll(async () => {
    expected = await FaultRun.undisturbed(CELLS);
  });
  let run: FaultRun;
  afterEach(() => run.remove());

  async function begun() {
    run = await FaultRun.prepare(plan);
    const command = run.start();
    await run.underWay(command, 3);
    return command;
  }

  it('of a worker: it is noticed, replaced, and nothing of it is left', async () => {
    const command = await begun();
    const [victim] = run.workers();
    process.kill(victim, 'SIGSTOP');
    expect(await command.over, command.stderr()).toBe(0);
    // Of what it had computed and not committed nobody is to blame; an attempt under way, if there was one, has the cause.
    for (const { cause } of run.attempts().filter((a) => a.state === 'failed')) {
      expect(cause).toMatchObject({ kind: 'hang' });
      expect(cause!.message).toContain('stopped by a signal');
    }
    // Whoever inherited it may not have taken notice of its death yet.
    expect(processesMarked('').map(({ pid }) => pid)).not.toContain(victim);
    expect(await run.again(expected)).toEqual([]);
  });

  it('of all workers', async () => {
    const command = await begun();
    for (const worker of run.workers()) process.kill(worker, 'SIGSTOP');
    expect(await command.over, command.stderr()).toBe(0);
    expect(await run.again(expected)).toEqual([]);
  });

  it('of the controller, for longer than any limit: nobody is blamed when it goes on', async () => {
    const command = await begun();
    const stopped = [command.child.pid!, ...run.workers()];
    for (const pid of stopped) process.kill(pid, 'SIGSTOP');
    await sleep(12_000);
    for (const pid of stopped) process.kill(pid, 'SIGCONT');
    expect(await command.over, command.stderr()).toBe(0);
    expect(run.attempts().filter((a) => a.state !== 'done')).toEqual([]);
    expect(await run.again(expected)).toEqual([]);
  });

  it('of a worker whose controller is killed: the next one ends it', async () => {
    const command = await begun();
    const [victim] = run.workers();
    process.kill(victim, 'SIGSTOP');
    command.child.kill('SIGKILL');
    await command.over;
    expect(await run.again(expected)).toEqual([]);
    // Whoever inherited it may not have taken notice of its death yet.
    expect(processesMarked('').map(({ pid }) => pid)).not.toContain(victim);
  });
});
