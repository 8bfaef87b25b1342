// SPDX-License-Identifier: BSD-3-Clause
import type { QuantumGraph } from '../../graph/index.ts';
import { concentrations, countCodes, type Property } from './concentration.ts';
import type { Concentration } from './model.ts';

/**
 * Where attempts ran, a few bytes each: of every quantum its last attempt (row = quantum), and behind them the attempts that were
 * followed by another. Answers what failures have in common: hosts, workers, dimensions.
 */
export class AttemptPlaces {
  readonly #graph: QuantumGraph;
  readonly #tried: Uint8Array;
  readonly #host: Uint16Array;
  readonly #worker: Uint16Array;
  readonly #earlier: { quantum: number; host: number; worker: number }[] = [];
  readonly #hosts: string[] = [];
  readonly #workers: { host: number; pid: number }[] = [];
  readonly #workerCodes: Map<number, number>[] = []; // by host
  readonly #populations = new Map<string, { rows: Uint32Array; properties: Property[] }>();

  constructor(graph: QuantumGraph) {
    this.#graph = graph;
    this.#tried = new Uint8Array(graph.quantumCount);
    this.#host = new Uint16Array(graph.quantumCount);
    this.#worker = new Uint16Array(graph.quantumCount);
  }

  /** @returns the row of this attempt */
  add(quantum: number, hostName: string, pid: number, retried: boolean): number {
    const host = this.#hostCode(hostName);
    const worker = this.#workerCode(host, pid);
    if (retried) return this.#graph.quantumCount + this.#earlier.push({ quantum, host, worker }) - 1;
    this.#tried[quantum] = 1;
    this.#host[quantum] = host;
    this.#worker[quantum] = worker;
    return quantum;
  }

  wasTried(quantum: number): boolean {
    return this.#tried[quantum] === 1;
  }

  quantumOf(row: number): number {
    return row < this.#graph.quantumCount ? row : this.#earlier[row - this.#graph.quantumCount].quantum;
  }

  /** What these attempts have in common, compared with all attempts of the same tasks. */
  concentrations(rows: readonly number[]): Concentration[] {
    const tasks = [...new Set(rows.map((row) => this.#graph.taskOf(this.quantumOf(row))))].sort((a, b) => a - b);
    const key = tasks.join();
    let population = this.#populations.get(key);
    if (population === undefined) {
      population = this.#population(tasks);
      this.#populations.set(key, population);
    }
    const { rows: all, properties } = population;
    return concentrations(
      properties,
      rows.map((row) => placeOf(all, row)),
    );
  }

  #population(tasks: readonly number[]): { rows: Uint32Array; properties: Property[] } {
    const graph = this.#graph;
    const rows: number[] = [];
    for (const task of tasks) {
      const { firstQuantum, quantumCount } = graph.tasks[task];
      for (let q = firstQuantum; q < firstQuantum + quantumCount; q++) if (this.#tried[q] === 1) rows.push(q);
    }
    this.#earlier.forEach(({ quantum }, i) => {
      if (tasks.includes(graph.taskOf(quantum))) rows.push(graph.quantumCount + i);
    });
    const host = new Uint16Array(rows.length);
    const worker = new Uint16Array(rows.length);
    const dimensions = new Map<string, { codes: Int32Array; values: (string | number)[]; of: Map<unknown, number> }>();
    rows.forEach((row, i) => {
      const earlier = row < graph.quantumCount ? undefined : this.#earlier[row - graph.quantumCount];
      const quantum = earlier?.quantum ?? row;
      host[i] = earlier?.host ?? this.#host[quantum];
      worker[i] = earlier?.worker ?? this.#worker[quantum];
      const dataId = graph.quantumDataId(quantum);
      for (const name in dataId) {
        let dimension = dimensions.get(name);
        if (dimension === undefined) {
          dimension = { codes: new Int32Array(rows.length), values: ['none'], of: new Map() };
          dimensions.set(name, dimension);
        }
        const value = dataId[name];
        let code = dimension.of.get(value);
        if (code === undefined) {
          code = dimension.values.push(value) - 1;
          dimension.of.set(value, code);
        }
        dimension.codes[i] = code;
      }
    });
    const properties = [...dimensions].map(([name, { codes, values }]) =>
      property(name, codes, values.length, (code) => values[code]),
    );
    properties.push(property('host', host, this.#hosts.length, (code) => this.#hosts[code]));
    const describe = ({ host: at, pid }: { host: number; pid: number }) => `process ${pid} on ${this.#hosts[at]}`;
    properties.push(property('worker', worker, this.#workers.length, (code) => describe(this.#workers[code])));
    return { rows: Uint32Array.from(rows), properties };
  }

  #hostCode(name: string): number {
    const known = this.#hosts.indexOf(name);
    if (known >= 0 || this.#hosts.length > 0xffff) return Math.max(0, known);
    this.#workerCodes.push(new Map());
    return this.#hosts.push(name) - 1;
  }

  #workerCode(host: number, pid: number): number {
    const codes = this.#workerCodes[host];
    let code = codes.get(pid);
    if (code === undefined) {
      code = Math.min(0xffff, this.#workers.length); // beyond that, all others are as one
      this.#workers[code] ??= { host, pid };
      codes.set(pid, code);
    }
    return code;
  }
}

function property(
  name: string,
  codes: ArrayLike<number>,
  size: number,
  value: (code: number) => string | number,
): Property {
  return { name, codes, counts: countCodes(codes, size), value };
}

/** Where a number is in an ascending list that has it. */
function placeOf(list: Uint32Array, wanted: number): number {
  let [low, high] = [0, list.length - 1];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (list[middle] < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}
