// SPDX-License-Identifier: BSD-3-Clause
import Table from 'cli-table3';
import { formatBytes, formatCount, formatDataId, formatSeconds } from './format.ts';
import type { RunReport, TaskReport } from './model.ts';

/** The report as text for a terminal: counts and costs by task, then what went wrong, most frequent first. */
export function formatReport(report: RunReport): string {
  const parts = [`Run ${report.run}`, executionLines(report), taskTable(report.tasks)];
  if (report.failures.length > 0) parts.push(failureLines(report));
  if (report.missingOutputs.length > 0) parts.push(missingTable(report));
  if (report.unfinished > 0)
    parts.push(`${formatCount(report.unfinished)} quanta have not run; the same command again continues.`);
  return `${parts.join('\n\n')}\n`;
}

const style = { head: [], border: [] };

function taskTable(tasks: readonly TaskReport[]): string {
  const table = new Table({
    head: [
      'task',
      'quanta',
      'done',
      'caveat',
      'no work',
      'failed',
      'blocked',
      'open',
      'retries',
      'wall min',
      'mean',
      'max',
      'total',
      'CPU',
      'peak memory',
      'of request',
      'read',
      'written',
    ],
    colAligns: ['left', ...Array<'right'>(17).fill('right')],
    style,
  });
  for (const task of tasks) {
    const { counts: c, wallSeconds: w, memory: m } = task;
    table.push([
      task.label,
      ...[
        task.quanta,
        c.done,
        c.doneWithCaveat,
        c.noWork + c.blockedNoWork,
        c.failed,
        c.blocked,
        c.unfinished + c.killed,
        task.retries,
      ].map((n) => (n === 0 ? '' : formatCount(n))),
      ...(w === undefined ? ['', '', '', ''] : [w.min, w.mean, w.max, w.total].map(formatSeconds)),
      percent(task.cpuEfficiency),
      m === undefined ? '' : formatBytes(m.maxPeakBytes),
      m === undefined ? '' : percent(m.maxPeakBytes / m.requestedBytes),
      formatBytes(task.bytesRead),
      formatBytes(task.bytesWritten),
    ]);
  }
  return table.toString();
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

function missingTable({ missingOutputs }: RunReport): string {
  const table = new Table({
    head: ['missing outputs', 'missing', 'of', 'for example'],
    colAligns: ['left', 'right', 'right', 'left'],
    style,
  });
  for (const m of missingOutputs)
    table.push([m.datasetType, formatCount(m.missing), formatCount(m.expected), formatDataId(m.examples[0])]);
  return table.toString();
}

function percent(fraction: number | undefined): string {
  return fraction === undefined ? '' : `${Math.round(fraction * 100)} %`;
}
