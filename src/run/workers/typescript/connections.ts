// SPDX-License-Identifier: BSD-3-Clause

import { didYouMean } from '../../../base/index.ts';
import type { DataId, DatasetRef, DeferredDataset } from '../../../butler/index.ts';
import { type Connection, splitComponent } from '../../../pipeline/index.ts';
import { runErrors } from '../../errors.ts';
import type { DatasetSpec, PlainTask } from '../protocol.ts';
import type { QuantumStore } from './store.ts';

/** Datasets by connection; each list in data-ID order, which is the order the graph has them in. */
export function byConnection(datasets: readonly DatasetSpec[]): Map<string, DatasetSpec[]> {
  const groups = new Map<string, DatasetSpec[]>();
  for (const dataset of datasets) {
    const group = groups.get(dataset.connection);
    if (group === undefined) groups.set(dataset.connection, [dataset]);
    else group.push(dataset);
  }
  return groups;
}

export function dataIdsByConnection(
  groups: ReadonlyMap<string, readonly DatasetSpec[]>,
): Record<string, readonly DataId[]> {
  return Object.fromEntries([...groups].map(([name, group]) => [name, group.map((d) => d.dataId)]));
}

/** Reads what the task takes, as it takes it: an array where `multiple`, a handle where `deferred`, undefined where nothing is there. */
export async function readInputs(
  task: PlainTask,
  groups: ReadonlyMap<string, readonly DatasetSpec[]>,
  store: QuantumStore,
): Promise<Record<string, unknown>> {
  const inputs: Record<string, unknown> = {};
  for (const name of task.inputNames) {
    const connection = task.connections[name];
    const { component } = splitComponent(connection.datasetType);
    const group = groups.get(name) ?? [];
    const values: unknown[] = [];
    for (const spec of group) {
      const ref = store.ref(spec);
      values.push(connection.deferred ? deferred(store, ref, component) : await store.butler.get(ref, { component }));
    }
    inputs[name] = connection.multiple ? values : values[0];
  }
  return inputs;
}

/** A handle that reads the connection's component unless told otherwise. */
function deferred(store: QuantumStore, ref: DatasetRef, component: string | undefined): DeferredDataset {
  const whole = store.butler.getDeferred(ref);
  return component === undefined ? whole : { ref, get: (options) => whole.get({ component, ...options }) };
}

/**
 * Pairs what a task returned with the datasets it was to make. Outputs left out are errors, unless their connection's minimum is 0
 * or the task declared a caveat of partial outputs.
 */
export function matchOutputs(
  task: PlainTask,
  groups: ReadonlyMap<string, readonly DatasetSpec[]>,
  returned: Readonly<Record<string, unknown>>,
  mayBePartial: boolean,
): { made: { spec: DatasetSpec; object: unknown }[]; missing: number[] } {
  const label = task.label;
  const names = Object.entries(task.connections).filter(([, c]) => c.kind === 'output' || c.kind === 'initOutput');
  for (const name of Object.keys(returned)) {
    if (returned[name] === undefined || names.some(([known]) => known === name)) continue;
    throw runErrors.UNKNOWN_OUTPUT({
      label,
      connection: name,
      hint: didYouMean(
        name,
        names.map(([known]) => known),
      ),
    });
  }
  const made: { spec: DatasetSpec; object: unknown }[] = [];
  const missing: number[] = [];
  for (const [name, group] of groups) {
    const connection: Connection | undefined = task.connections[name];
    const objects = objectsOf(task, name, connection, returned[name], group.length);
    let lacking = 0;
    group.forEach((spec, i) => {
      if (objects[i] !== undefined) made.push({ spec, object: objects[i] });
      else {
        missing.push(spec.row);
        lacking++;
      }
    });
    if (lacking === 0 || mayBePartial || group.length - lacking >= (connection?.minimum ?? group.length)) continue;
    throw runErrors.MISSING_OUTPUT({ label, connection: name, missing: lacking, expected: group.length });
  }
  return { made, missing };
}

function objectsOf(
  task: PlainTask,
  name: string,
  connection: Connection | undefined,
  value: unknown,
  expected: number,
): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (connection?.multiple !== true) return [value];
  if (Array.isArray(value) && value.length === expected) return value.map((v) => v ?? undefined);
  const given = Array.isArray(value) ? value.length : 1;
  throw runErrors.OUTPUT_COUNT({ label: task.label, connection: name, given, expected });
}
