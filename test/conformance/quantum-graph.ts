// SPDX-License-Identifier: BSD-3-Clause
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { SkymillError } from '../../src/base/index.ts';
import type { Butler, DataId, DataIdValue } from '../../src/butler/index.ts';
import { type BuildOptions, buildGraph, type ColumnGraph, candidateSource } from '../../src/graph/index.ts';
import {
  type Connection,
  type ConnectionKind,
  loadPipelineText,
  type QuantaAdjuster,
  resolvePipeline,
  type TaskDefinition,
} from '../../src/pipeline/index.ts';
import { createButler } from '../support/databases.ts';
import { load } from './registries.ts';
import type { Adapter, Case, Comparison } from './suite.ts';

interface CaseConnection {
  connection: string;
  datasetType: string;
  component: string | null;
  storageClass?: string | null;
  dimensions: string[];
  multiple: boolean | null;
  minimum: number | null;
  deferQueryConstraint?: boolean | null;
}
const sides = {
  inputs: 'input',
  prerequisites: 'prerequisite',
  outputs: 'output',
  initInputs: 'initInput',
  initOutputs: 'initOutput',
} as const satisfies Record<string, ConnectionKind>;
type Side = keyof typeof sides;
type CaseTask = { label: string; dimensions: string[] } & Record<Side, CaseConnection[]>;
interface CaseDataset {
  id: string;
  datasetType: string;
  dataId: DataId;
  run: string;
}

/** The hook of the recorded test: quanta of one detector purpose become one quantum, that of the first detector. */
function groupByPurpose(quanta: QuantaAdjuster): void {
  const first = new Map<unknown, DataId>();
  for (const quantum of quanta.dataIds()) {
    const purpose = quanta.records(quantum).detector?.purpose;
    const keep = first.get(purpose);
    if (keep === undefined) {
      first.set(purpose, quantum);
      continue;
    }
    for (const dataId of quanta.inputs(quantum).input_group) quanta.addInput(keep, 'input_group', dataId);
    for (const { id } of quanta.prerequisites(quantum).prereq_input_group)
      quanta.addPrerequisite(keep, 'prereq_input_group', id);
    for (const dataId of quanta.outputs(quantum).output_group) quanta.moveOutput(keep, 'output_group', dataId);
    quanta.remove(quantum);
  }
}

/** Hooks that recorded tests have in their task classes; a case names its test. */
const hooks: Record<string, Partial<TaskDefinition>> = { test_adjust_all_quanta: { adjustAll: groupByPurpose } };

function definitions({ pipeline, test }: Case): Record<string, TaskDefinition> {
  const tasks = pipeline as CaseTask[];
  const dimensionsOf = new Map(
    tasks.flatMap((task) => task.outputs.map((output) => [output.datasetType, output.dimensions] as const)),
  );
  const hook = hooks[String(test).split('.').at(-1) as string];
  return Object.fromEntries(
    tasks.map((task) => {
      const connections: Record<string, Connection> = {};
      for (const [side, kind] of Object.entries(sides) as [Side, ConnectionKind][]) {
        for (const one of task[side]) {
          const { datasetType, component, dimensions } = one;
          const init = kind === 'initInput' || kind === 'initOutput';
          connections[one.connection] = {
            kind,
            datasetType: component === null ? datasetType : `${datasetType}.${component}`,
            // A component has the dimensions of its parent, whatever its own connection says.
            dimensions: component === null ? dimensions : (dimensionsOf.get(datasetType) ?? dimensions),
            storage: one.storageClass ?? 'StructuredDataDict',
            ...(init ? {} : { multiple: one.multiple ?? true }),
            ...(one.minimum === null || one.minimum === undefined ? {} : { minimum: one.minimum }),
            ...(one.deferQueryConstraint === true ? { deferGraphConstraint: true } : {}),
          };
        }
      }
      const { label, dimensions } = task;
      return [label, { name: label, dimensions, connections, config: z.object({}), run: () => ({}), ...hook }];
    }),
  );
}

