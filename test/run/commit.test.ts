// SPDX-License-Identifier: BSD-3-Clause
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Butler, FileLimitedButler } from '../../src/butler/index.ts';
import { execute, type RunEvent, RunFolder, readOutcomeLog } from '../../src/run/index.ts';
import type { SchedulerEvent } from '../../src/run/scheduler/index.ts';
import type { EndedMessage } from '../../src/run/workers/protocol.ts';
import { type CommitOptions, Commits, type Computed } from '../../src/run/workers/typescript/commit.ts';
import { campaign, cell, testWorker } from '../support/run/campaign.ts';
import { checkRun } from '../support/run/integrity.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'skymill-commit-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe('a worker that dies while outputs are put in place', () => {
  it('gives the quantum back, and that attempt does not count', async () => {
    const butler = await Butler.create(join(root, 'repo'));
    const markers = join(root, 'markers');
    mkdirSync(markers);
    const killed = [cell(0), cell(1)];
    const graph = campaign(butler, { cells: 8, config: { make: { killInCommitOnce: killed, markers } } });
    const events: RunEvent[] = [];
    const summary = await execute(graph, butler, {
      worker: testWorker,
      jobs: 2,
      scratchRoot: root,
      recordEvents: true,
      onEvent: (event) => events.push(event),
    });
    expect(summary).toMatchObject({ how: 'complete', exitCode: 0 });
    expect(events.filter((e) => e.type === 'workerLost')).toHaveLength(2);
    expect(readdirSync(markers)).toHaveLength(2);

    const folder = RunFolder.open(butler.root, graph.header.outputRun);
    const told = readFileSync(folder.eventsPath, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as SchedulerEvent);
    const computed = told.filter((e) => e.type === 'attemptComputed').map((e) => e.quantum);
    const quanta = killed.map((htm7) => {
      const label = (q: number) => graph.tasks[graph.taskOf(q)].label;
      for (let q = 0; q < graph.quantumCount; q++)
        if (label(q) === 'make' && graph.quantumDataId(q)['htm7'] === htm7) return q;
      throw new Error('no such quantum');
    });
    const attempts = [...readOutcomeLog(folder.outcomesPath)].filter((r) => r.type === 'attempt');
    for (const quantum of quanta) {
      // It was computed twice, and the first time was never held against it.
      expect(computed.filter((q) => q === quantum)).toHaveLength(2);
      expect(attempts.filter((r) => r.quantum === quantum)).toMatchObject([{ attempt: 1, state: 'done' }]);
    }
    expect(attempts).toHaveLength(graph.quantumCount);
    await butler.close();
    expect((await checkRun(join(root, 'repo'), graph)).wrong).toEqual([]);
  });

  // Two deaths each: a quantum that is in commit at three of them counts as the one to blame.
  it.each([5, 17, 31])('loses and doubles nothing when workers are killed at any moment (%i)', async (moment) => {
    const butler = await Butler.create(join(root, 'repo'));
    const graph = campaign(butler, { cells: 120 });
    const pids = new Set<number>();
    let kills = 0;
    const summary = await execute(graph, butler, {
      worker: testWorker,
      jobs: 2,
      scratchRoot: root,
      onEvent: (event) => {
        if (event.type !== 'attempt') return;
        pids.add(event.record.workerPid);
        // In the middle of what it has computed and not told yet.
        if (event.record.quantum % 40 !== moment || kills >= 2) return;
        kills++;
        try {
          process.kill(event.record.workerPid, 'SIGKILL');
        } catch (error) {
          expect(error).toMatchObject({ code: 'ESRCH' });
        }
      },
    });
    expect(summary).toMatchObject({ how: 'complete', exitCode: 0 });
    expect(kills).toBe(2);
    expect(pids.size).toBeGreaterThan(2);
    const folder = RunFolder.open(butler.root, graph.header.outputRun);
    const attempts = [...readOutcomeLog(folder.outcomesPath)].filter((r) => r.type === 'attempt');
    const final = attempts.filter((r) => r.decision === 'final');
    expect(final.map((r) => r.quantum).sort((a, b) => a - b)).toEqual([...Array(graph.quantumCount).keys()]);
    // At most the one that was being computed is blamed for each death.
    expect(attempts.length - final.length).toBeLessThanOrEqual(kills);
    await butler.close();
    expect((await checkRun(join(root, 'repo'), graph)).wrong).toEqual([]);
  });
});

