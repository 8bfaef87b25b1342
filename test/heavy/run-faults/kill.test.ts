// SPDX-License-Identifier: BSD-3-Clause
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { randomFrom } from '../../support/random.ts';
import { type Command, FaultRun } from '../../support/run/fault-run.ts';

/**
 * Kills a controller, a worker or both with SIGKILL at a random moment, then repeats the command: one to three kills to a run. How many:
 * SKYMILL_KILLS (default 8; scripts/faults.sh has the full count); from which seed: SKYMILL_FAULT_SEED (the same on every run without it).
 */
const KILLS = Number(process.env['SKYMILL_KILLS'] ?? 8);
const SEED = Number(process.env['SKYMILL_FAULT_SEED'] ?? 20_261_121);
const CELLS = 24;

describe(`kill -9 at ${KILLS} random moments (seed ${SEED})`, () => {
  let expected: Record<string, string>;
  /** Of a run: from its first worker to its end, and all of it. */
  let activeMs: number;
  let wholeMs: number;
  beforeAll(async () => {
    expected = await FaultRun.undisturbed(CELLS);
    const run = await FaultRun.prepare({ cells: CELLS });
    const from = performance.now();
    const command = run.start(true);
    await workersOf(command);
    const begunMs = performance.now() - from;
    await command.over;
    wholeMs = performance.now() - from;
    activeMs = wholeMs - begunMs;
    run.remove();
  });

  it(
    'leaves a run that the same command completes',
    async () => {
      const random = randomFrom(SEED);
      const tally = { runs: 0, controller: 0, worker: 0, both: 0, tooLate: 0 };
      let kills = 0;
      while (kills < KILLS) {
        const run = await FaultRun.prepare({ cells: CELLS });
        const seen = kills;
        const rounds = Math.min(KILLS - kills, 1 + Math.floor(random() * 3));
        for (let round = 0; round < rounds; round++) {
          const command = run.start();
          // One in five anywhere, before there are workers too; the others while they are at work.
          const [anywhere, moment, victim, which] = [random() < 0.2, random(), random(), random()];
          if (!anywhere) await workersOf(command);
          await Promise.race([sleep(moment * (anywhere ? wholeMs : activeMs)), command.over]);
          if (command.child.exitCode !== null) {
            // It ended before its time: the machine is faster than it was, and moments are chosen from a shorter span.
            tally.tooLate++;
            if (anywhere) wholeMs *= 0.9;
            else activeMs *= 0.9;
            continue;
          }
          kills++;
          const workers = childrenOf(command.child.pid!);
          const worker = workers[Math.floor(which * workers.length)];
          const kind = victim < 0.55 || worker === undefined ? 'controller' : victim < 0.85 ? 'worker' : 'both';
          tally[kind]++;
          if (kind !== 'controller') kill(worker);
          if (kind !== 'worker') kill(command.child.pid!);
          await command.over;
        }
        const wrong = await run.again(expected);
        expect(wrong, `kill ${seen + 1} to ${kills}; SKYMILL_KILLS=${kills} SKYMILL_FAULT_SEED=${SEED}`).toEqual([]);
        run.remove();
        tally.runs++;
        if (tally.runs % 25 === 0) process.stderr.write(`kills: ${kills} of ${KILLS}, ${JSON.stringify(tally)}\n`);
      }
      process.stderr.write(`kills: ${JSON.stringify({ ...tally, activeMs: Math.round(activeMs), seed: SEED })}\n`);
    },
    60_000 + KILLS * 60_000,
  );
});

/** Its workers, when there are any; none if it ends before. */
async function workersOf({ child }: Command): Promise<number[]> {
  while (child.exitCode === null && childrenOf(child.pid!).length === 0) await sleep(5);
  return childrenOf(child.pid!);
}

function childrenOf(controller: number): number[] {
  try {
    const children = readFileSync(`/proc/${controller}/task/${controller}/children`, 'latin1').trim();
    return children === '' ? [] : children.split(' ').map(Number);
  } catch {
    return []; // it has ended
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
