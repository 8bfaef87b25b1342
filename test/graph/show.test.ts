// SPDX-License-Identifier: BSD-3-Clause
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  buildGraph,
  countsBy,
  doneIn,
  findQuanta,
  graphDot,
  graphInputs,
  graphMermaid,
  graphSummary,
  graphSvg,
  graphText,
  neighbourhood,
  openGraph,
  quantumText,
  rescuePlan,
  writeGraph,
} from '../../src/graph/index.ts';
import { pipelineMermaid, pipelineText, taskText } from '../../src/pipeline/index.ts';
import { MemorySource, uuid } from './memory-source.ts';
import { biases, raws, skyMap, surveyOptions, surveyPipeline, surveySource } from './survey.ts';

const built = async () =>
  buildGraph(
    await surveyPipeline(),
    surveySource([...raws(), ...biases().filter((one) => one.dataId.detector !== 0), skyMap()]),
    surveyOptions,
  );

test('the task graph with counts, and why quanta were left out', async () => {
  const { graph } = await built();
  const text = graphText(graph).split('\n');
  expect(text.slice(4, 8)).toMatchInlineSnapshot(`
    [
      "●        isr {instrument, exposure, detector}     raw, bias -> postISRCCD  [8 quanta, 4 left out]",
      "╰─●      calibrate {instrument, visit, detector}  postISRCCD -> src_schema, calexp  [8 quanta, 4 left out]",
      "  ╰─●    makeWarp {tract, patch, visit}           calexp, skyMap, src_schema -> deepCoadd_warp  [12 quanta, 4 left out]",
      "    ╰─●  assemble {tract, patch, band}            deepCoadd_warp -> deepCoadd  [6 quanta, 2 left out]",
    ]
  `);
  expect(text.at(-5)).toContain('left out:');
  expect(text.at(-4)).toContain('isr: 4 of 12 quanta left out because bias (bias) was not found');
  expect(graphSummary(graph)).toMatchObject({ quanta: 34, tasks: [{ label: 'isr', quanta: 8 }, {}, {}, {}] });
  const mermaid = graphMermaid(graph);
  expect(mermaid).toMatch(/^flowchart TD\n/);
  expect(mermaid).toContain('8 quanta');
  expect(mermaid).not.toContain('_log');
});

