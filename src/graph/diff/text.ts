// SPDX-License-Identifier: BSD-3-Clause
import { dataIdText } from '../show/text.ts';
import type { ChangedQuantum, GraphDiff, InputName, Some, TaskDiff } from './diff.ts';
import type { FieldDifference } from './fields.ts';

/** A difference in lines for a terminal; what is alike is not mentioned. */
export function diffText(diff: GraphDiff): string {
  if (diff.same) return 'The graphs have the same quanta, inputs and configurations.';
  const lines: string[] = [];
  if (diff.header.length > 0) lines.push('header:', ...diff.header.map(fieldLine));
  for (const task of diff.tasks) lines.push(...taskLines(task));
  for (const type of diff.datasetTypes) {
    const side = (count: number | null, existing: number): string =>
      count === null ? 'none' : `${count} (${existing} exist)`;
    lines.push(`dataset type ${type.name}: ${side(type.a, type.existingA)} -> ${side(type.b, type.existingB)}`);
    lines.push(...type.fields.map(fieldLine));
  }
  return lines.join('\n');
}

function taskLines(task: TaskDiff): string[] {
  const lines: string[] = [];
  const list = <T>(what: string, { count, examples }: Some<T>, text: (one: T) => string[]): void => {
    if (count === 0) return;
    lines.push(`  ${count} ${what}`, ...examples.flatMap(text).map((line) => `    ${line}`));
    if (count > examples.length) lines.push(`    … and ${count - examples.length} more`);
  };
  list('quanta only in A', task.onlyA, (dataId) => [dataIdText(dataId)]);
  list('quanta only in B', task.onlyB, (dataId) => [dataIdText(dataId)]);
  const by = task.changedBy.map(({ connection, quanta }) => `${connection} ${quanta}`).join(', ');
  list(`quanta with other inputs (${by})`, task.changed, changedLines);
  for (const [what, fields] of [
    ['config', task.config],
    ['declaration', task.declaration],
  ] as const)
    if (fields.length > 0) lines.push(`  ${what}:`, ...fields.map((field) => `  ${fieldLine(field)}`));
  if (lines.length === 0) return [];
  return [`${task.label}: ${task.a ?? 'not in A'} -> ${task.b ?? 'not in B'} quanta`, ...lines];
}

function changedLines({ dataId, inputs }: ChangedQuantum): string[] {
  const name = ({ datasetType, dataId: of, run }: InputName): string =>
    `${datasetType} (${dataIdText(of)})${run === undefined ? '' : ` of ${run}`}`;
  return [
    dataIdText(dataId),
    ...inputs.flatMap(({ connection, removed, added }) => [
      ...removed.map((one) => `  - ${connection}: ${name(one)}`),
      ...added.map((one) => `  + ${connection}: ${name(one)}`),
    ]),
  ];
}

function fieldLine({ field, a, b }: FieldDifference): string {
  const text = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value));
  return `  ${field}: ${text(a)} -> ${text(b)}`;
}
