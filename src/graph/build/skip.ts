// SPDX-License-Identifier: BSD-3-Clause
import { automaticConnections } from '../../pipeline/index.ts';
import { type BuildContext, findExisting } from './candidates.ts';
import { dropOutputs } from './prune.ts';
import { existingAt, type TaskRows } from './tables.ts';

/**
 * Leaves out quanta whose results are in the given collections: the metadata dataset is written last, so it says that the
 * quantum ended. Results of a quantum that has to run again keep the ids under which they are registered, so that running it
 * again replaces them rather than adding second ones.
 */
export async function skipExisting(
  context: BuildContext,
  tasks: readonly TaskRows[],
  collections: readonly string[],
): Promise<void> {
  for (const rows of tasks) {
    if (rows.relation.count === 0) continue;
    let found = 0;
    for (const { type } of rows.outputs) found += await findExisting(context, type, collections);
    const metadata = rows.outputs.find((output) => output.name === automaticConnections.metadata);
    if (found === 0 || metadata === undefined) continue;
    const { type, link } = metadata;
    for (let quantum = 0; quantum < rows.relation.count; quantum++) {
      if (existingAt(type, link.at(link.begin(quantum))) === 0) continue;
      rows.alive[quantum] = 0;
      rows.skipped++;
      dropOutputs(rows, quantum);
    }
    const summary = context.report.tasks.find((task) => task.label === rows.label);
    if (summary !== undefined) summary.skipped = rows.skipped;
  }
}
