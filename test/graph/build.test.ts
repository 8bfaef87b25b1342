// SPDX-License-Identifier: BSD-3-Clause
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { DataId } from '../../src/butler/index.ts';
import { buildGraph, type ColumnGraph, explainReport } from '../../src/graph/index.ts';
import type { TaskDefinition } from '../../src/pipeline/index.ts';
import { surveyTasks } from '../pipeline/tasks.ts';
import { type MemoryDataset, MemorySource, uuid } from './memory-source.ts';
import { bias, biases, raws, skyMap, surveyOptions, surveyPipeline, surveyRows, surveySource } from './survey.ts';

const [pipeline, source, all] = [surveyPipeline, surveySource, surveyOptions];
const rows = surveyRows(4, 3);
const counts = (graph: ColumnGraph) => Object.fromEntries(graph.tasks.map((task) => [task.label, task.quantumCount]));
const inputsOf = (graph: ColumnGraph, quantum: number, connection: string) => {
  const names = graph.tasks[graph.taskOf(quantum)].inputNames;
  const found = [];
  for (let i = graph.inputOffsets[quantum]; i < graph.inputOffsets[quantum + 1]; i++) {
    if (names[graph.inputConnections[i]] === connection) found.push(graph.dataset(graph.inputDatasets[i]));
  }
  return found;
};
const quantumAt = (graph: ColumnGraph, label: string, dataId: DataId): number => {
  const task = graph.tasks.find((one) => one.label === label)!;
  for (let q = task.firstQuantum; q < task.firstQuantum + task.quantumCount; q++) {
    const own = graph.quantumDataId(q);
    if (Object.entries(dataId).every(([name, value]) => own[name] === value)) return q;
  }
  throw new Error(`no ${label} quantum at ${JSON.stringify(dataId)}`);
};

