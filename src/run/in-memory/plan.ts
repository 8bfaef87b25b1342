// SPDX-License-Identifier: BSD-3-Clause
import { didYouMean } from '../../base/index.ts';
import type { QuantumGraph } from '../../graph/index.ts';
import { splitComponent } from '../../pipeline/index.ts';
import { runErrors } from '../errors.ts';
import type { RunEvent } from '../progress/events.ts';
import type { Clusters, SchedulerGraph } from '../scheduler/index.ts';
import { type Cluster, ClusterFinder, heldAtMost } from './clusters.ts';

/** A dataset type that was not to be kept and is written all the same. */
export interface WrittenAllTheSame {
  datasetType: string;
  reason: string;
}

/** Which dataset types are only handed over in memory, and the quanta that have to run together for it. */
export interface InMemoryPlan {
  types: readonly string[];
  written: readonly WrittenAllTheSame[];
  clusters?: Clusters;
  /** Quanta of the largest cluster. */
  largest: number;
  isInMemory(dataset: number): boolean;
}

export interface InMemoryLimits {
  jobs: number;
  /** What one worker may hold. */
  memoryBytes: number;
}

/** Clusters of so few quanta are formed even where one of them is the whole run. */
const ALWAYS = 16;

/**
 * Decides before the run what is only handed over in memory. A type is written all the same where no quantum of the run makes or reads it, where
 * other processes than the warm workers take part, and where the quanta it connects are too many for one worker: more than its part
 * of the run, or holding more at a time than its part of the memory (each dataset counted with the memory that the task which makes it requests).
 */
export function planInMemory(
  graph: QuantumGraph,
  numbers: SchedulerGraph,
  wanted: readonly string[],
  limits: InMemoryLimits,
): InMemoryPlan {
  const written: WrittenAllTheSame[] = [];
  let types = [...new Set(wanted)].filter((datasetType) => {
    const reason = unfit(graph, datasetType);
    if (reason !== undefined) written.push({ datasetType, reason });
    return reason === undefined;
  });
  for (;;) {
    if (types.length === 0) return { types, written, largest: 0, isInMemory: () => false };
    const found = new ClusterFinder(graph, numbers, types);
    const tooLarge = firstTooLarge(found, numbers, limits);
    if (tooLarge === undefined) {
      const { clusters, largest } = found;
      return { types, written, clusters, largest, isInMemory: clusters.isInMemory };
    }
    const { cluster, reason } = tooLarge;
    const datasetType = found.busiestType(cluster);
    written.push({ datasetType, reason });
    types = types.filter((name) => name !== datasetType);
  }
}

function firstTooLarge(
  found: ClusterFinder,
  numbers: SchedulerGraph,
  { jobs, memoryBytes }: InMemoryLimits,
): { cluster: Cluster; reason: string } | undefined {
  const quanta = Math.max(ALWAYS, Math.ceil(found.memberCount / jobs));
  for (const cluster of found) {
    if (cluster.length > quanta)
      return { cluster, reason: `it connects ${cluster.length} quanta, which would all run in one worker` };
    const heldBytes = heldAtMost(found, numbers, cluster);
    if (heldBytes > memoryBytes) {
      const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;
      return { cluster, reason: `a worker might hold ${gigabytes(heldBytes)} of it and has ${gigabytes(memoryBytes)}` };
    }
  }
  return undefined;
}

/** Why a type cannot be handed over in memory whatever its quanta; undefined if it can. */
function unfit(graph: QuantumGraph, datasetType: string): string | undefined {
  const tasks = graph.tasks.filter(({ quantumCount }) => quantumCount > 0);
  const using = (kinds: readonly string[]) =>
    tasks.filter(({ declaration }) =>
      Object.values(declaration.connections).some(
        (one) => kinds.includes(one.kind) && splitComponent(one.datasetType).parent === datasetType,
      ),
    );
  const makers = using(['output']);
  const readers = using(['input', 'prerequisite']);
  if (makers.length === 0) return 'no quantum of this run makes it';
  if (readers.length === 0) return 'nobody in this run reads it';
  const automatic = makers.some(({ label }) => [`${label}_log`, `${label}_metadata`].includes(datasetType));
  if (automatic) return 'logs and metadata are always kept';
  const other = [...makers, ...readers].find(({ declaration }) => declaration.runner !== 'typescript');
  return other && `task ${other.label} does not run in the workers that hand over`;
}

/** What the pipeline and the operator do not want kept. What the operator names must be there. @throws RUN_IN_MEMORY_TYPE */
export function wantedInMemory(graph: QuantumGraph, named: readonly string[] = []): string[] {
  const known = graph.datasetTypes.map(({ name }) => name);
  for (const datasetType of named)
    if (!known.includes(datasetType))
      throw runErrors.IN_MEMORY_TYPE({ datasetType, hint: didYouMean(datasetType, known) });
  return [...(graph.header.inMemory ?? []), ...named];
}

export function inMemoryEvent({ types, written, clusters, largest }: InMemoryPlan): RunEvent {
  return { type: 'inMemory', types, written, clusters: (clusters?.offsets.length ?? 1) - 1, largest };
}
