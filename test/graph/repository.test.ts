// SPDX-License-Identifier: BSD-3-Clause
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { Butler, type DataId, type DatasetRef, makeTimespan } from '../../src/butler/index.ts';
import { buildGraph, type ColumnGraph, candidateSource, explainReport } from '../../src/graph/index.ts';
import type { TaskDefinition } from '../../src/pipeline/index.ts';
import { decodeRegion, encodeRegion, healpixEnvelope, polygonFromLonLat, regionsOverlap } from '../../src/sky/index.ts';
import { surveyTasks } from '../pipeline/tasks.ts';
import { surveyPipeline } from './survey.ts';

const DETECTORS = [0, 1];
const VISITS = [1, 2, 3, 4];
const hours = (n: number) => 1_600_000_000_000_000_000n + BigInt(n) * 3_600_000_000_000n;
const square = (raDeg: number, decDeg: number, sizeDeg: number) => {
  const h = sizeDeg / 2;
  return polygonFromLonLat([
    [raDeg - h, decDeg - h],
    [raDeg + h, decDeg - h],
    [raDeg + h, decDeg + h],
    [raDeg - h, decDeg + h],
  ]);
};
/** Visit v points a little east of the last; its detectors lie side by side. */
const pointing = (visit: number) => 40 + 0.3 * visit;
const detectorRegion = (visit: number, detector: number) => square(pointing(visit) + (detector - 0.5) * 0.5, 0, 0.48);
/** Two tracts side by side, four patches each. */
const tractCentre = (tract: number) => 40.5 + 0.8 * tract;
const patchRegion = (tract: number, patch: number) =>
  square(tractCentre(tract) + ((patch % 2) - 0.5) * 0.4, ((patch >> 1) - 0.5) * 0.4, 0.4);

let dir: string;
let butler: Butler;
const stored: Record<string, DatasetRef[]> = {};
const storage = 'StructuredDataDict';

async function put(
  name: string,
  dimensions: string[],
  run: string,
  dataIds: readonly DataId[],
  isCalibration = false,
): Promise<void> {
  const type = butler.makeDatasetType(name, dimensions, storage, { isCalibration });
  await butler.registerDatasetTypes([type]);
  await butler.registerCollection(run, 'RUN');
  stored[name] = [];
  for (const dataId of dataIds) stored[name].push((await butler.put({ of: name }, type, dataId, run)).ref);
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'repo-'));
  butler = await Butler.create(join(dir, 'repo'));
  await butler.insertRecords('instrument', [
    { name: 'Cam', class_name: 'x', detector_max: 2, exposure_max: 99, visit_max: 99, visit_system: 0 },
  ]);
  await butler.insertRecords('physical_filter', [
    { instrument: 'Cam', name: 'f-g', band: 'g' },
    { instrument: 'Cam', name: 'f-r', band: 'r' },
  ]);
  await butler.insertRecords(
    'detector',
    DETECTORS.map((id) => ({ instrument: 'Cam', id, full_name: `D${id}`, purpose: 'SCIENCE' })),
  );
  await butler.insertRecords('day_obs', [{ instrument: 'Cam', id: 20200913 }]);
  await butler.insertRecords(
    'group',
    VISITS.map((v) => ({ instrument: 'Cam', name: `g${v}` })),
  );
  const common = (id: number) => ({
    instrument: 'Cam',
    id,
    physical_filter: id % 2 === 0 ? 'f-g' : 'f-r',
    day_obs: 20200913,
    exposure_time: 30,
    timespan: makeTimespan(hours(id), hours(id) + 30_000_000_000n),
  });
  await butler.insertRecords(
    'exposure',
    VISITS.map((v) => ({ ...common(v), group: `g${v}`, obs_id: `o${v}`, can_see_sky: true })),
  );
  await butler.insertRecords(
    'visit',
    VISITS.map((v) => ({ ...common(v), name: `v${v}`, region: encodeRegion(square(pointing(v), 0, 1)) })),
  );
  await butler.insertRecords(
    'visit_definition',
    VISITS.map((v) => ({ instrument: 'Cam', visit: v, exposure: v })),
  );
  await butler.insertRecords(
    'visit_detector_region',
    VISITS.flatMap((visit) =>
      DETECTORS.map((detector) => ({
        instrument: 'Cam',
        visit,
        detector,
        region: encodeRegion(detectorRegion(visit, detector)),
      })),
    ),
  );
  await butler.insertRecords('skymap', [
    { name: 'sky', hash: new Uint8Array(20), tract_max: 9, patch_nx_max: 2, patch_ny_max: 2 },
  ]);
  await butler.insertRecords(
    'tract',
    [0, 1].map((id) => ({ skymap: 'sky', id, region: encodeRegion(square(tractCentre(id), 0, 0.8)) })),
  );
  await butler.insertRecords(
    'patch',
    [0, 1].flatMap((tract) =>
      [0, 1, 2, 3].map((id) => ({
        skymap: 'sky',
        tract,
        id,
        cell_x: id % 2,
        cell_y: id >> 1,
        region: encodeRegion(patchRegion(tract, id)),
      })),
    ),
  );
  await put(
    'raw',
    ['exposure', 'detector'],
    'Cam/raw',
    VISITS.flatMap((exposure) => DETECTORS.map((detector) => ({ instrument: 'Cam', exposure, detector }))),
  );
  await put(
    'bias',
    ['detector'],
    'Cam/bias/1',
    DETECTORS.map((detector) => ({ instrument: 'Cam', detector })),
    true,
  );
  await butler.registerCollection('Cam/calib', 'CALIBRATION');
  await butler.certify('Cam/calib', stored.bias, makeTimespan(hours(0), hours(4)));
  await put('skyMap', ['skymap'], 'skymaps', [{ skymap: 'sky' }]);
  const pixels = new Set<number>();
  for await (const found of butler.query().where({ instrument: 'Cam' }).dataIds(['visit', 'detector', 'htm7']))
    pixels.add(found.get('htm7') as number);
  await put(
    'stars',
    ['htm7'],
    'refcats',
    [...pixels].map((htm7) => ({ htm7 })),
  );
  await butler.registerCollection('Cam/defaults', 'CHAINED');
  await butler.setChain('Cam/defaults', ['Cam/raw', 'Cam/calib', 'skymaps', 'refcats']);
});
afterAll(async () => {
  await butler.close();
  await rm(dir, { recursive: true });
});

