// SPDX-License-Identifier: BSD-3-Clause
import type { GraphIndex } from '../data.ts';

/** Tasks in the order of the data: each after those whose datasets it reads. */
export function taskOrder({ tasks, datasetTypes }: Pick<GraphIndex, 'tasks' | 'datasetTypes'>): number[] {
  const order: number[] = [];
  const seen = new Set<number>();
  const visit = (t: number): void => {
    if (seen.has(t)) return;
    seen.add(t);
    for (const { type } of tasks[t].inputs) {
      const { producer } = datasetTypes[type];
      if (producer !== undefined) visit(producer.task);
    }
    order.push(t);
  };
  for (const t of tasks.keys()) visit(t);
  return order;
}
