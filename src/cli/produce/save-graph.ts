// SPDX-License-Identifier: BSD-3-Clause
import { mkdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { ColumnGraph, SplitOptions } from '../../graph/index.ts';

/** Writes a graph; Ctrl-C meanwhile leaves no file. Returns whether it was written. */
export async function saveGraph(graph: ColumnGraph, file: string): Promise<boolean> {
  const { writeGraph } = await import('../../graph/index.ts');
  const stop = new AbortController();
  const onSignal = () => stop.abort();
  process.once('SIGINT', onSignal);
  process.once('SIGTERM', onSignal);
  try {
    await writeGraph(graph, file, stop.signal);
    return true;
  } catch (error) {
    if (stop.signal.aborted) return false;
    throw error;
  } finally {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  }
}

export interface SavedPart {
  name: string;
  run: string;
  quanta: number;
  file: string;
  /** Parts that have to run before. */
  needs: string[];
}

/** Writes a graph in parts, `<stem>-<number>-<part>.qgraph` in the order in which they can run. */
export async function saveParts(
  graph: ColumnGraph,
  file: string,
  by: SplitOptions,
  options: { dryRun: boolean },
): Promise<SavedPart[]> {
  const { splitGraph, writeGraph } = await import('../../graph/index.ts');
  const split = splitGraph(graph, by);
  const stem = basename(file).replace(/\.[^.]*$/, '');
  const width = String(split.parts.length).length;
  const parts = split.parts.map(({ name, run, quanta }, k): SavedPart => {
    const safe = name.replace(/[^\w.=,-]/g, '_');
    const number = String(k + 1).padStart(width, '0');
    return { name, run, quanta, file: join(dirname(file), `${stem}-${number}-${safe}.qgraph`), needs: [] };
  });
  if (options.dryRun) return parts;
  await mkdir(dirname(file), { recursive: true });
  let at = 0;
  for (const part of split.graphs()) {
    await writeGraph(part, parts[at].file);
    parts[at++].needs = (part.header.part?.needs ?? []).map((need) => need.part);
  }
  return parts;
}
