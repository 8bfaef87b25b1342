// SPDX-License-Identifier: BSD-3-Clause
import type { QuantumGraph } from '../../graph/index.ts';
import type { InputInfo, ResourceRequest, TaskDefinition } from '../../pipeline/index.ts';
import type { RequestRecord } from '../outcomes/record.ts';
import { InputSizes } from './input-sizes.ts';
import { configDigest, type Learned, type LearnedUsage, type SizeClassUsage, sizeClass } from './learned.ts';

/**
 * Where a request comes from: `learned` from earlier runs; `inputs`: the task said so by the sizes of each quantum's inputs; `declared`: it said so
 * for all; `default`: it said nothing.
 */
export type RequestSource = 'learned' | 'inputs' | 'declared' | 'default';

/** Of a task that says nothing. */
export const DEFAULT_REQUEST = Object.freeze({ cores: 1, memoryBytes: 2 ** 29 });

/** What the quanta of one task ask for. */
export interface TaskRequest {
  label: string;
  cores: number;
  /** Of all quanta, or (with `memoryOf`) where nothing else is known. */
  memoryBytes: number;
  /** By quantum, where they differ. Always the same for the same graph and the same learned usage. */
  memoryOf?: (quantum: number) => number;
  /** An attempt is killed after some times as long: what the task declares, else the longest that was learned. */
  wallSeconds?: number;
  isUnlimited?: (quantum: number) => boolean;
  source: RequestSource;
  /** The run it was learned from. */
  from?: string;
  /** Expected of an attempt; undefined where nothing was learned. */
  meanWallSeconds?: number;
}

export interface RequestOptions {
  /** The runner's side of tasks, by label: their `resources` are asked quantum by quantum. Without, what the graph has is used. */
  definitions?: ReadonlyMap<string, TaskDefinition>;
  /** Without: what tasks declare. */
  learned?: LearnedUsage;
  defaults: { cores: number; memoryBytes: number };
}

/** An attempt in 20 is above the 95 % quantile; this makes it few. The limit that ends an attempt is farther up. */
const margin = 1.2;
/** A worker that does nothing takes about as much. */
const leastBytes = 2 ** 27;
/** Limits of time that are learned go by no less: what ends a quantum in vain costs more than one that hangs. */
const leastWallSeconds = 60;
/** Attempts below which nothing is learned. */
const leastQuanta = 5;

/** What each task's quanta will ask for, and why. */
export function requestTable(graph: QuantumGraph, options: RequestOptions): TaskRequest[] {
  const { learned, defaults } = options;
  const means = graph.datasetTypes.map(({ name }) => learned?.meanBytes(name));
  const sizes = new InputSizes(graph, (type) => means[type]);
  return graph.tasks.map(({ label, declaration }): TaskRequest => {
    const declared = declaredRequest(graph, label, declaration.resources, options, sizes);
    const known = learned?.task(label, declaration.taskClass, configDigest(declaration.config));
    const classes = known?.sizes.filter(({ quanta }) => quanta >= leastQuanta) ?? [];
    const base = { ...declared, cores: declared.cores ?? defaults.cores };
    if (known === undefined || classes.length === 0) return base;
    const { memoryBytes, memoryOf } = learnedMemory(classes, sizes, base, known);
    const quanta = classes.reduce((sum, one) => sum + one.quanta, 0);
    const wall = classes.reduce((sum, one) => sum + one.quanta * one.wallSeconds.mean, 0);
    return {
      ...base,
      ...(base.wallSeconds === undefined && known.sameConfig ? learnedLimit(classes, sizes) : {}),
      memoryBytes,
      memoryOf,
      source: 'learned',
      from: known.from,
      meanWallSeconds: wall / quanta,
    };
  });
}

