// SPDX-License-Identifier: BSD-3-Clause
import type { ButlerApi } from '../../butler/index.ts';
import type { RunFolder } from '../../run/index.ts';

/** A run by its name, or the newest run of an output chain. */
export async function openRun(butler: ButlerApi, name: string): Promise<RunFolder> {
  const { listRuns, RunFolder } = await import('../../run/index.ts');
  const runs = listRuns(butler.root);
  const newest = runs.find((r) => r.run === name) ?? runs.find((r) => r.output === name);
  return RunFolder.open(butler.root, newest?.run ?? name);
}
