// SPDX-License-Identifier: BSD-3-Clause
import { SkymillError } from '../../base/index.ts';
import type { Butler } from '../../butler/index.ts';
import type { ColumnGraph } from '../../graph/index.ts';
import type { TaskDeclaration } from '../../pipeline/index.ts';
import type { Predecessor, RunFolder, RunInfo, VerifyMode } from '../../run/index.ts';

/** Code of each task, by label. */
export async function codesOf(tasks: readonly TaskDeclaration[]): Promise<Record<string, string>> {
  const { taskCode } = await import('../../tasks/index.ts');
  const codes: Record<string, string> = {};
  for (const { label, taskClass } of tasks) {
    const code = taskCode(taskClass);
    if (code !== undefined) codes[label] = code;
  }
  return codes;
}

/** Whether tasks of a run have other code now; what is not known of one of them counts as the same. */
export function hasOtherCode({ code = {} }: RunInfo, codes: Readonly<Record<string, string>>): boolean {
  return Object.entries(codes).some(([label, now]) => code[label] !== undefined && code[label] !== now);
}

/** Runs of an output chain that were executed here, newest first, and whose graphs are there. */
export async function runsOfChain(butler: Butler, output: string | undefined): Promise<RunFolder[]> {
  if (output === undefined) return [];
  const { listRuns, RunFolder } = await import('../../run/index.ts');
  const { existsSync } = await import('node:fs');
  const [chain] = await butler.listCollections([output]);
  const members = chain?.type === 'CHAINED' ? (chain.children ?? []) : [];
  const known = new Set(listRuns(butler.root).flatMap((info) => (info.output === output ? [info.run] : [])));
  return members
    .filter((name) => known.has(name))
    .map((name) => RunFolder.open(butler.root, name))
    .filter((folder) => existsSync(folder.graphPath));
}

/**
 * Whether a newer run of the chain was made in another way, so that what the chain shows of common tasks is not what this run would
 * give: then the run cannot simply go on.
 */
export async function isOvertaken(
  folder: RunFolder,
  graph: ColumnGraph,
  chain: readonly RunFolder[],
): Promise<boolean> {
  const at = chain.findIndex((other) => other.path === folder.path);
  if (at <= 0) return false;
  const { taskChanges } = await import('../../run/index.ts');
  const { openGraph } = await import('../../graph/index.ts');
  const { code } = folder.info();
  for (const newer of chain.slice(0, at)) {
    const other = await openGraph(newer.graphPath);
    const otherCode = newer.info().code;
    for (const { label, declaration } of graph.tasks) {
      const there = other.tasks.find((task) => task.label === label);
      if (there === undefined) continue;
      const now = { declaration: there.declaration, code: otherCode?.[label] };
      if (taskChanges({ declaration, code: code?.[label] }, now).length > 0) return true;
    }
  }
  return false;
}

/**
 * Opens the runs that a production builds on. What a killed controller left is settled first, unless nothing may be changed.
 * @returns them, and what is to be said about them
 */
export async function openPredecessors(
  butler: Butler,
  chain: readonly RunFolder[],
  options: { verify?: VerifyMode; mayChange: boolean },
): Promise<{ earlier: Predecessor[]; notes: string[] }> {
  const { isSettled, readPredecessor, settleRun, verifyFiles } = await import('../../run/index.ts');
  const { openGraph } = await import('../../graph/index.ts');
  const earlier: Predecessor[] = [];
  const notes: string[] = [];
  for (const folder of chain) {
    const graph = await openGraph(folder.graphPath);
    if (options.mayChange && !isSettled(folder)) {
      try {
        await settleRun(graph, butler, folder);
      } catch (error) {
        if (!(error instanceof SkymillError && error.code === 'RUN_LOCKED')) throw error;
        notes.push(`${error.message}: what it has not finished yet does not count.`);
      }
    }
    earlier.push(await readPredecessor(folder, graph, (files) => verifyFiles(butler, files, options.verify)));
  }
  return { earlier, notes };
}