function declaredRequest(
  graph: QuantumGraph,
  label: string,
  resources: ResourceRequest,
  { definitions, defaults }: RequestOptions,
  sizes: InputSizes,
): TaskRequest {
  const { cores = defaults.cores, wallSeconds } = resources;
  const memoryBytes = resources.memoryBytes ?? defaults.memoryBytes;
  const source = resources.memoryBytes === undefined ? 'default' : 'declared';
  const constant = { label, cores, memoryBytes, wallSeconds, source } as const;
  const task = graph.tasks.find((one) => one.label === label)!;
  const definition = definitions?.get(label);
  if (definition?.resources === undefined) return constant;
  const config = task.declaration.config;
  if (!looksAtInputs(definition, config)) return constant;
  const memoryOf = (quantum: number): number =>
    definition.resources!(inputInfo(graph, task.inputNames, sizes, quantum), config).memoryBytes ?? memoryBytes;
  return { ...constant, memoryOf, source: 'inputs' };
}

/** Tasks whose request does not depend on inputs never ask for one. */
function looksAtInputs(definition: TaskDefinition, config: unknown): boolean {
  let looked = false;
  const look = (): undefined => {
    looked = true;
    return undefined;
  };
  const inputs = new Proxy({}, { get: look, has: () => look() ?? false, ownKeys: () => look() ?? [] });
  definition.resources!(inputs, config);
  return looked;
}

function inputInfo(
  graph: QuantumGraph,
  names: readonly string[],
  sizes: InputSizes,
  quantum: number,
): Record<string, InputInfo[]> {
  const inputs: Record<string, InputInfo[]> = Object.fromEntries(names.map((name) => [name, []]));
  for (const { dataset, connection } of graph.quantumInputs(quantum))
    inputs[names[connection]].push({
      get dataId() {
        return graph.dataset(dataset).dataId;
      },
      sizeBytes: sizes.ofDataset(dataset),
    });
  return inputs;
}

/** The longest that was seen; quanta with larger inputs than were seen may take as long as they like. */
function learnedLimit(
  classes: readonly SizeClassUsage[],
  sizes: InputSizes,
): Pick<TaskRequest, 'wallSeconds' | 'isUnlimited'> {
  const longest = Math.max(...classes.map(({ wallSeconds }) => wallSeconds.max));
  const largest = Math.max(...classes.map(({ log2Bytes }) => log2Bytes));
  return {
    wallSeconds: Math.max(leastWallSeconds, longest),
    isUnlimited: (quantum) => sizeClass(sizes.ofInputs(quantum)) > largest,
  };
}

/**
 * From what quanta with inputs of the same size took; of a size that was never seen, the larger of what is declared and of what the next
 * larger (or, above all, the largest) seen took. Learned with another configuration it only raises what is declared.
 */
function learnedMemory(
  classes: readonly SizeClassUsage[],
  sizes: InputSizes,
  declared: TaskRequest,
  { sameConfig }: Learned,
): { memoryBytes: number; memoryOf?: (quantum: number) => number } {
  const enough = ({ peakMemoryBytes: { median, p95 } }: SizeClassUsage): number =>
    Math.ceil(Math.max(leastBytes, margin * p95, median));
  const declaredOf = (quantum: number) => declared.memoryOf?.(quantum) ?? declared.memoryBytes;
  const all = Math.max(...classes.map(enough));
  if (classes.length === 1 && declared.memoryOf === undefined)
    return { memoryBytes: sameConfig ? all : Math.max(all, declared.memoryBytes) };
  const memoryOf = (quantum: number): number => {
    const size = sizeClass(sizes.ofInputs(quantum));
    // Sizes that are only expected may fall on the other side of a limit.
    const same = [0, 1, -1].map((by) => classes.find(({ log2Bytes }) => log2Bytes === size + by)).find(Boolean);
    if (same !== undefined && sameConfig) return enough(same);
    const near = same ?? classes.find(({ log2Bytes }) => log2Bytes > size) ?? classes[classes.length - 1];
    return Math.max(enough(near), declaredOf(quantum));
  };
  return { memoryBytes: all, memoryOf };
}

/** What the outcome log keeps of it. */
export function requestRecord({ label, cores, memoryBytes, source, from }: TaskRequest): RequestRecord {
  return { label, cores, memoryBytes, source, from };
}
