// SPDX-License-Identifier: BSD-3-Clause
import type { ButlerApi, FileRecord } from '../../butler/index.ts';
import type { QuantumGraph } from '../../graph/index.ts';

/** Inputs of a graph that another graph was to make, as the registry has them now. */
export interface PendingInputs {
  /** Their files, by dataset row. */
  located: ReadonlyMap<number, readonly FileRecord[]>;
  /** Those that were not made: their makers had no work, failed or were left out. */
  absent: number[];
}

const BATCH = 5000;

/**
 * Looks up what stands in a graph without files and is not made by it: inputs of a part that earlier parts make. Whole graphs have
 * none and are not walked through.
 */
export async function locatePending(graph: QuantumGraph, butler: ButlerApi): Promise<PendingInputs> {
  const located = new Map<number, readonly FileRecord[]>();
  const absent: number[] = [];
  if ((graph.header.part?.needs.length ?? 0) === 0) return { located, absent };
  const own = new Set(graph.tasks.flatMap((task) => Object.values(task.initOutputs)));
  const inits = new Set(graph.tasks.flatMap((task) => Object.values(task.initInputs)));
  let batch: { row: number; id: string }[] = [];
  const ask = async () => {
    const records = await butler.getFileRecords(batch.map(({ id }) => id));
    batch.forEach(({ row }, i) => {
      if (records[i].length > 0) located.set(row, records[i]);
      else if (!inits.has(row)) absent.push(row);
    });
    batch = [];
  };
  for (let row = 0; row < graph.datasetCount; row++) {
    const { id, producer, files, run } = graph.dataset(row);
    if (producer !== undefined || files.length > 0 || own.has(row) || run === graph.header.outputRun) continue;
    batch.push({ row, id });
    if (batch.length === BATCH) await ask();
  }
  await ask();
  return { located, absent };
}
