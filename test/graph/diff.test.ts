// SPDX-License-Identifier: BSD-3-Clause
import { expect, test } from 'vitest';
import { buildGraph, diffGraphs, diffText } from '../../src/graph/index.ts';
import type { MemoryDataset } from './memory-source.ts';
import { biases, raws, skyMap, surveyOptions, surveyPipeline, surveySource } from './survey.ts';

const build = async (datasets: readonly MemoryDataset[], outputRun = 'out/1', visits = 4) =>
  (await buildGraph(await surveyPipeline(), surveySource(datasets, undefined, visits), { ...surveyOptions, outputRun }))
    .graph;

test('graphs of the same data are the same, whatever their ids', async () => {
  const datasets = [...raws(), ...biases(), skyMap()];
  const [a, b] = [await build(datasets), await build(datasets)];
  expect(a.id).not.toBe(b.id);
  const diff = diffGraphs(a, b);
  expect(diff).toMatchObject({ same: true, header: [], datasetTypes: [] });
  expect(diffText(diff)).toBe('The graphs have the same quanta, inputs and configurations.');
});

test('quanta that one graph lacks, inputs that changed, and the header', async () => {
  const datasets = [...raws(), ...biases(), skyMap()];
  const without = datasets.filter(
    ({ type, dataId }) => type !== 'raw' || dataId.exposure !== 3 || dataId.detector !== 1,
  );
  const [a, b] = [await build(datasets), await build(without, 'out/2')];
  const diff = diffGraphs(a, b);
  expect(diff.same).toBe(false);
  expect(diff.header).toEqual([{ field: 'outputRun', a: 'out/1', b: 'out/2' }]);
  const [isr, calibrate, makeWarp, assemble] = diff.tasks;
  expect(isr).toMatchObject({ label: 'isr', a: 12, b: 11, onlyB: { count: 0 }, changed: { count: 0 } });
  expect(isr.onlyA).toMatchObject({ count: 1, examples: [{ exposure: 3, detector: 1 }] });
  expect(calibrate.onlyA).toMatchObject({ count: 1, examples: [{ visit: 3, detector: 1 }] });
  // Warps of visit 3 on patches 1 and 2 are made of one image less.
  expect([makeWarp.onlyA.count, makeWarp.changed.count]).toEqual([0, 2]);
  expect(makeWarp.changedBy).toEqual([{ connection: 'images', quanta: 2 }]);
  expect(makeWarp.changed.examples[0]).toMatchObject({
    dataId: { visit: 3, patch: 1 },
    inputs: [
      { connection: 'images', removed: [{ datasetType: 'calexp', dataId: { visit: 3, detector: 1 } }], added: [] },
    ],
  });
  expect(assemble.changed.count).toBe(0);
  expect(diff.datasetTypes.map(({ name, a, b }) => [name, a, b])).toContainEqual(['raw', 12, 11]);
  const text = diffText(diff).split('\n');
  expect(text).toContain('isr: 12 -> 11 quanta');
  expect(text).toContain('  2 quanta with other inputs (images 2)');
  // The other way round.
  const back = diffGraphs(b, a);
  expect(back.tasks[0].onlyB.count).toBe(1);
  expect(back.tasks[2].changed.examples[0].inputs[0]).toMatchObject({
    removed: [],
    added: [{ datasetType: 'calexp' }],
  });
});

test('another calibration of the same data ID is another input', async () => {
  const old = [...raws(), ...biases(), skyMap()];
  const recertified = [
    ...raws().map((raw, k) => ({ ...raw, id: old[k].id })),
    ...biases(),
    old.at(-1) as MemoryDataset,
  ];
  const diff = diffGraphs(await build(old), await build(recertified));
  expect(diff.tasks[0]).toMatchObject({ changed: { count: 12 }, changedBy: [{ connection: 'bias', quanta: 12 }] });
  const [{ inputs }] = diff.tasks[0].changed.examples;
  expect(inputs[0].removed[0]).toMatchObject({ datasetType: 'bias', run: expect.any(String) });
  expect(inputs[0].removed[0].id).not.toBe(inputs[0].added[0].id);
  expect(diff.tasks[1].changed.count).toBe(0);
});

test('configurations are compared field by field; a task that one side lacks', async () => {
  const graph = await build([...raws(), ...biases(), skyMap()]);
  const other = await build([...raws(), ...biases(), skyMap()]);
  const task = other.index.tasks[0];
  const config = { ...task.declaration.config, saturation: 1000, overscan: { order: 3, method: 'median' } };
  other.index.tasks[0] = { ...task, declaration: { ...task.declaration, config } };
  expect(diffGraphs(graph, other).tasks[0].config).toEqual([
    { field: 'saturation', a: 65000, b: 1000 },
    { field: 'overscan.order', a: 1, b: 3 },
  ]);
  other.index.tasks.pop();
  expect(diffGraphs(graph, other).tasks.at(-1)).toMatchObject({ label: 'assemble', b: null, onlyA: { count: 8 } });
});
