// SPDX-License-Identifier: BSD-3-Clause
import type { Place } from '../../base/index.ts';
import { pipelineErrors } from '../errors.ts';
import type { PipelineDatasetType } from './model.ts';

/** Labels of the tasks that each task waits for. */
export function taskDependencies(
  labels: readonly string[],
  datasetTypes: ReadonlyMap<string, PipelineDatasetType>,
): Map<string, Set<string>> {
  const waits = new Map(labels.map((label) => [label, new Set<string>()]));
  for (const type of datasetTypes.values()) {
    if (type.producer === undefined) continue;
    for (const consumer of type.consumers) waits.get(consumer.label)?.add(type.producer.label);
  }
  return waits;
}

/** Labels so that each comes after what it waits for; among the ready ones the first declared goes first. */
export function topologicalOrder(
  labels: readonly string[],
  datasetTypes: ReadonlyMap<string, PipelineDatasetType>,
  places: ReadonlyMap<string, Place> = new Map(),
): string[] {
  const waits = taskDependencies(labels, datasetTypes);
  const left = new Set(labels);
  const order: string[] = [];
  while (left.size > 0) {
    const next = [...left].find((label) => [...(waits.get(label) ?? [])].every((other) => !left.has(other)));
    if (next === undefined) {
      const cycle = findCycle(left, waits);
      throw pipelineErrors.CYCLE({ cycle: cycle.join(' -> ') }, { place: places.get(cycle[0]) });
    }
    left.delete(next);
    order.push(next);
  }
  return order;
}

/** One circle among tasks that all wait for another of them, in the direction of the data. */
function findCycle(left: ReadonlySet<string>, waits: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const path: string[] = [];
  let at = [...left][0];
  while (!path.includes(at)) {
    path.push(at);
    at = [...(waits.get(at) ?? [])].find((other) => left.has(other)) as string;
  }
  return [...path.slice(path.indexOf(at)), at].reverse();
}
