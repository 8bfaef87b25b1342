// SPDX-License-Identifier: BSD-3-Clause
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Butler } from '../../src/butler/index.ts';
import { buildGraph, type ColumnGraph, candidateSource, estimateGraph, writeGraph } from '../../src/graph/index.ts';
import type { TaskDefinition } from '../../src/pipeline/index.ts';
import { surveyTasks } from '../pipeline/tasks.ts';
import { skySurvey } from '../support/sky-survey.ts';
import { surveyPipeline } from './survey.ts';

let folder: string;
let butler: Butler;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'estimate-'));
  butler = await skySurvey(join(folder, 'repo'), { visits: 120, detectors: 4, tracts: 3, patches: 5 });
});
afterAll(async () => {
  await butler.close();
  await rm(folder, { recursive: true });
});

const inputs = ['Cam/raw', 'Cam/calib', 'skymaps'];
const base = { inputs, dataId: { instrument: 'Cam', skymap: 'sky' } };
const both = async (tasks: Record<string, TaskDefinition>, where: string | undefined, sampleRows?: number) => {
  const pipeline = await surveyPipeline(tasks);
  const estimate = await estimateGraph(pipeline, candidateSource(butler), { ...base, where, sampleRows });
  const { graph } = await buildGraph(pipeline, candidateSource(butler), { ...base, where, outputRun: 'u/run' });
  return { estimate, graph };
};
const { isr, calibrate } = surveyTasks;

/** Largest factor by which an estimate of quanta or edges is wrong. */
function worst(estimate: Awaited<ReturnType<typeof both>>['estimate'], graph: ColumnGraph): number {
  const edges = (side: 'inputOffsets' | 'outputOffsets', t: number): number => {
    const { firstQuantum, quantumCount } = graph.tasks[t];
    return graph[side][firstQuantum + quantumCount] - graph[side][firstQuantum];
  };
  const factors = estimate.tasks.flatMap((task, t) => {
    expect(task.label).toBe(graph.tasks[t].label);
    return [
      [task.quanta, graph.tasks[t].quantumCount],
      [task.inputEdges, edges('inputOffsets', t)],
      [task.outputEdges, edges('outputOffsets', t)],
    ];
  });
  return Math.max(...factors.map(([a, b]) => Math.max(a / b, b / a)));
}

describe('an estimate and the graph that is built', () => {
  test.each([
    ['all', undefined],
    ['a night', "instrument = 'Cam' AND visit IN (10..40)"],
    ['one band and detector', "instrument = 'Cam' AND band = 'r' AND detector = 2"],
  ])('without a join on the sky: counted (%s)', async (_, where) => {
    const { estimate, graph } = await both({ isr, calibrate }, where);
    expect(worst(estimate, graph)).toBeLessThan(1.1);
    expect(estimate.quanta).toBe(graph.quantumCount);
    expect(estimate.tasks.every((task) => task.error === 0)).toBe(true);
    expect(estimate.datasets / graph.datasetCount).toBeCloseTo(1, 1);
    expect(estimate.questions).toBeLessThan(15);
  });

  test.each([
    ['all', undefined],
    ['one tract', "skymap = 'sky' AND tract = 1"],
    ['one band', "band = 'g'"],
  ])('with one, every visit joined: as built (%s)', async (_, where) => {
    const { estimate, graph } = await both(surveyTasks, where);
    expect(estimate.samples[0].drawn).toBe(estimate.samples[0].units);
    expect(worst(estimate, graph)).toBeLessThan(1.02);
  });

  test('with one, from less than half of the visits: within a factor of 1.5', async () => {
    const { estimate, graph } = await both(surveyTasks, undefined, 1);
    expect(estimate.samples).toEqual([
      { labels: ['isr', 'calibrate', 'makeWarp', 'assemble'], unit: ['instrument', 'visit'], units: 120, drawn: 48 },
    ]);
    expect(worst(estimate, graph)).toBeLessThan(1.5);
    const warps = estimate.tasks[2];
    expect(warps.error).toBeGreaterThan(0);
    // Three standard errors.
    expect(Math.abs(warps.quanta / graph.tasks[2].quantumCount - 1)).toBeLessThan(3 * (warps.error as number));
  });

  test('size of the file, and what runs took', async () => {
    const pipeline = await surveyPipeline(surveyTasks);
    const usage = new Map([
      ['isr', { quanta: 7, cpuSeconds: 36, wallSeconds: 72, peakMemoryBytes: 5e8, bytesWritten: 1e6 }],
    ]);
    const { cost, usage: used, tasks } = await estimateGraph(pipeline, candidateSource(butler), { ...base, usage });
    const { graph } = await buildGraph(pipeline, candidateSource(butler), { ...base, outputRun: 'u/run' });
    await writeGraph(graph, join(folder, 'graph'));
    const { size } = await stat(join(folder, 'graph'));
    expect(Math.max(cost.fileBytes / size, size / cost.fileBytes)).toBeLessThan(2);
    expect(used.cpuHours).toBeCloseTo(tasks[0].quanta / 100, 9);
    expect(used.wallHours).toBeCloseTo(tasks[0].quanta / 50, 9);
    expect(used).toMatchObject({ bytesWritten: tasks[0].quanta * 1e6, unknown: ['calibrate', 'makeWarp', 'assemble'] });
  });

  test('nothing that matches is an error', async () => {
    await expect(both({ isr, calibrate }, "instrument = 'Cam' AND visit = 999")).rejects.toThrow(/no data ID matches/);
  });
});
