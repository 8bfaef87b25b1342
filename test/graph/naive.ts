// SPDX-License-Identifier: BSD-3-Clause
import type { DataId } from '../../src/butler/index.ts';
import type { ResolvedPipeline } from '../../src/pipeline/index.ts';
import { key, type MemoryDataset, universe } from './memory-source.ts';

/** A graph as plain strings: quanta `label|key`, edges `quantum -> connection:type|key[|id]` and `quantum => type|key`. */
export interface NaiveGraph {
  quanta: string[];
  inputs: string[];
  outputs: string[];
  /** What quanta write that are not done, before those that lack something go. */
  written: Set<string>;
}

/** What a build was asked for. */
export interface NaiveOptions {
  /** Where the metadata of quanta that are done is. */
  collection?: string;
  retained?: readonly string[];
  timeOf?: (visit: number) => Span;
  constraint?: 'all' | 'off' | readonly string[];
  /** Data IDs that are considered, before datasets are. */
  considered?: (row: DataId) => boolean;
}

const known = new Map<string, readonly string[]>();

/** Required dimensions; the same few sets are asked for again and again. */
export function required(dimensions: readonly string[]): readonly string[] {
  const name = dimensions.join();
  let found = known.get(name);
  if (found === undefined) known.set(name, (found = universe.conform(dimensions).required));
  return found;
}

interface Span {
  beginNs: bigint;
  endNs: bigint;
}

/**
 * The definition of a quantum graph in nested loops, nothing clever: a quantum exists where some row of the universal relation
 * (with all overall inputs present) projects onto it; it has an input where some row projects onto both; it stays while each
 * of its inputs has as many datasets as the connection needs, until nothing changes. Quanta whose metadata is in `skip.collection` are
 * done, but for those of which a quantum to be run needs something that is not retained. Calibrations are those of the first
 * collection with any that is valid at the time of the quantum's visit, or else of its inputs' visits.
 */
