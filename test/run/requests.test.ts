// SPDX-License-Identifier: BSD-3-Clause
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Butler } from '../../src/butler/index.ts';
import { defineTask, type InputInfo, input, type TaskDefinition } from '../../src/pipeline/index.ts';
import {
  type AttemptRecord,
  collectReport,
  execute,
  formatReport,
  formatRequests,
  RunFolder,
  readOutcomeLog,
  requestTable,
} from '../../src/run/index.ts';
import { learnedFrom, learnedUsage, type RunUsage, type SizeClassUsage } from '../../src/run/requests/learned.ts';
import { UsageLearner } from '../../src/run/requests/learner.ts';
import { createScheduler, schedulerGraph, step } from '../../src/run/scheduler/index.ts';
import { campaign, testWorker } from '../support/run/campaign.ts';
import { attempt, frames } from '../support/run/written-run.ts';

const defaults = { cores: 1, memoryBytes: 512e6, limitFactor: 10 };
const graph = frames({ exposures: 4, detectors: 6 });

function sizes(log2Bytes: number, p95: number, quanta = 20): SizeClassUsage {
  return {
    log2Bytes,
    quanta,
    peakMemoryBytes: { median: p95 / 2, p95, max: 2 * p95 },
    wallSeconds: { mean: 3, p95: 5, max: 9 },
  };
}

/** 44136fa355b3678a: of no configuration at all, which the tasks of these graphs have. */
function usage(of: SizeClassUsage[], configDigest = '44136fa355b3678a', run = 'u/earlier'): RunUsage {
  return {
    version: 1,
    run,
    endedUnixMs: 0,
    tasks: [{ label: 'isr', taskClass: 'test.isr', configDigest, sizes: of }],
    datasets: [{ datasetType: 'image', count: 24, meanBytes: 4000 }],
  };
}

const isrOf = (runs: RunUsage[], more = {}) =>
  requestTable(graph, { learned: learnedFrom(runs), defaults, ...more })[0];

