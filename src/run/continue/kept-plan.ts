// SPDX-License-Identifier: BSD-3-Clause
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { type ColumnGraph, quantumFinder } from '../../graph/index.ts';
import type { RunFolder } from '../folder/run-folder.ts';
import type { Judged, Reason, RerunPlan } from './plan.ts';

/**
 * What a run that continues others keeps in its folder (`plan.json`): the plan, and of each of its quanta why it is in it. Reasons come
 * in stretches of quanta, since neighbours mostly share them.
 */
interface KeptPlan {
  plan: RerunPlan;
  reasons: Reason[];
  /** First quantum, how many, place in `reasons`. */
  stretches: [first: number, count: number, reason: number][];
}

/** Writes the plan of a run; `graph` is that of the run, `full` the one that was judged. */
export function keepPlan(folder: RunFolder, graph: ColumnGraph, full: ColumnGraph, { plan, reasonOf }: Judged): void {
  const kept: KeptPlan = { plan, reasons: [], stretches: [] };
  const places = new Map<string, number>();
  const find = quantumFinder(full);
  for (const { label, firstQuantum, quantumCount } of graph.tasks)
    for (let quantum = firstQuantum; quantum < firstQuantum + quantumCount; quantum++) {
      const judged = graph === full ? quantum : find(label, graph.quantumDataId(quantum));
      if (judged === undefined) continue;
      const reason = reasonOf(judged);
      let place = places.get(reason.text);
      if (place === undefined) {
        place = kept.reasons.push(reason) - 1;
        places.set(reason.text, place);
      }
      const last = kept.stretches.at(-1);
      if (last !== undefined && last[2] === place && last[0] + last[1] === quantum) last[1]++;
      else kept.stretches.push([quantum, 1, place]);
    }
  const aside = `${folder.planPath}.new`;
  writeFileSync(aside, `${JSON.stringify(kept)}\n`, { flush: true });
  renameSync(aside, folder.planPath);
}

/** In a run that builds on others, why a quantum is in it: a sentence, or nothing. */
export function whyRerun(folder: RunFolder, quantum: number): string[] {
  const kept = readKeptPlan(folder);
  const reason = kept?.reasonOf(quantum);
  if (kept === undefined || reason === undefined) return [];
  return [`It runs here because ${reason.text}; this run continues ${kept.plan.earlier.join(', ')}.`];
}

/** Runs that a run builds on (newest first), and why a quantum is in it; undefined: the run builds on none. */
export function readKeptPlan(
  folder: RunFolder,
): { plan: RerunPlan; reasonOf(quantum: number): Reason | undefined } | undefined {
  if (!existsSync(folder.planPath)) return undefined;
  const { plan, reasons, stretches } = JSON.parse(readFileSync(folder.planPath, 'utf8')) as KeptPlan;
  return {
    plan,
    reasonOf(quantum) {
      const found = stretches.find(([first, count]) => quantum >= first && quantum < first + count);
      return found && reasons[found[2]];
    },
  };
}
