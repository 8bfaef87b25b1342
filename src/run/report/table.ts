// SPDX-License-Identifier: BSD-3-Clause
import { requestOrigin } from '../requests/text.ts';
import { formatBytes, formatCount, formatDataId, formatSeconds } from './format.ts';
import { type Column, fittedTable, wrap } from './layout.ts';
import type { CaveatGroup, MissingOutputs, RuleFirings, RunReport, TaskReport } from './model.ts';
import { concentrationPhrases, livenessPhrases, percent } from './phrases.ts';
import { timelineLines } from './timeline-text.ts';

/** The report as text for a terminal: what became of quanta and what they cost by task, then what went wrong, most frequent first. */
export function formatReport(report: RunReport, width = 100): string {
  const ran = report.tasks.filter((task) => task.attempts > 0);
  const parts = [
    [`Run ${report.run}`, ...executionLines(report, width)].join('\n'),
    fittedTable(countColumns, report.tasks, width),
  ];
  if (ran.length > 0) parts.push(fittedTable(timeColumns, ran, width), fittedTable(memoryColumns, ran, width));
  if (ran.length > 0) parts.push(wrap(totalsText(report), width, '').join('\n'));
  parts.push(...requestLines(ran, width), ...timelineLines(report.timeline, width));
  if (report.failures.length > 0) parts.push(failureLines(report, width));
  if (report.retried.length > 0) parts.push(retriedLines(report, width));
  if (report.caveats.length > 0) parts.push(fittedTable(caveatColumns, report.caveats, width));
  if (report.rules.length > 0) parts.push(fittedTable(ruleColumns, report.rules, width));
  // What has not run yet is no riddle; only of an ended run is it worth a line what was not made.
  const missing =
    report.unfinished > 0 ? [] : report.missingOutputs.filter((m) => !/_(metadata|log)$/.test(m.datasetType));
  if (missing.length > 0) parts.push(fittedTable(missingColumns, missing, width));
  if (report.unfinished > 0)
    parts.push(
      report.liveness === 'running'
        ? `${formatCount(report.unfinished)} quanta are still to run.`
        : `${formatCount(report.unfinished)} quanta have not run; the same command again continues.`,
    );
  return `${parts.join('\n\n')}\n`;
}

const count = (n: number): string => (n === 0 ? '' : formatCount(n));
const taskColumn: Column<TaskReport> = { head: 'task', cell: (t) => t.label, align: 'left', least: 12 };

const countColumns: readonly Column<TaskReport>[] = [
  taskColumn,
  { head: 'quanta', cell: (t) => count(t.quanta) },
  { head: 'done', cell: (t) => count(t.counts.done) },
  { head: 'caveat', cell: (t) => count(t.counts.doneWithCaveat), optional: true },
  { head: 'no work', cell: (t) => count(t.counts.noWork + t.counts.blockedNoWork), optional: true },
  { head: 'failed', cell: (t) => count(t.counts.failed), optional: true },
  { head: 'blocked', cell: (t) => count(t.counts.blocked), optional: true },
  { head: 'excluded', cell: (t) => count(t.counts.excluded), optional: true },
  { head: 'open', cell: (t) => count(t.counts.unfinished + t.counts.killed), optional: true },
  { head: 'retries', cell: (t) => count(t.retries), optional: true },
];

/** Wall times of quanta that ended well; CPU is their CPU time over wall time and requested cores; lost is what others took. */
const timeColumns: readonly Column<TaskReport>[] = [
  taskColumn,
  { head: 'fastest', cell: ({ wallSeconds: w }) => (w === undefined ? '' : formatSeconds(w.min)) },
  { head: 'mean', cell: ({ wallSeconds: w }) => (w === undefined ? '' : formatSeconds(w.mean)) },
  { head: 'slowest', cell: ({ wallSeconds: w }) => (w === undefined ? '' : formatSeconds(w.max)) },
  { head: 'total', cell: ({ wallSeconds: w }) => (w === undefined ? '' : formatSeconds(w.total)) },
  { head: 'lost', cell: (t) => (t.badputSeconds === 0 ? '' : formatSeconds(t.badputSeconds)), optional: true },
  { head: 'CPU', cell: (t) => percent(t.cpuEfficiency) },
];

/** Peaks of resident memory beside the request; bytes moved, and how many times the sizes of the files that is. */
const memoryColumns: readonly Column<TaskReport>[] = [
  taskColumn,
  { head: 'requested', cell: ({ memory: m }) => (m === undefined ? '' : formatBytes(m.requestedBytes)) },
  { head: 'median', cell: ({ memory: m }) => (m === undefined ? '' : formatBytes(m.medianPeakBytes)) },
  { head: '95 %', cell: ({ memory: m }) => (m === undefined ? '' : formatBytes(m.p95PeakBytes)) },
  { head: 'most', cell: ({ memory: m }) => (m === undefined ? '' : formatBytes(m.maxPeakBytes)) },
  { head: 'read', cell: (t) => formatBytes(t.bytesRead) },
  { head: '/size', cell: (t) => times(t.bytesRead, t.inputBytes) },
  { head: 'written', cell: (t) => formatBytes(t.bytesWritten) },
  { head: '/size', cell: (t) => times(t.bytesWritten, t.outputBytes) },
];

