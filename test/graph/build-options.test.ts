// SPDX-License-Identifier: BSD-3-Clause
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { DataId } from '../../src/butler/index.ts';
import { buildGraph, type ColumnGraph, explainReport } from '../../src/graph/index.ts';
import type { TaskDefinition } from '../../src/pipeline/index.ts';
import { surveyTasks } from '../pipeline/tasks.ts';
import { type MemoryDataset, MemorySource, uuid } from './memory-source.ts';
import { bias, biases, raws, skyMap, surveyOptions, surveyPipeline, surveyRows, surveySource } from './survey.ts';

const counts = (graph: ColumnGraph) => Object.fromEntries(graph.tasks.map((task) => [task.label, task.quantumCount]));
const inputsOf = (graph: ColumnGraph, quantum: number, connection: string) => {
  const names = graph.tasks[graph.taskOf(quantum)].inputNames;
  return graph
    .quantumInputs(quantum)
    .filter((one) => names[one.connection] === connection)
    .map((one) => graph.dataset(one.dataset));
};
const quantaOf = (graph: ColumnGraph, label: string): DataId[] => {
  const task = graph.tasks.find((one) => one.label === label)!;
  return Array.from({ length: task.quantumCount }, (_, i) => graph.quantumDataId(task.firstQuantum + i));
};
const everything = () => [...raws(), ...biases(), skyMap()];
/** Results of isr for one exposure and detector in a run. */
const results = (
  exposure: number,
  detector: number,
  collection: string,
  types = ['postISRCCD', 'isr_metadata', 'isr_log'],
): MemoryDataset[] =>
  types.map((type) => ({ id: uuid(), type, dataId: { instrument: 'Cam', exposure, detector }, collection }));

