// SPDX-License-Identifier: BSD-3-Clause
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Butler } from '../../src/butler/index.ts';
import { buildGraph, candidateSource, openGraph, writeGraph } from '../../src/graph/index.ts';
import { loadPipelineText, resolvePipeline } from '../../src/pipeline/index.ts';
import { collectReport, execute, RunFolder } from '../../src/run/index.ts';
import { addCamera } from '../butler/camera.ts';
import { testWorker } from '../support/run/campaign.ts';
import { resolveTestTask } from '../support/run/tasks.ts';

let root: string;
let butler: Butler;
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'skymill-pipeline-'));
  butler = await Butler.create(join(root, 'repo'));
});
afterEach(async () => {
  await butler.close();
  rmSync(root, { recursive: true });
});

const yaml = `
description: count what a camera saw
tasks:
  measure: {class: test.measure, config: {factor: 2}}
  total: test.total
`;

describe('a pipeline of YAML over a repository, through a stored graph', () => {
  it('runs with records, deferred inputs, init outputs and all automatic outputs, and continues from the stored graph', async () => {
    await addCamera(butler);
    await butler.registerCollection('raws', 'RUN');
    await butler.registerDatasetTypes([
      butler.makeDatasetType('rawCount', ['exposure', 'detector'], 'StructuredDataDict'),
    ]);
    for (const exposure of [1, 2])
      for (const detector of [1, 2, 3, 4])
        await butler.put(
          { count: 10 * exposure + detector },
          'rawCount',
          { instrument: 'Cam', exposure, detector },
          'raws',
        );

    const pipeline = await resolvePipeline(await loadPipelineText(yaml, 'test.yaml'), resolveTestTask, {
      universe: butler.universe,
    });
    const built = await buildGraph(pipeline, candidateSource(butler), {
      inputs: ['raws'],
      output: 'out',
      outputRun: 'out/1',
      where: "instrument = 'Cam' AND detector != 4",
    });
    const { header, id } = built.graph;
    const info = {
      run: 'out/1',
      graphId: id,
      createdAt: header.createdAt,
      inputs: header.inputs,
      where: header.where,
      pipeline: 'test.yaml',
    };
    const folder = RunFolder.create(butler.root, info);
    await writeGraph(built.graph, folder.graphPath);
    const graph = await openGraph(folder.graphPath);

    const summary = await execute(graph, butler, { worker: testWorker, jobs: 2, scratchRoot: root });
    const report = collectReport(graph, folder);
    expect(report.failures).toEqual([]);
    expect(summary).toMatchObject({ how: 'complete', exitCode: 0, progress: { counts: { done: 8 } } });
    expect(report.missingOutputs).toEqual([]);

    const get = async (type: string, dataId: Record<string, string | number>) =>
      butler.get((await butler.findDataset(type, dataId, { collections: ['out'] }))!);
    expect(await get('measured', { instrument: 'Cam', exposure: 2, detector: 3 })).toEqual({
      value: 46,
      name: 'Ba',
      filter: 'Cam-R',
      day: 20230523,
    });
    expect(await get('total', { instrument: 'Cam', exposure: 1 })).toEqual({
      total: 2 * (11 + 12 + 13),
      detectors: [1, 2, 3],
    });
    expect(await get('measure_config', {})).toEqual({ factor: 2 });
    expect(await get('packages', {})).toMatchObject({ skymill: header.skymill, node: process.versions.node });
    expect(await get('total_metadata', { instrument: 'Cam', exposure: 1 })).toMatchObject({
      quantum: { outcome: 'done' },
    });
    expect(Array.isArray(await get('total_log', { instrument: 'Cam', exposure: 1 }))).toBe(true);
    expect((await butler.getCollection('out')).children).toEqual(['out/1', 'raws']);
    for (const ref of await butler.getDatasets([graph.dataset(graph.outputDatasets[0]).id]))
      expect(ref?.run).toBe('out/1');

    const again = await execute(await openGraph(folder.graphPath), butler, {
      worker: testWorker,
      jobs: 2,
      scratchRoot: root,
    });
    expect(again.progress.counts).toMatchObject({ skipped: 8, done: 0 });
  });
});
