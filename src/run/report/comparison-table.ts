// SPDX-License-Identifier: BSD-3-Clause
import { textTable } from '../../base/index.ts';
import type { ChangedQuantum, RunComparison } from './compare.ts';
import { comparedLines } from './compared-lines.ts';
import { formatBytes, formatCount, formatDataId, formatSeconds } from './format.ts';
import { fittedTable, wrap } from './layout.ts';
import type { TaskReport } from './model.ts';

/** So many quanta of a kind are listed; a program gets all. */
const listed = 20;

/** Two runs beside each other as text for a terminal: A, B, and how many times A B is. */
export function formatComparison(comparison: RunComparison, width = 100): string {
  const { a, b } = comparison;
  const parts = [`A: ${a.run}\nB: ${b.run}`];
  const shown = comparedLines(a, b, 'wall');
  parts.push(
    textTable(
      ['', 'A', 'B', 'B/A'],
      shown.map(([name, x, y, format]) => [name, format(x), format(y), ratio(x, y)]),
      ['left', 'right', 'right', 'right'],
    ),
  );
  const rows = comparison.tasks.flatMap((task) => taskRows(task.label, task.a, task.b));
  parts.push(textTable(['task', '', 'A', 'B', 'B/A'], rows, ['left', 'left', 'right', 'right', 'right']));
  if (comparison.failures.length > 0)
    parts.push(
      fittedTable(
        [
          { head: 'failures, by signature', cell: (f) => f.signature, align: 'left', least: 24 },
          { head: 'A', cell: (f) => formatCount(f.a) },
          { head: 'B', cell: (f) => formatCount(f.b) },
        ],
        comparison.failures,
        width,
      ),
    );
  parts.push(...changes('Failed or blocked in B, but not in A', comparison.newlyFailed, width));
  parts.push(...changes('Failed or blocked in A, and ended well in B', comparison.newlySucceeded, width));
  if (comparison.newlyFailed.length === 0 && comparison.newlySucceeded.length === 0)
    parts.push('No quantum failed in one and not in the other.');
  return `${parts.join('\n\n')}\n`;
}

function taskRows(label: string, a: TaskReport | undefined, b: TaskReport | undefined): string[][] {
  const lines: [string, (t: TaskReport) => number | undefined, (n: number) => string][] = [
    ['quanta', (t) => t.quanta, formatCount],
    ['failed', (t) => t.counts.failed || undefined, formatCount],
    ['blocked', (t) => t.counts.blocked || undefined, formatCount],
    ['retries', (t) => t.retries || undefined, formatCount],
    ['wall, mean', (t) => t.wallSeconds?.mean, formatSeconds],
    ['wall, total', (t) => t.wallSeconds?.total, formatSeconds],
    ['CPU', (t) => t.cpuSeconds, formatSeconds],
    ['memory, median', (t) => t.memory?.medianPeakBytes, formatBytes],
    ['memory, most', (t) => t.memory?.maxPeakBytes, formatBytes],
    ['read', (t) => t.bytesRead || undefined, formatBytes],
    ['written', (t) => t.bytesWritten || undefined, formatBytes],
  ];
  let named = false;
  return lines.flatMap(([what, of, format]) => {
    const [x, y] = [a && of(a), b && of(b)];
    if (x === undefined && y === undefined) return [];
    const name = named ? '' : label;
    named = true;
    const cell = (n: number | undefined) => (n === undefined ? '' : format(n));
    return [[name, what, cell(x), cell(y), x === undefined || y === undefined ? '' : ratio(x, y)]];
  });
}

function ratio(a: number, b: number): string {
  if (a === b) return '1';
  return a === 0 ? '' : (b / a).toPrecision(3);
}

function changes(title: string, quanta: readonly ChangedQuantum[], width: number): string[] {
  if (quanta.length === 0) return [];
  const lines = quanta.slice(0, listed).flatMap((q) => {
    const message = q.message === undefined ? '' : ` (${q.message})`;
    return wrap(`${q.label} ${formatDataId(q.dataId)}: ${q.a} -> ${q.b}${message}`, width, '  ');
  });
  if (quanta.length > listed) lines.push(`  and ${formatCount(quanta.length - listed)} more; --json gives all`);
  return [[`${title}: ${formatCount(quanta.length)}`, ...lines].join('\n')];
}