describe('skipping', () => {
  test('each skipped quantum is counted under the run that holds its metadata', async () => {
    const source = surveySource([...everything(), ...results(1, 0, 'a'), ...results(1, 1, 'b'), ...results(2, 0, 'b')]);
    const { graph, report } = await buildGraph(await surveyPipeline(), source, {
      ...surveyOptions,
      skipExistingIn: ['a', 'b'],
    });
    expect(counts(graph).isr).toBe(9);
    expect(report.skipped).toMatchObject([
      { label: 'isr', run: 'a', count: 1, examples: [{ exposure: 1, detector: 0 }] },
      { label: 'isr', run: 'b', count: 2 },
    ]);
    expect(explainReport(report).join(' ')).toContain('their metadata is in b');
  });

  test('what another run left of a quantum that was cut off is not written over', async () => {
    const [image] = results(1, 2, 'prior', ['postISRCCD']);
    const source = surveySource([...everything(), image, ...results(1, 1, 'prior')]);
    const { graph } = await buildGraph(await surveyPipeline(), source, {
      ...surveyOptions,
      skipExistingIn: ['prior'],
    });
    const isr = graph.tasks[0];
    for (let q = isr.firstQuantum; q < isr.firstQuantum + isr.quantumCount; q++)
      for (const { dataset } of graph.quantumOutputs(q))
        expect(graph.dataset(dataset)).toMatchObject({ run: surveyOptions.outputRun, producer: q });
    expect(graph.datasetByUuid(image.id)).toBeUndefined();
  });

  test('retained types: from the end of the pipeline back to what is kept', async () => {
    const { isr, calibrate } = surveyTasks;
    const dataId = { instrument: 'Cam', visit: 1, detector: 0 };
    const done: MemoryDataset[] = [
      ...results(1, 0, 'prior', ['isr_metadata']),
      { id: uuid(), type: 'calibrate_metadata', dataId, collection: 'prior' },
      ...results(2, 0, 'prior', ['isr_metadata']),
    ];
    const built = async (retainedDatasetTypes: string[]) =>
      buildGraph(await surveyPipeline({ isr, calibrate }), surveySource([...everything(), ...done]), {
        ...surveyOptions,
        skipExistingIn: ['prior'],
        retainedDatasetTypes,
      });
    // calibrate of visit 2 needs postISRCCD, which is gone; visit 1 needs nothing any more
    const { graph, report } = await built(['*_metadata']);
    expect(counts(graph)).toEqual({ isr: 11, calibrate: 11 });
    expect(report.rerun).toMatchObject([{ label: 'isr', datasetType: 'postISRCCD', count: 1 }]);
    expect(report.skipped.map(({ label, count }) => [label, count])).toEqual([
      ['isr', 1],
      ['calibrate', 1],
    ]);
    // said to be kept, and yet gone: calibrate of visit 2 cannot run
    const kept = await built(['*']);
    expect(counts(kept.graph)).toEqual({ isr: 10, calibrate: 10 });
    expect(kept.report.pruned).toMatchObject([{ label: 'calibrate', constraint: 'notKept', count: 1 }]);
    const without = buildGraph(await surveyPipeline(), surveySource(everything()), {
      ...surveyOptions,
      retainedDatasetTypes: ['*'],
    });
    await expect(without).rejects.toMatchObject({ code: 'GRAPH_RETAINED_WITHOUT_SKIP' });
  });

  test('what stands in the output run is refused, or replaced under its id', async () => {
    const left = results(3, 1, 'out/1', ['postISRCCD']);
    const source = () => surveySource([...everything(), ...left]);
    await expect(buildGraph(await surveyPipeline(), source(), surveyOptions)).rejects.toMatchObject({
      code: 'GRAPH_OUTPUTS_EXIST',
      params: { label: 'isr', datasetType: 'postISRCCD', count: 1 },
    });
    const { graph } = await buildGraph(await surveyPipeline(), source(), { ...surveyOptions, clobberOutputs: true });
    expect(graph.dataset(graph.datasetByUuid(left[0].id)!)).toMatchObject({ files: [], producer: expect.any(Number) });
  });

  test('init outputs of tasks that are done come from where they were done', async () => {
    const { isr, calibrate, makeWarp } = surveyTasks;
    const done = surveyRows(4, 3).flatMap(({ instrument, visit, detector }) =>
      ['calexp', 'calibrate_metadata'].map((type) => ({
        id: uuid(),
        type,
        dataId: { instrument, visit, detector },
        collection: 'prior',
      })),
    );
    const schema = { id: uuid(), type: 'src_schema', dataId: {}, collection: 'prior' };
    const tasks = { isr, calibrate, makeWarp };
    const options = { ...surveyOptions, skipExistingIn: ['prior'] };
    const { graph } = await buildGraph(
      await surveyPipeline(tasks),
      surveySource([...everything(), ...done, schema]),
      options,
    );
    expect(counts(graph)).toEqual({ isr: 12, calibrate: 0, makeWarp: 16 });
    expect(graph.dataset(graph.tasks[2].initInputs.schema)).toMatchObject({ id: schema.id, run: 'prior' });
    expect(graph.tasks[1].initOutputs).toEqual({});
    const names = graph.datasetTypes.filter((type) => type.datasetCount > 0).map((type) => type.name);
    expect(names).not.toContain('calibrate_config');
    const missing = buildGraph(await surveyPipeline(tasks), surveySource([...everything(), ...done]), options);
    await expect(missing).rejects.toMatchObject({ code: 'GRAPH_INIT_INPUT_MISSING', params: { collections: 'prior' } });
  });
});

