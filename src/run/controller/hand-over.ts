// SPDX-License-Identifier: BSD-3-Clause
import type { QuantumGraph } from '../../graph/index.ts';
import { steadyUnixMs } from '../clock.ts';
import type { AttemptRecord, OutputRecord, RedoneRecord } from '../outcomes/record.ts';
import type { QuantumSpec, ToWorker } from '../workers/protocol.ts';

/**
 * What the controller knows of quanta whose products are partly in a worker's memory only: the files they have, so that a quantum which runs again
 * for what was in memory does not write those anew.
 */
export class HandOver {
  readonly #graph: QuantumGraph;
  readonly #isInMemory: (dataset: number) => boolean;
  readonly #files: Map<number, readonly OutputRecord[]>;

  constructor(
    graph: QuantumGraph,
    isInMemory: (dataset: number) => boolean,
    earlier: ReadonlyMap<number, readonly OutputRecord[]>,
  ) {
    this.#graph = graph;
    this.#isInMemory = isInMemory;
    this.#files = new Map(earlier);
  }

  /** Marks what is handed over in memory, and what is on disk already and as recorded. */
  mark(spec: QuantumSpec): QuantumSpec {
    const there = new Map(this.#files.get(spec.quantum)?.map(({ dataset, file }) => [dataset, file]));
    const inMemory = (row: number): { inMemory?: true } => (this.#isInMemory(row) ? { inMemory: true } : {});
    return {
      ...spec,
      inputs: spec.inputs.map((input) => ({ ...input, ...inMemory(input.row) })),
      outputs: spec.outputs.map((output) => {
        const file = there.get(output.row);
        return file === undefined ? { ...output, ...inMemory(output.row) } : { ...output, existing: [file] };
      }),
    };
  }

  /** A quantum has ended well. @returns its files, those of an earlier attempt among them */
  ended({ quantum, held, outputs }: Pick<AttemptRecord, 'quantum' | 'held' | 'outputs'>): readonly OutputRecord[] {
    const written = new Set(outputs.map(({ dataset }) => dataset));
    const before = (this.#files.get(quantum) ?? []).filter(({ dataset }) => !written.has(dataset));
    const all = before.length === 0 ? outputs : [...before, ...outputs];
    if (held !== undefined) this.#files.set(quantum, all);
    return all;
  }

  /** What a quantum did not make, or not again, and what is not there from before. */
  missing({ quantum, missing }: { quantum: number; missing: readonly number[] }): readonly number[] {
    const before = this.#files.get(quantum);
    return before === undefined ? missing : missing.filter((row) => !before.some(({ dataset }) => dataset === row));
  }

  /** Of a quantum's files those of this attempt: the others are registered. */
  written({ outputs }: Pick<AttemptRecord, 'outputs'>, spec: QuantumSpec): readonly OutputRecord[] {
    const before = new Set(spec.outputs.flatMap(({ row, existing }) => (existing.length > 0 ? [row] : [])));
    return outputs.filter(({ dataset }) => !before.has(dataset));
  }

  /** Nobody will want what these held. @returns what their worker is to be told */
  forget(quanta: readonly number[]): Extract<ToWorker, { type: 'forget' }> {
    const datasets = quanta.flatMap((quantum) => {
      this.#files.delete(quantum);
      const rows = this.#graph.quantumOutputs(quantum).filter(({ dataset }) => this.#isInMemory(dataset));
      return rows.map(({ dataset }) => this.#graph.dataset(dataset).id);
    });
    return { type: 'forget', datasets };
  }
}

/** @param workerPid of the worker that held it; undefined: it was one of an earlier execution */
export function remadeRecord(quanta: readonly number[], workerPid?: number): RedoneRecord {
  return { type: 'redone', reason: 'heldInMemory', quanta, paths: [], workerPid, unixMs: steadyUnixMs() };
}
