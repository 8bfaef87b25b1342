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

/** Of so few quanta the folders are looked into one and all: a log that was not on the disk when the machine or the disk failed does not say all. */
const FEW_QUANTA = 5_000;

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
  const everywhere = workers.length > 0 && graph.quantumCount <= FEW_QUANTA ? everyOutput(graph, specs) : [];
  for (const { pid, logFile } of workers) {
    if (existsSync(logFile)) foldTail(logFile);
    // One is being computed, the others may be in commit.
    const outputs = lastBegun(logFile, 1 + COMMIT_QUANTA).flatMap((begun) =>
      begun === 'init'
        ? specs.init().flatMap((spec) => spec.outputs)
        : graph.quantumOutputs(begun).map(({ dataset }) => specs.dataset(dataset, '')),
    );
    outputs.push(...everywhere);
    const paths = outputs.flatMap(({ predicted }) => predicted?.path ?? []);
    await removeUnfinished(
      paths.map((path) => dirname(resolve(butler.datastoreRoot, path))),
      pid,
    );
  }
}

function everyOutput(graph: QuantumGraph, specs: QuantumSpecs) {
  return Array.from({ length: graph.quantumCount }, (_, quantum) => graph.quantumOutputs(quantum)).flatMap((outputs) =>
    outputs.map(({ dataset }) => specs.dataset(dataset, '')),
  );
}
