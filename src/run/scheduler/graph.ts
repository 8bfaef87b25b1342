// SPDX-License-Identifier: BSD-3-Clause
import type { GraphEdge, QuantumGraph } from '../../graph/index.ts';

/**
 * What the scheduler knows of a graph: numbers only. The order of quanta is in columns, shared with the graph's own, never copied, never
 * written; datasets matter only where some do not exist, so they are asked for by quantum.
 */
export interface SchedulerGraph {
  readonly quantumCount: number;
  readonly datasetCount: number;
  readonly dependencyOffsets: Uint32Array;
  readonly dependencies: Uint32Array;
  readonly dependentOffsets: Uint32Array;
  readonly dependents: Uint32Array;
  inputs(quantum: number): readonly GraphEdge[];
  outputs(quantum: number): readonly GraphEdge[];
  readonly tasks: readonly SchedulerTask[];
}

export interface SchedulerTask {
  readonly label: string;
  readonly firstQuantum: number;
  readonly quantumCount: number;
  readonly cores: number;
  readonly memoryBytes: number;
  /** Of a task whose quanta ask for different amounts: pure, and asked once a quantum, when it might run. */
  readonly memoryOf?: (quantum: number) => number;
  /** Expected of an attempt, where earlier runs tell: for displays, never for decisions. */
  readonly expectedSeconds?: number;
  /** After this long an attempt is killed; undefined never. */
  readonly limitSeconds?: number;
  /** Quanta that the limit does not hold for: larger than any it was learned from. Pure; asked when an attempt begins. */
  readonly isUnlimited?: (quantum: number) => boolean;
  /** By input connection: the fewest datasets a quantum can run with. */
  readonly minimums: readonly number[];
}

/** Requests of a task that states none. */
export interface RequestDefaults {
  cores: number;
  memoryBytes: number;
  /** A task that states wall seconds is killed after this many times as long; 0 never kills. */
  limitFactor: number;
}

/** What the quanta of a task ask for. */
export type SchedulerRequest = Pick<SchedulerTask, 'cores' | 'memoryBytes' | 'memoryOf' | 'isUnlimited'> & {
  wallSeconds?: number;
  meanWallSeconds?: number;
};

/** @param requests by task; without them what tasks declare */
export function schedulerGraph(
  graph: QuantumGraph,
  defaults: RequestDefaults,
  requests: readonly SchedulerRequest[] = graph.tasks.map(({ declaration: { resources } }) => ({
    cores: resources.cores ?? defaults.cores,
    memoryBytes: resources.memoryBytes ?? defaults.memoryBytes,
    wallSeconds: resources.wallSeconds,
  })),
): SchedulerGraph {
  const dependencies = graph.dependencies();
  const dependents = graph.dependents();
  return {
    quantumCount: graph.quantumCount,
    datasetCount: graph.datasetCount,
    dependencyOffsets: dependencies.offsets,
    dependencies: dependencies.quanta,
    dependentOffsets: dependents.offsets,
    dependents: dependents.quanta,
    inputs: (quantum) => graph.quantumInputs(quantum),
    outputs: (quantum) => graph.quantumOutputs(quantum),
    tasks: graph.tasks.map((task, t) => {
      const { connections } = task.declaration;
      const { cores, memoryBytes, memoryOf, wallSeconds, isUnlimited, meanWallSeconds } = requests[t];
      return {
        label: task.label,
        firstQuantum: task.firstQuantum,
        quantumCount: task.quantumCount,
        cores,
        memoryBytes,
        memoryOf,
        expectedSeconds: meanWallSeconds,
        isUnlimited,
        limitSeconds:
          wallSeconds !== undefined && defaults.limitFactor > 0 ? wallSeconds * defaults.limitFactor : undefined,
        minimums: task.inputNames.map((name) => connections[name]?.minimum ?? 1),
      };
    }),
  };
}
