// SPDX-License-Identifier: BSD-3-Clause
import type { QuantumGraph } from '../../graph/index.ts';
import type { AttemptRecord } from '../outcomes/record.ts';
import { Distribution } from '../report/distribution.ts';
import { InputSizes } from './input-sizes.ts';
import { configDigest, type RunUsage, sizeClass } from './learned.ts';

/** Watches the attempts of an execution and sums up what they took, by task and size of inputs. */
export class UsageLearner {
  readonly #graph: QuantumGraph;
  readonly #sizes: InputSizes;
  readonly #tasks: Map<number, { peak: Distribution; wall: Distribution }>[];
  readonly #made: { count: number; bytes: number }[];

  constructor(graph: QuantumGraph) {
    this.#graph = graph;
    // The next run will expect what was made to have the mean of this run: quanta are told apart as they will be then.
    this.#sizes = new InputSizes(graph, (type) => {
      const { count, bytes } = this.#made[type];
      return count === 0 ? undefined : bytes / count;
    });
    this.#tasks = graph.tasks.map(() => new Map());
    this.#made = graph.datasetTypes.map(() => ({ count: 0, bytes: 0 }));
  }

  attempt({ quantum, state, usage, outputs }: AttemptRecord): void {
    if (state !== 'done' && state !== 'doneWithCaveat') return;
    for (const { dataset, file } of outputs) {
      const of = this.#made[this.#sizes.typeOf(dataset)];
      of.count++;
      of.bytes += file.sizeBytes;
    }
    if (usage.peakMemoryBytes <= 0) return;
    const classes = this.#tasks[this.#graph.taskOf(quantum)];
    const size = sizeClass(this.#sizes.ofInputs(quantum));
    let of = classes.get(size);
    if (of === undefined) {
      of = { peak: new Distribution(), wall: new Distribution() };
      classes.set(size, of);
    }
    of.peak.add(usage.peakMemoryBytes);
    of.wall.add(usage.wallSeconds);
  }

  /** Undefined: nothing ended well. */
  summary(endedUnixMs: number): RunUsage | undefined {
    const tasks = this.#graph.tasks.flatMap(({ label, declaration }, t) => {
      const classes = this.#tasks[t];
      if (classes.size === 0) return [];
      const sizes = [...classes].map(([log2Bytes, { peak, wall }]) => {
        const [p, w] = [peak.spread()!, wall.spread()!];
        return {
          log2Bytes,
          quanta: peak.count,
          peakMemoryBytes: { median: Math.round(p.median), p95: Math.round(p.p95), max: p.max },
          wallSeconds: { mean: w.mean, p95: w.p95, max: w.max },
        };
      });
      const { taskClass, config } = declaration;
      return [
        {
          label,
          taskClass,
          configDigest: configDigest(config),
          sizes: sizes.sort((a, b) => a.log2Bytes - b.log2Bytes),
        },
      ];
    });
    if (tasks.length === 0) return undefined;
    const datasets = this.#graph.datasetTypes.flatMap(({ name }, t) => {
      const { count, bytes } = this.#made[t];
      return count === 0 ? [] : [{ datasetType: name, count, meanBytes: Math.round(bytes / count) }];
    });
    return { version: 1, run: this.#graph.header.outputRun, endedUnixMs, tasks, datasets };
  }
}
