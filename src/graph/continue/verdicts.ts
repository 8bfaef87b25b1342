// SPDX-License-Identifier: BSD-3-Clause
/** What is to become of a quantum; numbers are places in the list. */
export const verdictNames = [
  /** An earlier run did it, from the same inputs, in the same way. */
  'kept',
  /** No earlier run has it. */
  'new',
  /** The task is not what it was: configuration, connections or code. */
  'taskChanged',
  /** It has other inputs than it had; detail: input connection. */
  'inputsChanged',
  /** An input is made anew; detail: the task that makes it. */
  'upstream',
  /** It did not end well, or a file of it is not as recorded. */
  'notWhole',
  /** It was done, but a quantum that runs needs an output that was never written; detail: the task that needs it. */
  'neededAgain',
  /** It cannot run: of some input, quanta that are kept made fewer than it needs. */
  'lacking',
] as const;
export type Verdict = (typeof verdictNames)[number];
export const [KEPT, NEW, TASK_CHANGED, INPUTS_CHANGED, UPSTREAM, NOT_WHOLE, NEEDED_AGAIN, LACKING] =
  verdictNames.keys();

/** By quantum of the graph that is judged. */
export interface Judgement {
  readonly verdicts: Uint8Array;
  /** The newest earlier run that has the quantum: place in the list; {@link noRun}: none. */
  readonly runs: Uint8Array;
  /** Its number there. */
  readonly quanta: Uint32Array;
  /** What the verdict says more; 65535: nothing. */
  readonly details: Uint16Array;
}

/** What is known of the quanta that come before another one. */
export type Kept = Pick<Judgement, 'verdicts' | 'runs'>;

export const noRun = 255;