describe('which data IDs are considered', () => {
  test('inputs as constraint: all, none, or those named', async () => {
    const { isr } = surveyTasks;
    const some = raws().filter((one) => one.dataId.detector !== 2);
    const built = async (datasetConstraint: 'all' | 'off' | string[]) => {
      const { report } = await buildGraph(await surveyPipeline({ isr }), surveySource([...some, ...biases()]), {
        ...surveyOptions,
        datasetConstraint,
      });
      return report.tasks[0];
    };
    expect(await built('all')).toMatchObject({ candidates: 8, quanta: 8 });
    expect(await built('off')).toMatchObject({ candidates: 12, pruned: 4, quanta: 8 });
    expect(await built(['raw'])).toMatchObject({ candidates: 8, quanta: 8 });
    await expect(built(['rawr'])).rejects.toMatchObject({
      code: 'GRAPH_CONSTRAINT_UNKNOWN',
      message: expect.stringContaining('Did you mean "raw"'),
    });
  });

  test('what there is instead of an input that is missing is told', async () => {
    const { isr } = surveyTasks;
    const some = raws().filter((one) => one.dataId.detector !== 2);
    const { report } = await buildGraph(await surveyPipeline({ isr }), surveySource([...some, ...biases()]), {
      ...surveyOptions,
      datasetConstraint: 'off',
    });
    expect(report.pruned).toMatchObject([
      {
        constraint: 'missingInput',
        examples: [{ exposure: 1, detector: 2 }, { exposure: 2 }, { exposure: 3 }],
        nearest: { instrument: 'Cam', exposure: 4, detector: 1 },
      },
    ]);
    expect(explainReport(report).join(' ')).toMatch(/The nearest there is: \([^)]*detector=1[^)]*exposure=4/);
  });

  test('tables of data IDs, all of which must hold', async () => {
    const table = (columns: Record<string, (string | number)[]>) => ({
      rows: Object.values(columns)[0].length,
      dimensions: Object.keys(columns),
      columns,
    });
    const dataIdTables = [
      table({ instrument: ['Cam', 'Cam'], exposure: [1, 2] }),
      table({ instrument: ['Cam', 'Cam', 'Cam'], detector: [0, 2, 7] }),
    ];
    const { isr } = surveyTasks;
    const { graph } = await buildGraph(await surveyPipeline({ isr }), surveySource(everything()), {
      ...surveyOptions,
      dataIdTables,
    });
    expect(quantaOf(graph, 'isr').map(({ exposure, detector }) => [exposure, detector])).toEqual([
      [1, 0],
      [2, 0],
      [1, 2],
      [2, 2],
    ]);
  });

  test('too little memory is refused with the number that would do; what would do does', async () => {
    const build = async (memoryBytes: number) =>
      buildGraph(await surveyPipeline(), surveySource(everything()), { ...surveyOptions, memoryBytes });
    const refused = await build(1000).catch((error: Error) => error);
    expect(refused).toMatchObject({ code: 'GRAPH_MEMORY' });
    const [, enough] = /([\d.]+) GB would do/.exec((refused as Error).message) as RegExpExecArray;
    const { graph, report } = await build(Number(enough) * 1e9);
    expect(graph.quantumCount).toBeGreaterThan(0);
    expect(report.spilledBytes).toBe(0);
  });

  test('counts as one constraint is added after the other, when nothing is left or when asked', async () => {
    const explained = await buildGraph(await surveyPipeline(), surveySource(everything()), {
      ...surveyOptions,
      explain: true,
    });
    expect(explained.report.components[0].joins).toEqual([
      { what: 'without datasets', rows: 24 },
      { what: 'with raw in raws, calib, skymaps', rows: 24 },
    ]);
    const build = buildGraph(await surveyPipeline(), surveySource([...biases(), skyMap()]), surveyOptions);
    await expect(build).rejects.toThrow(/Data IDs left: 24 without datasets; 0 with raw/);
  });
});

describe('anchors', () => {
  test('quanta that lead to no quantum of the anchor go, with all that come after them', async () => {
    // The coadds of patch 3 come from detector 2 alone; without patches 0 to 2 only detector 2 leads to a coadd.
    const tasks: Record<string, TaskDefinition> = {
      ...surveyTasks,
      assemble: {
        ...surveyTasks.assemble,
        adjust: ({ dataId }) => (dataId.patch === 3 ? undefined : { noWork: 'no' }),
      },
    };
    const { graph, report } = await buildGraph(await surveyPipeline(tasks), surveySource(everything()), {
      ...surveyOptions,
      pruneUnanchored: { source: 'calibrate', anchor: 'assemble' },
    });
    expect(new Set(quantaOf(graph, 'calibrate').map(({ detector }) => detector))).toEqual(new Set([2]));
    // warps of patch 2 read detectors 1 and 2: detector 1 is gone, and they with it
    expect(new Set(quantaOf(graph, 'makeWarp').map(({ patch }) => patch))).toEqual(new Set([3]));
    expect(counts(graph)).toEqual({ isr: 12, calibrate: 4, makeWarp: 4, assemble: 2 });
    expect(
      report.pruned.filter((one) => one.constraint === 'unanchored').map(({ label, count }) => [label, count]),
    ).toEqual([
      ['calibrate', 8],
      ['makeWarp', 12],
    ]);
  });

  test('no anchor in the pipeline: nothing leads to it; no source: nothing to leave out', async () => {
    const { isr } = surveyTasks;
    const build = async (source: string, anchor: string) =>
      buildGraph(await surveyPipeline({ isr }), surveySource(everything()), {
        ...surveyOptions,
        allowEmpty: true,
        pruneUnanchored: { source, anchor },
      });
    expect((await build('isr', 'none')).graph.quantumCount).toBe(0);
    const kept = await build('none', 'isr');
    expect(kept.graph.quantumCount).toBe(12);
    expect(kept.report.warnings[0]).toContain('"none"');
  });
});

