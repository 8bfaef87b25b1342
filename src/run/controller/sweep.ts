// SPDX-License-Identifier: BSD-3-Clause
import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type ButlerApi, removeUnfinished } from '../../butler/index.ts';
import type { QuantumGraph } from '../../graph/index.ts';
import type { WorkerEntry } from '../folder/orphans.ts';
import { lastBegun } from '../workers/typescript/attempt-log.ts';
import { COMMIT_QUANTA } from '../workers/typescript/commit.ts';
import { foldTail } from '../workers/typescript/log-tail.ts';
import type { QuantumSpecs } from './quantum-specs.ts';

/**
 * Removes the unfinished files of workers whose controller was killed. Each worker's log says what it began last, so only the
 * folders of the quanta it may have had in commit are looked into, however large the run is.
 */
export async function sweepAfter(
  workers: readonly WorkerEntry[],
  graph: QuantumGraph,
  butler: ButlerApi,
  specs: QuantumSpecs,
): Promise<void> {
  for (const { pid, logFile } of workers) {
    if (existsSync(logFile)) foldTail(logFile);
    // One is being computed, the others may be in commit.
    const outputs = lastBegun(logFile, 1 + COMMIT_QUANTA).flatMap((begun) =>
      begun === 'init'
        ? specs.init().flatMap((spec) => spec.outputs)
        : graph.quantumOutputs(begun).map(({ dataset }) => specs.dataset(dataset, '')),
    );
    const paths = outputs.flatMap(({ predicted }) => predicted?.path ?? []);
    await removeUnfinished(
      paths.map((path) => dirname(resolve(butler.datastoreRoot, path))),
      pid,
    );
  }
}
