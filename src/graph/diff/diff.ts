// SPDX-License-Identifier: BSD-3-Clause
import type { DataId } from '../../butler/index.ts';
import type { ColumnGraph } from '../column-graph.ts';
import { presentCount } from '../derive/existing-writer.ts';
import { type FieldDifference, fieldDifferences } from './fields.ts';
import { Matcher } from './match.ts';
import { diffTask } from './tasks.ts';

/** What is different between two graphs, A and B. Lists of examples are short; counts are whole. */
export interface GraphDiff {
  same: boolean;
  header: FieldDifference[];
  tasks: TaskDiff[];
  datasetTypes: TypeDiff[];
}

export interface TaskDiff {
  label: string;
  /** Quanta of A and B; null: has no such task. */
  a: number | null;
  b: number | null;
  onlyA: Some<DataId>;
  onlyB: Some<DataId>;
  /** Quanta of both whose inputs differ. */
  changed: Some<ChangedQuantum>;
  /** How often each connection's inputs differ. */
  changedBy: { connection: string; quanta: number }[];
  config: FieldDifference[];
  /** Class, dimensions, connections and resources. */
  declaration: FieldDifference[];
}

export interface Some<T> {
  count: number;
  examples: T[];
}

export interface ChangedQuantum {
  dataId: DataId;
  inputs: {
    connection: string;
    /** Only in A, only in B; a dataset of the same data ID with another id is in both lists. */
    removed: InputName[];
    added: InputName[];
  }[];
}

export interface InputName {
  datasetType: string;
  dataId: DataId;
  /** Existing datasets. */
  id?: string;
  run?: string;
}

export interface TypeDiff {
  name: string;
  a: number | null;
  b: number | null;
  /** Of these, how many exist. */
  existingA: number;
  existingB: number;
  fields: FieldDifference[];
}

export interface DiffOptions {
  /** At most so many examples in a list. Default 5. */
  examples?: number;
}

/**
 * Compares two graphs: quanta are the same if task and data ID are, inputs if they are the same existing dataset (by id) or both
 * still to be made (by data ID). Ids of graphs, quanta and predicted datasets are different by nature and not compared, nor is
 * the time of building.
 */
export function diffGraphs(a: ColumnGraph, b: ColumnGraph, { examples = 5 }: DiffOptions = {}): GraphDiff {
  const matcher = new Matcher(a, b);
  const header = fieldDifferences(
    { ...a.header, createdAt: undefined, part: undefined },
    { ...b.header, createdAt: undefined, part: undefined },
  );
  const labels = [...new Set([...a.tasks, ...b.tasks].map((task) => task.label))];
  const tasks = labels.map((label) => diffTask(a, b, matcher, label, examples));
  const datasetTypes = diffTypes(a, b);
  const same =
    header.length === 0 &&
    datasetTypes.length === 0 &&
    tasks.every(
      (task) =>
        task.a !== null &&
        task.b !== null &&
        task.onlyA.count + task.onlyB.count + task.changed.count + task.config.length + task.declaration.length === 0,
    );
  return { same, header, tasks, datasetTypes };
}

/** Types that differ in anything but the ids of their datasets. */
function diffTypes(a: ColumnGraph, b: ColumnGraph): TypeDiff[] {
  const names = [...new Set([...a.datasetTypes, ...b.datasetTypes].map((type) => type.name))];
  return names.flatMap((name) => {
    const [left, right] = [a, b].map((graph) => {
      const t = graph.index.datasetTypes.findIndex((type) => type.name === name);
      return t < 0 ? undefined : { ...graph.index.datasetTypes[t], existingCount: presentCount(graph, t) };
    });
    const fields =
      left === undefined || right === undefined
        ? []
        : fieldDifferences(
            { dimensions: left.dimensions, storageClass: left.storageClass, isCalibration: left.isCalibration },
            { dimensions: right.dimensions, storageClass: right.storageClass, isCalibration: right.isCalibration },
          );
    const diff: TypeDiff = {
      name,
      a: left?.datasetCount ?? null,
      b: right?.datasetCount ?? null,
      existingA: left?.existingCount ?? 0,
      existingB: right?.existingCount ?? 0,
      fields,
    };
    return diff.a === diff.b && diff.existingA === diff.existingB && fields.length === 0 ? [] : [diff];
  });
}