function totalsText({ totals: t, executions }: RunReport): string {
  const lost =
    t.badputSeconds > 0
      ? `, of it lost ${formatSeconds(t.badputSeconds)} (${percent(t.badputSeconds / t.workSeconds)})`
      : '';
  const used =
    t.cpuUtilisation === undefined ? '' : `, ${percent(t.cpuUtilisation)} of ${executions.at(-1)?.jobs} jobs`;
  return `Elapsed ${formatSeconds(t.elapsedSeconds)}; wall time of all attempts ${formatSeconds(t.workSeconds)}${lost}; CPU ${formatSeconds(t.cpuSeconds)}${used}; read ${formatBytes(t.bytesRead)}, written ${formatBytes(t.bytesWritten)}.`;
}

/** Where requests come from, where that is not what tasks declare. */
function requestLines(tasks: readonly TaskReport[], width: number): string[] {
  const lines = [...Map.groupBy(tasks, ({ request }) => request && requestOrigin(request))].flatMap(([origin, of]) =>
    origin === undefined || of[0].request?.source === 'declared'
      ? []
      : wrap(`${of.map(({ label }) => label).join(', ')}: ${origin}`, width, '  '),
  );
  return lines.length === 0 ? [] : [['Memory was requested', ...lines].join('\n')];
}

const caveatColumns: readonly Column<CaveatGroup>[] = [
  { head: 'caveat', cell: (c) => c.kind, align: 'left' },
  { head: '', cell: (c) => c.code, align: 'left' },
  { head: 'quanta', cell: (c) => formatCount(c.count) },
  { head: 'for example', cell: (c) => c.examples[0]?.reason ?? '', align: 'left', least: 20 },
  { head: 'task', cell: (c) => c.label, align: 'left', least: 12 },
];

const ruleColumns: readonly Column<RuleFirings>[] = [
  { head: 'retry rule', cell: (r) => r.rule, align: 'left', least: 12 },
  { head: 'does', cell: (r) => r.action, align: 'left' },
  { head: 'fired', cell: (r) => count(r.fired) },
  { head: 'would have', cell: (r) => count(r.wouldHaveFired) },
  { head: 'ended well', cell: (r) => count(r.rescued) },
];

const missingColumns: readonly Column<MissingOutputs>[] = [
  { head: 'missing outputs', cell: (m) => m.datasetType, align: 'left', least: 15 },
  { head: 'missing', cell: (m) => formatCount(m.missing) },
  { head: 'of', cell: (m) => formatCount(m.expected) },
  { head: 'for example', cell: (m) => formatDataId(m.examples[0]), align: 'left', least: 20 },
];

/** How many times the size; a task whose inputs are predicted and never sized has none. */
function times(moved: number, size: number): string {
  return size > 0 ? (moved / size).toFixed(2) : '';
}

function executionLines({ executions, liveness }: RunReport, width: number): string[] {
  return executions.flatMap((e, i) => {
    const from = new Date(e.startedUnixMs).toISOString().replace(/\.\d+/, '');
    const open = i === executions.length - 1 && liveness !== 'ended' ? livenessPhrases[liveness] : 'no end recorded';
    const how =
      e.endedUnixMs === undefined
        ? open
        : `${e.how} after ${formatSeconds(Math.max(0, e.endedUnixMs - e.startedUnixMs) / 1000)}`;
    const skipped = e.skipped > 0 ? `, ${formatCount(e.skipped)} quanta were done before` : '';
    return wrap(`${from} on ${e.host} with ${e.jobs} jobs: ${how}${skipped}`, width, '');
  });
}

function failureLines({ failures }: RunReport, width: number): string {
  const lines = ['Failures, by signature:'];
  for (const group of failures) {
    lines.push(...wrap(`${formatCount(group.count)} x ${group.signature}  (${group.labels.join(', ')})`, width, '  '));
    for (const phrase of concentrationPhrases(group.concentrations)) lines.push(...wrap(phrase, width, '      = '));
    for (const e of group.examples)
      lines.push(...wrap(`${e.label} ${formatDataId(e.dataId)}: ${e.cause?.message ?? ''}`, width, '      '));
    if (group.next !== undefined) lines.push(...wrap(`-> ${group.next}`, width, '      '));
  }
  return lines.join('\n');
}

function retriedLines({ retried }: RunReport, width: number): string {
  const lines = ['Tried again:'];
  for (const r of retried) {
    const fate = [`${formatCount(r.rescued)} of ${formatCount(r.quanta)} quanta ended well`];
    if (r.failed > 0) fate.push(`${formatCount(r.failed)} failed`);
    fate.push(`${formatSeconds(r.lostSeconds)} lost`);
    const head = `${formatCount(r.attempts)} x ${r.signature}  (${r.labels.join(', ')}; ${r.rules.join(', ')})`;
    lines.push(...wrap(`${head}: ${fate.join(', ')}`, width, '  '));
    for (const phrase of concentrationPhrases(r.concentrations)) lines.push(...wrap(phrase, width, '      = '));
  }
  return lines.join('\n');
}