describe('tasks that say how they join', () => {
  test('adjustAll regroups quanta: inputs added, outputs moved, the rest gone', async () => {
    const pairs: TaskDefinition = {
      ...surveyTasks.isr,
      connections: {
        ...surveyTasks.isr.connections,
        raw: { ...surveyTasks.isr.connections.raw, multiple: true },
        bias: { ...surveyTasks.isr.connections.bias, multiple: true },
      },
      // detector 1 is done together with detector 0
      adjustAll(quanta) {
        for (const quantum of quanta.dataIds().filter((one) => one.detector === 1)) {
          const keep = { ...quantum, detector: 0 };
          expect(quanta.records(keep).detector).toMatchObject({ full_name: 'D0' });
          for (const raw of quanta.inputs(quantum).raw) quanta.addInput(keep, 'raw', raw);
          for (const { id } of quanta.prerequisites(quantum).bias) quanta.addPrerequisite(keep, 'bias', id);
          for (const image of quanta.outputs(quantum).exposure) quanta.moveOutput(keep, 'exposure', image);
          quanta.remove(quantum);
        }
      },
    };
    const { calibrate } = surveyTasks;
    const { graph, report } = await buildGraph(
      await surveyPipeline({ isr: pairs, calibrate }),
      surveySource(everything()),
      surveyOptions,
    );
    expect(counts(graph)).toEqual({ isr: 8, calibrate: 12 });
    expect(report.pruned).toMatchObject([{ label: 'isr', constraint: 'noWork', count: 4 }]);
    const isr = graph.tasks[0];
    for (let q = isr.firstQuantum; q < isr.firstQuantum + isr.quantumCount; q++) {
      const both = graph.quantumDataId(q).detector === 0 ? [0, 1] : [2];
      expect(inputsOf(graph, q, 'raw').map((one) => one.dataId.detector)).toEqual(both);
      expect(inputsOf(graph, q, 'bias').map((one) => one.dataId.detector)).toEqual(both);
    }
    // calibrate of detector 1 waits for the quantum of detector 0
    const { offsets, quanta } = graph.dependencies();
    const waits = Array.from({ length: graph.tasks[1].quantumCount }, (_, i) => graph.tasks[1].firstQuantum + i)
      .filter((q) => graph.quantumDataId(q).detector === 1)
      .map((q) => graph.quantumDataId(quanta[offsets[q]]).detector);
    expect(waits).toEqual([0, 0, 0, 0]);
    const wrong: TaskDefinition = {
      ...pairs,
      adjustAll: (all) => all.remove({ instrument: 'Cam', exposure: 9, detector: 0 }),
    };
    const built = buildGraph(await surveyPipeline({ isr: wrong }), surveySource(everything()), surveyOptions);
    await expect(built).rejects.toMatchObject({ code: 'GRAPH_ADJUST_UNKNOWN', params: { label: 'isr' } });
  });

  test('regions of an input say which sky pixels are needed', async () => {
    const rows = surveyRows(4, 3).map((row) => ({ ...row, htm7: 1000 + (row.patch as number) }));
    const refs = [1000, 1001, 1002, 1003].map((htm7) => ({
      id: uuid(),
      type: 'stars',
      dataId: { htm7 },
      collection: 'refcats',
    }));
    const task: TaskDefinition = {
      name: 'match',
      dimensions: ['instrument', 'detector'],
      connections: {
        images: {
          kind: 'input',
          datasetType: 'calexp',
          dimensions: ['visit', 'detector'],
          storage: 'E',
          multiple: true,
        },
        stars: { kind: 'prerequisite', datasetType: 'stars', dimensions: ['htm7'], storage: 'T', multiple: true },
      },
      config: z.object({}),
      run: () => ({}),
    };
    const calexps = surveyRows(4, 3).map(({ instrument, visit, detector }) => ({
      id: uuid(),
      type: 'calexp',
      dataId: { instrument, visit, detector },
      collection: 'images',
    }));
    const stars = async (spatialBounds?: string[]) => {
      const { graph } = await buildGraph(
        await surveyPipeline({ match: { ...task, spatialBounds } }),
        new MemorySource(rows, [...calexps, ...refs]),
        { inputs: ['images', 'refcats'], outputRun: 'o' },
      );
      return [0, 1, 2].map((q) => inputsOf(graph, q, 'stars').map((one) => one.dataId.htm7));
    };
    expect(await stars()).toEqual([0, 1, 2].map(() => [1000, 1001, 1002, 1003]));
    expect(await stars(['images'])).toEqual([
      [1000, 1001],
      [1001, 1002],
      [1002, 1003],
    ]);
    await expect(stars(['pictures'])).rejects.toMatchObject({ code: 'PIPELINE_UNKNOWN_CONNECTION' });
  });

  test('times of an input say which calibrations must be valid', async () => {
    // Exposures of both validity ranges, but images only of visits of the first.
    const { isr } = surveyTasks;
    const images = { kind: 'input', datasetType: 'calexp', dimensions: ['visit', 'detector'], storage: 'E' } as const;
    const combine: TaskDefinition = {
      name: 'combine',
      dimensions: ['instrument', 'detector'],
      connections: {
        raws: { ...isr.connections.raw, multiple: true },
        images: { ...images, multiple: true, minimum: 0 },
        bias: isr.connections.bias,
      },
      config: z.object({}),
      run: () => ({}),
    };
    const calexps = [1, 2].map((visit) => ({
      id: uuid(),
      type: 'calexp',
      dataId: { instrument: 'Cam', visit, detector: 0 },
      collection: 'raws',
    }));
    const first = bias(0, 0, 3);
    const datasets = [...raws(), ...calexps, first, bias(0, 3, 99)];
    const build = async (temporalBounds?: string[]) =>
      buildGraph(
        await surveyPipeline({ combine: { ...combine, temporalBounds } }),
        surveySource(datasets, (row) => row.detector === 0),
        surveyOptions,
      );
    expect(inputsOf((await build(['images'])).graph, 0, 'bias').map((one) => one.id)).toEqual([first.id]);
    await expect(build()).rejects.toMatchObject({ code: 'GRAPH_AMBIGUOUS_CALIBRATION' });
    await expect(build(['raws'])).rejects.toMatchObject({ code: 'GRAPH_AMBIGUOUS_CALIBRATION' });
  });
});

