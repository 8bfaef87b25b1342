// SPDX-License-Identifier: BSD-3-Clause
import { ColumnGraph } from '../../src/graph/column-graph.ts';
import { type GraphIndex, MemoryParts } from '../../src/graph/data.ts';

/** Detectors a visit has here, and visits that overlap a patch. */
const detectors = 50;
const depth = 100;

/**
 * The graph of a survey's frames and coadds, of as many quanta as wanted: three steps for each detector of each visit, a table for
 * each visit, a warp for each pair of patch and visit (of 1 to 4 detectors), a coadd for each patch. Every quantum makes a product, a log and
 * metadata. Made as columns, as the builder does, but without data IDs: for measuring what walks through a graph.
 */
export function largeGraph(quanta: number): ColumnGraph {
  const visits = Math.round(quanta / (4 * detectors + 1 + detectors / depth));
  const frames = visits * detectors;
  const warps = frames; // as many pairs of patch and visit as frames
  const parts = new MemoryParts();
  const lists = (
    link: number,
    rows: number,
    sizeOf: (row: number) => number,
    itemOf: (row: number, i: number) => number,
  ) => {
    const offsets = new Uint32Array(rows + 1);
    for (let row = 0; row < rows; row++) offsets[row + 1] = offsets[row] + sizeOf(row);
    const items = new Uint32Array(offsets[rows]);
    for (let row = 0; row < rows; row++)
      for (let i = offsets[row]; i < offsets[row + 1]; i++) items[i] = itemOf(row, i - offsets[row]);
    parts.columns.set(`link/${link}/offsets`, offsets);
    parts.columns.set(`link/${link}/items`, items);
  };
  const patches = Math.ceil(warps / depth);
  const relations = [frames, visits, warps, patches].map((rows) => ({ names: [], required: [], rows }));
  const links: GraphIndex['links'] = [
    ...relations.map((_, at) => ({ from: at, to: at, kind: 'same' as const })),
    { from: 1, to: 0, kind: 'lists' },
    { from: 2, to: 0, kind: 'lists' },
    { from: 3, to: 2, kind: 'lists' },
  ];
  lists(
    4,
    visits,
    () => detectors,
    (visit, i) => visit * detectors + i,
  );
  // Neighbouring detectors of one visit; patches of one visit are next to each other.
  lists(
    5,
    warps,
    (warp) => 1 + (warp % 4),
    (warp, i) => warp - (warp % detectors) + ((warp + i) % detectors),
  );
  lists(
    6,
    patches,
    (patch) => Math.min(depth, warps - patch * depth),
    (patch, i) => patch * depth + i,
  );

  const plan: readonly [label: string, relation: number, input?: string, link?: number][] = [
    ['isr', 0],
    ['characterize', 0, 'isr', 0],
    ['calibrate', 0, 'characterize', 0],
    ['visitTable', 1, 'calibrate', 4],
    ['makeWarp', 2, 'calibrate', 5],
    ['coadd', 3, 'makeWarp', 6],
  ];
  const tasks: GraphIndex['tasks'] = [];
  const datasetTypes: GraphIndex['datasetTypes'] = [];
  let firstQuantum = 0;
  let firstDataset = 0;
  for (const [task, [label, relation, input, link]] of plan.entries()) {
    const { rows } = relations[relation];
    const outputs = [label, `${label}_log`, `${label}_metadata`].map((name, output) => {
      const type = datasetTypes.length;
      datasetTypes.push({
        name,
        dimensions: [],
        storageClass: 'StructuredDataDict',
        isCalibration: false,
        relation,
        whole: true,
        firstDataset,
        datasetCount: rows,
        existing: 'none',
        firstExisting: 0,
        producer: { task, output },
      });
      firstDataset += rows;
      return { type, link: relation };
    });
    tasks.push({
      label,
      declaration: {
        label,
        taskClass: label,
        runner: 'typescript',
        dimensions: [],
        connections: {},
        config: {},
        resources: { memoryBytes: 1e9 },
      },
      relation,
      whole: true,
      firstQuantum,
      quantumCount: rows,
      inputNames: input === undefined ? [] : ['input'],
      outputNames: ['output', 'log', 'metadata'],
      initInputs: {},
      initOutputs: {},
      inputs:
        input === undefined
          ? []
          : [{ type: datasetTypes.findIndex(({ name }) => name === input), link: link as number }],
      outputs,
    });
    firstQuantum += rows;
  }
  return new ColumnGraph(
    {
      id: '00000000-0000-7000-8000-000000000000',
      header: {
        skymill: '0',
        createdAt: '2026-01-01T00:00:00Z',
        inputs: [],
        outputRun: 'run',
        where: '',
        pipeline: 'survey',
        description: '',
        repositoryId: '',
        universeVersion: 8,
      },
      relations,
      links,
      tasks,
      datasetTypes,
      dimensions: [],
      records: [],
      quantumCount: firstQuantum,
      datasetCount: firstDataset,
      existingCount: 0,
      runs: [],
      formatters: [],
      storageClasses: [],
      components: [],
      report: {} as GraphIndex['report'], // nothing was built
    },
    parts,
  );
}
