// SPDX-License-Identifier: BSD-3-Clause
/**
 * The states of a quantum. The number of a state is its place in this list; event logs and reports use the names.
 *
 * - `waiting`: a quantum it depends on has not ended; `ready`: could run; `running`: handed to a worker
 * - `done`, `doneWithCaveat`: outputs exist; `noWork`: ended well with nothing to do, outputs absent
 * - `failed`: its last attempt failed; `blocked`: cannot run because of another quantum; `killed`: stopped by the operator
 * - `skipped`: an earlier execution of the same run did it; `excluded`: the operator left it out
 */
export const STATE_NAMES = [
  'waiting',
  'ready',
  'running',
  'done',
  'doneWithCaveat',
  'noWork',
  'failed',
  'blocked',
  'killed',
  'skipped',
  'excluded',
] as const;
export type QuantumState = (typeof STATE_NAMES)[number];

export const WAITING = 0;
export const READY = 1;
export const RUNNING = 2;
export const DONE = 3;
export const DONE_WITH_CAVEAT = 4;
export const NO_WORK = 5;
export const FAILED = 6;
export const BLOCKED = 7;
export const KILLED = 8;
export const SKIPPED = 9;
export const EXCLUDED = 10;
export const STATE_COUNT = STATE_NAMES.length;

/** From each state, the states that may follow. Anything else is a bug, and is thrown as one. */
const NEXT: readonly (readonly number[])[] = [
  /* waiting        */ [READY, BLOCKED, SKIPPED, NO_WORK, EXCLUDED],
  /* ready          */ [RUNNING, FAILED, WAITING],
  /* running        */ [READY, WAITING, DONE, DONE_WITH_CAVEAT, NO_WORK, FAILED, KILLED],
  /* done           */ [WAITING], // what it made was only in a worker's memory, and that is lost
  /* doneWithCaveat */ [WAITING],
  /* noWork         */ [],
  /* failed         */ [],
  /* blocked        */ [],
  /* killed         */ [],
  /* skipped        */ [],
  /* excluded       */ [],
];

export function mayFollow(from: number, to: number): boolean {
  return NEXT[from].includes(to);
}

/** Why a quantum is in its state, where the state alone does not say it. Numbers are places in the list. */
export const REASON_NAMES = [
  'none',
  'upstreamFailed',
  'upstreamNoWork',
  'noRetryRule',
  'retriesExhausted',
  'cancelled',
  'doneBefore',
  'excluded',
  'upstreamExcluded',
  'noHostLeft',
  'acceptedFailure',
] as const;
export type Reason = (typeof REASON_NAMES)[number];
export const REASON_NONE = 0;
export const REASON_UPSTREAM_FAILED = 1;
export const REASON_UPSTREAM_NO_WORK = 2;
export const REASON_NO_RETRY_RULE = 3;
export const REASON_RETRIES_EXHAUSTED = 4;
export const REASON_CANCELLED = 5;
export const REASON_DONE_BEFORE = 6;
export const REASON_EXCLUDED = 7;
export const REASON_UPSTREAM_EXCLUDED = 8;
export const REASON_NO_HOST_LEFT = 9;
export const REASON_ACCEPTED_FAILURE = 10;
