// SPDX-License-Identifier: BSD-3-Clause
import { textTable } from '../../base/index.ts';
import { formatBytes, formatCount, formatDataId, formatSeconds } from './format.ts';
import type { RunReport, TaskReport } from './model.ts';

/** The report as text for a terminal: counts and costs by task, then what went wrong, most frequent first. */
export function formatReport(report: RunReport): string {
  const parts = [`Run ${report.run}`, executionLines(report), taskTable(report.tasks)];
  if (report.failures.length > 0) parts.push(failureLines(report));
  if (report.rules.length > 0) parts.push(ruleTable(report.rules));
  // What has not run yet is no riddle; only of an ended run is it worth a line what was not made.
  const missing =
    report.unfinished > 0 ? [] : report.missingOutputs.filter((m) => !/_(metadata|log)$/.test(m.datasetType));
  if (missing.length > 0) parts.push(missingTable(missing));
  if (report.unfinished > 0)
    parts.push(`${formatCount(report.unfinished)} quanta have not run; the same command again continues.`);
  return `${parts.join('\n\n')}\n`;
}

/** A column of the task table; one that only counts trouble is left out where there is none. */
interface TaskColumn {
  head: string;
  cell(task: TaskReport): string;
  trouble?: boolean;
}

const count = (n: number): string => (n === 0 ? '' : formatCount(n));

const taskColumns: readonly TaskColumn[] = [
  { head: 'task', cell: (t) => t.label },
  { head: 'quanta', cell: (t) => count(t.quanta) },
  { head: 'done', cell: (t) => count(t.counts.done) },
  { head: 'caveat', cell: (t) => count(t.counts.doneWithCaveat), trouble: true },
  { head: 'no work', cell: (t) => count(t.counts.noWork + t.counts.blockedNoWork), trouble: true },
  { head: 'failed', cell: (t) => count(t.counts.failed), trouble: true },
  { head: 'blocked', cell: (t) => count(t.counts.blocked), trouble: true },
  { head: 'open', cell: (t) => count(t.counts.unfinished + t.counts.killed), trouble: true },
  { head: 'retries', cell: (t) => count(t.retries), trouble: true },
  { head: 'fastest', cell: ({ wallSeconds: w }) => (w === undefined ? '' : formatSeconds(w.min)) },
  { head: 'mean', cell: ({ wallSeconds: w }) => (w === undefined ? '' : formatSeconds(w.mean)) },
  { head: 'slowest', cell: ({ wallSeconds: w }) => (w === undefined ? '' : formatSeconds(w.max)) },
  { head: 'total', cell: ({ wallSeconds: w }) => (w === undefined ? '' : formatSeconds(w.total)) },
  { head: 'CPU', cell: (t) => percent(t.cpuEfficiency) },
  { head: 'memory', cell: ({ memory: m }) => (m === undefined ? '' : formatBytes(m.maxPeakBytes)) },
  {
    head: 'of request',
    cell: ({ memory: m }) => (m === undefined ? '' : percent(m.maxPeakBytes / m.requestedBytes)),
  },
  { head: 'read', cell: (t) => formatBytes(t.bytesRead) },
  { head: 'written', cell: (t) => formatBytes(t.bytesWritten) },
];

/** Times are wall times of quanta; CPU is CPU time over wall time; memory is the largest peak of a worker. */
function taskTable(tasks: readonly TaskReport[]): string {
  const shown = taskColumns.filter((column) => !column.trouble || tasks.some((task) => column.cell(task) !== ''));
  return textTable(
    shown.map((column) => column.head),
    tasks.map((task) => shown.map((column) => column.cell(task))),
    shown.map((_column, i) => (i === 0 ? 'left' : 'right')),
  );
}

function executionLines({ executions }: RunReport): string {
  return executions
    .map((e) => {
      const from = new Date(e.startedUnixMs).toISOString();
      const how =
        e.endedUnixMs === undefined
          ? 'no end recorded'
          : `${e.how} after ${formatSeconds((e.endedUnixMs - e.startedUnixMs) / 1000)}`;
      const skipped = e.skipped > 0 ? `, ${formatCount(e.skipped)} quanta were done before` : '';
      return `${from} on ${e.host} with ${e.jobs} jobs: ${how}${skipped}`;
    })
    .join('\n');
}

function failureLines({ failures }: RunReport): string {
  const lines = ['Failures, by signature:'];
  for (const group of failures) {
    lines.push(`  ${formatCount(group.count)} x ${group.signature}  (${group.labels.join(', ')})`);
    for (const e of group.examples) lines.push(`      ${e.label} ${formatDataId(e.dataId)}: ${e.cause?.message ?? ''}`);
    if (group.next !== undefined) lines.push(`      -> ${group.next}`);
  }
  return lines.join('\n');
}

function ruleTable(rules: RunReport['rules']): string {
  return textTable(
    ['retry rule', 'does', 'fired', 'would have', 'ended well'],
    rules.map((r) => [r.rule, r.action, count(r.fired), count(r.wouldHaveFired), count(r.rescued)]),
    ['left', 'left', 'right', 'right', 'right'],
  );
}

function missingTable(missingOutputs: RunReport['missingOutputs']): string {
  return textTable(
    ['missing outputs', 'missing', 'of', 'for example'],
    missingOutputs.map((m) => [
      m.datasetType,
      formatCount(m.missing),
      formatCount(m.expected),
      formatDataId(m.examples[0]),
    ]),
    ['left', 'right', 'right', 'left'],
  );
}

function percent(fraction: number | undefined): string {
  return fraction === undefined ? '' : `${Math.round(fraction * 100)} %`;
}