/** Registers datasets of the case that the loaded files do not have. */
async function store(butler: Butler, tasks: readonly CaseTask[], datasets: readonly CaseDataset[]): Promise<void> {
  const { registry, universe } = butler;
  const known = tasks.flatMap((task) => (Object.keys(sides) as Side[]).flatMap((side) => task[side]));
  for (const { id, datasetType, dataId, run } of datasets) {
    if ((await butler.getDatasets([id]))[0] !== undefined) continue;
    const task = tasks.find((one) => datasetType === `${one.label}_metadata` || datasetType === `${one.label}_log`);
    const declared = known.find((one) => one.datasetType === datasetType && one.component === null);
    const dimensions = universe.conform(declared?.dimensions ?? task?.dimensions ?? []);
    const automatic = datasetType.endsWith('_log') ? 'ButlerLogRecords' : 'TaskMetadata';
    const storageClass = declared?.storageClass ?? (task === undefined ? 'StructuredDataDict' : automatic);
    if ((await registry.types.find(datasetType)) === undefined)
      await butler.registerDatasetTypes([butler.makeDatasetType(datasetType, dimensions.required, storageClass)]);
    await butler.registerCollection(run, 'RUN');
    const row = await registry.types.get(datasetType);
    const key = Object.fromEntries(dimensions.required.map((name) => [name, dataId[name]]));
    const ref = { id, datasetType: row.type, dataId: universe.coordinate(dimensions, key), run };
    await registry.datasets.insert(row, await registry.collections.get(run), [ref]);
  }
}

async function fill(butler: Butler, test: Case, root: string): Promise<string[]> {
  const inputDatasets = test.inputDatasets as CaseDataset[];
  const tasks = test.pipeline as CaseTask[];
  const datasets = [...inputDatasets, ...((test.skipExistingDatasets as CaseDataset[] | undefined) ?? [])];
  const named = new Set(datasets.flatMap(({ dataId }) => Object.keys(dataId)));
  // Without a word about records: one instrument with its detectors, or (where filters are needed too) that of base.yaml.
  const files = (test.load as string[] | undefined) ?? (named.has('physical_filter') ? ['base.yaml'] : []);
  for (const file of files) await load(butler.registry, root, file);
  if (files.length === 0) {
    for (const { dataId } of datasets) {
      const { instrument, detector } = dataId;
      if (instrument === undefined) continue;
      const common = { class_name: 'x', detector_max: 9, exposure_max: 9, visit_max: 9 };
      await butler.insertRecords('instrument', [{ name: instrument, ...common }], 'skip');
      if (detector !== undefined)
        await butler.insertRecords('detector', [{ instrument, id: detector, full_name: `D${detector}` }], 'skip');
    }
  }
  await store(butler, tasks, datasets);
  const runs = [...new Set(inputDatasets.map((one) => one.run))];
  const inputs = (test.builder.input_collections as string[] | undefined) ?? runs;
  for (const input of inputs) {
    if ((await butler.listCollections([input])).length > 0) continue;
    await butler.registerCollection(input, 'CHAINED');
    await butler.setChain(input, runs);
  }
  return inputs;
}

/** `all`, `off`, or a list as the peer prints it: `['a', 'b']`. */
function constraintOf(text: unknown): BuildOptions['datasetConstraint'] {
  if (text === undefined || text === null || text === 'all') return 'all';
  if (text === 'off') return 'off';
  if (Array.isArray(text)) return text as string[];
  return [...String(text).matchAll(/[\w.]+/g)].map(([name]) => name);
}

