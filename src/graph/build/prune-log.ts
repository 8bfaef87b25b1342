// SPDX-License-Identifier: BSD-3-Clause

import type { DataId } from '../../butler/index.ts';
import type { BuildContext } from './candidates.ts';
import { exampleCount, type PruneConstraint, type PruneReason } from './report.ts';
import type { TaskRows } from './tables.ts';

interface DropDetails {
  connection?: string;
  datasetType?: string;
  message?: string;
  /** What there is instead of a missing input: asked for the first quantum of a reason. */
  nearest?: () => DataId | undefined;
}

/** Why quanta are left out, counted by reason. Reasons are few: nothing is kept of a quantum but the first examples. */
export class PruneLog {
  readonly #context: BuildContext;
  readonly #reasons = new Map<string, PruneReason>();

  constructor(context: BuildContext) {
    this.#context = context;
  }

  /** Takes a quantum out of its task under a reason. */
  drop(
    rows: TaskRows,
    quantum: number,
    constraint: PruneConstraint,
    { connection = '', datasetType = '', message = '', nearest }: DropDetails = {},
  ): void {
    const { report, dictionaries } = this.#context;
    const { label, relation } = rows;
    const key = `${label}\0${connection}\0${constraint}\0${message}`;
    let reason = this.#reasons.get(key);
    if (reason === undefined) {
      reason = { label, connection, datasetType, constraint, message, count: 0, examples: [] };
      const there = nearest?.();
      if (there !== undefined) reason.nearest = there;
      this.#reasons.set(key, reason);
      report.pruned.push(reason);
    }
    reason.count++;
    if (reason.examples.length < exampleCount)
      reason.examples.push(dictionaries.dataId(relation, quantum, relation.group.required));
    rows.alive.delete(quantum);
    rows.pruned++;
  }
}