describe('a graph from raws to coadds', () => {
  test('quanta, edges, prerequisites, init datasets and ids', async () => {
    const memory = source([...raws(), ...biases(), skyMap()]);
    const { graph, report } = await buildGraph(await pipeline(), memory, all);
    expect(counts(graph)).toEqual({ isr: 12, calibrate: 12, makeWarp: 16, assemble: 8 });
    const warp = quantumAt(graph, 'makeWarp', { visit: 2, patch: 1 });
    expect(graph.quantumDataId(warp)).toMatchObject({ skymap: 'sky', tract: 7, patch: 1, visit: 2, band: 'r' });
    expect(inputsOf(graph, warp, 'images').map((one) => one.dataId.detector)).toEqual([0, 1]);
    expect(inputsOf(graph, warp, 'skyMap')).toHaveLength(1);
    const coadd = quantumAt(graph, 'assemble', { band: 'g', patch: 3 });
    expect(inputsOf(graph, coadd, 'warps').map((one) => one.dataId.visit)).toEqual([1, 3]);
    const { offsets, quanta } = graph.dependencies();
    expect([...quanta.subarray(offsets[coadd], offsets[coadd + 1])].map((q) => graph.quantumDataId(q).visit)).toEqual([
      1, 3,
    ]);
    const down = graph.dependents();
    const isr = quantumAt(graph, 'isr', { exposure: 2, detector: 0 });
    expect([...down.quanta.subarray(down.offsets[isr], down.offsets[isr + 1])]).toEqual([
      quantumAt(graph, 'calibrate', { visit: 2, detector: 0 }),
    ]);

    // ids both ways, outputs predicted in the run, inputs with their files
    expect(graph.quantumByUuid(graph.quantumUuid(warp))).toBe(warp);
    const output = graph.dataset(graph.outputDatasets[graph.outputOffsets[warp]]);
    expect(output).toMatchObject({ run: 'out/1', producer: warp, files: [] });
    expect(graph.datasetByUuid(output.id)).toBe(output.row);
    const [raw] = inputsOf(graph, isr, 'raw');
    expect(raw).toMatchObject({ run: 'raws', producer: undefined, dataId: { exposure: 2, detector: 0 } });
    expect(raw.files[0].path).toBe(`files/${raw.id}.fits`);
    expect(graph.datasetByUuid(raw.id)).toBe(raw.row);
    expect(graph.quantumRecords(isr).detector).toMatchObject({ full_name: 'D0' });
    expect(graph.datasetRecords(raw.row).exposure).toMatchObject({ obs_id: 'obs2' });

    // init: calibrate writes a schema that makeWarp reads
    const [calibrate, makeWarp] = [graph.tasks[1], graph.tasks[2]];
    expect(makeWarp.initInputs.schema).toBe(calibrate.initOutputs.schema);
    expect(graph.dataset(calibrate.initOutputs.schema)).toMatchObject({ datasetType: 'src_schema', dataId: {} });
    expect(graph.datasetTypes.find((type) => type.name === 'packages')?.datasetCount).toBe(1);
    expect(report.pruned).toEqual([]);
  });

  test('calibrations by validity at the time of the exposure', async () => {
    const datasets = [...raws(), ...biases(), skyMap()];
    const { graph } = await buildGraph(await pipeline(), source(datasets), all);
    for (const exposure of [1, 2, 3, 4]) {
      const [found, ...more] = inputsOf(graph, quantumAt(graph, 'isr', { exposure, detector: 1 }), 'bias');
      expect(more).toEqual([]);
      const expected = datasets.filter((one) => one.type === 'bias' && one.dataId.detector === 1)[exposure < 3 ? 0 : 1];
      expect(found.id).toBe(expected.id);
    }
  });

  test('two valid calibrations are an error; the first collection in the search order wins', async () => {
    const twice = [...raws(), ...biases(), bias(1, 2, 4), skyMap()];
    await expect(buildGraph(await pipeline(), source(twice), all)).rejects.toMatchObject({
      code: 'GRAPH_AMBIGUOUS_CALIBRATION',
    });
    const better = bias(1, 0, 9, 'better');
    const inputs = ['raws', 'better', 'calib', 'skymaps'];
    const { graph } = await buildGraph(await pipeline(), source([...raws(), ...biases(), better, skyMap()]), {
      ...all,
      inputs,
    });
    expect(inputsOf(graph, quantumAt(graph, 'isr', { exposure: 4, detector: 1 }), 'bias')[0].id).toBe(better.id);
  });

  test('calibrations by implied values, and by the times of the inputs for a task without time', async () => {
    const flats = ['g-1', 'r-1'].flatMap((physical_filter) =>
      [0, 1, 2].map((detector) => ({
        ...bias(detector, 0, 99),
        type: 'flat',
        dataId: { instrument: 'Cam', detector, physical_filter },
      })),
    );
    const flat = {
      kind: 'prerequisite' as const,
      datasetType: 'flat',
      dimensions: ['detector', 'physical_filter'],
      storage: 'E',
      isCalibration: true,
    };
    const { isr } = surveyTasks;
    const flatIsr: TaskDefinition = { ...isr, connections: { ...isr.connections, flat } };
    const combine: TaskDefinition = {
      name: 'combine',
      dimensions: ['instrument', 'detector'],
      connections: {
        raws: {
          kind: 'input',
          datasetType: 'raw',
          dimensions: ['exposure', 'detector'],
          storage: 'Exposure',
          multiple: true,
        },
        bias: isr.connections.bias,
        dark: {
          kind: 'output',
          datasetType: 'dark',
          dimensions: ['detector'],
          storage: 'Exposure',
          isCalibration: true,
        },
      },
      config: z.object({}),
      run: () => ({}),
    };
    const datasets = [...raws(), ...biases(), ...flats];
    const early = source(datasets, (row) => (row.exposure as number) < 3);
    const { graph } = await buildGraph(await pipeline({ flatIsr, combine }), early, all);
    const found = inputsOf(graph, quantumAt(graph, 'flatIsr', { exposure: 2, detector: 1 }), 'flat');
    expect(found.map((one) => one.dataId)).toEqual([expect.objectContaining({ detector: 1, physical_filter: 'r-1' })]);
    const first = datasets.find((one) => one.type === 'bias' && one.dataId.detector === 2);
    expect(inputsOf(graph, quantumAt(graph, 'combine', { detector: 2 }), 'bias').map((one) => one.id)).toEqual([
      first?.id,
    ]);
    // exposures of both ranges: no one bias holds for all of them
    await expect(buildGraph(await pipeline({ combine }), source(datasets), all)).rejects.toMatchObject({
      code: 'GRAPH_AMBIGUOUS_CALIBRATION',
    });
  });

  test('questions do not grow with quanta', async () => {
    const whole = source([...raws(), ...biases(), skyMap()]);
    const part = source([...raws(), ...biases(), skyMap()], (row) => row.visit === 1 && row.detector === 0);
    const { report } = await buildGraph(await pipeline(), whole, all);
    const small = await buildGraph(await pipeline(), part, all);
    expect(small.graph.quantumCount).toBeLessThan(8);
    expect(whole.questions).toEqual(part.questions);
    // one for data IDs, one a dataset type looked up, one a dimension, one for files
    expect(report.questions).toBe(whole.questions.length);
    expect(report.questions).toBeLessThanOrEqual(20);
  });
});

