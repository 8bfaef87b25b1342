// SPDX-License-Identifier: BSD-3-Clause
import {
  type ChangedQuantum,
  type ComparedRun,
  comparedLines,
  formatBytes,
  formatCount,
  formatDataId,
  formatSeconds,
  type RunComparison,
  type TaskReport,
} from '../../run/index.ts';
import { type Block, type Cell, renderPage, type Section, type Tone } from '../page.ts';

const listed = 500;

/** Two runs beside each other as a page: what is different, most important first. */
export function comparisonPage(comparison: RunComparison): string {
  const { a, b, newlyFailed, newlySucceeded, failures } = comparison;
  const sections: (Section | undefined)[] = [
    { title: 'The runs', blocks: [wholeTable(a, b)] },
    changes('Failed or blocked in B only', newlyFailed, 'bad'),
    changes('Mended in B', newlySucceeded, 'ok'),
    failures.length === 0
      ? undefined
      : {
          title: 'Failures',
          blocks: [
            {
              kind: 'table',
              header: ['signature', 'A', 'B'],
              rows: failures.map((f): Cell[] => [
                f.signature,
                f.a,
                { text: f.b, tone: f.b > f.a ? 'bad' : f.b < f.a ? 'ok' : undefined },
              ]),
            },
          ],
        },
    { title: 'Tasks', blocks: [taskTable(comparison)] },
  ];
  const shown = sections.filter((section) => section !== undefined);
  return renderPage(`Skymill: two runs`, `A: ${a.run} · B: ${b.run}`, shown);
}

function wholeTable(a: ComparedRun, b: ComparedRun): Block {
  const rows = comparedLines(a, b, 'elapsed').map(([name, x, y, format]): Cell[] => [
    name,
    right(format(x)),
    right(format(y)),
    ratio(x, y),
  ]);
  return { kind: 'table', header: ['', 'A', 'B', 'B/A'], rows };
}

function taskTable({ tasks }: RunComparison): Block {
  const fields: [string, (t: TaskReport) => number | undefined, (n: number) => string][] = [
    ['quanta', (t) => t.quanta, formatCount],
    ['failed', (t) => t.counts.failed || undefined, formatCount],
    ['wall, mean', (t) => t.wallSeconds?.mean, formatSeconds],
    ['wall, total', (t) => t.wallSeconds?.total, formatSeconds],
    ['CPU', (t) => t.cpuSeconds, formatSeconds],
    ['memory, median', (t) => t.memory?.medianPeakBytes, formatBytes],
    ['memory, most', (t) => t.memory?.maxPeakBytes, formatBytes],
    ['read', (t) => t.bytesRead || undefined, formatBytes],
    ['written', (t) => t.bytesWritten || undefined, formatBytes],
  ];
  const rows = tasks.flatMap(({ label, a, b }) =>
    fields.flatMap(([name, of, format]): Cell[][] => {
      const [x, y] = [a && of(a), b && of(b)];
      if (x === undefined && y === undefined) return [];
      const cell = (n: number | undefined) => right(n === undefined ? '' : format(n));
      return [[label, name, cell(x), cell(y), x === undefined || y === undefined ? '' : ratio(x, y)]];
    }),
  );
  return { kind: 'table', header: ['task', '', 'A', 'B', 'B/A'], rows };
}

function changes(title: string, quanta: readonly ChangedQuantum[], tone: Tone): Section | undefined {
  if (quanta.length === 0) return undefined;
  const rows = quanta
    .slice(0, listed)
    .map((q): Cell[] => [q.label, formatDataId(q.dataId), q.a, { text: q.b, tone }, q.message ?? '']);
  const caption = `${formatCount(quanta.length)} quanta${quanta.length > listed ? `, the first ${listed}` : ''}`;
  return {
    title,
    blocks: [{ kind: 'table', caption, header: ['task', 'data ID', 'in A', 'in B', 'message'], rows }],
  };
}

/** Half as much again, or a third less, stands out. */
function ratio(a: number, b: number): Cell {
  if (a === 0) return '';
  const value = b / a;
  return { text: value.toPrecision(3), right: true, tone: value > 1.5 || value < 0.67 ? 'warn' : 'dim' };
}

function right(text: string): Cell {
  return { text, right: true };
}