const match: TaskDefinition = {
  name: 'match',
  dimensions: ['instrument', 'visit', 'detector'],
  connections: {
    calexp: { kind: 'input', datasetType: 'calexp', dimensions: ['visit', 'detector'], storage: 'ExposureF' },
    stars: { kind: 'prerequisite', datasetType: 'stars', dimensions: ['htm7'], storage: 'Table', multiple: true },
    matches: { kind: 'output', datasetType: 'matches', dimensions: ['visit', 'detector'], storage: 'Table' },
  },
  config: z.object({}),
  run: () => ({}),
};
/** The tasks with everything kept as this test writes it. */
const tasks = Object.fromEntries(
  Object.entries({ ...surveyTasks, match }).map(([name, task]) => {
    const connections = Object.entries(task.connections).map(([connection, one]) => [connection, { ...one, storage }]);
    return [name, { ...task, connections: Object.fromEntries(connections) }];
  }),
);
const options = { inputs: ['Cam/defaults'], outputRun: 'u/run', dataId: { instrument: 'Cam', skymap: 'sky' } };
const build = async (where: string) =>
  buildGraph(await surveyPipeline(tasks), candidateSource(butler), { ...options, where });
const inputsOf = (graph: ColumnGraph, quantum: number, connection: string) => {
  const names = graph.tasks[graph.taskOf(quantum)].inputNames;
  const found = [];
  for (let i = graph.inputOffsets[quantum]; i < graph.inputOffsets[quantum + 1]; i++) {
    if (names[graph.inputConnections[i]] === connection) found.push(graph.dataset(graph.inputDatasets[i]));
  }
  return found;
};

