// SPDX-License-Identifier: BSD-3-Clause
import type { QuantumGraph } from '../../graph/index.ts';
import type { AttemptFigures } from '../outcomes/skim.ts';
import type { FinalCounts, MissingOutputs } from './model.ts';

const examplesKept = 3;
const datasetsListed = 1000;

/** Which datasets of a run exist and how large they are: four bytes a dataset. */
export class OutputTally {
  readonly #graph: QuantumGraph;
  readonly #bytes: Float32Array; // NaN: not made; large files to seven digits
  initOutputs = 0;

  constructor(graph: QuantumGraph) {
    this.#graph = graph;
    this.#bytes = new Float32Array(graph.datasetCount).fill(Number.NaN);
  }

  /** @returns bytes of all */
  add(outputs: AttemptFigures['outputs']): number {
    let bytes = 0;
    for (const { dataset, file } of outputs) {
      this.#bytes[dataset] = file.sizeBytes;
      bytes += file.sizeBytes;
    }
    return bytes;
  }

  /** Outputs that were only ever in a worker's memory: made, and without a file. */
  hold(rows: readonly number[]): void {
    for (const row of rows) if (Number.isNaN(this.#bytes[row])) this.#bytes[row] = 0;
  }

  isMade(row: number): boolean {
    return !Number.isNaN(this.#bytes[row]);
  }

  /** Sizes of all inputs of a task's quanta, as often as they were tried. */
  inputBytes(firstQuantum: number, quantumCount: number, attempts: Uint8Array): number {
    const { inputOffsets, inputDatasets } = this.#graph;
    let sum = 0;
    for (let q = firstQuantum; q < firstQuantum + quantumCount; q++) {
      if (attempts[q] === 0) continue;
      let bytes = 0;
      for (let edge = inputOffsets[q]; edge < inputOffsets[q + 1]; edge++) bytes += this.#bytesOf(inputDatasets[edge]);
      sum += attempts[q] * bytes;
    }
    return sum;
  }

  #bytesOf(row: number): number {
    let bytes = this.#bytes[row];
    if (Number.isNaN(bytes)) {
      // One that existed: looked up once.
      bytes = this.#graph.datasetBytes(row) ?? -1;
      if (bytes >= 0) this.#bytes[row] = bytes;
    }
    return Math.max(0, bytes);
  }

  missing(stateOf: (quantum: number) => keyof FinalCounts): MissingOutputs[] {
    const graph = this.#graph;
    const { outputOffsets, outputDatasets } = graph;
    const byType = new Map<number, MissingOutputs>();
    const expected = new Uint32Array(graph.datasetTypes.length);
    let t = 0;
    const holds = (row: number): boolean => {
      const { firstDataset, datasetCount } = graph.datasetTypes[t];
      return row >= firstDataset && row < firstDataset + datasetCount;
    };
    for (let q = 0; q < graph.quantumCount; q++)
      for (let edge = outputOffsets[q]; edge < outputOffsets[q + 1]; edge++) {
        const row = outputDatasets[edge];
        if (!holds(row)) for (t = 0; !holds(row); t++);
        expected[t]++;
        if (!Number.isNaN(this.#bytes[row])) continue;
        let of = byType.get(t);
        if (of === undefined) {
          const datasetType = graph.datasetTypes[t].name;
          of = { datasetType, expected: 0, missing: 0, because: {}, examples: [], datasets: [] };
          byType.set(t, of);
        }
        of.missing++;
        const state = stateOf(q);
        of.because[state] = (of.because[state] ?? 0) + 1;
        if (of.examples.length < examplesKept) of.examples.push(graph.dataset(row).dataId);
        if (of.datasets.length < datasetsListed) of.datasets.push(row);
      }
    return [...byType].sort(([a], [b]) => a - b).map(([type, of]) => ({ ...of, expected: expected[type] }));
  }
}
