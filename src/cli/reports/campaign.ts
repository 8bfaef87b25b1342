// SPDX-License-Identifier: BSD-3-Clause
import type { ButlerApi } from '../../butler/index.ts';
import type { RunReport } from '../../run/index.ts';
import type { Output } from '../output.ts';
import { Progress } from '../progress.ts';
import { ExitCode } from '../verb.ts';

/** Sums over all runs of an output chain, oldest first; one of them at a time is in memory. */
export async function reportCampaign(butler: ButlerApi, chain: string, out: Output): Promise<number> {
  const { campaignOf, collectReport, formatCampaign, listRuns, RunFolder } = await import('../../run/index.ts');
  const { openGraph } = await import('../../graph/index.ts');
  const { didYouMean } = await import('../../base/index.ts');
  const { existsSync } = await import('node:fs');
  const all = listRuns(butler.root);
  const runs = all.filter((info) => info.output === chain).reverse();
  if (runs.length === 0) {
    const chains = [...new Set(all.flatMap(({ output }) => output ?? []))];
    out.warn(`no run of this repository belongs to the chain ${chain}.${didYouMean(chain, chains)}`);
    return ExitCode.nothing;
  }
  const progress = new Progress('Runs read', { quiet: out.quiet });
  const reports: RunReport[] = [];
  for (const [i, { run }] of runs.entries()) {
    progress.update(i, runs.length);
    const folder = RunFolder.open(butler.root, run);
    if (!existsSync(folder.graphPath)) continue; // only begun
    reports.push(slim(collectReport(await openGraph(folder.graphPath), folder)));
  }
  progress.end();
  const campaign = campaignOf(reports);
  out.say(formatCampaign(chain, campaign, process.stdout.columns));
  out.value(campaign);
  return ExitCode.ok;
}

/** What sums need; lists of quanta of many runs would fill the memory. */
function slim(report: RunReport): RunReport {
  const failures = report.failures.map((group) => ({ ...group, quanta: [], examples: [] }));
  return { ...report, failures, missingOutputs: [], caveats: [], retried: [], timeline: undefined };
}
