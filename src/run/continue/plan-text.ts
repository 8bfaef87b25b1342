// SPDX-License-Identifier: BSD-3-Clause
import { formatCount, formatDataId } from '../report/format.ts';
import type { RerunPlan, TaskPlan } from './plan.ts';

/** A line for each reason of each task: what is kept where, and why the rest runs. */
export function planLines(plan: RerunPlan): string[] {
  const width = Math.max(...plan.tasks.map(({ label }) => label.length));
  return plan.tasks.flatMap((task) => {
    const parts = partsOf(task);
    return parts.map((part, i) => `  ${(i === 0 ? task.label : '').padEnd(width)}  ${part}`);
  });
}

function partsOf(task: TaskPlan): string[] {
  const parts = task.keptIn.map(({ run, quanta }) => `${formatCount(quanta)} kept: done in ${run}`);
  for (const { quanta, text, example } of task.reasons) {
    const which = quanta <= 2 ? ` (${formatDataId(example)}${quanta > 1 ? ', …' : ''})` : '';
    parts.push(`${formatCount(quanta)} to run: ${text}${which}`);
  }
  if (task.idle > 0) parts.push(`${formatCount(task.idle)} cannot run: too few of their inputs were made`);
  if (task.excluded > 0) parts.push(`${formatCount(task.excluded)} excluded`);
  return parts;
}