describe('what is missing is left out with its reason', () => {
  test('a detector without bias loses its chain, and only that', async () => {
    const { graph, report } = await buildGraph(
      await pipeline(),
      source([...raws(), ...biases().filter((one) => one.dataId.detector !== 0), skyMap()]),
      all,
    );
    expect(counts(graph)).toEqual({ isr: 8, calibrate: 8, makeWarp: 12, assemble: 6 });
    expect(
      report.pruned.map(({ label, connection, constraint, count }) => ({ label, connection, constraint, count })),
    ).toEqual([
      { label: 'isr', connection: 'bias', constraint: 'missingPrerequisite', count: 4 },
      { label: 'calibrate', connection: 'exposures', constraint: 'upstreamPruned', count: 4 },
      { label: 'makeWarp', connection: 'images', constraint: 'upstreamPruned', count: 4 },
      { label: 'assemble', connection: 'warps', constraint: 'upstreamPruned', count: 2 },
    ]);
    const patch1 = quantumAt(graph, 'makeWarp', { visit: 2, patch: 1 });
    expect(inputsOf(graph, patch1, 'images').map((one) => one.dataId.detector)).toEqual([1]);
    expect(explainReport(report)[0]).toContain('isr: 4 of 12 quanta left out because bias (bias) was not found');
  });

  test('missing prerequisites fail the build when asked', async () => {
    const built = buildGraph(await pipeline(), source([...raws(), skyMap()]), { ...all, missingPrerequisites: 'fail' });
    await expect(built).rejects.toMatchObject({ code: 'GRAPH_PREREQUISITE_MISSING', params: { count: 12 } });
  });

  test('an empty graph explains itself', async () => {
    await expect(buildGraph(await pipeline(), source([...raws(), skyMap()]), all)).rejects.toMatchObject({
      code: 'GRAPH_EMPTY',
      message: expect.stringContaining('isr: 12 of 12 quanta left out because bias'),
    });
    const nothing = source([...raws(), ...biases(), skyMap()], () => false);
    await expect(buildGraph(await pipeline(), nothing, all)).rejects.toThrow(
      /No data IDs for isr, calibrate.*nothing matches/,
    );
  });

  const variant = (task: string, change: Partial<TaskDefinition>) => ({
    ...surveyTasks,
    [task]: { ...surveyTasks[task], ...change } as TaskDefinition,
  });

  test('optional inputs and minimum', async () => {
    const bias0 = variant('isr', {
      connections: { ...surveyTasks.isr.connections, bias: { ...surveyTasks.isr.connections.bias, minimum: 0 } },
    });
    const { graph } = await buildGraph(await pipeline(bias0), source([...raws(), skyMap()]), all);
    expect(counts(graph).isr).toBe(12);
    const two = variant('makeWarp', {
      connections: {
        ...surveyTasks.makeWarp.connections,
        images: { ...surveyTasks.makeWarp.connections.images, minimum: 2 },
      },
    });
    const built = await buildGraph(await pipeline(two), source([...raws(), ...biases(), skyMap()]), all);
    expect(counts(built.graph)).toMatchObject({ makeWarp: 8, assemble: 4 }); // patches 1 and 2 have two detectors
  });

  test('adjust drops inputs and declares no work', async () => {
    const tasks = variant('makeWarp', {
      adjust: ({ dataId, inputs }) => {
        if (dataId.visit === 4) return { noWork: 'bad seeing' };
        return { inputs: { images: inputs.images.filter((image) => image.dataId.detector !== 2) } };
      },
    });
    const { graph, report } = await buildGraph(await pipeline(tasks), source([...raws(), ...biases(), skyMap()]), all);
    expect(counts(graph)).toEqual({ isr: 12, calibrate: 12, makeWarp: 9, assemble: 6 });
    expect(
      inputsOf(graph, quantumAt(graph, 'makeWarp', { visit: 1, patch: 2 }), 'images').map((one) => one.dataId.detector),
    ).toEqual([1]);
    expect(report.pruned).toContainEqual(
      expect.objectContaining({ constraint: 'noWork', message: 'bad seeing', count: 4 }),
    );
  });

  test('quanta that would write one dataset are an error', async () => {
    const tasks = variant('calibrate', {
      connections: {
        ...surveyTasks.calibrate.connections,
        summary: { kind: 'output', datasetType: 'sum', dimensions: ['visit'], storage: 'T' },
      },
    });
    const built = buildGraph(await pipeline(tasks), source([...raws(), ...biases(), skyMap()]), all);
    await expect(built).rejects.toMatchObject({
      code: 'GRAPH_SHARED_OUTPUT',
      message: expect.stringContaining('detector: 1'),
    });
  });

  test('a missing init input is named', async () => {
    const { makeWarp } = surveyTasks;
    const calexps = rows.map(({ instrument, visit, detector }) => ({
      id: uuid(),
      type: 'calexp',
      dataId: { instrument, visit, detector },
      collection: 'raws',
    }));
    const built = buildGraph(await pipeline({ makeWarp }), source([...calexps, skyMap()]), all);
    await expect(built).rejects.toMatchObject({
      code: 'GRAPH_INIT_INPUT_MISSING',
      params: { datasetType: 'src_schema' },
    });
  });
});