describe('what quanta ask for', () => {
  it('is what earlier runs took, with a margin, where there are any; else what the task says; else the default', () => {
    expect(requestTable(graph, { defaults })[0]).toMatchObject({ memoryBytes: 5e8, source: 'declared' });
    const bare = frames({ exposures: 1, detectors: 1 });
    Object.assign(bare.tasks[0].declaration, { resources: {} });
    expect(requestTable(bare, { defaults })[0]).toMatchObject({ memoryBytes: 512e6, source: 'default' });
    // 1000 bytes of raw: 2^9.
    expect(isrOf([usage([sizes(9, 1e9)])])).toMatchObject({
      memoryBytes: 1.2e9,
      source: 'learned',
      from: 'u/earlier',
      meanWallSeconds: 3,
    });
    // Never below what a worker takes by itself; nothing is learned from four.
    expect(isrOf([usage([sizes(9, 1e6)])]).memoryBytes).toBe(2 ** 27);
    expect(isrOf([usage([sizes(9, 1e9, 4)])])).toMatchObject({ memoryBytes: 5e8, source: 'declared' });
  });

  it('of several runs is the most of the newest; with another configuration it only raises what is declared', () => {
    const [newer, older] = [usage([sizes(9, 1e9)], undefined, 'u/newer'), usage([sizes(9, 2e9)])];
    expect(isrOf([newer, older])).toMatchObject({ memoryBytes: 2.4e9, from: 'u/newer' });
    expect(isrOf([usage([sizes(9, 2e8)], 'another')]).memoryBytes).toBe(5e8);
    expect(isrOf([usage([sizes(9, 2e9)], 'another')]).memoryBytes).toBe(2.4e9);
    expect(isrOf([usage([sizes(9, 2e8)], 'another'), usage([sizes(9, 3e8)])])).toMatchObject({ memoryBytes: 3.6e8 });
  });

  it('differs between quanta whose inputs differ in size, as seen; a size never seen is on the safe side', () => {
    // Summaries of 6 images of 4000 bytes expected: 2^14.
    const tasks = (of: SizeClassUsage[]) => [
      { ...usage([]).tasks[0], label: 'summarise', taskClass: 'test.summarise', sizes: of },
    ];
    const request = (of: SizeClassUsage[]) =>
      requestTable(graph, { learned: learnedFrom([{ ...usage([]), tasks: tasks(of) }]), defaults })[1];
    const first = graph.tasks[1].firstQuantum;
    expect(request([sizes(14, 3e8), sizes(18, 9e8)]).memoryOf!(first)).toBe(3.6e8);
    expect(request([sizes(15, 3e8), sizes(18, 9e8)]).memoryOf!(first)).toBe(3.6e8); // a neighbour
    expect(request([sizes(4, 1e8), sizes(18, 9e8)]).memoryOf!(first)).toBe(1.08e9); // the next larger
    expect(request([sizes(4, 1e8), sizes(6, 2e8)]).memoryOf!(first)).toBe(5e8); // declared
  });

  it('limits the time of quanta to some times the longest seen, or a minute; not of those that are larger than any seen', () => {
    const long = { ...sizes(9, 1e9), wallSeconds: { mean: 50, p95: 70, max: 90 } };
    const request = isrOf([usage([long])]);
    expect(request.wallSeconds).toBe(90);
    expect(isrOf([usage([sizes(9, 1e9)])]).wallSeconds).toBe(60);
    expect(isrOf([usage([long], 'another')]).wallSeconds).toBeUndefined();
    expect([request.isUnlimited!(0), isrOf([usage([{ ...long, log2Bytes: 8 }])]).isUnlimited!(0)]).toEqual([
      false,
      true,
    ]);
    const [, second] = requestTable(graph, { defaults });
    for (const [one, killed] of [
      [request, 1],
      [{ ...request, isUnlimited: () => true }, 0],
    ] as const) {
      const s = createScheduler(schedulerGraph(graph, defaults, [one, second]), { cores: 1, memoryBytes: 1e10 });
      step(s, { type: 'start' });
      step(s, { type: 'workerReady', worker: 0 });
      step(s, { type: 'attemptStarted', worker: 0, quantum: 0, nowSeconds: 0 });
      expect(step(s, { type: 'tick', nowSeconds: 899 })).toEqual([]);
      expect(step(s, { type: 'tick', nowSeconds: 901 })).toHaveLength(killed);
    }
  });

  it('is asked of a task for each quantum, with sizes and data IDs of its inputs, when it might run', () => {
    const seen: string[] = [];
    const definition = defineTask({
      name: 'test.isr',
      dimensions: ['instrument', 'exposure', 'detector'],
      connections: { raw: input('raw', { dimensions: [], storage: 'x' }) },
      config: z.object({}),
      resources: ({ raw }: Readonly<Record<string, readonly InputInfo[]>>) => {
        const detector = raw?.[0] === undefined ? -1 : Number(raw[0].dataId.detector);
        seen.push(`${detector} ${raw?.[0]?.sizeBytes} ${raw?.length}`);
        return { memoryBytes: 1e8 * (1 + detector) };
      },
      run: () => ({}),
    });
    const definitions = new Map([['isr', definition as unknown as TaskDefinition]]);
    const requests = requestTable(graph, { definitions, defaults });
    expect(requests[0]).toMatchObject({ source: 'inputs' });
    expect(requests[1].memoryOf).toBeUndefined();
    seen.length = 0;
    const s = createScheduler(schedulerGraph(graph, defaults, requests), { cores: 4, memoryBytes: 1e9 });
    step(s, { type: 'start' });
    const given = [0, 1, 2, 3].flatMap((worker) => step(s, { type: 'workerReady', worker }));
    // Detectors 0, 1 and 2 take 600 MB; 3 (400 MB) makes the gigabyte full, rounded up it would not.
    const dispatched = given.flatMap((i) => (i.type === 'dispatch' ? [i] : []));
    for (const { quantum, memoryBytes } of dispatched) {
      const { detector } = graph.quantumDataId(quantum);
      expect(memoryBytes).toBeGreaterThanOrEqual(1e8 * (1 + Number(detector)));
      expect(memoryBytes).toBeLessThan(1.05e8 * (1 + Number(detector)));
    }
    expect(dispatched.length).toBeGreaterThan(1);
    expect(s.usedMemoryBytes).toBeLessThanOrEqual(1e9);
    // Asked for what might run, once each: not for the whole graph.
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.length).toBeLessThan(8);
    expect(seen[0]).toBe('0 1000 1');
    expect(formatRequests(graph, requests, 80)).toMatch(/isr +24 +1 +100 MB to 600 MB +by the task, from its inputs/);
  });

  it('has no cost a quantum for tasks whose quanta ask for the same', () => {
    const constant = createScheduler(schedulerGraph(graph, defaults), { cores: 1, memoryBytes: 1e9 });
    expect(constant.requestClasses.of.length).toBe(0);
  });
});

