// SPDX-License-Identifier: BSD-3-Clause
import type { DataId, DimensionGroup } from '../../butler/index.ts';
import {
  type Connection,
  type PipelineDatasetType,
  type ResolvedPipeline,
  type ResolvedTask,
  splitComponent,
} from '../../pipeline/index.ts';
import { components } from '../build/components.ts';
import type { CandidateSource, DataIdRequest } from '../build/source.ts';
import { graphErrors } from '../errors.ts';
import { drawSample, type Estimated, extrapolate, type Sample } from './sample.ts';
import { costOf, type GraphCost } from './size.ts';
import { type TaskUsage, type UsageEstimate, usageOf } from './usage.ts';

export interface EstimateOptions {
  /** Input collections in search order. */
  inputs: readonly string[];
  where?: string;
  bind?: Readonly<Record<string, unknown>>;
  dataId?: DataId;
  /** About so many data IDs are joined on the sky for the sample. Default 20 000. */
  sampleRows?: number;
  /** What quanta took in earlier runs, by label. */
  usage?: ReadonlyMap<string, TaskUsage>;
}

export interface GraphEstimate {
  quanta: number;
  inputEdges: number;
  outputEdges: number;
  datasets: number;
  /** Of these, how many exist (before find-first of calibrations). */
  existing: number;
  tasks: TaskEstimate[];
  cost: GraphCost;
  usage: UsageEstimate;
  /** Components with a join on the sky: how many units (visits) there are, and how many were joined. */
  samples: { labels: readonly string[]; unit: readonly string[]; units: number; drawn: number }[];
  questions: number;
  wallSeconds: number;
}

export interface TaskEstimate {
  label: string;
  dimensions: readonly string[];
  quanta: number;
  /** Standard error as a fraction; 0: counted; undefined: extrapolated without one. */
  error: number | undefined;
  inputEdges: number;
  outputEdges: number;
}

/**
 * What a graph would be, from counts alone and before anything is built. Without a join on the sky the repository counts the data IDs
 * of each set of dimensions; with one, a random sample of visits is joined exactly and extrapolated. Quanta that a build would leave
 * out because a prerequisite is missing or a task says so are counted: an estimate is from above in this.
 */
export async function estimateGraph(
  pipeline: ResolvedPipeline,
  source: CandidateSource,
  options: EstimateOptions,
): Promise<GraphEstimate> {
  const started = performance.now();
  let questions = 0;
  const asked: Pick<CandidateSource, 'dataIds' | 'count' | 'universe'> = {
    universe: source.universe,
    count: (request) => {
      questions++;
      return source.count(request);
    },
    dataIds: (request) => {
      questions++;
      return source.dataIds(request);
    },
  };
  const tasks: TaskEstimate[] = [];
  const samples: GraphEstimate['samples'] = [];
  const typeCounts = new Map<string, number>();
  let widest = { rows: 0, dimensions: 0 };
  for (const component of components(pipeline)) {
    const counter = new ComponentCounter(asked, pipeline, component, options);
    for (const { declaration } of component) tasks.push(await estimateTask(counter, declaration, typeCounts));
    const rows = (await counter.count(counter.group.names)).count;
    if (rows > widest.rows) widest = { rows, dimensions: counter.group.names.length };
    if (counter.drawn !== undefined) {
      const { unit, units, drawn } = counter.drawn;
      samples.push({ labels: component.map((task) => task.declaration.label), unit, units, drawn });
    }
  }
  const quanta = total(tasks.map((task) => task.quanta));
  if (quanta === 0)
    throw graphErrors.ESTIMATE_INPUT({ problem: 'no data ID matches the expression and the input collections' });
  const made = new Set(pipeline.tasks.flatMap(({ declaration }) => outputsOf(declaration.connections)));
  const existing = total([...typeCounts].filter(([name]) => !made.has(name)).map(([, count]) => count));
  const datasets = total([...typeCounts.values()]);
  const [inputEdges, outputEdges] = [total(tasks.map((t) => t.inputEdges)), total(tasks.map((t) => t.outputEdges))];
  return {
    quanta,
    inputEdges,
    outputEdges,
    datasets,
    existing,
    tasks: tasks.sort((a, b) => orderOf(pipeline, a.label) - orderOf(pipeline, b.label)),
    cost: costOf({ quanta, existing, rows: widest.rows, dimensions: widest.dimensions }),
    usage: usageOf(tasks, options.usage ?? new Map()),
    samples,
    questions,
    wallSeconds: (performance.now() - started) / 1000,
  };
}

async function estimateTask(
  counter: ComponentCounter,
  { label, dimensions, connections }: ResolvedTask['declaration'],
  typeCounts: Map<string, number>,
): Promise<TaskEstimate> {
  const quanta = await counter.count(dimensions);
  let [inputEdges, outputEdges] = [0, 0];
  for (const connection of Object.values(connections)) {
    const { kind, datasetType, dimensions: own = [] } = connection;
    const { parent } = splitComponent(datasetType);
    if (kind === 'initInput' || kind === 'initOutput') typeCounts.set(parent, 1);
    else if (kind === 'prerequisite') {
      const { edges, datasets } = await counter.prerequisite(dimensions, connection, quanta.count);
      inputEdges += edges;
      typeCounts.set(parent, Math.max(typeCounts.get(parent) ?? 0, datasets));
    } else {
      const edges = await counter.count([...dimensions, ...own]);
      if (kind === 'output') outputEdges += edges.count;
      else inputEdges += edges.count;
      typeCounts.set(parent, Math.max(typeCounts.get(parent) ?? 0, (await counter.count(own)).count));
    }
  }
  return { label, dimensions, quanta: quanta.count, error: quanta.error, inputEdges, outputEdges };
}

