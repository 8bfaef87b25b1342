// SPDX-License-Identifier: BSD-3-Clause
import { mkdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { ColumnGraph, SplitOptions } from '../../graph/index.ts';

/** Writes a graph; Ctrl-C meanwhile leaves no file. Returns whether it was written. */
export async function saveGraph(graph: ColumnGraph, file: string): Promise<boolean> {
  const { writeGraph } = await import('../../graph/index.ts');
  return unlessStopped((signal) => writeGraph(graph, file, signal));
}

/** Whether it was done before a signal came: what is under way is given up then. */
async function unlessStopped(write: (signal: AbortSignal) => Promise<unknown>): Promise<boolean> {
  const stop = new AbortController();
  const onSignal = () => stop.abort();
  process.once('SIGINT', onSignal);
  process.once('SIGTERM', onSignal);
  try {
    await write(stop.signal);
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

/**
 * Writes a graph in parts, `<stem>-<number>-<part>.qgraph` in the order in which they can run. Ctrl-C meanwhile leaves none of them;
 * nothing is returned then.
 */
export async function saveParts(
  graph: ColumnGraph,
  file: string,
  by: SplitOptions,
  options: { dryRun: boolean },
): Promise<SavedPart[] | undefined> {
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
  const written: string[] = [];
  const done = await unlessStopped(async (signal) => {
    for (const part of split.graphs()) {
      const saved = parts[written.length];
      await writeGraph(part, saved.file, signal);
      written.push(saved.file);
      saved.needs = (part.header.part?.needs ?? []).map((need) => need.part);
      await setImmediate(); // signals have their turn
      signal.throwIfAborted();
    }
  });
  if (done) return parts;
  await Promise.all(written.map((one) => rm(one, { force: true })));
  return undefined;
}
