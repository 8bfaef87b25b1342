// SPDX-License-Identifier: BSD-3-Clause
import { expect, test } from 'vitest';
import { buildGraph, graphMermaid, graphSummary, graphText, quantumText } from '../../src/graph/index.ts';
import { pipelineMermaid, pipelineText, taskText } from '../../src/pipeline/index.ts';
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
