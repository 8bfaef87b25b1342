// SPDX-License-Identifier: BSD-3-Clause
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Butler } from '../../src/butler/index.ts';
import type { QuantumGraph } from '../../src/graph/index.ts';
import {
  collectReport,
  countsOf,
  execute,
  findInGraph,
  formatReport,
  type RunEvent,
  RunFolder,
  readAttemptLog,
  why,
} from '../../src/run/index.ts';
import { createScheduler, type SchedulerEvent, schedulerGraph, step } from '../../src/run/scheduler/index.ts';
import { campaign, cell, testWorker } from '../support/run/campaign.ts';

let root: string;
let butler: Butler;
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'skymill-run-'));
  butler = await Butler.create(join(root, 'repo'));
});
afterEach(async () => {
  await butler.close();
  rmSync(root, { recursive: true });
});

async function run(graph: QuantumGraph, extra: object = {}) {
  const events: RunEvent[] = [];
  const summary = await execute(graph, butler, {
    worker: testWorker,
    jobs: 2,
    scratchRoot: root,
    onEvent: (event) => events.push(event),
    ...extra,
  });
  return { summary, events, report: collectReport(graph, RunFolder.open(butler.root, graph.header.outputRun)) };
}

async function sumOf(graph: QuantumGraph, i: number): Promise<Record<string, unknown>> {
  const ref = await butler.findDataset('sum', { htm7: cell(i) }, { collections: [graph.header.output!] });
  return (await butler.get(ref!)) as Record<string, unknown>;
}

