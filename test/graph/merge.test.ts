// SPDX-License-Identifier: BSD-3-Clause
import { describe, expect, test } from 'vitest';
import {
  buildGraph,
  type ColumnGraph,
  diffGraphs,
  mergeGraphs,
  type SplitOptions,
  splitGraph,
  updateRun,
} from '../../src/graph/index.ts';
import { biases, raws, skyMap, surveyOptions, surveyPipeline, surveySource } from './survey.ts';

const whole = async (visits = 4, detectors = 3): Promise<ColumnGraph> => {
  const source = surveySource(
    [...raws(visits, detectors), ...biases(detectors), skyMap()],
    undefined,
    visits,
    detectors,
  );
  return (await buildGraph(await surveyPipeline(), source, surveyOptions)).graph;
};

const recordsOf = (graph: ColumnGraph) =>
  new Map(
    Array.from({ length: graph.quantumCount }, (_, quantum) => {
      const dataId = Object.entries(graph.quantumDataId(quantum)).sort();
      return [`${graph.tasks[graph.taskOf(quantum)].label} ${dataId}`, graph.quantumRecords(quantum)] as const;
    }),
  );

describe('parts of a graph are that graph again', () => {
  test.each<[string, SplitOptions]>([
    ['by tasks', { tasks: ['assemble', 'isr'] }],
    ['by patch', { by: ['patch'] }],
    ['by visit and detector', { by: ['visit', 'detector'] }],
    ['by band', { by: ['band'] }],
    ['in two', { parts: 2 }],
  ])('%s', async (_, options) => {
    const graph = await whole(6, 4);
    const parts = [...splitGraph(graph, options).graphs()];
    expect(parts.length).toBeGreaterThan(1);
    for (const order of [parts, parts.toReversed()]) {
      const merged = mergeGraphs(order);
      const { tasks, header, datasetTypes } = diffGraphs(graph, merged);
      expect({ header, datasetTypes }).toEqual({ header: [], datasetTypes: [] });
      for (const { label, onlyA, onlyB, changed } of tasks)
        expect([label, onlyA.count, onlyB.count, changed.count]).toEqual([label, 0, 0, 0]);
      expect(diffGraphs(graph, merged).same).toBe(true);
      expect(merged.datasetCount).toBe(graph.datasetCount);
      expect(merged.inputDatasets.length).toBe(graph.inputDatasets.length);
      expect(merged.dependencies().quanta.length).toBe(graph.dependencies().quanta.length);
      expect(recordsOf(merged)).toEqual(recordsOf(graph));
      for (let row = 0; row < merged.datasetCount; row++)
        expect(merged.datasetByUuid(merged.dataset(row).id)).toBe(row);
    }
  });
});

test('what does not belong together is refused', async () => {
  const graph = await whole();
  expect(() => mergeGraphs([graph, graph])).toThrow(/both have the quantum isr/);
  expect(() => mergeGraphs([graph, updateRun(graph, 'out/2')])).toThrow(/output run is "out\/1" and "out\/2"/);
  const [first, second] = [...splitGraph(graph, { tasks: ['isr'] }).graphs()];
  const task = second.index.tasks[0];
  expect(task.label).toBe('calibrate');
  const other = [...splitGraph(graph, { tasks: ['isr'] }).graphs()][1];
  // The second part of another split waits for datasets with other ids than the first part of this one makes.
  expect(() => mergeGraphs([first, other])).toThrow(/makes .* that exists already/);
  const config = { ...task.declaration.config, threshold: 9 };
  const changed = [...splitGraph(graph, { by: ['visit'] }).graphs()];
  changed[1].index.tasks[1] = {
    ...changed[1].index.tasks[1],
    declaration: { ...changed[1].index.tasks[1].declaration, config },
  };
  expect(() => mergeGraphs(changed)).toThrow(/task "calibrate" differs in config\.threshold: 5 and 9/);
});
