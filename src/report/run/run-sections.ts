// SPDX-License-Identifier: BSD-3-Clause
import {
  formatBytes,
  formatCount,
  formatSeconds,
  livenessPhrases,
  percent,
  type RunReport,
  requestOrigin,
  type TaskReport,
} from '../../run/index.ts';
import type { Block, Card, Cell, Section, Tone } from '../page.ts';
import { failureSection, retriedSection } from './failure-sections.ts';
import { caveatSection, missingSection, quantumLists } from './lists.ts';
import { type FinalState, type RunView, stateList } from './run-page.ts';
import { timelineFigure } from './timeline-figure.ts';

/** What became of a run: every number leads to its list, every failure to its cause and log. */
export function outcomeSections(view: RunView): Section[] {
  const { report: run } = view;
  const sections: (Section | undefined)[] = [
    { title: 'The run', blocks: [{ kind: 'cards', cards: cards(run) }, executions(run), countTable(run)] },
    failureSection(view),
    retriedSection(view),
    caveatSection(view),
    missingSection(view),
  ];
  return sections.filter((section) => section !== undefined);
}

/** What a run cost, and its quanta one by one as far as a page can hold them. */
export function costSections(view: RunView): Section[] {
  const { report: run } = view;
  const ran = run.tasks.filter((task) => task.attempts > 0);
  const sections: (Section | undefined)[] = [
    ran.length === 0
      ? undefined
      : { title: 'What it cost', blocks: [...timelineFigure(run.timeline), timeTable(ran), memoryTable(ran)] },
    ruleSection(run),
    { title: 'Quanta', blocks: quantumLists(view) },
  ];
  return sections.filter((section) => section !== undefined);
}

function cards(run: RunReport): Card[] {
  const { counts, totals } = run;
  const good = counts.done + counts.doneWithCaveat + counts.noWork;
  const { badputSeconds: lost, workSeconds: work, cpuUtilisation: used } = totals;
  const of = (n: number) => (run.quanta === 0 ? '' : `${percent(n / run.quanta)} of ${formatCount(run.quanta)}`);
  const list: (Card | undefined)[] = [
    { label: 'ended well', value: formatCount(good), note: of(good), tone: good === run.quanta ? 'ok' : undefined },
    counts.failed > 0
      ? {
          label: 'failed',
          value: formatCount(counts.failed),
          note: of(counts.failed),
          tone: 'bad',
          href: '#what-failed',
        }
      : undefined,
    counts.blocked > 0
      ? {
          label: 'blocked',
          value: formatCount(counts.blocked),
          note: of(counts.blocked),
          tone: 'warn',
          href: '#quanta',
        }
      : undefined,
    run.unfinished > 0
      ? { label: 'not run', value: formatCount(run.unfinished), note: of(run.unfinished), href: '#quanta' }
      : undefined,
    counts.excluded > 0 ? { label: 'excluded', value: formatCount(counts.excluded), href: '#quanta' } : undefined,
    { label: 'elapsed', value: formatSeconds(totals.elapsedSeconds) },
    { label: 'work', value: formatSeconds(work), note: 'wall time of all attempts' },
    {
      label: 'CPU',
      value: formatSeconds(totals.cpuSeconds),
      note: used === undefined ? undefined : `${percent(used)} of ${run.executions.at(-1)?.jobs} jobs`,
    },
    lost > 0
      ? { label: 'lost to failures', value: formatSeconds(lost), note: `${percent(lost / work)} of work`, tone: 'warn' }
      : undefined,
    { label: 'read', value: formatBytes(totals.bytesRead) },
    { label: 'written', value: formatBytes(totals.bytesWritten) },
  ];
  return list.filter((card) => card !== undefined);
}

function executions({ executions: list, liveness }: RunReport): Block {
  return {
    kind: 'table',
    header: ['began (UTC)', 'on', 'jobs', 'ended', 'after', 'done before'],
    rows: list.map((e, i): Cell[] => {
      const open = i === list.length - 1 && liveness !== 'ended' ? livenessPhrases[liveness] : 'no end recorded';
      const tone: Tone | undefined = e.how === 'complete' ? 'ok' : liveness === 'running' ? undefined : 'warn';
      return [
        new Date(e.startedUnixMs).toISOString().slice(0, 19).replace('T', ' '),
        e.host,
        e.jobs,
        { text: e.how ?? open, tone },
        time(e.endedUnixMs === undefined ? undefined : (e.endedUnixMs - e.startedUnixMs) / 1000),
        e.skipped,
      ];
    }),
  };
}