describe('putting outputs in place', () => {
  const dataId = { instrument: 'Cam', detector: 1 };
  let butler: FileLimitedButler;
  beforeEach(() => {
    butler = new FileLimitedButler({ root, datasets: [] });
  });

  const begin = (options: Partial<CommitOptions>) =>
    new Commits({ tell: () => {}, alongside: async () => {}, moreToCome: () => false, ...options });

  /** A quantum of one output of so many bytes. */
  async function computed(quantum: number, path: string, bytes = 10): Promise<Computed> {
    const id = `01900000-0000-7000-8000-${String(quantum).padStart(12, '0')}`;
    const formatter = 'lsst.daf.butler.formatters.json.JsonFormatter';
    butler.assign([{ id, path, formatter }]);
    const datasetType = { name: 'x', dimensions: ['instrument', 'detector'], storageClass: 'StructuredDataDict' };
    const ref = butler.refFromPlain({ id, datasetType: { ...datasetType, isCalibration: false }, dataId, run: 'r' });
    const { staged, record } = await butler.stage({ padding: 'x'.repeat(bytes) }, ref);
    const usage = { wallSeconds: 0 } as EndedMessage['usage'];
    const message = {
      type: 'ended',
      quantum,
      attempt: 1,
      outcome: 'done',
      usage,
      missing: [],
    } as unknown as EndedMessage;
    return { message: { ...message, outputs: [{ dataset: quantum, file: record }] }, staged: [staged] };
  }
  const files = () => readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());

  it('tells of a quantum when its files are there, and what else is to be on the disk with them', async () => {
    let synced = 0;
    const told: number[] = [];
    const commits = begin({
      tell: (ended) => {
        expect(synced).toBeGreaterThan(0);
        for (const { quantum, outputs, outcome } of ended) {
          expect(outcome).toBe('done');
          expect(readFileSync(join(root, outputs[0].file.path)).length).toBe(outputs[0].file.sizeBytes);
          told.push(quantum);
        }
      },
      alongside: async () => {
        synced++;
      },
      moreToCome: () => true,
    });
    for (let q = 0; q < 40; q++) commits.add(await computed(q, `a/${q % 3}/${q}.json`));
    expect(told).toEqual([]);
    await commits.drained();
    expect(told.sort((a, b) => a - b)).toEqual([...Array(40).keys()]);
    expect(synced).toBeLessThan(40);
    expect(files()).toHaveLength(40);
    expect(files().some(({ name }) => name.startsWith('.'))).toBe(false);
  });

  it('fails the quantum whose file cannot be put in place, and no other', async () => {
    const told = new Map<number, EndedMessage>();
    const commits = begin({
      tell: (ended) => {
        for (const message of ended) told.set(message.quantum, message);
      },
    });
    mkdirSync(join(root, 'b/2.json'), { recursive: true }); // in the way
    for (let q = 0; q < 5; q++) commits.add(await computed(q, `b/${q}.json`));
    await commits.drained();
    expect([...told.values()].filter(({ outcome }) => outcome === 'done').map(({ quantum }) => quantum)).toHaveLength(
      4,
    );
    expect(told.get(2)).toMatchObject({ outcome: 'failed', outputs: [], cause: { kind: 'exception' } });
    expect(told.get(2)!.cause!.message).toContain('2.json');
    expect(files()).toHaveLength(4);
  });

  it('fails them all when what else is to be on the disk is not', async () => {
    const told: EndedMessage[] = [];
    const commits = begin({
      tell: (ended) => void told.push(...ended),
      alongside: async () => {
        throw new Error('the disk is gone');
      },
    });
    for (let q = 0; q < 2; q++) commits.add(await computed(q, `c/${q}.json`));
    const long = await computed(2, 'c/2.json');
    commits.add({ ...long, message: { ...long.message, usage: { ...long.message.usage, wallSeconds: 1 } } });
    await commits.drained();
    expect(told.map(({ outcome }) => outcome)).toEqual(['failed', 'failed', 'failed']);
    expect(told[0].cause!.message).toContain('the disk is gone');
  });

  it('takes no more than so many quanta, or bytes, at a time; and one, however large', async () => {
    const commits = begin({});
    const small = await Promise.all(Array.from({ length: 64 }, (_, q) => computed(q + 1, `d/${q + 1}.json`)));
    const large = await computed(0, 'd/large.json');
    expect(commits.hasRoom).toBe(true);
    commits.add({ ...large, message: { ...large.message, outputs: [withSize(large, 2 ** 30)] } });
    expect(commits.hasRoom).toBe(false);
    await commits.room();
    for (const one of small) {
      expect(commits.hasRoom).toBe(true);
      commits.add(one);
    }
    expect(commits.hasRoom).toBe(false);
    await commits.drained();
    expect(commits.hasRoom).toBe(true);
  });

  const withSize = ({ message }: Computed, sizeBytes: number) => ({
    ...message.outputs[0],
    file: { ...message.outputs[0].file, sizeBytes },
  });
});
