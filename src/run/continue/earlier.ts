// SPDX-License-Identifier: BSD-3-Clause
import { existsSync } from 'node:fs';
import type { FileRecord } from '../../butler/index.ts';
import type { ColumnGraph, EarlierRun } from '../../graph/index.ts';
import { findEarlier, type LostQuantum } from '../controller/resume.ts';
import type { FileState } from '../controller/verify-files.ts';
import type { RunFolder, RunInfo } from '../folder/run-folder.ts';
import { type LastState, lastStateNames, lastStates } from '../outcomes/last-states.ts';
import { readOutcomeLog } from '../outcomes/log.ts';

/** A run that a production builds on, with what its log says of its quanta. */
export interface Predecessor extends EarlierRun {
  info: RunInfo;
  folder: RunFolder;
  lost: ReadonlyMap<number, LostQuantum>;
  /** The last that is known of a quantum which is not whole. */
  stateOf(quantum: number): LastState | 'excluded';
}

/** Reads the log of a run and looks at its files. */
export async function readPredecessor(
  folder: RunFolder,
  graph: ColumnGraph,
  verify: (files: readonly FileRecord[]) => Promise<readonly FileState[]>,
): Promise<Predecessor> {
  const whole = new Uint8Array(graph.quantumCount);
  const made = new Uint8Array(graph.datasetCount);
  const { lost } = await findEarlier(folder.outcomesPath, graph, verify, {
    preset: ({ quantum }) => {
      whole[quantum] = 1;
    },
    async outputs(records) {
      for (const { dataset } of records) made[dataset] = 1;
    },
    async lost() {},
  });
  const excluded = new Set<number>();
  for (const record of existsSync(folder.outcomesPath) ? readOutcomeLog(folder.outcomesPath) : []) {
    if (record.type === 'runStarted') excluded.clear();
    if (record.type === 'excluded') for (const quantum of record.quanta) excluded.add(quantum);
    if (record.type === 'attempt' && whole[record.quantum] === 1)
      for (const dataset of (record as { held?: readonly number[] }).held ?? [])
        if (made[dataset] === 0) made[dataset] = 2;
  }
  const states = lastStates(folder.outcomesPath, graph);
  return {
    info: folder.info(),
    folder,
    graph,
    whole,
    made,
    lost: new Map(lost.map((one) => [one.quantum, one])),
    stateOf: (quantum) => (excluded.has(quantum) ? 'excluded' : lastStateNames[states[quantum]]),
  };
}

/** Whether everything that the log of a run has was given to the registry: its last execution came to its end. */
export function isSettled({ outcomesPath }: RunFolder): boolean {
  if (!existsSync(outcomesPath)) return true;
  let settled = true;
  for (const record of readOutcomeLog(outcomesPath)) settled = record.type === 'runEnded';
  return settled;
}