const countColumns: readonly { head: string; states: readonly FinalState[]; tone?: Tone; always?: boolean }[] = [
  { head: 'done', states: ['done'], always: true },
  { head: 'caveat', states: ['doneWithCaveat'] },
  { head: 'no work', states: ['noWork'] },
  { head: 'too few inputs', states: ['blockedNoWork'] },
  { head: 'failed', states: ['failed'], tone: 'bad', always: true },
  { head: 'blocked', states: ['blocked'], tone: 'warn', always: true },
  { head: 'excluded', states: ['excluded'] },
  { head: 'stopped', states: ['killed'] },
  { head: 'not run', states: ['unfinished'] },
];

function countTable({ tasks }: RunReport): Block {
  const shown = countColumns.filter(
    ({ states, always }) => always || tasks.some((task) => states.some((state) => task.counts[state] > 0)),
  );
  return {
    kind: 'table',
    header: ['task', 'quanta', ...shown.map(({ head }) => head), 'retries'],
    rows: tasks.map((task): Cell[] => [
      task.label,
      task.quanta,
      ...shown.map(({ states: [state], tone }): Cell => {
        const count = task.counts[state];
        return count === 0 ? '' : { text: count, href: stateList(task.label, state), tone };
      }),
      task.retries === 0 ? '' : { text: task.retries, href: '#what-was-tried-again' },
    ]),
  };
}

function timeTable(tasks: readonly TaskReport[]): Block {
  return {
    kind: 'table',
    caption:
      'Wall time of attempts that ended well; CPU efficiency is their CPU time over wall time and requested cores; lost is the wall time of the others.',
    header: [
      'task',
      'attempts',
      'fastest',
      'median',
      'mean',
      '95 %',
      'slowest',
      'total',
      'lost',
      'CPU time',
      'CPU efficiency',
    ],
    rows: tasks.map((t): Cell[] => {
      const w = t.wallSeconds;
      return [
        t.label,
        t.attempts,
        time(w?.min),
        time(w?.median),
        time(w?.mean),
        time(w?.p95),
        { ...time(w?.max), href: stateList(t.label, 'slowest') },
        time(w?.total),
        t.badputSeconds === 0 ? '' : { ...time(t.badputSeconds), tone: 'warn' },
        time(t.cpuSeconds),
        { text: percent(t.cpuEfficiency), right: true },
      ];
    }),
  };
}

function memoryTable(tasks: readonly TaskReport[]): Block {
  return {
    kind: 'table',
    caption:
      'Peak resident memory of attempts beside what was requested; bytes read and written, and how many times the sizes of the files they are (1: everything once).',
    header: [
      'task',
      'requested',
      'median',
      '95 %',
      'most',
      'of request',
      'read',
      'of inputs',
      'written',
      'of outputs',
      'memory requested',
    ],
    rows: tasks.map((t): Cell[] => [
      t.label,
      bytes(t.memory?.requestedBytes),
      bytes(t.memory?.medianPeakBytes),
      bytes(t.memory?.p95PeakBytes),
      { ...bytes(t.memory?.maxPeakBytes), href: stateList(t.label, 'largest') },
      {
        text: t.memory === undefined ? '' : percent(t.memory.maxPeakBytes / t.memory.requestedBytes),
        right: true,
        tone: t.memory !== undefined && t.memory.maxPeakBytes > t.memory.requestedBytes ? 'warn' : undefined,
      },
      bytes(t.bytesRead),
      times(t.bytesRead, t.inputBytes),
      bytes(t.bytesWritten),
      times(t.bytesWritten, t.outputBytes),
      t.request === undefined ? ' ' : requestOrigin(t.request),
    ]),
  };
}

function ruleSection({ rules }: RunReport): Section | undefined {
  if (rules.length === 0) return undefined;
  const rows = rules.map((r): Cell[] => [
    r.rule,
    r.action,
    r.fired === 0 ? '' : { text: r.fired, href: '#what-was-tried-again' },
    r.wouldHaveFired === 0 ? '' : r.wouldHaveFired,
    r.rescued,
  ]);
  const header = ['rule', 'does', 'fired', 'would have fired', 'quanta that ended well since'];
  return { title: 'Retry rules', blocks: [{ kind: 'table', header, rows }] };
}

function time(seconds: number | undefined): { text: string; right: true } {
  return { text: seconds === undefined ? '' : formatSeconds(Math.max(0, seconds)), right: true };
}
function bytes(n: number | undefined): { text: string; right: true } {
  return { text: n === undefined ? '' : formatBytes(n), right: true };
}
function times(moved: number, size: number): Cell {
  return { text: size > 0 ? (moved / size).toFixed(2) : '', right: true };
}