describe('a graph over a repository', () => {
  test('quanta follow regions, validity and the expression', async () => {
    const { graph, report } = await build('tract = 0');
    // what overlaps tract 0, by the regions themselves
    const overlaps = VISITS.flatMap((visit) =>
      DETECTORS.flatMap((detector) =>
        [0, 1, 2, 3]
          .filter((patch) => regionsOverlap(detectorRegion(visit, detector), patchRegion(0, patch)))
          .map((patch) => ({ visit, detector, patch })),
      ),
    );
    const detectors = [...new Set(overlaps.map(({ visit, detector }) => `${visit},${detector}`))];
    const alive = overlaps.filter(({ visit }) => visit !== 4); // no bias is valid at hour 4
    const label = (name: string) => report.tasks.find((task) => task.label === name);
    expect(label('isr')).toMatchObject({ candidates: detectors.length });
    expect(label('isr')?.quanta).toBe(detectors.filter((one) => !one.startsWith('4')).length);
    expect(label('makeWarp')?.quanta).toBe(new Set(alive.map(({ visit, patch }) => `${visit},${patch}`)).size);
    expect(report.pruned[0]).toMatchObject({ label: 'isr', connection: 'bias', constraint: 'missingPrerequisite' });
    for (let q = 0; q < graph.quantumCount; q++) {
      const dataId = graph.quantumDataId(q);
      if (graph.tasks[graph.taskOf(q)].label === 'makeWarp') {
        const expected = alive
          .filter(({ visit, patch }) => visit === dataId.visit && patch === dataId.patch)
          .map(({ detector }) => detector);
        expect(inputsOf(graph, q, 'images').map((one) => one.dataId.detector)).toEqual(expected);
      }
      if (graph.tasks[graph.taskOf(q)].label === 'isr') {
        expect(inputsOf(graph, q, 'bias').map((one) => one.id)).toEqual([
          stored.bias.find((ref) => ref.dataId.get('detector') === dataId.detector)?.id,
        ]);
        expect(graph.quantumRecords(q).exposure.obs_id).toBe(`o${dataId.exposure}`);
      }
    }
  });

  test('existing inputs bring their files, and predicted outputs get paths from the records', async () => {
    const { graph } = await build('visit = 2');
    const raw = inputsOf(graph, 0, 'raw')[0];
    const ref = stored.raw.find((one) => one.id === raw.id);
    expect(raw.files).toEqual((await butler.getFileRecords([raw.id]))[0]);
    expect(raw.files[0].sizeBytes).toBeGreaterThan(0);
    expect(ref?.dataId.get('exposure')).toBe(2);
    const output = graph.dataset(graph.outputDatasets[0]);
    const dimensions = butler.universe.conform(['exposure', 'detector']);
    const predicted = {
      id: output.id,
      run: output.run,
      datasetType: butler.makeDatasetType(output.datasetType, ['exposure', 'detector'], storage),
      dataId: butler.universe.coordinate(dimensions, output.dataId),
    };
    expect(butler.predictFile(predicted, graph.datasetRecords(output.row)).path).toContain('u/run/postISRCCD');
  });

  test('reference catalogue shards are those that overlap the detector', async () => {
    const { graph } = await build('visit IN (1..3)');
    let seen = 0;
    for (let q = 0; q < graph.quantumCount; q++) {
      if (graph.tasks[graph.taskOf(q)].label !== 'match') continue;
      const { visit, detector } = graph.quantumDataId(q);
      const expected: number[] = [];
      const query = butler.query().where({ instrument: 'Cam', visit, detector });
      for await (const found of query.dataIds(['visit', 'detector', 'htm7']))
        expected.push(found.get('htm7') as number);
      expect(inputsOf(graph, q, 'stars').map((one) => one.dataId.htm7)).toEqual(expected.toSorted((a, b) => a - b));
      seen++;
    }
    expect(seen).toBeGreaterThan(3);
  });

  test('questions and rows: as many for one visit as for all', async () => {
    const [one, all] = [await build('visit = 1'), await build('')];
    expect(all.report.questions).toBe(one.report.questions);
    expect(all.graph.quantumCount).toBeGreaterThan(one.graph.quantumCount);
  });

  test('a resumed build leaves out what the run has', async () => {
    const { graph } = await build('visit IN (1, 2)');
    await butler.registerCollection('u/resumed', 'RUN');
    const isr = graph.tasks[0];
    for (let q = isr.firstQuantum; q < isr.firstQuantum + 1; q++) {
      for (let i = graph.outputOffsets[q]; i < graph.outputOffsets[q + 1]; i++) {
        const { datasetType, dataId, storageClass } = graph.dataset(graph.outputDatasets[i]);
        const type = butler.makeDatasetType(datasetType, ['instrument', 'exposure', 'detector'], storageClass);
        await butler.registerDatasetTypes([type]);
        await butler.registerDatasets(type, [dataId], 'u/resumed');
      }
    }
    const pipeline = await surveyPipeline(tasks);
    // What stands in the run is not written over unless that is said.
    const blind = buildGraph(pipeline, candidateSource(butler), { ...options, outputRun: 'u/resumed' });
    await expect(blind).rejects.toMatchObject({ code: 'GRAPH_OUTPUTS_EXIST', params: { label: 'isr', count: 1 } });
    const again = await buildGraph(pipeline, candidateSource(butler), {
      ...options,
      where: 'visit IN (1, 2)',
      outputRun: 'u/resumed',
      skipExistingIn: ['u/resumed'],
    });
    expect(again.report.tasks[0]).toMatchObject({ skipped: 1 });
    expect(again.graph.tasks[0].quantumCount).toBe(isr.quantumCount - 1);
    const first = again.graph.tasks[1].firstQuantum;
    expect(inputsOf(again.graph, first, 'exposures')[0]).toMatchObject({ run: 'u/resumed', producer: undefined });
  });

  test('a dataset type is what it is registered as, if every task can read it so', async () => {
    const [start, other] = ['ArrowAstropy', 'DataFrame'];
    await butler.registerDatasetTypes([butler.makeDatasetType('matches', ['visit', 'detector'], start)]);
    const withStorage = (storage: string) => {
      const matches = { ...match.connections.matches, storage };
      const changed = { ...tasks.match, connections: { ...tasks.match.connections, matches } };
      return surveyPipeline({ ...tasks, match: changed });
    };
    const { graph } = await buildGraph(await withStorage(other), candidateSource(butler), options);
    expect(graph.datasetTypes.find(({ name }) => name === 'matches')?.storageClass).toBe(start);
    const refused = buildGraph(await withStorage('ExposureF'), candidateSource(butler), options);
    await expect(refused).rejects.toMatchObject({
      code: 'GRAPH_STORAGE_DISAGREES',
      params: { datasetType: 'matches', repository: start, connection: 'match.matches', storage: 'ExposureF' },
    });
    await butler.removeDatasetTypes(['matches']);
  });

  test('nothing to do is explained', async () => {
    await expect(build('visit = 77')).rejects.toMatchObject({
      code: 'GRAPH_EMPTY',
      message: expect.stringMatching(/visit/),
    });
    await expect(build('vist = 1')).rejects.toThrow(/Did you mean/);
    const { raw, ...others } = tasks.isr.connections;
    const renamed = { ...tasks.isr, connections: { ...others, raw: { ...raw, datasetType: 'raww' } } };
    const built = buildGraph(await surveyPipeline({ isr: renamed }), candidateSource(butler), options);
    await expect(built).rejects.toThrow(/no dataset type "raww".*Did you mean "raw"/);
  });

  test('a prerequisite that is missing: what there is of it, and when', async () => {
    const { report } = await build('visit IN (3, 4)');
    const text = explainReport(report).join('\n');
    expect(text).toMatch(/isr: \d+ of \d+ quanta left out because bias \(bias\) was not found/);
    expect(text).toMatch(/The 2 bias there are hold within \[2020-09-13T12:26:40, 2020-09-13T16:26:40\)\./);
    const { isr } = tasks;
    const flat = { ...isr.connections.bias, datasetType: 'bais' };
    const renamed = await buildGraph(
      await surveyPipeline({ isr: { ...isr, connections: { ...isr.connections, flat } } }),
      candidateSource(butler),
      { ...options, allowEmpty: true },
    );
    expect(explainReport(renamed.report)[0]).toMatch(
      /no dataset type "bais", a prerequisite of isr\. Did you mean "bias"/,
    );
  });

  test('a condition without the instrument or sky map that it needs is refused', async () => {
    const pipeline = await surveyPipeline({ isr: tasks.isr });
    const build = (where: string) =>
      buildGraph(pipeline, candidateSource(butler), { inputs: ['Cam/defaults'], outputRun: 'u/run', where });
    await expect(build('exposure = 1')).rejects.toMatchObject({
      kind: 'user',
      message: expect.stringContaining('instrument'),
    });
    expect((await build("instrument = 'Cam' AND exposure = 1")).graph.quantumCount).toBe(2);
  });

  test('a dataset type that the repository knows with other dimensions is refused, also one that is written', async () => {
    const { isr } = tasks;
    for (const name of ['raw', 'exposure']) {
      const connection = { ...isr.connections[name], datasetType: 'skyMap' };
      const pipeline = await surveyPipeline({
        isr: { ...isr, connections: { ...isr.connections, [name]: connection } },
      });
      const built = buildGraph(pipeline, candidateSource(butler), options);
      await expect(built).rejects.toMatchObject({ code: 'GRAPH_TYPE_DISAGREES', params: { datasetType: 'skyMap' } });
    }
  });

  test('sky pixels as dimensions: from patches to pixels to larger pixels to one quantum', async () => {
    const connection = (kind: 'input' | 'output', datasetType: string, dimensions: string[]) => ({
      kind,
      datasetType,
      dimensions,
      storage,
      multiple: true,
    });
    const task = (name: string, dimensions: string[], connections: TaskDefinition['connections']): TaskDefinition => ({
      name,
      dimensions,
      connections,
      config: z.object({}),
      run: () => ({}),
    });
    const tasks = {
      toFine: task('toFine', ['healpix8'], {
        in: connection('input', 'patchImage', ['patch']),
        out: connection('output', 'fine', ['healpix8']),
        finer: connection('output', 'finer', ['healpix10']),
      }),
      toCoarse: task('toCoarse', ['healpix5'], {
        in: connection('input', 'fine', ['healpix8']),
        out: connection('output', 'coarse', ['healpix5']),
      }),
      toAll: task('toAll', ['skymap'], {
        in: connection('input', 'coarse', ['healpix5']),
        out: connection('output', 'all', ['skymap']),
      }),
    };
    const patches = [0, 1].flatMap((tract) => [0, 1, 2, 3].map((patch) => ({ skymap: 'sky', tract, patch })));
    await put('patchImage', ['patch'], 'images', patches);
    const { graph, report } = await buildGraph(await surveyPipeline(tasks), candidateSource(butler), {
      inputs: ['images'],
      outputRun: 'u/pixels',
      dataId: { skymap: 'sky' },
    });
    // by the definition: which pixels may touch which patches
    const touching = new Map<number, string[]>();
    for (const { tract, patch } of patches) {
      const region = patchRegion(tract, patch);
      for (const [begin, end] of healpixEnvelope(8, region))
        for (let pixel = Number(begin); pixel < Number(end); pixel++)
          touching.set(pixel, [...(touching.get(pixel) ?? []), `${tract},${patch}`]);
    }
    const [toFine, toCoarse, toAll] = graph.tasks;
    expect(toFine.quantumCount).toBe(touching.size);
    expect(touching.size).toBeGreaterThan(10);
    for (let q = 0; q < toFine.quantumCount; q++) {
      const { healpix8 } = graph.quantumDataId(q);
      const read = inputsOf(graph, q, 'in').map(({ dataId }) => `${dataId.tract},${dataId.patch}`);
      expect(read.toSorted()).toEqual(touching.get(Number(healpix8))?.toSorted());
      const written = graph.quantumOutputs(q).map(({ dataset }) => graph.dataset(dataset));
      expect(written.filter((one) => one.datasetType === 'finer').map((one) => one.dataId.healpix10)).toEqual(
        Array.from({ length: 16 }, (_, k) => 16 * Number(healpix8) + k),
      );
    }
    const coarse = new Set([...touching.keys()].map((pixel) => Math.floor(pixel / 64)));
    expect(toCoarse.quantumCount).toBe(coarse.size);
    for (let q = toCoarse.firstQuantum; q < toCoarse.firstQuantum + toCoarse.quantumCount; q++) {
      const { healpix5 } = graph.quantumDataId(q);
      const read = inputsOf(graph, q, 'in').map(({ dataId }) => Math.floor(Number(dataId.healpix8) / 64));
      expect(new Set(read)).toEqual(new Set([healpix5]));
    }
    expect(toAll.quantumCount).toBe(1);
    expect(inputsOf(graph, toAll.firstQuantum, 'in')).toHaveLength(coarse.size);
    expect(report.pruned).toEqual([]);
  });

  test('regions of the records decode', async () => {
    const { graph } = await build('visit = 1');
    const warp = graph.tasks.find((task) => task.label === 'makeWarp')!;
    const { patch } = graph.quantumRecords(warp.firstQuantum);
    const { tract, patch: id } = graph.quantumDataId(warp.firstQuantum);
    expect(decodeRegion(patch.region as Uint8Array)).toEqual(patchRegion(tract as number, id as number));
  });
});
