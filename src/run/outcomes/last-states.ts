// SPDX-License-Identifier: BSD-3-Clause
import { existsSync } from 'node:fs';
import { runErrors } from '../errors.ts';
import { readOutcomeLog } from './log.ts';

/** What became of a quantum, as a log tells; `interrupted`: its last attempt was to be followed by another. */
export const lastStateNames = ['not started', 'done', 'failed', 'killed', 'blocked', 'interrupted'] as const;
export type LastState = (typeof lastStateNames)[number];

/**
 * The last that an outcome log says of each quantum: places in {@link lastStateNames}, one byte a quantum. No log: not started. The
 * log of another graph is a RUN_OTHER_GRAPH error.
 */
export function lastStates(logPath: string, graph: { id: string; quantumCount: number }): Uint8Array {
  const states = new Uint8Array(graph.quantumCount);
  if (!existsSync(logPath)) return states;
  const code = (name: LastState): number => lastStateNames.indexOf(name);
  for (const record of readOutcomeLog(logPath)) {
    if (record.type === 'runStarted' && record.graphId !== graph.id)
      throw runErrors.OTHER_GRAPH({ run: record.run, graph: graph.id, other: record.graphId });
    if (record.type === 'blocked') for (const quantum of record.quanta) states[quantum] = code('blocked');
    if (record.type !== 'attempt') continue;
    if (record.state === 'failed' || record.state === 'killed')
      states[record.quantum] = code(record.decision === 'retry' ? 'interrupted' : record.state);
    else states[record.quantum] = code('done');
  }
  return states;
}