describe('executing a graph', () => {
  it('runs every quantum in worker processes and registers what they made', async () => {
    const graph = campaign(butler, { cells: 8 });
    const { summary, report } = await run(graph);
    expect(summary).toMatchObject({ how: 'complete', exitCode: 0 });
    expect(summary.progress.counts).toMatchObject({ done: 18, failed: 0, waiting: 0 });
    expect(await sumOf(graph, 4)).toMatchObject({
      total: 2 * 3 * (cell(4) + cell(5) + cell(6) + cell(7)),
      cells: [cell(4), cell(5), cell(6), cell(7)],
      columns: ['cell', 'value'],
    });
    const metadata = await butler.findDataset('make_metadata', { htm7: cell(3) }, { collections: ['test/run'] });
    expect(await butler.get(metadata!)).toMatchObject({
      make: { cell: cell(3) },
      quantum: { outcome: 'done', attempt: 1 },
    });
    const log = await butler.findDataset('make_log', { htm7: cell(3) }, { collections: ['test/run'] });
    expect(JSON.stringify(await butler.get(log!))).toContain(`making the number of ${cell(3)}`);
    expect(report.counts).toMatchObject({ done: 18, unfinished: 0 });
    expect(report.missingOutputs).toEqual([]);
    for (const task of report.tasks) {
      expect(task.attempts).toBe(task.quanta);
      expect(task.wallSeconds!.min).toBeGreaterThan(0);
      expect(task.memory!.maxPeakBytes).toBeGreaterThan(1e7);
      expect(task.bytesWritten).toBeGreaterThan(0);
    }
    expect((await butler.getCollection('test/out')).children).toEqual(['test/run']);
  });

  it('goes on with what does not depend on a failure, and says who blocks whom', async () => {
    const graph = campaign(butler, { cells: 8, config: { make: { throw: [cell(1)], exit: [cell(6)] } } });
    const { summary, report } = await run(graph);
    expect(summary).toMatchObject({ how: 'complete', exitCode: 3 });
    expect(report.counts).toMatchObject({ failed: 2, blocked: 4, done: 12 });
    const [first, second] = [...report.failures].sort((a, b) => (a.kind < b.kind ? -1 : 1));
    expect(first).toMatchObject({ kind: 'crashed', count: 1, labels: ['make'] });
    expect(first.examples[0].cause).toMatchObject({ exitCode: 7 });
    expect(second).toMatchObject({ kind: 'exception', signature: 'Error: cell <n> is no good' });
    expect(report.tasks[0]).toMatchObject({ retries: 1, attempts: 9 });
    expect(report.missingOutputs.find((m) => m.datasetType === 'sum')).toMatchObject({ expected: 2, missing: 2 });

    const folder = RunFolder.open(butler.root, 'test/run');
    const [{ quantum: failed }] = findInGraph(graph, `make htm7=${cell(1)}`) as { quantum: number }[];
    const story = why(graph, folder, failed);
    expect(story).toMatchObject({ state: 'failed', label: 'make' });
    expect(story.lines[0]).toContain(`cell ${cell(1)} is no good`);
    expect(readAttemptLog(folder, story.attempts[0])).toContain('at misbehave');
    const [{ quantum: sum }] = findInGraph(graph, `sum htm7=${cell(4)}`) as { quantum: number }[];
    const blocked = why(graph, folder, sum);
    expect(blocked.state).toBe('blocked');
    expect(blocked.blockedBy).toMatchObject({ label: 'make', dataId: { htm7: cell(6) } });
    expect(blocked.lines[0]).toContain('exit code 7');
    expect(formatReport(report)).toContain('1 x Error: cell <n> is no good  (make)');
  });

  it('takes no work for an end: dependents run with fewer inputs, down to their minimum', async () => {
    const noWork = [cell(0), cell(4), cell(5), cell(6)];
    const graph = campaign(butler, { cells: 8, config: { make: { noWork, half: [cell(1)] } } });
    const { summary, report } = await run(graph);
    expect(summary.exitCode).toBe(0);
    expect(report.tasks.map((t) => t.counts)).toMatchObject([
      { noWork: 4, done: 3, doneWithCaveat: 1 },
      { done: 4, blockedNoWork: 4 },
      { done: 1, blockedNoWork: 1 }, // one of four is under the minimum of two
    ]);
    expect(await sumOf(graph, 0)).toMatchObject({ cells: [cell(1), cell(2), cell(3)] });
    const doubled = await butler.findDataset('doubled', { htm7: cell(1) }, { collections: ['test/run'] });
    expect(await butler.get(doubled!)).toEqual({ value: cell(1) * 6, hasExtra: false });
    const [{ quantum }] = findInGraph(graph, `sum htm7=${cell(4)}`) as { quantum: number }[];
    expect(why(graph, RunFolder.open(butler.root, 'test/run'), quantum).lines[0]).toContain('too few of its inputs');
  });

  it('tries again after a death of the worker, by signal or for want of memory, and records both attempts', async () => {
    const markers = join(root, 'markers');
    mkdirSync(markers);
    const worker = { ...testWorker, args: ['--max-old-space-size=64', ...testWorker.args] };
    const graph = campaign(butler, {
      cells: 4,
      config: { double: { killOnce: [cell(0)], heapOnce: [cell(2)], markers } },
    });
    const { summary, report, events } = await run(graph, { worker });
    expect(summary).toMatchObject({ exitCode: 0, progress: { counts: { done: 9 } } });
    expect(report.tasks[1]).toMatchObject({ retries: 2, attempts: 6 });
    const retried = events.flatMap((e) => (e.type === 'attempt' && e.record.decision === 'retry' ? [e.record] : []));
    const byRule = Object.fromEntries(retried.map((r) => [r.rule, r]));
    expect(byRule.workerDied.cause).toMatchObject({ kind: 'signalled', signal: 'SIGKILL' });
    expect(byRule.outOfMemory.cause).toMatchObject({ kind: 'outOfMemory' });
    expect(byRule.outOfMemory.cause!.stderrTail).toContain('heap');
    const again = events.find(
      (e) => e.type === 'attempt' && e.record.attempt === 2 && e.record.dataId.htm7 === cell(2),
    );
    expect(again).toMatchObject({ record: { usage: { requestedMemoryBytes: expect.any(Number) } } });
    expect(
      (again as { record: { usage: { requestedMemoryBytes: number } } }).record.usage.requestedMemoryBytes,
    ).toBeGreaterThanOrEqual(2e8);
  });

  it('ends an attempt that takes too long', async () => {
    const graph = campaign(butler, {
      cells: 2,
      group: 2,
      config: { make: { hang: [cell(1)] } },
      resources: { wallSeconds: 2.5 },
    });
    const { summary, report } = await run(graph, {
      limitFactor: 1,
      rules: [{ name: 'noPatience', when: { kinds: ['timeLimit'] }, maxAttempts: 1 }],
    });
    expect(summary.exitCode).toBe(3);
    expect(report.failures).toMatchObject([{ kind: 'timeLimit', count: 1 }]);
    expect(report.counts).toMatchObject({ done: 2, failed: 1, blocked: 2 });
    expect(report.tasks[0].badputSeconds).toBeGreaterThan(2.4);
  });

  it('keeps the events of the scheduler: replayed, they give the state it ended in', async () => {
    const graph = campaign(butler, { cells: 8, config: { make: { throw: [cell(2)], noWork: [cell(5)] } } });
    const { summary } = await run(graph, { recordEvents: true });
    const defaults = { cores: 1, memoryBytes: 2 ** 29, limitFactor: 10 };
    const state = createScheduler(schedulerGraph(graph, defaults), { cores: 2, memoryBytes: 1e12 });
    const lines = readFileSync(RunFolder.open(butler.root, 'test/run').eventsPath, 'utf8').trim().split('\n');
    for (const line of lines) step(state, JSON.parse(line) as SchedulerEvent);
    expect(state.finished).toBe(true);
    expect(countsOf(state.stateTotals)).toEqual(summary.progress.counts);
    expect(summary.progress.counts).toMatchObject({ failed: 1, noWork: 1, blocked: 3 });
  });

  it('has the init outputs written by another worker when the first dies over them', async () => {
    const markers = join(root, 'markers');
    mkdirSync(markers);
    const graph = campaign(butler, { cells: 2, group: 2, config: { make: { killInInit: true, markers } } });
    const { summary, report } = await run(graph);
    expect(summary).toMatchObject({ how: 'complete', exitCode: 0 });
    expect(report.initOutputs).toBe(4);
    const schema = await butler.findDataset('number_schema', {}, { collections: ['test/run'] });
    expect(await butler.get(schema!)).toEqual({ columns: ['cell', 'value'] });
  });

  it('puts what a task prints into its log', async () => {
    const graph = campaign(butler, { cells: 2, group: 2, config: { make: { print: [cell(0)] } } });
    await run(graph);
    const ref = await butler.findDataset('make_log', { htm7: cell(0) }, { collections: ['test/run'] });
    const text = JSON.stringify(await butler.get(ref!));
    expect(text).toContain(`printed to output by ${cell(0)}`);
    expect(text).toContain(`printed to error by ${cell(0)}`);
  });

  it('says why workers do not start, and stops', async () => {
    const worker = { file: process.execPath, args: ['-e', 'throw new Error("no such library")'] };
    await expect(run(campaign(butler, { cells: 2 }), { worker })).rejects.toThrow(
      expect.objectContaining({
        code: 'RUN_WORKER_DOES_NOT_START',
        message: expect.stringContaining('no such library'),
      }),
    );
  });
});
