// SPDX-License-Identifier: BSD-3-Clause
import { existingAt, type TaskRows } from './tables.ts';

/** Outputs of a quantum that will not run; those that exist stay. */
export function dropOutputs(rows: TaskRows, quantum: number): void {
  for (const { type, link } of rows.outputs) {
    for (let i = link.begin(quantum); i < link.end(quantum); i++) {
      const dataset = link.at(i);
      if (existingAt(type, dataset) === 0) type.alive[dataset] = 0;
    }
  }
}