function optionsOf({ builder }: Case, inputs: readonly string[]): BuildOptions {
  const anchor = builder.prune_unanchored_quanta as [string, string] | undefined;
  const tables = builder.data_id_tables as Record<string, DataIdValue[]>[] | undefined;
  return {
    inputs,
    outputRun: builder.output_run ?? 'out',
    where: builder.where,
    bind: builder.bind,
    datasetConstraint: constraintOf(builder.dataset_query_constraint),
    skipExistingIn: builder.skip_existing_in,
    retainedDatasetTypes: builder.retained_dataset_types,
    clobberOutputs: builder.clobber === true,
    pruneUnanchored: anchor && { source: anchor[0], anchor: anchor[1] },
    dataIdTables: tables?.map((columns) => {
      const dimensions = Object.keys(columns);
      return { rows: columns[dimensions[0]].length, dimensions, columns };
    }),
    allowEmpty: true,
  };
}

type Answer = { quanta: string[]; edges: string[]; datasetCounts: Record<string, number> };

const name = (label: string, dataId: DataId, dimensions: readonly string[]) =>
  `${label} ${dimensions.map((one) => `${one}=${dataId[one]}`).join(' ')}`;

/** Quanta and quantum-to-quantum edges as sorted text. */
function answerOf(graph: ColumnGraph, required: (label: string) => readonly string[]): Answer {
  const nameOf = (quantum: number) => {
    const { label } = graph.tasks[graph.taskOf(quantum)];
    return name(label, graph.quantumDataId(quantum), required(label));
  };
  const { offsets, quanta } = graph.dependencies();
  const edges: string[] = [];
  for (let q = 0; q < graph.quantumCount; q++)
    for (let i = offsets[q]; i < offsets[q + 1]; i++) edges.push(`${nameOf(quanta[i])} -> ${nameOf(q)}`);
  const counts = graph.datasetTypes
    .filter((type) => type.datasetCount > 0)
    .map((type) => [type.name, type.datasetCount]);
  return {
    quanta: Array.from({ length: graph.quantumCount }, (_, q) => nameOf(q)).sort(),
    edges: edges.sort(),
    datasetCounts: Object.fromEntries(counts),
  };
}

function expectedOf({ expect }: Case, required: (label: string) => readonly string[]): Answer {
  const quanta = expect.quantaByTask as Record<string, { dataIds: DataId[] }>;
  const edges = expect.edges as [[string, DataId], [string, DataId]][];
  return {
    quanta: Object.entries(quanta)
      .flatMap(([label, { dataIds }]) => dataIds.map((dataId) => name(label, dataId, required(label))))
      .sort(),
    edges: edges.map(([[a, from], [b, to]]) => `${name(a, from, required(a))} -> ${name(b, to, required(b))}`).sort(),
    datasetCounts: expect.datasetCounts,
  };
}

/** Pipeline, datasets and options: the quanta, their edges, and (where the case has them) datasets by type. */
export const quantumGraph: Adapter = {
  async run(test, { root }): Promise<Comparison> {
    const dir = mkdtempSync(join(tmpdir(), 'case-'));
    const butler = await createButler(join(dir, 'repo'));
    try {
      const inputs = await fill(butler, test, root);
      const library = definitions(test);
      const tasks = Object.fromEntries(Object.keys(library).map((label) => [label, label]));
      const document = await loadPipelineText(JSON.stringify({ description: 'of the suite', tasks }));
      const pipeline = await resolvePipeline(document, async (label) => library[label], { universe: butler.universe });
      const { graph } = await buildGraph(pipeline, candidateSource(butler), optionsOf(test, inputs));
      const required = (label: string) => butler.universe.conform(library[label].dimensions).required;
      const [actual, expected] = [answerOf(graph, required), expectedOf(test, required)];
      if (Object.keys(expected.datasetCounts).length === 0) actual.datasetCounts = {};
      return { actual, expected };
    } catch (error) {
      const refused = test.expect.raises !== undefined || test.expect.error !== undefined || test.expect.ok === false;
      if (!refused || !(error instanceof SkymillError) || error.kind !== 'user') throw error;
      return { actual: error.code, expected: test.expect, equal: true };
    } finally {
      await butler.close();
      rmSync(dir, { recursive: true });
    }
  },
};
