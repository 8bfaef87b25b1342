// SPDX-License-Identifier: BSD-3-Clause
import { didYouMean } from '../base/index.ts';
import type { DataId } from '../butler/index.ts';
import type { QuantumGraph } from '../graph/index.ts';
import { runErrors } from './errors.ts';
import type { SchedulerEvent } from './scheduler/index.ts';

/** Data IDs that an execution leaves out: quanta (of one task, or of all) that have these values. */
export interface Exclusion {
  label?: string;
  dataId: DataId;
  /** As it was written. */
  text: string;
}

/** Reads `visit=42, detector=3` or `calibrate visit=42`. */
export function parseExclusion(text: string): Exclusion {
  const words = text.trim().split(/[\s,]+/);
  const label = words[0].includes('=') ? undefined : words.shift();
  const dataId: Record<string, string> = {};
  for (const word of words) {
    const [key, value, ...more] = word.split('=');
    if (!key || !value || more.length > 0)
      throw runErrors.EXCLUSION({ text, problem: `"${word}" is not dimension=value`, hint: '' });
    dataId[key] = value.replace(/^(['"])(.*)\1$/, '$2');
  }
  if (words.length === 0) throw runErrors.EXCLUSION({ text, problem: 'it names no data ID', hint: '' });
  return { label, dataId, text };
}

export interface Excluded {
  /** By quantum the exclusion that is for it. */
  quanta: ReadonlyMap<number, Exclusion>;
  /** Exclusions that are for no quantum of the graph. */
  idle: Exclusion[];
}

/**
 * The quanta that exclusions are for: those of tasks with all their dimensions, where all values are equal. A label or dimension
 * that no task has is a RUN_EXCLUSION error.
 */
export function findExcluded(graph: QuantumGraph, exclusions: readonly Exclusion[]): Excluded {
  const quanta = new Map<number, Exclusion>();
  const labels = graph.tasks.map((task) => task.label);
  const firsts = graph.tasks.map((task) => (task.quantumCount === 0 ? {} : graph.quantumDataId(task.firstQuantum)));
  const dimensions = [...new Set(firsts.flatMap((dataId) => Object.keys(dataId)))];
  const found = new Set<Exclusion>();
  for (const exclusion of exclusions) {
    const { label, text } = exclusion;
    if (label !== undefined && !labels.includes(label))
      throw runErrors.EXCLUSION({ text, problem: `there is no task "${label}"`, hint: didYouMean(label, labels) });
    for (const key of Object.keys(exclusion.dataId))
      if (!dimensions.includes(key)) {
        const problem = `no quantum has the dimension "${key}"`;
        throw runErrors.EXCLUSION({ text, problem, hint: didYouMean(key, dimensions) });
      }
  }
  graph.tasks.forEach((task, t) => {
    // By their values, so that a table of thousands of data IDs takes one look for each quantum.
    const lookups = lookupsOf(exclusions.filter((one) => concerns(one, task.label, firsts[t])));
    if (lookups.length === 0) return;
    for (let quantum = task.firstQuantum; quantum < task.firstQuantum + task.quantumCount; quantum++) {
      const dataId = graph.quantumDataId(quantum);
      for (const { keys, byValues } of lookups) {
        const exclusion = byValues.get(valuesOf(dataId, keys));
        if (exclusion === undefined) continue;
        if (!quanta.has(quantum)) quanta.set(quantum, exclusion);
        found.add(exclusion);
      }
    }
  });
  return { quanta, idle: exclusions.filter((exclusion) => !found.has(exclusion)) };
}

function concerns({ label, dataId }: Exclusion, taskLabel: string, first: DataId): boolean {
  return (label === undefined || label === taskLabel) && Object.keys(dataId).every((key) => key in first);
}

function lookupsOf(exclusions: readonly Exclusion[]): { keys: string[]; byValues: Map<string, Exclusion> }[] {
  const groups = Map.groupBy(exclusions, ({ dataId }) => Object.keys(dataId).sort().join());
  return [...groups.values()].map((group) => {
    const keys = Object.keys(group[0].dataId).sort();
    return { keys, byValues: new Map(group.map((one) => [valuesOf(one.dataId, keys), one])) };
  });
}

function valuesOf(dataId: DataId, keys: readonly string[]): string {
  return keys.map((key) => String(dataId[key])).join('\0');
}

/** Whatever an excluded quantum may have made before: for those that still run it is not there. */
export function excludedEvent(graph: QuantumGraph, quantum: number): Extract<SchedulerEvent, { type: 'preset' }> {
  const missing = graph.quantumOutputs(quantum).map(({ dataset }) => dataset);
  return { type: 'preset', quantum, state: 'excluded', missing };
}
