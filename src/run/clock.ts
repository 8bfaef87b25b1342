// SPDX-License-Identifier: BSD-3-Clause

/**
 * Unix milliseconds by a clock that nobody sets: the time of day when this process began, and what has passed since. So intervals between records of
 * one process are true, and none ends before it starts, even where the machine's clock is put right meanwhile.
 */
export function steadyUnixMs(): number {
  return Math.round(performance.timeOrigin + performance.now());
}

/** A process that was not looked after for this long was stopped itself, or its machine was. */
const ABSENCE_SECONDS = 10;

/**
 * Seconds that stand still while the controller does. Limits of attempts are counted by it: who stops a whole job (a batch system that suspends it, an
 * operator) stops controller and workers together, and nobody is to be blamed for that time. {@link beat} must be called every second or so.
 */
export class RunClock {
  readonly #read: () => number;
  #absentSeconds = 0;
  #beatSeconds: number;

  constructor(read: () => number = () => performance.now() / 1000) {
    this.#read = read;
    this.#beatSeconds = read();
  }

  beat(): void {
    const seconds = this.#read();
    if (seconds - this.#beatSeconds > ABSENCE_SECONDS) this.#absentSeconds += seconds - this.#beatSeconds;
    this.#beatSeconds = seconds;
  }

  now(): number {
    return this.#read() - this.#absentSeconds;
  }
}