describe('what is learned', () => {
  it('is summed up by size of inputs, as the next run will expect them', () => {
    const learner = new UsageLearner(graph);
    for (let q = 0; q < 24; q++) learner.attempt(attempt(graph, q, { usage: { peakMemoryBytes: 1e8 + q } }));
    learner.attempt(attempt(graph, 24, { usage: { peakMemoryBytes: 7e8 } }));
    learner.attempt(attempt(graph, 25, { state: 'failed', usage: { peakMemoryBytes: 9e9 } }));
    const { tasks, datasets } = learner.summary(1)!;
    expect(tasks.map((t) => [t.label, t.sizes.map((s) => [s.log2Bytes, s.quanta])])).toEqual([
      ['isr', [[9, 24]]],
      ['summarise', [[12, 1]]], // 6 images of 1000 bytes
    ]);
    expect(tasks[0].sizes[0].peakMemoryBytes.max).toBe(1e8 + 23);
    expect(datasets.find((d) => d.datasetType === 'image')).toMatchObject({ count: 24, meanBytes: 1000 });
  });
});

describe('a run after another', () => {
  let root: string;
  let butler: Butler;
  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), 'skymill-requests-'));
    butler = await Butler.create(join(root, 'repo'));
  });
  afterEach(async () => {
    await butler.close();
    rmSync(root, { recursive: true });
  });

  it('starts from what the first took; the log, the report and a preview say so; or from declarations, when told to', async () => {
    const run = async (name: string, requests?: 'learned' | 'declared') => {
      const made = campaign(butler, { cells: 12, run: name, resources: { memoryBytes: 5e9 } });
      await execute(made, butler, { worker: testWorker, jobs: 2, scratchRoot: root, requests });
      const folder = RunFolder.open(butler.root, name);
      const records = [...readOutcomeLog(folder.outcomesPath)];
      const attempts = records.filter((r): r is AttemptRecord => r.type === 'attempt' && r.label === 'make');
      return { made, folder, asked: new Set(attempts.map((a) => a.usage.requestedMemoryBytes)) };
    };
    const first = await run('test/first');
    expect([...first.asked]).toEqual([5e9]);
    const kept = JSON.parse(readFileSync(join(first.folder.path, 'usage.json'), 'utf8')) as RunUsage;
    const peak = kept.tasks.find((t) => t.label === 'make')!.sizes[0].peakMemoryBytes;
    const second = await run('test/second');
    expect([...second.asked]).toEqual([Math.max(2 ** 27, Math.ceil(1.2 * peak.p95))]);
    const report = collectReport(second.made, second.folder);
    expect(report.tasks[0].request).toEqual({ source: 'learned', from: 'test/first' });
    expect(formatReport(report)).toContain('learned from test/first');
    const third = await run('test/third', 'declared');
    expect([...third.asked]).toEqual([5e9]);
    expect(existsSync(join(third.folder.path, 'usage.json'))).toBe(true);
    // A file that cannot be read teaches nothing, and is in nobody's way.
    writeFileSync(join(third.folder.path, 'usage.json'), '{"version":');
    expect(learnedUsage(butler.root).task('make', 'test.makeNumber', kept.tasks[0].configDigest)).toMatchObject({
      from: 'test/second',
    });
  });
});
