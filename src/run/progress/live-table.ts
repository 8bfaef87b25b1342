// SPDX-License-Identifier: BSD-3-Clause
import { formatBytes, formatCount, formatSeconds } from '../report/format.ts';
import { clip } from '../report/layout.ts';
import type { Progress, StateCounts, TaskProgress } from './snapshot.ts';

/** The block that is redrawn while a run goes on: a line for each task, one for the machine (not at the end), one for the whole. */
export function liveTable(p: Progress, columns: number, rows: number, hasEnded = false): string[] {
  const width = Math.max(40, columns) - 1; // a full line would wrap in some terminals
  const fits = Math.max(3, rows - 5);
  // Where they do not all fit, tasks that are finished or not begun go first.
  const active = p.tasks.filter((t) => t.counts.running + t.counts.ready > 0);
  const shown = p.tasks.length <= fits ? p.tasks : active.slice(0, fits);
  const labelWidth = Math.min(width < 80 ? 16 : 28, Math.max(0, ...shown.map((t) => t.label.length)));
  const doneWidth = Math.max(0, ...shown.map((t) => doneText(t).length));
  const lines = shown.map((t) => taskLine(t, labelWidth, doneWidth, width));
  if (shown.length < p.tasks.length) lines.push(`  … and ${p.tasks.length - shown.length} other tasks`);
  const machine = hasEnded ? [] : [machineLine(p)];
  for (const line of [...machine, summaryLine(p), ...registryLines(p)]) lines.push(clip(line, width));
  return lines;
}

/** How far the whole is, in one line. */
export function summaryLine(p: Progress): string {
  const eta =
    p.etaSeconds === undefined || ended(p.counts) === p.total ? '' : `, about ${formatSeconds(p.etaSeconds)} left`;
  const others = (['failed', 'blocked', 'killed', 'excluded'] as const)
    .filter((s) => p.counts[s] > 0)
    .map((s) => `, ${formatCount(p.counts[s])} ${s}`);
  const rate = p.quantaPerSecond === 0 ? '' : `, ${p.quantaPerSecond.toPrecision(3)}/s`;
  return `${formatSeconds(p.elapsedSeconds)}: ${formatCount(good(p.counts))} of ${formatCount(p.total)} quanta done${others.join('')}${rate}${eta}`;
}

/** The run computes on while its registry is away. */
export function registryLines({ registry }: Progress): string[] {
  if (registry === undefined) return [];
  const { sinceUnixMs, waiting, reason } = registry;
  const since = new Date(sinceUnixMs).toISOString().slice(11, 19);
  return [`The registry has not answered since ${since} UTC; ${formatCount(waiting)} outputs wait for it (${reason})`];
}

function machineLine({ busyCores, cores, memory, workers, draining }: Progress): string {
  const parts = [`${workers.length} workers`];
  if (busyCores !== undefined) parts.push(`${busyCores.toFixed(1)} of ${cores} cores busy`);
  const { residentBytes, requestedBytes, budgetBytes } = memory;
  parts.push(
    `memory ${formatBytes(residentBytes)}, requested ${formatBytes(requestedBytes)} of ${formatBytes(budgetBytes)}`,
  );
  if (draining) parts.push('stopping');
  return parts.join(', ');
}

/** A bar (done `#`, running `>`, trouble `!`), how many are done, then as much as there is room for, most important first. */
function taskLine(t: TaskProgress, labelWidth: number, doneWidth: number, width: number): string {
  const c = t.counts;
  const cells = Math.max(6, Math.min(30, width - labelWidth - doneWidth - 40));
  const part = (n: number) => Math.floor((n / Math.max(1, t.total)) * cells);
  const atLeastOne = (n: number) => (n > 0 ? Math.max(1, part(n)) : 0);
  const bad = Math.min(cells, atLeastOne(c.failed + c.blocked));
  const running = Math.min(cells - bad, atLeastOne(c.running));
  const done = Math.min(cells - bad - running, part(good(c)));
  const bar = '#'.repeat(done) + '>'.repeat(running) + '!'.repeat(bad) + '.'.repeat(cells - done - running - bad);
  let line = `${clip(t.label, labelWidth).padEnd(labelWidth)} [${bar}] ${doneText(t).padStart(doneWidth)}`;
  for (const item of items(t)) if (line.length + 2 + item.length <= width) line += `, ${item}`;
  return clip(line, width);
}

function items(t: TaskProgress): string[] {
  const { counts: c, active, perSecond, etaSeconds, meanWallSeconds, peakMemoryBytes, cpuEfficiency } = t;
  const list: string[] = [];
  if (c.failed > 0) list.push(`${formatCount(c.failed)} failed`);
  if (c.blocked > 0) list.push(`${formatCount(c.blocked)} blocked`);
  if (active > 0) list.push(`${active} running`);
  if (etaSeconds !== undefined) list.push(`${formatSeconds(etaSeconds)} left`);
  if (perSecond !== undefined && perSecond > 0) list.push(`${perSecond.toPrecision(2)}/s`);
  if (meanWallSeconds !== undefined) list.push(`${formatSeconds(meanWallSeconds)} each`);
  if (peakMemoryBytes !== undefined) list.push(formatBytes(peakMemoryBytes));
  if (cpuEfficiency !== undefined) list.push(`CPU ${Math.round(100 * cpuEfficiency)} %`);
  return list;
}

function doneText({ counts, total }: TaskProgress): string {
  return `${formatCount(good(counts))}/${formatCount(total)}`;
}

function good(c: StateCounts): number {
  return c.done + c.doneWithCaveat + c.noWork + c.skipped;
}
function ended(c: StateCounts): number {
  return good(c) + c.failed + c.blocked + c.killed + c.excluded;
}