describe('resuming', () => {
  test('quanta with metadata in the run are skipped, and their results are inputs', async () => {
    const done = (
      visit: number,
      detector: number,
      types = ['postISRCCD', 'isr_metadata', 'isr_log'],
    ): MemoryDataset[] =>
      types.map((type) => ({
        id: uuid(),
        type,
        dataId: { instrument: 'Cam', exposure: visit, detector },
        collection: 'out/1',
      }));
    const partial = done(1, 2, ['postISRCCD']);
    const memory = source([
      ...raws(),
      ...biases(),
      skyMap(),
      ...done(1, 0),
      ...done(1, 1, ['isr_metadata']),
      ...partial,
    ]);
    const { graph, report } = await buildGraph(await pipeline(), memory, {
      ...all,
      skipExistingIn: ['out/1'],
      clobberOutputs: true,
    });
    expect(report.tasks[0]).toEqual({ label: 'isr', candidates: 12, skipped: 2, pruned: 0, quanta: 10 });
    const after = quantumAt(graph, 'calibrate', { visit: 1, detector: 0 });
    expect(inputsOf(graph, after, 'exposures')).toMatchObject([{ run: 'out/1', producer: undefined }]);
    expect(inputsOf(graph, after, 'exposures')[0].files).toHaveLength(1);
    // (1, 1) ended without its image: what needs it cannot run
    expect(() => quantumAt(graph, 'calibrate', { visit: 1, detector: 1 })).toThrow();
    // (1, 2) was cut off: it runs again and keeps the id that is registered
    const again = quantumAt(graph, 'isr', { exposure: 1, detector: 2 });
    const output = graph.dataset(graph.outputDatasets[graph.outputOffsets[again]]);
    expect(output).toMatchObject({ id: partial[0].id, producer: again, run: 'out/1', files: [] });
  });

  test('nothing left is said so', async () => {
    const { isr } = surveyTasks;
    const done = raws().flatMap(({ dataId }) =>
      ['postISRCCD', 'isr_metadata', 'isr_log'].map((type) => ({ id: uuid(), type, dataId, collection: 'out/1' })),
    );
    const built = buildGraph(await pipeline({ isr }), source([...raws(), ...biases(), ...done]), {
      ...all,
      skipExistingIn: ['out/1'],
    });
    await expect(built).rejects.toMatchObject({ code: 'GRAPH_NOTHING_LEFT', params: { skipped: '12' } });
  });
});

test('sky pixels of a reference catalogue by overlap', async () => {
  const withPixels = rows.map((row) => ({ ...row, htm7: 1000 + (row.patch as number) }));
  const refs = [1000, 1001, 1002].map((htm7) => ({
    id: uuid(),
    type: 'stars',
    dataId: { htm7 },
    collection: 'refcats',
  }));
  const task: TaskDefinition = {
    name: 'match',
    dimensions: ['visit', 'detector'],
    connections: {
      raw: { kind: 'input', datasetType: 'raw', dimensions: ['exposure', 'detector'], storage: 'E', multiple: true },
      stars: { kind: 'prerequisite', datasetType: 'stars', dimensions: ['htm7'], storage: 'T', multiple: true },
    },
    config: z.object({}),
    run: () => ({}),
  };
  const memory = new MemorySource(withPixels, [...raws(), ...refs]);
  const { graph, report } = await buildGraph(await pipeline({ match: task }), memory, {
    inputs: ['raws', 'refcats'],
    outputRun: 'o',
  });
  expect(graph.quantumCount).toBe(12);
  const stars = (detector: number) =>
    inputsOf(graph, quantumAt(graph, 'match', { visit: 3, detector }), 'stars').map((one) => one.dataId.htm7);
  expect([stars(0), stars(1), stars(2)]).toEqual([[1000, 1001], [1001, 1002], [1002]]);
  expect(report.pruned).toEqual([]);
});