test('progress is told, and a build can be stopped', async () => {
  const seen: string[] = [];
  const stop = new AbortController();
  const { report } = await buildGraph(await surveyPipeline(), surveySource(everything()), {
    ...surveyOptions,
    onProgress: ({ what }) => seen.push(what),
  });
  expect(seen.some((what) => what.startsWith('data IDs of isr'))).toBe(true);
  expect(report.steps.map((step) => step.kind)).toEqual(
    expect.arrayContaining(['dataIds', 'datasets', 'records', 'prerequisites', 'prune', 'assemble']),
  );
  const stopped = buildGraph(await surveyPipeline(), surveySource(everything()), {
    ...surveyOptions,
    signal: stop.signal,
    onProgress: () => stop.abort(new Error('enough')),
  });
  await expect(stopped).rejects.toThrow('enough');
});

test('questions do not grow with quanta, whatever is asked for', async () => {
  const options = {
    ...surveyOptions,
    skipExistingIn: ['prior'],
    retainedDatasetTypes: ['*_metadata'],
    clobberOutputs: true,
    explain: true,
    memoryBytes: 1e9,
    pruneUnanchored: { source: 'isr', anchor: 'assemble' },
  };
  const done = (visits: number, detectors: number) => [
    ...results(1, 0, 'prior'),
    ...results(visits, detectors - 1, 'out/1', ['postISRCCD']),
  ];
  const asked = async (visits: number, detectors: number) => {
    const datasets = [...raws(visits, detectors), ...biases(detectors), skyMap(), ...done(visits, detectors)];
    const source = surveySource(datasets, undefined, visits, detectors);
    const { graph } = await buildGraph(await surveyPipeline(), source, options);
    return { quanta: graph.quantumCount, questions: source.questions };
  };
  const [small, large] = [await asked(2, 2), await asked(20, 12)];
  expect(large.quanta).toBeGreaterThan(20 * small.quanta);
  expect(large.questions).toEqual(small.questions);
});
