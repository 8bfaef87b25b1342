// SPDX-License-Identifier: BSD-3-Clause
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Butler } from '../../src/butler/index.ts';
import type { QuantumGraph } from '../../src/graph/index.ts';
import { collectReport, execute, type RunEvent, RunFolder } from '../../src/run/index.ts';
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
});
