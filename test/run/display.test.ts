// SPDX-License-Identifier: BSD-3-Clause
import { describe, expect, it } from 'vitest';
import {
  chooseDisplay,
  type DisplayMode,
  formatBytes,
  formatSeconds,
  type Progress,
  progressDisplay,
  type RunEvent,
  type StateCounts,
} from '../../src/run/index.ts';

const zero: StateCounts = {
  waiting: 0,
  ready: 0,
  running: 0,
  done: 0,
  doneWithCaveat: 0,
  noWork: 0,
  failed: 0,
  blocked: 0,
  killed: 0,
  skipped: 0,
  excluded: 0,
};

function progress(done: number, elapsedSeconds: number): Progress {
  const isr = { ...zero, done, running: 2, failed: 1, waiting: 97 - done };
  return {
    run: 'u/me/run',
    elapsedSeconds,
    total: 110,
    counts: { ...isr, blocked: 10 },
    tasks: [
      { label: 'isr', total: 100, counts: isr, active: 2, cores: 1, meanWallSeconds: 2.5 },
      { label: 'makeWarp', total: 10, counts: { ...zero, blocked: 10 }, active: 0, cores: 1 },
    ],
    workers: [],
    quantaPerSecond: 1.25,
    etaSeconds: 61,
    busyCores: 1.9,
    cores: 2,
    memory: { residentBytes: 8e8, requestedBytes: 1e9, budgetBytes: 8e9 },
    draining: false,
    failures: [{ signature: 'Error: no star in <text>', count: 1 }],
  };
}

const failed = {
  type: 'attempt',
  record: {
    label: 'isr',
    dataId: { exposure: 7, detector: 3 },
    state: 'failed',
    decision: 'final',
    cause: { kind: 'exception', message: 'no star in "r"', signature: 'Error: no star in <text>' },
  },
} as unknown as RunEvent;

function show(mode: DisplayMode, events: RunEvent[], size = { columns: 100, rows: 24 }): string {
  let text = '';
  const onEvent = progressDisplay({ write: (part) => (text += part), ...size }, mode);
  for (const event of events) onEvent(event);
  return text;
}

const esc = String.fromCharCode(27);
const terminalCode = new RegExp(`(${esc}\\[\\d*[AJK]|${esc}\\[\\?2026[hl]|\\r|\n)`);

