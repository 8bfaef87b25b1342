// SPDX-License-Identifier: BSD-3-Clause
import { childrenOf, processesByToken, sampleProcess } from './process-table.ts';

/** A worker and all that its tasks started, taken together. */
export interface TreeSample {
  /** The worker first. */
  pids: readonly number[];
  /** Of the worker, see `ProcessSample`. */
  state: string;
  cpuSeconds: number;
  residentBytes: number;
}

export interface Tree {
  pid: number;
  token: string;
}

/** Looking through all processes may take this part of a core. */
const SEARCH_CORES = 0.005;
const SEARCH_SECONDS = 2;

/**
 * Measures workers with their descendants. Children are followed at every look; those that left the tree (their parent has ended, or a thread
 * started them) are found by their environment, for which the whole process table is searched now and then.
 */
export class ProcessTrees {
  #strays = new Map<string, readonly number[]>();
  #searchAtSeconds = 0;

  /** To be called before a round of {@link sample}. */
  search(trees: Iterable<Tree>, nowSeconds: number): void {
    if (nowSeconds < this.#searchAtSeconds) return;
    const from = performance.now();
    this.#strays = processesByToken(new Set([...trees].map(({ token }) => token)));
    const tookSeconds = (performance.now() - from) / 1000;
    this.#searchAtSeconds = nowSeconds + Math.max(SEARCH_SECONDS, tookSeconds / SEARCH_CORES);
  }

  /** Undefined where the system does not tell, or the worker is gone. */
  sample({ pid, token }: Tree): TreeSample | undefined {
    const own = sampleProcess(pid);
    if (own === undefined) return undefined;
    const pids = [pid];
    let { cpuSeconds, residentBytes } = own;
    const wanted = [...childrenOf(pid), ...(this.#strays.get(token) ?? [])];
    for (let next = wanted.pop(); next !== undefined; next = wanted.pop()) {
      if (pids.includes(next)) continue;
      const sample = sampleProcess(next);
      if (sample === undefined) continue;
      pids.push(next);
      cpuSeconds += sample.cpuSeconds;
      residentBytes += sample.residentBytes;
      wanted.push(...childrenOf(next));
    }
    return { pids, state: own.state, cpuSeconds, residentBytes };
  }
}