test('a quantum with its neighbourhood', async () => {
  const { graph } = await built();
  const text = quantumText(graph, graph.tasks[3].firstQuantum);
  expect(text).toContain('warps: deepCoadd_warp');
  expect(text).toMatch(/waits for:\n {2}makeWarp \(.*visit=1/);
  expect(text).toMatch(/is waited for by:\n {2}nothing/);
  expect(quantumText(graph, graph.quantumUuid(3))).toBe(quantumText(graph, '3'));
  expect(() => quantumText(graph, '99999')).toThrow(/no quantum 99999/);
});

test('a pipeline and a task for the terminal', async () => {
  const pipeline = await surveyPipeline();
  expect(pipelineText(pipeline)).toMatchInlineSnapshot(`
    "a survey

    ●        isr {instrument, exposure, detector}     raw, bias -> postISRCCD
    ╰─●      calibrate {instrument, visit, detector}  postISRCCD -> src_schema, calexp
      ╰─●    makeWarp {tract, patch, visit}           calexp, skyMap, src_schema -> deepCoadd_warp
        ╰─●  assemble {tract, patch, band}            deepCoadd_warp -> deepCoadd

    from the repository:
      raw {exposure, detector} for isr
      bias {detector} (prerequisite, by validity) for isr
      skyMap {skymap} (prerequisite) for makeWarp"
  `);
  expect(taskText(pipeline, 'isr')).toMatchInlineSnapshot(`
    "isr: isr {instrument, exposure, detector}

    connections:
      raw: input raw {exposure, detector} Exposure
      bias: prerequisite bias {detector} ExposureF, calibration
      exposure: output postISRCCD {exposure, detector} Exposure
      _config: initOutput isr_config {} Config
          The configuration that ran.
      _metadata: output isr_metadata {instrument, exposure, detector} TaskMetadata
          Metrics and resource use of the quantum.
      _log: output isr_log {instrument, exposure, detector} ButlerLogRecords
          Log of the quantum.

    config:
      doBias = true  (boolean, default true)
          subtract the bias
      saturation = 65000  (number (> 0), default 65000)
          saturation level in ADU
      overscan.order = 1  (integer (>= 0), default 1)
          polynomial order
      overscan.method = "median"  ("median" | "mean", default "median")"
  `);
  expect(() => taskText(pipeline, 'irs')).toThrow(/Did you mean "isr"/);
  expect(pipelineMermaid(pipeline)).toMatchInlineSnapshot(`
    "flowchart TD
      t0["<b>isr</b><br/>instrument, exposure, detector"]:::task
      t1["<b>calibrate</b><br/>instrument, visit, detector"]:::task
      t2["<b>makeWarp</b><br/>tract, patch, visit"]:::task
      t3["<b>assemble</b><br/>tract, patch, band"]:::task
      d4("raw<br/>exposure, detector")
      d4 --> t0
      d5("bias<br/>detector")
      d5 -.-> t0
      d6("postISRCCD<br/>exposure, detector")
      t0 --> d6
      d6 --> t1
      d7("src_schema")
      t1 --> d7
      d8("calexp<br/>visit, detector")
      t1 --> d8
      d8 --> t2
      d9("skyMap<br/>skymap")
      d9 -.-> t2
      d7 --> t2
      d10("deepCoadd_warp<br/>tract, patch, visit")
      t2 --> d10
      d10 --> t3
      d11("deepCoadd<br/>tract, patch, band")
      t3 --> d11
      classDef task fill:#eef,stroke:#336,stroke-width:2px"
  `);
});

const whole = async () =>
  (await buildGraph(await surveyPipeline(), surveySource([...raws(), ...biases(), skyMap()]), surveyOptions)).graph;

test('counts of a file need its index only', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'show-'));
  try {
    const graph = await whole();
    await writeGraph(graph, join(folder, 'graph'));
    const opened = await openGraph(join(folder, 'graph'));
    const forbidden = (): never => {
      throw new Error('a column was read');
    };
    Object.assign(opened.parts, { column: forbidden, at: forbidden, bytes: forbidden, values: forbidden });
    const { inputEdges, outputEdges, tasks, dimensions } = graphSummary(opened);
    expect([inputEdges, outputEdges]).toEqual([graph.inputDatasets.length, graph.outputDatasets.length]);
    expect(tasks[2].inputs).toEqual([
      { connection: 'images', datasetType: 'calexp', edges: 24 },
      { connection: 'skyMap', datasetType: 'skyMap', edges: 16 },
    ]);
    expect(dimensions.reduce((sum, one) => sum + one.quanta, 0)).toBe(graph.quantumCount);
    expect(graphText(opened)).toContain(`${graph.quantumCount} quanta`);
    expect(graphSvg(opened)).toContain('<svg');
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('quanta by the values of dimensions', async () => {
  const graph = await whole();
  expect(countsBy(graph, ['band'])).toEqual({
    dimensions: ['band'],
    labels: ['isr', 'calibrate', 'makeWarp', 'assemble'].filter((label) =>
      graph.index.relations[
        graph.index.tasks[graph.tasks.findIndex((task) => task.label === label)].relation
      ].names.includes('band'),
    ),
    rows: ['g', 'r'].map((band) => ({ values: [band], quanta: expect.arrayContaining([4]) })),
  });
  const { labels, rows } = countsBy(graph, ['visit', 'patch']);
  expect(labels).toEqual(['makeWarp']);
  expect(rows.map(({ values }) => values.join('/')).slice(0, 5)).toEqual(['1/0', '1/1', '1/2', '1/3', '2/0']);
  expect(() => countsBy(graph, ['pach'])).toThrow(/no dimension "pach".*Did you mean "patch"/);
});

test('quanta are found by row, id, and values; neighbours are those of the edges', async () => {
  const graph = await whole();
  expect(findQuanta(graph, '5')).toEqual([5]);
  expect(findQuanta(graph, 'isr exposure=2, detector=1').map((quantum) => graph.quantumDataId(quantum))).toMatchObject([
    { exposure: 2, detector: 1 },
  ]);
  expect(findQuanta(graph, 'isr exposure=99')).toEqual([]);
  const output = graph.quantumOutputs(7)[0].dataset;
  expect(findQuanta(graph, graph.dataset(output).id)).toEqual([7]);
  expect(() => findQuanta(graph, 'irs exposure=2')).toThrow(/Did you mean "isr"/);
  expect(() => findQuanta(graph, 'isr patch=2')).toThrow(/Quanta of "isr" have no "patch"/);
  const { offsets, quanta } = graph.dependents();
  for (let quantum = 0; quantum < graph.quantumCount; quantum++) {
    const around = neighbourhood(graph, quantum);
    expect(around.waitedForBy.map((other) => other.quantum)).toEqual([
      ...quanta.subarray(offsets[quantum], offsets[quantum + 1]),
    ]);
    expect(around.reads.map(({ row }) => row)).toEqual(graph.quantumInputs(quantum).map(({ dataset }) => dataset));
  }
});

test('inputs by dataset type and run', async () => {
  const inputs = graphInputs(await whole());
  expect(inputs.map(({ datasetType, datasets, runs }) => [datasetType, datasets, runs.length])).toEqual([
    ['raw', 12, 1],
    ['bias', 6, 1],
    ['skyMap', 1, 1],
  ]);
  expect(inputs[0].readBy).toEqual([{ label: 'isr', connection: 'raw' }]);
});

test('pictures: each task and dataset type once, boxes of a layer do not overlap', async () => {
  const graph = await whole();
  const svg = graphSvg(graph);
  for (const name of ['isr', 'calibrate', 'makeWarp', 'assemble', 'raw', 'postISRCCD', 'deepCoadd', 'src_schema'])
    expect(svg.split(`>${name}</text>`).length, name).toBe(2);
  expect(svg).toContain('12 quanta');
  expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  const boxes = [
    ...svg.matchAll(/<g class="[^"]+"><rect x="([-\d.]+)" y="([-\d.]+)" width="(\d+)" height="(\d+)"/g),
  ].map((found) => found.slice(1).map(Number));
  expect(boxes.length).toBe(12);
  for (const [i, [x, y, w, h]] of boxes.entries())
    for (const [x2, y2, w2, h2] of boxes.slice(i + 1))
      expect(x + w <= x2 || x2 + w2 <= x || y + h <= y2 || y2 + h2 <= y).toBe(true);
  const dot = graphDot(graph);
  expect(dot).toContain('"t:isr" -> "d:postISRCCD";');
  expect(dot).toContain('"d:bias" -> "t:isr" [style=dashed];');
});

test('what is left to do', async () => {
  const graph = await whole();
  const plan = rescuePlan(graph, (quantum) => (quantum < 10 ? 'done' : quantum === 10 ? 'failed' : 'not started'));
  expect(plan).toMatchObject({ done: 10, left: graph.quantumCount - 10 });
  expect(plan.tasks[0]).toMatchObject({ done: 10, left: 2, why: { failed: 1, 'not started': 1 }, examples: [10, 11] });
  const { firstDataset } = graph.datasetTypes.find(({ name }) => name === 'isr_metadata') as { firstDataset: number };
  const ended = [0, 4, 5].map((k) => graph.dataset(firstDataset + k));
  const source = new MemorySource(
    [],
    ended.map(({ datasetType: type, dataId }) => ({ id: uuid(), type, dataId, collection: 'out/1' })),
  );
  const done = await doneIn(graph, source, ['out/1']);
  expect([...done.keys()].filter((quantum) => done[quantum] === 1)).toEqual(ended.map(({ producer }) => producer));
});