/** Counts data IDs of one component: exactly where the repository can, from a sample where regions have to be compared. */
class ComponentCounter {
  readonly group: DimensionGroup;
  readonly #source: Pick<CandidateSource, 'dataIds' | 'count' | 'universe'>;
  readonly #request: Omit<DataIdRequest, 'dimensions'>;
  readonly #sampleRows: number;
  readonly #counts = new Map<string, Promise<Estimated>>();
  readonly #samples = new Map<string, Promise<Sample>>();
  drawn: Sample | undefined;

  constructor(
    source: Pick<CandidateSource, 'dataIds' | 'count' | 'universe'>,
    pipeline: ResolvedPipeline,
    tasks: readonly ResolvedTask[],
    { inputs, where, bind, dataId, sampleRows = 20_000 }: EstimateOptions,
  ) {
    const labels = new Set(tasks.map((task) => task.declaration.label));
    const types = [...pipeline.datasetTypes.values()].filter((type) => !type.isInit && touches(type, labels));
    const having = types
      .filter((type) => type.producer === undefined && constrains(type, pipeline))
      .map((type) => ({ datasetType: type.name, collections: inputs }));
    const brought = new Set(
      types
        .filter(({ name }) => having.some((one) => one.datasetType === name))
        .flatMap(({ dimensions }) => dimensions),
    );
    const all = source.universe.conform([
      ...tasks.flatMap((task) => task.declaration.dimensions),
      ...types.flatMap((type) => type.dimensions),
    ]);
    this.group = source.universe.conform(all.names.filter((name) => !all.skypix.includes(name) || brought.has(name)));
    this.#source = source;
    this.#request = { where, bind, dataId, having };
    this.#sampleRows = sampleRows;
  }

  count(dimensions: readonly string[]): Promise<Estimated> {
    const group = this.#source.universe.conform(dimensions);
    if (group.required.length === 0) return Promise.resolve({ count: 1, error: 0 });
    const key = group.required.join();
    const known = this.#counts.get(key) ?? this.#counted(group);
    this.#counts.set(key, known);
    return known;
  }

  /** Edges to a prerequisite, and how many datasets they lead to: one for each quantum, or all sky pixels that it touches. */
  async prerequisite(dimensions: readonly string[], connection: Connection, quanta: number) {
    const own = this.#source.universe.conform(connection.dimensions ?? []);
    const task = this.#source.universe.conform(dimensions);
    if (own.skypix.length > 0 && (isObserved(task) || isMapped(task) || task.skypix.length > 0)) {
      const [edges, datasets] = [await this.count([...dimensions, ...own.names]), await this.count(own.names)];
      return { edges: edges.count, datasets: datasets.count };
    }
    const shared = own.required.filter((name) => task.has(name));
    return { edges: quanta, datasets: shared.length === own.required.length ? (await this.count(own.names)).count : 1 };
  }

  async #counted(group: DimensionGroup): Promise<Estimated> {
    const onSky = (isObserved(this.group) && isMapped(this.group)) || group.skypix.length > 0;
    if (!onSky) return { count: await this.#source.count({ ...this.#request, dimensions: group.names }), error: 0 };
    const extra = group.skypix.filter((name) => !this.group.has(name));
    const sample = await this.#sampleOf(extra);
    if (extra.length === 0) this.drawn = sample;
    return extrapolate(sample, group.required);
  }

  /** The sample of the component; with sky pixels that the component's query leaves out, one for those. */
  #sampleOf(pixels: readonly string[]): Promise<Sample> {
    const key = pixels.join();
    const known = this.#samples.get(key);
    if (known !== undefined) return known;
    const { universe } = this.#source;
    const unitOf = isObserved(this.group) ? 'visit' : isMapped(this.group) ? 'tract' : pixels[0];
    const unit = universe.conform([unitOf]);
    const finest = this.group.names.filter((name) => unit.has(name) || name === 'detector' || name === 'patch');
    const observed = isObserved(this.group) ? finest.filter((name) => name !== 'patch') : finest;
    const sample = drawSample(
      this.#source,
      { ...this.#request, dimensions: universe.conform([...this.group.names, ...pixels]).names },
      unit,
      universe.conform(observed).names,
      this.#sampleRows,
    );
    this.#samples.set(key, sample);
    return sample;
  }
}

function isObserved(group: DimensionGroup): boolean {
  return group.has('visit');
}

function isMapped(group: DimensionGroup): boolean {
  return group.has('tract');
}

function touches(type: PipelineDatasetType, labels: ReadonlySet<string>): boolean {
  if (type.producer !== undefined && labels.has(type.producer.label)) return true;
  return type.consumers.some((consumer) => !consumer.prerequisite && labels.has(consumer.label));
}

function constrains(type: PipelineDatasetType, pipeline: ResolvedPipeline): boolean {
  return type.consumers.some(({ label, connection, prerequisite }) => {
    const task = pipeline.tasks.find((one) => one.declaration.label === label);
    const declared = task?.declaration.connections[connection];
    return !prerequisite && declared !== undefined && (declared.minimum ?? 1) > 0 && !declared.deferGraphConstraint;
  });
}

function outputsOf(connections: Readonly<Record<string, Connection>>): string[] {
  return Object.values(connections).flatMap(({ kind, datasetType }) =>
    kind === 'output' || kind === 'initOutput' ? [datasetType] : [],
  );
}

function orderOf(pipeline: ResolvedPipeline, label: string): number {
  return pipeline.tasks.findIndex((task) => task.declaration.label === label);
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, one) => sum + one, 0);
}
