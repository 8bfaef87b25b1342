// SPDX-License-Identifier: BSD-3-Clause
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** From this share of the limit on, garbage is collected; what is above it then has to go elsewhere. */
const soft = 0.88;
/** After a collection, so much more has to come before the next. */
const stepBytes = 24e6;

let collect: (() => void) | undefined;

/**
 * Keeps the resident memory of the process below a limit. JavaScript collects its garbage when it sees fit, which may be long after the memory
 * would have been needed; here it is made to.
 */
export class ResidentLimit {
  readonly #limitBytes: number;
  #quietUpTo = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** By how many bytes the process is too large although there is no garbage any more. */
  excess(): number {
    const most = soft * this.#limitBytes;
    const before = process.memoryUsage.rss();
    if (before <= Math.max(most, this.#quietUpTo)) return 0;
    collect ??= collector();
    collect();
    const after = process.memoryUsage.rss();
    this.#quietUpTo = after + stepBytes;
    return Math.max(0, after - most);
  }
}

function collector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}
