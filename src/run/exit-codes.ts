// SPDX-License-Identifier: BSD-3-Clause
import type { StateCounts } from './progress/snapshot.ts';

/** Exit codes of a command that executes a run. 1 and 2 are left to errors of the command itself and of its usage. */
export const RUN_EXIT = {
  /** Every quantum is done, or had no work. */
  complete: 0,
  /** The run ended; some quanta failed, and what depends on them is blocked. */
  failures: 3,
  /** Stopped before its end, by one Ctrl-C or by a rule (a full disk): what ran was let end; the same command continues. */
  drained: 5,
  /** Stopped at once, by a second Ctrl-C or SIGTERM; the same command continues. */
  cancelled: 130,
} as const;

export function exitCodeOf(how: 'complete' | 'drained' | 'cancelled', counts: StateCounts): number {
  if (how === 'cancelled') return RUN_EXIT.cancelled;
  if (how === 'drained') return RUN_EXIT.drained;
  return counts.failed > 0 || counts.killed > 0 ? RUN_EXIT.failures : RUN_EXIT.complete;
}
