// SPDX-License-Identifier: BSD-3-Clause
import { existsSync } from 'node:fs';
import type { FileRecord } from '../../butler/index.ts';
import type { RunFolder } from '../folder/run-folder.ts';
import { readOutcomeLog } from '../outcomes/log.ts';
import type { AttemptRecord } from '../outcomes/record.ts';

/** What a run's log says of one quantum and of the datasets it needs. */
export interface QuantumHistory {
  /** Its last attempt; undefined if it never ran. */
  attempt: AttemptRecord | undefined;
  /** By dataset row: the file that was there when that attempt began. */
  files: ReadonlyMap<number, FileRecord>;
  /** Rows of datasets that were only in the memory of workers. */
  held: ReadonlySet<number>;
  /** Variables of the execution that the attempt belongs to; of the last one where there is none. */
  variables: Readonly<Record<string, string>>;
}

/**
 * One pass over the log. `rows` are the datasets of interest. The records are taken in order, so that of a dataset that was made several
 * times the last file before the last attempt counts, and none that its makers made anew later.
 */
export function historyOf(folder: RunFolder, quantum: number, rows: ReadonlySet<number>): QuantumHistory {
  const files = new Map<number, FileRecord>();
  const held = new Set<number>();
  let history: QuantumHistory = { attempt: undefined, files, held, variables: {} };
  let variables: Readonly<Record<string, string>> = {};
  for (const record of existsSync(folder.outcomesPath) ? readOutcomeLog(folder.outcomesPath) : []) {
    if (record.type === 'runStarted') variables = record.variables ?? {};
    if (record.type !== 'attempt' && record.type !== 'init') continue;
    if (record.type === 'attempt' && record.quantum === quantum)
      history = { attempt: record, files: new Map(files), held, variables };
    for (const { dataset, file } of record.outputs) if (rows.has(dataset)) files.set(dataset, file);
    if (record.type === 'attempt') for (const dataset of record.held ?? []) if (rows.has(dataset)) held.add(dataset);
  }
  return history.attempt === undefined ? { attempt: undefined, files, held, variables } : history;
}
