// SPDX-License-Identifier: BSD-3-Clause
import type { ResolvedPipeline, ResolvedTask } from '../../pipeline/index.ts';

/**
 * Tasks that are connected through datasets (prerequisites and init datasets aside) share their data IDs and are queried
 * together; the others have nothing to do with each other and get queries of their own. Keeps the pipeline's order.
 */
export function components(pipeline: ResolvedPipeline): ResolvedTask[][] {
  const parent = new Map(pipeline.tasks.map((task) => [task.declaration.label, task.declaration.label]));
  const root = (label: string): string => {
    const up = parent.get(label) as string;
    return up === label ? label : root(up);
  };
  for (const type of pipeline.datasetTypes.values()) {
    if (type.isInit) continue;
    const users = type.consumers.filter((consumer) => !consumer.prerequisite).map((consumer) => consumer.label);
    if (type.producer !== undefined) users.push(type.producer.label);
    for (const label of users.slice(1)) parent.set(root(label), root(users[0]));
  }
  const groups = new Map<string, ResolvedTask[]>();
  for (const task of pipeline.tasks) {
    const key = root(task.declaration.label);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [task]);
    else group.push(task);
  }
  return [...groups.values()];
}
