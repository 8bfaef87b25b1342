// SPDX-License-Identifier: BSD-3-Clause
import type { AttemptRecord } from '../outcomes/record.ts';
import type { RetryAction } from '../scheduler/retry.ts';
import type { RuleFirings } from './model.ts';

interface Tally {
  rule: string;
  action: RetryAction;
  fired: number;
  wouldHaveFired: number;
  quanta: Set<number>;
}

/** Counts what retry rules did. */
export class RuleTally {
  readonly #rules = new Map<string, Tally>();

  attempt({ quantum, rule, action, wouldFire }: AttemptRecord): void {
    if (rule !== undefined) {
      const tally = this.#of(rule, action ?? 'retry'); // logs of older versions name only the rule
      tally.fired++;
      tally.quanta.add(quantum);
    }
    if (wouldFire !== undefined) this.#of(wouldFire.rule, wouldFire.action).wouldHaveFired++;
  }

  #of(rule: string, action: RetryAction): Tally {
    const key = `${rule} ${action}`;
    let tally = this.#rules.get(key);
    if (tally === undefined) {
      tally = { rule, action, fired: 0, wouldHaveFired: 0, quanta: new Set() };
      this.#rules.set(key, tally);
    }
    return tally;
  }

  firings(endedWell: (quantum: number) => boolean): RuleFirings[] {
    return [...this.#rules.values()]
      .map(({ quanta, ...rest }) => ({ ...rest, rescued: [...quanta].filter(endedWell).length }))
      .sort((a, b) => b.fired + b.wouldHaveFired - a.fired - a.wouldHaveFired || b.fired - a.fired);
  }
}
