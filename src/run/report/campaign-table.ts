// SPDX-License-Identifier: BSD-3-Clause
import type { CampaignReport, CampaignRun, CampaignTask } from './campaign.ts';
import { formatBytes, formatCount, formatSeconds } from './format.ts';
import { type Column, fittedTable, wrap } from './layout.ts';
import type { FinalCounts } from './model.ts';
import { livenessPhrases, percent } from './phrases.ts';

/** Many runs as text for a terminal: each with what became of it, oldest first, then sums by task and failures of all. */
export function formatCampaign(chain: string, campaign: CampaignReport, width = 100): string {
  const { runs, tasks, failures } = campaign;
  const work = campaign.workSeconds + campaign.badputSeconds;
  const parts = [
    `Runs of ${chain}: ${formatCount(runs.length)}, with ${formatCount(campaign.quanta)} quanta`,
    fittedTable(runColumns, runs, width),
    fittedTable(taskColumns, tasks, width),
    `CPU ${formatSeconds(campaign.cpuSeconds)}; wall time of attempts ${formatSeconds(work)}, of it lost ${formatSeconds(campaign.badputSeconds)}${work > 0 ? ` (${percent(campaign.badputSeconds / work)})` : ''}; read ${formatBytes(campaign.bytesRead)}, written ${formatBytes(campaign.bytesWritten)}`,
  ];
  if (failures.length > 0) {
    const lines = failures.flatMap((f) =>
      wrap(`${formatCount(f.count)} x ${f.signature}  (${formatCount(f.runs.length)} runs)`, width, '  '),
    );
    parts.push(['Failures, by signature:', ...lines].join('\n'));
  }
  return `${parts.join('\n\n')}\n`;
}

const count = (n: number): string => (n === 0 ? '' : formatCount(n));
const stateColumns: readonly Column<{ quanta: number; counts: FinalCounts }>[] = [
  { head: 'quanta', cell: (r) => count(r.quanta) },
  { head: 'done', cell: ({ counts: c }) => count(c.done + c.doneWithCaveat) },
  { head: 'no work', cell: ({ counts: c }) => count(c.noWork + c.blockedNoWork), optional: true },
  { head: 'failed', cell: ({ counts: c }) => count(c.failed), optional: true },
  { head: 'blocked', cell: ({ counts: c }) => count(c.blocked), optional: true },
  { head: 'open', cell: ({ counts: c }) => count(c.unfinished + c.killed), optional: true },
];

const runColumns: readonly Column<CampaignRun>[] = [
  { head: 'run', cell: (r) => r.run, align: 'left', least: 24 },
  ...stateColumns,
  { head: 'wall', cell: (r) => formatSeconds(r.wallSeconds) },
  { head: 'CPU', cell: (r) => formatSeconds(r.cpuSeconds) },
  { head: '', cell: (r) => (r.liveness === 'ended' ? '' : livenessPhrases[r.liveness]), align: 'left', least: 4 },
];

const taskColumns: readonly Column<CampaignTask>[] = [
  { head: 'task', cell: (t) => t.label, align: 'left', least: 12 },
  ...stateColumns,
  { head: 'retries', cell: (t) => count(t.retries), optional: true },
  { head: 'wall', cell: (t) => formatSeconds(t.workSeconds) },
  { head: 'lost', cell: (t) => (t.badputSeconds === 0 ? '' : formatSeconds(t.badputSeconds)), optional: true },
  { head: 'CPU', cell: (t) => formatSeconds(t.cpuSeconds) },
  { head: 'memory', cell: (t) => (t.maxPeakMemoryBytes === 0 ? '' : formatBytes(t.maxPeakMemoryBytes)) },
];