export function naiveGraph(
  pipeline: ResolvedPipeline,
  rows: readonly DataId[],
  stored: readonly MemoryDataset[],
  collections: readonly string[],
  skip: NaiveOptions = {},
): NaiveGraph {
  const byKey = new Map<string, MemoryDataset>();
  const at = (type: string, collection: string, values: string) => `${type}|${collection}|${values}`;
  for (const one of stored) {
    const values = at(one.type, one.collection, key(one.dataId, Object.keys(one.dataId)));
    if (!byKey.has(values)) byKey.set(values, one);
  }
  const find = (type: string, dataId: DataId, dimensions: readonly string[]): MemoryDataset | undefined => {
    for (const collection of collections) {
      const found = byKey.get(at(type, collection, key(dataId, dimensions)));
      if (found !== undefined) return found;
    }
    return undefined;
  };
  const { constraint = 'all', considered = () => true } = skip;
  let candidates = rows.filter(considered);
  for (const type of pipeline.datasetTypes.values()) {
    if (type.isInit || type.producer !== undefined) continue;
    const needs = type.consumers.some(({ label, connection, prerequisite }) => {
      const declared = pipeline.tasks.find((task) => task.declaration.label === label)!.declaration.connections[
        connection
      ];
      return !prerequisite && (declared.minimum ?? 1) > 0;
    });
    if (constraint === 'all' ? needs : constraint !== 'off' && constraint.includes(type.name))
      candidates = candidates.filter((row) => find(type.name, row, required(type.dimensions)) !== undefined);
  }

  interface Quantum {
    name: string;
    label: string;
    row: DataId;
    inputs: {
      connection: string;
      minimum: number;
      datasets: Map<string, { made: boolean; id?: string; visit?: number }>;
    }[];
    outputs: Set<string>;
  }
  const quanta = new Map<string, Quantum>();
  for (const row of candidates) {
    for (const { declaration } of pipeline.tasks) {
      const name = `${declaration.label}|${key(row, required(declaration.dimensions))}`;
      let quantum = quanta.get(name);
      if (quantum === undefined) {
        quantum = { name, label: declaration.label, row, inputs: [], outputs: new Set() };
        for (const [connection, value] of Object.entries(declaration.connections)) {
          if (value.kind !== 'input' && value.kind !== 'prerequisite') continue;
          quantum.inputs.push({ connection, minimum: value.minimum ?? 1, datasets: new Map() });
        }
        quanta.set(name, quantum);
      }
      for (const [connection, value] of Object.entries(declaration.connections)) {
        const dimensions = required(value.dimensions ?? []);
        const dataset = `${value.datasetType}|${key(row, dimensions)}`;
        if (value.isCalibration || (value.kind === 'prerequisite' && dimensions.includes('htm7'))) continue;
        if (value.kind === 'output') quantum.outputs.add(dataset);
        else if (value.kind === 'input' || value.kind === 'prerequisite') {
          const made = pipeline.datasetTypes.get(value.datasetType)!.producer !== undefined;
          const found = made ? undefined : find(value.datasetType, row, dimensions);
          if (made || found !== undefined)
            quantum.inputs
              .find((one) => one.connection === connection)!
              .datasets.set(dataset, {
                made,
                id: found?.id,
                visit: value.kind === 'input' && dimensions.includes('visit') ? (row.visit as number) : undefined,
              });
        }
      }
    }
  }
  const order = pipeline.tasks.map((task) => task.declaration.label);
  const prior = new Map<string, MemoryDataset>();
  for (const one of stored)
    if (one.collection === skip.collection)
      prior.set(`${one.type}|${key(one.dataId, required(pipeline.datasetTypes.get(one.type)?.dimensions ?? []))}`, one);
  const isIn = (dataset: string): MemoryDataset | undefined => prior.get(dataset);
  const done = new Set(
    [...quanta.values()]
      .filter((quantum) =>
        [...quantum.outputs].some((one) => one.startsWith(`${quantum.label}_metadata|`) && isIn(one) !== undefined),
      )
      .map((quantum) => quantum.name),
  );
  if (skip.retained !== undefined) {
    const needed = new Set<string>();
    for (const label of order.toReversed()) {
      for (const quantum of [...quanta.values()].filter((one) => one.label === label)) {
        if (done.has(quantum.name) && [...quantum.outputs].some((one) => needed.has(one))) done.delete(quantum.name);
        if (done.has(quantum.name)) continue;
        for (const input of quantum.inputs)
          for (const [dataset, { made }] of input.datasets)
            if (made && !skip.retained.includes(dataset.split('|')[0])) needed.add(dataset);
      }
    }
  }
  /** Results of quanta that are done, by dataset: their ids. */
  const present = new Map<string, string>();
  for (const name of done) {
    for (const dataset of quanta.get(name)!.outputs) {
      const found = isIn(dataset);
      if (found !== undefined) present.set(dataset, found.id);
    }
    quanta.delete(name);
  }
  const toBeMade = new Set([...quanta.values()].flatMap((quantum) => [...quantum.outputs]));
  for (const quantum of quanta.values()) {
    addCalibrations(quantum);
    addNearby(quantum);
  }
  for (let changed = true; changed; ) {
    changed = false;
    const made = new Set([...quanta.values()].flatMap((quantum) => [...quantum.outputs]));
    for (const [name, quantum] of quanta) {
      for (const input of quantum.inputs) {
        for (const [dataset, { made: isMade }] of input.datasets)
          if (isMade && !made.has(dataset) && !present.has(dataset)) input.datasets.delete(dataset);
      }
      if (quantum.inputs.some((input) => input.datasets.size < input.minimum)) {
        quanta.delete(name);
        changed = true;
      }
    }
  }
  const made = new Set([...quanta.values()].flatMap((quantum) => [...quantum.outputs]));
  const graph: NaiveGraph = { quanta: [...quanta.keys()], inputs: [], outputs: [], written: toBeMade };
  for (const { name, inputs, outputs } of quanta.values()) {
    for (const input of inputs) {
      for (const [dataset, { made: isMade, id }] of input.datasets) {
        const known = id ?? (made.has(dataset) ? undefined : present.get(dataset));
        if (!isMade || made.has(dataset) || known !== undefined)
          graph.inputs.push(`${name} <- ${input.connection}:${dataset}${known === undefined ? '' : `|${known}`}`);
      }
    }
    for (const dataset of outputs) graph.outputs.push(`${name} => ${dataset}`);
  }
  return graph;

  /** Prerequisites by sky pixel: those of the pixels that the quantum touches; all, where it is nowhere on the sky. */
  function addNearby(quantum: Quantum): void {
    const { declaration } = pipeline.tasks.find((task) => task.declaration.label === quantum.label)!;
    const own = required(declaration.dimensions);
    const spatial = own.some((name) => ['visit', 'tract', 'patch', 'htm7'].includes(name));
    for (const [connection, value] of Object.entries(declaration.connections)) {
      if (value.kind !== 'prerequisite' || !value.dimensions?.includes('htm7')) continue;
      const touching = spatial ? rows.filter((row) => key(row, own) === key(quantum.row, own)) : undefined;
      const pixels =
        touching?.map((row) => row.htm7) ??
        stored.filter((one) => one.type === value.datasetType).map((one) => one.dataId.htm7);
      const input = quantum.inputs.find((one) => one.connection === connection)!;
      for (const htm7 of new Set(pixels)) {
        const found = find(value.datasetType, { htm7 }, ['htm7']);
        if (found !== undefined)
          input.datasets.set(`${value.datasetType}|${key({ htm7 }, ['htm7'])}`, { made: false, id: found.id });
      }
    }
  }

  function addCalibrations(quantum: Quantum): void {
    const { declaration } = pipeline.tasks.find((task) => task.declaration.label === quantum.label)!;
    const own = universe.conform(declaration.dimensions);
    const ofInputs = quantum.inputs.flatMap((input) =>
      [...input.datasets].flatMap(([dataset, { made: isMade, visit }]) =>
        visit !== undefined && (!isMade || toBeMade.has(dataset) || present.has(dataset)) ? [visit] : [],
      ),
    );
    const visits = own.has('visit') ? [quantum.row.visit as number] : ofInputs;
    const spans = visits.map((visit) => skip.timeOf!(visit));
    const ordered = (values: bigint[]) => values.toSorted((a, b) => (a < b ? -1 : 1));
    const begin = ordered(spans.map((one) => one.beginNs))[0] ?? 0n;
    const end = ordered(spans.map((one) => one.endNs)).at(-1) ?? 1n << 60n;
    for (const [connection, value] of Object.entries(declaration.connections)) {
      if (!value.isCalibration) continue;
      const dimensions = required(value.dimensions ?? []);
      const shared = dimensions.filter((name) => own.has(name));
      for (const collection of collections) {
        const valid = stored.filter(
          (one) =>
            one.type === value.datasetType &&
            one.collection === collection &&
            key(one.dataId, shared) === key(quantum.row, shared) &&
            (one.timespan?.beginNs ?? 0n) < end &&
            begin < (one.timespan?.endNs ?? 0n),
        );
        if (valid.length === 0) continue;
        const input = quantum.inputs.find((one) => one.connection === connection)!;
        for (const { id, dataId } of valid)
          input.datasets.set(`${value.datasetType}|${key(dataId, dimensions)}|${id}`, { made: false });
        break;
      }
    }
  }
}
