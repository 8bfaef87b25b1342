// SPDX-License-Identifier: BSD-3-Clause
import type { SchedulerTask } from './graph.ts';

/** Requests of quanta that are not those of their task, a byte a quantum: which of a few sizes. */
export interface RequestClasses {
  /** One more than the place in `memoryBytes`; 0: not asked yet. */
  readonly of: Uint8Array;
  /** Memory of each class, the same for all tasks. */
  readonly memoryBytes: number[];
}

const stepsPerOctave = 16; // neighbours differ by 4.4 %
const most = 255;

/** Memory that the first attempt of a quantum asks for; the task is asked once a quantum, and the answer rounded up a little. */
export function askedMemory(classes: RequestClasses, task: SchedulerTask, quantum: number): number {
  if (task.memoryOf === undefined) return task.memoryBytes;
  let code = classes.of[quantum];
  if (code === 0) {
    code = classOf(classes.memoryBytes, Math.max(1, task.memoryOf(quantum))) + 1;
    classes.of[quantum] = code;
  }
  return classes.memoryBytes[code - 1];
}

function classOf(known: number[], bytes: number): number {
  const rounded = Math.ceil(2 ** (Math.ceil(Math.log2(bytes) * stepsPerOctave) / stepsPerOctave));
  const at = known.indexOf(rounded);
  if (at >= 0) return at;
  if (known.length < most) return known.push(rounded) - 1;
  // Full: the smallest that is enough, or the largest there is.
  let best = 0;
  known.forEach((one, i) => {
    const better = one >= rounded ? known[best] < rounded || one < known[best] : one > known[best];
    if (better && !(known[best] >= rounded && one < rounded)) best = i;
  });
  return best;
}
