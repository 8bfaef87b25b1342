// SPDX-License-Identifier: BSD-3-Clause
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { buildGraph, type ColumnGraph, openGraph, splitGraph, updateRun, writeGraph } from '../../src/graph/index.ts';
import { biases, raws, skyMap, surveyOptions, surveyPipeline, surveySource } from './survey.ts';

const whole = async (visits = 4, detectors = 3): Promise<ColumnGraph> => {
  const datasets = [...raws(visits, detectors), ...biases(detectors), skyMap()];
  const source = surveySource(datasets, undefined, visits, detectors);
  return (await buildGraph(await surveyPipeline(), source, surveyOptions)).graph;
};

const text = (dataId: object): string => JSON.stringify(Object.entries(dataId).sort());
const nameOf = (graph: ColumnGraph, quantum: number): string =>
  `${graph.tasks[graph.taskOf(quantum)].label} ${text(graph.quantumDataId(quantum))}`;
const datasetName = (graph: ColumnGraph, row: number): string => {
  const { datasetType, dataId, files } = graph.dataset(row);
  return `${datasetType} ${text(dataId)} ${files.map((file) => file.path).join()}`;
};
/** Every quantum by name, with the names of what it reads and writes. */
function quantaOf(graph: ColumnGraph): Map<string, string> {
  return new Map(
    Array.from({ length: graph.quantumCount }, (_, quantum) => {
      const edges = [
        ...graph
          .quantumInputs(quantum)
          .map(({ dataset, connection }) => `<${connection} ${datasetName(graph, dataset)}`),
        ...graph
          .quantumOutputs(quantum)
          .map(({ dataset, connection }) => `>${connection} ${datasetName(graph, dataset)}`),
      ];
      return [nameOf(graph, quantum), edges.sort().join('\n')] as const;
    }),
  );
}
function checkParts(graph: ColumnGraph, parts: readonly ColumnGraph[]): void {
  const all = parts.flatMap((part) => [...quantaOf(part)]);
  expect(all.length).toBe(graph.quantumCount);
  expect(new Map(all)).toEqual(quantaOf(graph));
  const made = new Map<string, string>();
  for (const part of parts) {
    for (let row = 0; row < part.datasetCount; row++) {
      const dataset = part.dataset(row);
      expect(part.datasetByUuid(dataset.id)).toBe(row);
      if (dataset.producer !== undefined) expect(dataset.run).toBe(part.header.outputRun);
      if (dataset.run === part.header.outputRun) made.set(dataset.id, datasetName(part, row));
    }
    const waiting = [...Array(part.datasetCount).keys()]
      .map((row) => part.dataset(row))
      .filter(
        ({ run, producer }) =>
          producer === undefined && run.startsWith(`${graph.header.outputRun}/`) && run !== part.header.outputRun,
      );
    for (const { row, id, files } of waiting) {
      expect(files).toEqual([]);
      // An earlier part makes it, under this very id.
      expect(made.get(id)).toBe(datasetName(part, row));
    }
    const needs = part.header.part?.needs.reduce((sum, need) => sum + need.datasets, 0) ?? 0;
    expect(waiting.length).toBe(needs);
  }
}

describe('a graph in parts', () => {
  test('by tasks: what earlier parts make stands in later ones with the ids it will have', async () => {
    const graph = await whole();
    const split = splitGraph(graph, { tasks: ['assemble', '..calibrate'] });
    expect(split.parts.map(({ name, run }) => [name, run])).toEqual([
      ['to-calibrate', 'out/1/to-calibrate'],
      ['rest', 'out/1/rest'],
      ['assemble', 'out/1/assemble'],
    ]);
    const parts = [...split.graphs()];
    checkParts(graph, parts);
    expect(parts.map((part) => part.tasks.map((task) => task.label))).toEqual([
      ['isr', 'calibrate'],
      ['makeWarp'],
      ['assemble'],
    ]);
    // The schema that calibrate writes is an init input of makeWarp.
    const schema = parts[1].dataset(
      parts[1].tasks[0].initInputs['schema'] ?? Object.values(parts[1].tasks[0].initInputs)[0],
    );
    expect(schema.run).toBe('out/1/to-calibrate');
    const writer = parts[0].tasks[1];
    expect(Object.values(writer.initOutputs).map((row) => parts[0].dataset(row).id)).toContain(schema.id);
  });

  test('by a dimension: what several parts share runs before them', async () => {
    const graph = await whole();
    const split = splitGraph(graph, { by: ['patch'] });
    expect(split.parts.map(({ name }) => name)).toEqual(['before', 'patch=0', 'patch=1', 'patch=2', 'patch=3']);
    expect(split.parts[1].run).toBe('out/1/patch-0');
    const parts = [...split.graphs()];
    checkParts(graph, parts);
    // Relations, records and existing datasets of a part are its own: patch 0 sees one detector.
    const { index } = parts[1];
    expect(Math.max(...index.relations.map(({ rows }) => rows))).toBeLessThan(
      Math.max(...graph.index.relations.map(({ rows }) => rows)),
    );
  });

  test('into parts of about equal size, also from and to files', async () => {
    const graph = await whole(8, 6);
    const folder = await mkdtemp(join(tmpdir(), 'split-'));
    try {
      await writeGraph(graph, join(folder, 'all'));
      const opened = await openGraph(join(folder, 'all'));
      const split = splitGraph(opened, { parts: 2, by: ['visit'] });
      expect(split.parts.filter(({ name }) => name.startsWith('part-')).length).toBe(2);
      const parts: ColumnGraph[] = [];
      for (const [k, part] of [...split.graphs()].entries()) {
        await writeGraph(part, join(folder, String(k)));
        parts.push(await openGraph(join(folder, String(k))));
      }
      checkParts(graph, parts);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('parts that need each other are refused, and so are other questions without an answer', async () => {
    const graph = await whole();
    expect(() => splitGraph(graph, { tasks: ['irs'] })).toThrow(/Did you mean "isr"/);
    const back = { tasks: ['isr | makeWarp'] };
    expect(() => splitGraph(graph, back)).toThrow(/need each other's results/);
    expect(() => splitGraph(graph, { by: ['visti'] })).toThrow(/no dimension "visti".*Did you mean "visit"/);
    expect(() => splitGraph(graph, {})).toThrow(/nothing says how/);
    expect(() => splitGraph(graph, { by: ['visit'], parts: 1.5 })).toThrow(/1\.5 is not a number of parts/);
    expect(() => splitGraph(graph, { parts: 1000 })).toThrow(/no dimension divides/);
  });
});

describe('another run', () => {
  test('all that the graph makes has new ids; what exists stays', async () => {
    const graph = await whole();
    const moved = updateRun(graph, 'out/2');
    expect(moved.id).not.toBe(graph.id);
    expect(moved.header).toMatchObject({ outputRun: 'out/2', inputs: graph.header.inputs });
    expect(quantaOf(moved)).toEqual(quantaOf(graph));
    for (let row = 0; row < graph.datasetCount; row++) {
      const [before, after] = [graph.dataset(row), moved.dataset(row)];
      if (before.files.length > 0 || graph.index.runs.includes(before.run)) expect(after).toEqual(before);
      else expect([after.id === before.id, after.run]).toEqual([false, 'out/2']);
    }
    expect(moved.quantumUuid(3)).not.toBe(graph.quantumUuid(3));
    expect(moved.quantumByUuid(graph.quantumUuid(3))).toBeUndefined();
    expect(() => updateRun(graph, 'out/1')).toThrow(/out\/1 already/);
  });
});
