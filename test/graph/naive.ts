// SPDX-License-Identifier: BSD-3-Clause
import type { DataId } from '../../src/butler/index.ts';
import type { ResolvedPipeline } from '../../src/pipeline/index.ts';
import { key, type MemoryDataset, universe } from './memory-source.ts';

/** A graph as plain strings: quanta `label|key`, edges `quantum -> connection:type|key[|id]` and `quantum => type|key`. */
export interface NaiveGraph {
  quanta: string[];
  inputs: string[];
  outputs: string[];
}

/**
 * The definition of a quantum graph in nested loops, nothing clever: a quantum exists where some row of the universal relation
 * (with all overall inputs present) projects onto it; it has an input where some row projects onto both; it stays while each
 * of its inputs has as many datasets as the connection needs, until nothing changes.
 */
export function naiveGraph(
  pipeline: ResolvedPipeline,
  rows: readonly DataId[],
  stored: readonly MemoryDataset[],
  collections: readonly string[],
): NaiveGraph {
  const required = (dimensions: readonly string[]) => universe.conform(dimensions).required;
  const find = (type: string, dataId: DataId, dimensions: readonly string[]): MemoryDataset | undefined => {
    for (const collection of collections) {
      const found = stored.find(
        (one) =>
          one.type === type && one.collection === collection && key(one.dataId, dimensions) === key(dataId, dimensions),
      );
      if (found !== undefined) return found;
    }
    return undefined;
  };
  let candidates = [...rows];
  for (const type of pipeline.datasetTypes.values()) {
    if (type.isInit || type.producer !== undefined) continue;
    const needs = type.consumers.some(({ label, connection, prerequisite }) => {
      const declared = pipeline.tasks.find((task) => task.declaration.label === label)!.declaration.connections[
        connection
      ];
      return !prerequisite && (declared.minimum ?? 1) > 0;
    });
    if (needs) candidates = candidates.filter((row) => find(type.name, row, required(type.dimensions)) !== undefined);
  }

  interface Quantum {
    name: string;
    inputs: { connection: string; minimum: number; datasets: Map<string, { made: boolean; id?: string }> }[];
    outputs: Set<string>;
  }
  const quanta = new Map<string, Quantum>();
  for (const row of candidates) {
    for (const { declaration } of pipeline.tasks) {
      const name = `${declaration.label}|${key(row, required(declaration.dimensions))}`;
      let quantum = quanta.get(name);
      if (quantum === undefined) {
        quantum = { name, inputs: [], outputs: new Set() };
        for (const [connection, value] of Object.entries(declaration.connections)) {
          if (value.kind !== 'input' && value.kind !== 'prerequisite') continue;
          quantum.inputs.push({ connection, minimum: value.minimum ?? 1, datasets: new Map() });
        }
        quanta.set(name, quantum);
      }
      for (const [connection, value] of Object.entries(declaration.connections)) {
        const dimensions = required(value.dimensions ?? []);
        const dataset = `${value.datasetType}|${key(row, dimensions)}`;
        if (value.kind === 'output') quantum.outputs.add(dataset);
        else if (value.kind === 'input' || value.kind === 'prerequisite') {
          const made = pipeline.datasetTypes.get(value.datasetType)!.producer !== undefined;
          const found = made ? undefined : find(value.datasetType, row, dimensions);
          if (made || found !== undefined)
            quantum.inputs.find((one) => one.connection === connection)!.datasets.set(dataset, { made, id: found?.id });
        }
      }
    }
  }
  for (let changed = true; changed; ) {
    changed = false;
    const made = new Set([...quanta.values()].flatMap((quantum) => [...quantum.outputs]));
    for (const [name, quantum] of quanta) {
      for (const input of quantum.inputs) {
        for (const [dataset, { made: isMade }] of input.datasets)
          if (isMade && !made.has(dataset)) input.datasets.delete(dataset);
      }
      if (quantum.inputs.some((input) => input.datasets.size < input.minimum)) {
        quanta.delete(name);
        changed = true;
      }
    }
  }
  const made = new Set([...quanta.values()].flatMap((quantum) => [...quantum.outputs]));
  const graph: NaiveGraph = { quanta: [...quanta.keys()], inputs: [], outputs: [] };
  for (const { name, inputs, outputs } of quanta.values()) {
    for (const input of inputs) {
      for (const [dataset, { made: isMade, id }] of input.datasets) {
        if (!isMade || made.has(dataset))
          graph.inputs.push(`${name} <- ${input.connection}:${dataset}${id === undefined ? '' : `|${id}`}`);
      }
    }
    for (const dataset of outputs) graph.outputs.push(`${name} => ${dataset}`);
  }
  return graph;
}