/** What a terminal of this width shows after this text: understands what the display uses, and wraps long lines. */
function screen(text: string, columns = 1000): string[] {
  let lines = [''];
  let row = 0;
  let column = 0;
  for (const part of text.split(terminalCode)) {
    const code = /^.\[(\d*)([AJK])$/.exec(part);
    if (code?.[2] === 'A') row -= Number(code[1]);
    else if (code?.[2] === 'J') lines = [...lines.slice(0, row), (lines[row] ?? '').slice(0, column)];
    else if (code?.[2] === 'K') lines[row] = (lines[row] ?? '').slice(0, column);
    else if (part === '\n') [row, column] = [row + 1, 0];
    else if (part === '\r') column = 0;
    else if (!part.startsWith(esc))
      for (const sign of part) {
        if (column === columns) [row, column] = [row + 1, 0];
        lines[row] = (lines[row] ?? '').padEnd(column).slice(0, column) + sign + (lines[row] ?? '').slice(column + 1);
        column++;
      }
    lines[row] ??= '';
  }
  return lines;
}

const events: RunEvent[] = [
  { type: 'started', run: 'u/me/run', quanta: 110, jobs: 2, folder: '/x' },
  { type: 'progress', progress: progress(10, 1) },
  failed,
  failed,
  { type: 'progress', progress: progress(50, 11) },
  { type: 'ended', how: 'complete', progress: progress(97, 20), exitCode: 3 },
];

describe('a registry that is away', () => {
  it('is told of below the counts, since when and what waits', () => {
    const registry = { sinceUnixMs: Date.UTC(2026, 0, 2, 3, 4, 5), waiting: 1234, reason: 'cannot be reached' };
    const text = show('live', [{ type: 'progress', progress: { ...progress(10, 20), registry } }], {
      columns: 140,
      rows: 24,
    });
    expect(text).toContain(
      'The registry has not answered since 03:04:05 UTC; 1,234 outputs wait for it (cannot be reached)',
    );
    expect(show('live', [{ type: 'progress', progress: progress(10, 20) }])).not.toContain('registry');
  });
});

describe('the display of a run', () => {
  it('at a terminal redraws one table, with lines above it for what is new', () => {
    const lines = screen(show('live', events)).filter((line) => line !== '');
    expect(lines.filter((line) => line.startsWith('isr '))).toEqual([
      expect.stringContaining('isr exposure=7 detector=3 failed: no star in "r"'),
      expect.stringMatching(/^isr +\[#+>!\] 97\/100, 1 failed, 2 running, 2\.50 s each$/),
    ]);
    expect(lines.find((line) => line.startsWith('makeWarp'))).toContain('10 blocked');
    expect(lines.filter((line) => line.includes('of 110 quanta done')).at(-1)).toBe(
      '20.0 s: 97 of 110 quanta done, 1 failed, 10 blocked, 1.25/s, about 1:01 min left',
    );
  });

  it('keeps within the width and height of the terminal', () => {
    const many = progress(1, 1);
    many.tasks = Array.from({ length: 40 }, (_, i) => ({ ...many.tasks[0], label: `aVeryLongLabelOfATaskNumber${i}` }));
    const lines = screen(show('live', [{ type: 'progress', progress: many }], { columns: 60, rows: 10 })).filter(
      Boolean,
    );
    expect(lines.length).toBeLessThan(10);
    for (const line of lines) expect(line.length).toBeLessThan(60);
    expect(lines.some((line) => line.includes('other tasks'))).toBe(true);
  });

  it('shows as much of a task as there is room for, and what the machine does', () => {
    const wide = progress(50, 10);
    Object.assign(wide.tasks[0], { perSecond: 5, etaSeconds: 9.6, peakMemoryBytes: 4e8, cpuEfficiency: 0.97 });
    const at = (columns: number) =>
      screen(show('live', [{ type: 'progress', progress: wide }], { columns, rows: 24 })).filter(Boolean);
    expect(at(160)[0]).toMatch(/50\/100, 1 failed, 2 running, 9\.60 s left, 5\.0\/s, 2\.50 s each, 400 MB, CPU 97 %$/);
    expect(at(160)[2]).toBe('0 workers, 1.9 of 2 cores busy, memory 800 MB, requested 1.00 GB of 8.00 GB');
    expect(at(80)[0]).toContain('50/100, 1 failed, 2 running');
    for (const columns of [40, 60, 80, 100, 200])
      for (const line of at(columns)) expect(line.length, line).toBeLessThan(columns);
  });

  it('writes nothing when nothing changed, and only over what it drew when the terminal became narrower', () => {
    const stream = { columns: 100, rows: 24, text: '', write: (part: string) => (stream.text += part) };
    const onEvent = progressDisplay(stream, 'live');
    onEvent({ type: 'started', run: 'r', quanta: 110, jobs: 2, folder: '/x' });
    onEvent({ type: 'progress', progress: progress(10, 1) });
    const before = stream.text.length;
    onEvent({ type: 'progress', progress: progress(10, 1) });
    expect(stream.text.length).toBe(before);
    // The block that is there wraps at 60 columns; what follows must not leave any of it.
    stream.columns = 60;
    const wrapped = screen(stream.text, 60).length;
    onEvent({ type: 'progress', progress: progress(20, 2) });
    const lines = screen(stream.text, 60);
    expect(lines.length).toBeLessThanOrEqual(wrapped);
    expect(lines.filter((line) => line.startsWith('isr'))).toEqual([expect.stringContaining('20/100')]);
    expect(lines[0]).toBe('Run r: 110 quanta, 2 jobs');
  });

  it('elsewhere writes lines, a failure once per signature, progress now and then, no escapes', () => {
    const text = show('plain', events);
    expect(text).not.toContain('\u001b');
    expect(text.match(/no star in "r"/g)).toHaveLength(1);
    expect(text).toContain('11.0 s: 50 of 110 quanta done');
    expect(text).not.toContain(': 10 of 110 quanta done');
    expect(text).toContain('1 x Error: no star in <text>');
  });

  it('for programs writes one event a line', () => {
    const lines = show('json', events).trim().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual(events);
  });

  it('is a table only at a terminal that is one', () => {
    const stream = { write: () => true, isTTY: true };
    expect(chooseDisplay(stream, { TERM: 'xterm' })).toBe('live');
    expect(chooseDisplay(stream, { TERM: 'xterm', CI: '1' })).toBe('plain');
    expect(chooseDisplay(stream, { TERM: 'dumb' })).toBe('plain');
    expect(chooseDisplay({ write: () => true }, {})).toBe('plain');
  });
});

describe('printed numbers', () => {
  it('have three digits and a unit', () => {
    expect([0, 999, 1000, 123456, 999_600, 5e12].map(formatBytes)).toEqual([
      '0 B',
      '999 B',
      '1.00 kB',
      '123 kB',
      '1.00 MB',
      '5.00 TB',
    ]);
    expect([0.0004, 0.25, 59.94, 61, 3725].map(formatSeconds)).toEqual([
      '400 us',
      '250 ms',
      '59.9 s',
      '1:01 min',
      '1:02:05 h',
    ]);
  });
});
