// SPDX-License-Identifier: BSD-3-Clause
import { formatBytes, formatDataId, formatSeconds, type RunReport } from '../run/index.ts';
import type { Section } from './page.ts';

/** What ran, what it cost, what failed and why: the run's records as tables. */
export function runSections(run: RunReport): Section[] {
  const sections: Section[] = [
    {
      title: 'What ran',
      blocks: [
        {
          kind: 'table',
          header: [
            'task',
            'quanta',
            'done',
            'caveats',
            'no work',
            'failed',
            'blocked',
            'retries',
            'fastest',
            'mean',
            'slowest',
            'total',
            'CPU',
            'efficiency',
            'memory',
            'read',
            'written',
          ],
          rows: run.tasks.map((t) => [
            t.label,
            t.quanta,
            t.counts.done,
            t.counts.doneWithCaveat,
            t.counts.noWork,
            t.counts.failed + t.counts.killed,
            t.counts.blocked + t.counts.blockedNoWork,
            t.retries,
            t.wallSeconds === undefined ? '' : formatSeconds(t.wallSeconds.min),
            t.wallSeconds === undefined ? '' : formatSeconds(t.wallSeconds.mean),
            t.wallSeconds === undefined ? '' : formatSeconds(t.wallSeconds.max),
            t.wallSeconds === undefined ? '' : formatSeconds(t.wallSeconds.total),
            formatSeconds(t.cpuSeconds),
            t.cpuEfficiency === undefined ? '' : `${(100 * t.cpuEfficiency).toFixed(0)} %`,
            t.memory === undefined ? '' : formatBytes(t.memory.maxPeakBytes),
            formatBytes(t.bytesRead),
            formatBytes(t.bytesWritten),
          ]),
        },
      ],
    },
  ];
  if (run.failures.length > 0) {
    sections.push({
      title: 'What failed',
      blocks: [
        {
          kind: 'table',
          header: ['quanta', 'tasks', 'reason', 'for example', 'what to do'],
          rows: run.failures.map((f) => [
            f.count,
            f.labels.join(', '),
            f.signature,
            f.examples[0] === undefined ? '' : `${f.examples[0].label} ${formatDataId(f.examples[0].dataId)}`,
            f.next ?? '',
          ]),
        },
      ],
    });
  }
  if (run.missingOutputs.some((m) => m.missing > 0)) {
    sections.push({
      title: 'What is missing',
      blocks: [
        {
          kind: 'table',
          header: ['dataset type', 'expected', 'missing', 'for example'],
          rows: run.missingOutputs
            .filter((m) => m.missing > 0)
            .map((m) => [m.datasetType, m.expected, m.missing, m.examples.map(formatDataId).join('; ')]),
        },
      ],
    });
  }
  return sections;
}
