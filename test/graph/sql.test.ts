// SPDX-License-Identifier: BSD-3-Clause
import { beforeAll, expect, test } from 'vitest';
import { buildGraph, type ColumnGraph, describeTables, queryGraph } from '../../src/graph/index.ts';
import { biases, raws, skyMap, surveyOptions, surveyPipeline, surveySource } from './survey.ts';

let graph: ColumnGraph;
beforeAll(async () => {
  const source = surveySource([...raws(), ...biases(), skyMap()]);
  graph = (await buildGraph(await surveyPipeline(), source, surveyOptions)).graph;
});
const ask = async (sql: string, ...parameters: (string | number)[]) => [
  ...(await queryGraph(graph, sql, parameters)).rows,
];

test('counts and groups', async () => {
  expect(await ask('select count(*) from quanta')).toEqual([[graph.quantumCount]]);
  expect(await ask('select label, count(*) from quanta group by label order by label')).toEqual(
    graph.tasks.map((task) => [task.label, task.quantumCount]).sort(),
  );
  expect(await ask("select band, count(*) from quanta where label = 'assemble' group by band")).toEqual([
    ['g', 4],
    ['r', 4],
  ]);
  expect(await ask('select label, quanta from tasks')).toEqual(
    graph.tasks.map((task) => [task.label, task.quantumCount]),
  );
  expect(await ask('select sum(datasets) from dataset_types')).toEqual([[graph.datasetCount]]);
});

test('every quantum, dataset and edge is as the graph says', async () => {
  const rows = await ask('select row, uuid, label, detector, visit, exposure from quanta order by row');
  expect(rows.length).toBe(graph.quantumCount);
  for (const [row, uuid, label, detector, visit, exposure] of rows) {
    const quantum = row as number;
    expect([uuid, label]).toEqual([graph.quantumUuid(quantum), graph.tasks[graph.taskOf(quantum)].label]);
    const dataId = graph.quantumDataId(quantum);
    expect([detector, visit, exposure]).toEqual([
      dataId.detector ?? null,
      dataId.visit ?? null,
      dataId.exposure ?? null,
    ]);
  }
  for (const row of await ask('select row, uuid, type, run, exists_already, producer, path from datasets')) {
    const dataset = graph.dataset(row[0] as number);
    const { id, datasetType, run, producer, files } = dataset;
    const exists = run === surveyOptions.outputRun ? 0 : 1;
    expect(row.slice(1)).toEqual([id, datasetType, run, exists, producer ?? null, files[0]?.path ?? null]);
  }
  const edges = await ask("select quantum, dataset, connection from edges where direction = 'input' order by 1, 2, 3");
  const expected = Array.from({ length: graph.quantumCount }, (_, q) =>
    graph
      .quantumInputs(q)
      .map(({ dataset, connection }) => [q, dataset, graph.tasks[graph.taskOf(q)].inputNames[connection]]),
  ).flat();
  expect(edges).toEqual(
    expected.sort((a, b) => (a[0] as number) - (b[0] as number) || (a[1] as number) - (b[1] as number)),
  );
});

test('arguments of tables narrow down what is made; joins go through them', async () => {
  expect(await ask("select count(*) from quanta('isr')")).toEqual([[12]]);
  expect(await ask('select label, detector from quanta where at = ?', 3)).toEqual([
    ['isr', graph.quantumDataId(3).detector],
  ]);
  expect(await ask("select count(*) from datasets where of_type = 'calexp'")).toEqual([[12]]);
  const sql = `select q.row, count(*) from quanta('makeWarp') q join edges e on e.of_quantum = q.row
    where e.direction = 'input' and e.connection = 'images' group by q.row`;
  const counts = await ask(sql);
  const { firstQuantum, quantumCount } = graph.tasks[2];
  expect(counts.length).toBe(quantumCount);
  for (const [row, count] of counts)
    expect(count).toBe(graph.quantumInputs(row as number).filter(({ connection }) => connection === 0).length);
  expect(counts[0][0]).toBe(firstQuantum);
  const all = (await queryGraph(graph, 'select * from edges limit 1')).columns;
  expect(all).toEqual(['quantum', 'dataset', 'direction', 'connection']);
});

test('what cannot be answered says why', async () => {
  await expect(ask('select detektor from quanta')).rejects.toThrow(/no such column: detektor.*Did you mean "detector"/);
  await expect(ask('select * from quantum')).rejects.toThrow(/no such table: quantum.*Did you mean "quanta"/);
  await expect(ask('select frm')).rejects.toThrow(/no such column/);
  await expect(ask('selct 1')).rejects.toThrow(/syntax error/);
  await expect(ask('create table t (a)')).rejects.toThrow(/only reads/);
  await expect(ask('delete from quanta')).rejects.toMatchObject({ code: 'GRAPH_SQL' });
  expect(describeTables(graph).map(({ name }) => name)).toEqual([
    'tasks',
    'dataset_types',
    'quanta',
    'datasets',
    'edges',
  ]);
});
