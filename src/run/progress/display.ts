// SPDX-License-Identifier: BSD-3-Clause
import { formatCount, formatDataId, formatSeconds } from '../report/format.ts';
import type { RunEvent } from './events.ts';
import type { Progress, StateCounts, TaskProgress } from './snapshot.ts';

/** `live` redraws a table, `plain` appends lines, `json` appends one event a line, `none` is silent. */
export type DisplayMode = 'live' | 'plain' | 'json' | 'none';

export interface DisplayStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

/** A table for people at a terminal; lines where output goes to a file or a continuous-integration log. */
export function chooseDisplay(stream: DisplayStream, env: NodeJS.ProcessEnv = process.env): DisplayMode {
  return stream.isTTY === true && !env['CI'] && env['TERM'] !== 'dumb' ? 'live' : 'plain';
}

/** Makes an event handler that shows a run on a stream. */
export function progressDisplay(stream: DisplayStream, mode: DisplayMode): (event: RunEvent) => void {
  if (mode === 'none') return () => {};
  if (mode === 'json') return (event) => stream.write(`${JSON.stringify(event)}\n`);
  const screen = new Screen(stream, mode === 'live');
  const seen = new Set<string>();
  let lastLine = 0;
  return (event) => {
    if (event.type === 'progress') {
      if (mode === 'live') screen.draw(table(event.progress, stream));
      else if (event.progress.elapsedSeconds - lastLine >= 10) {
        lastLine = event.progress.elapsedSeconds;
        screen.line(summaryLine(event.progress));
        for (const line of registryLines(event.progress)) screen.line(line);
      }
      return;
    }
    if (event.type === 'ended') screen.draw(mode === 'live' ? table(event.progress, stream) : []);
    for (const line of linesOf(event, seen)) screen.line(line);
    if (event.type === 'ended') screen.keep();
  };
}

/** What deserves a line of its own. A failure is told once per signature; the table counts the others. */
function linesOf(event: RunEvent, seen: Set<string>): string[] {
  switch (event.type) {
    case 'resumed': {
      const orphans =
        event.orphansKilled > 0 ? `; ended ${event.orphansKilled} workers of a controller that was killed` : '';
      const lost = event.lost > 0 ? `; ${formatCount(event.lost)} are made again, their files are not as recorded` : '';
      const excluded = event.excluded > 0 ? `; ${formatCount(event.excluded)} are excluded` : '';
      return [`Continuing: ${formatCount(event.skipped)} quanta are done already${lost}${excluded}${orphans}`];
    }
    case 'started':
      return [`Run ${event.run}: ${formatCount(event.quanta)} quanta, ${event.jobs} jobs`];
    case 'attempt': {
      const { record: r } = event;
      if (r.state !== 'failed' || r.cause === undefined || seen.has(`${r.label} ${r.cause.signature}`)) return [];
      seen.add(`${r.label} ${r.cause.signature}`);
      const fate = r.decision === 'retry' ? `will be tried again (${r.rule})` : 'failed';
      return [`${r.label} ${formatDataId(r.dataId)} ${fate}: ${r.cause.message}`];
    }
    case 'draining':
      if (event.cause !== undefined) {
        const rule = event.rule === undefined ? '' : ` (rule ${event.rule})`;
        return [`Stopping${rule}: ${event.cause.message}`, event.cause.next ?? ''];
      }
      return ['Stopping: waiting for what runs; once more Ctrl-C stops at once'];
    case 'usageNotKept':
      return [`What this run took is not kept for the requests of the next: ${event.problem}`];
    case 'cancelling':
      return ['Stopping at once'];
    case 'archiveLeft':
      return [`An archive of logs and metadata is left unfinished: ${event.problem}`];
    case 'ended':
      return [summaryLine(event.progress), ...endLines(event)];
    default:
      return [];
  }
}

function endLines(event: Extract<RunEvent, { type: 'ended' }>): string[] {
  if (event.how !== 'complete') return ['The run is not complete; the same command again continues it.'];
  return event.progress.failures.map((f) => `${formatCount(f.count)} x ${f.signature}`);
}

function summaryLine(p: Progress): string {
  const eta =
    p.etaSeconds === undefined || ended(p.counts) === p.total ? '' : `, about ${formatSeconds(p.etaSeconds)} left`;
  const others = (['failed', 'blocked', 'killed', 'excluded'] as const)
    .filter((s) => p.counts[s] > 0)
    .map((s) => `, ${formatCount(p.counts[s])} ${s}`);
  return `${formatSeconds(p.elapsedSeconds)}: ${formatCount(good(p.counts))} of ${formatCount(p.total)} quanta done${others.join('')}, ${p.quantaPerSecond.toPrecision(3)}/s${eta}`;
}

/** The run computes on while its registry is away. */
function registryLines({ registry }: Progress): string[] {
  if (registry === undefined) return [];
  const { sinceUnixMs, waiting, reason } = registry;
  const since = new Date(sinceUnixMs).toISOString().slice(11, 19);
  return [`The registry has not answered since ${since} UTC; ${formatCount(waiting)} outputs wait for it (${reason})`];
}

function good(c: StateCounts): number {
  return c.done + c.doneWithCaveat + c.noWork + c.skipped;
}
function ended(c: StateCounts): number {
  return good(c) + c.failed + c.blocked + c.killed + c.excluded;
}

/** One line per task: a bar (done `#`, running `>`, trouble `!`), counts, mean time. */
function table(p: Progress, stream: DisplayStream): string[] {
  const width = Math.max(40, stream.columns ?? 80);
  const labelWidth = Math.min(28, Math.max(...p.tasks.map((t) => t.label.length)));
  const fits = Math.max(3, (stream.rows ?? 24) - 5);
  // Where they do not all fit, tasks that are finished or not begun go first.
  const active = p.tasks.filter((t) => t.counts.running + t.counts.ready > 0);
  const shown = p.tasks.length <= fits ? p.tasks : active.slice(0, fits);
  const lines = shown.map((t) => taskLine(t, labelWidth, width));
  if (shown.length < p.tasks.length) lines.push(`  … and ${p.tasks.length - shown.length} other tasks`);
  for (const line of [summaryLine(p), ...registryLines(p)]) lines.push(line.slice(0, width - 1));
  return lines;
}

function taskLine(t: TaskProgress, labelWidth: number, width: number): string {
  const c = t.counts;
  const numbers = [`${formatCount(good(c))}/${formatCount(t.total)}`];
  if (t.active > 0) numbers.push(`${t.active} running`);
  if (c.failed > 0) numbers.push(`${formatCount(c.failed)} failed`);
  if (c.blocked > 0) numbers.push(`${formatCount(c.blocked)} blocked`);
  if (t.meanWallSeconds !== undefined) numbers.push(`${formatSeconds(t.meanWallSeconds)} each`);
  const cells = Math.max(8, Math.min(30, width - labelWidth - 46));
  const part = (n: number) => Math.floor((n / Math.max(1, t.total)) * cells);
  const atLeastOne = (n: number) => (n > 0 ? Math.max(1, part(n)) : 0);
  const bad = atLeastOne(c.failed + c.blocked);
  const running = Math.min(cells - bad, atLeastOne(c.running));
  const done = Math.min(cells - bad - running, part(good(c)));
  const bar = '#'.repeat(done) + '>'.repeat(running) + '!'.repeat(bad) + '.'.repeat(cells - done - running - bad);
  return `${t.label.slice(0, labelWidth).padEnd(labelWidth)} [${bar}] ${numbers.join(', ')}`.slice(0, width - 1);
}

/** Lines that scroll, above a block that is drawn in place. */
class Screen {
  readonly #stream: DisplayStream;
  readonly #inPlace: boolean;
  #drawn: string[] = [];

  constructor(stream: DisplayStream, inPlace: boolean) {
    this.#stream = stream;
    this.#inPlace = inPlace;
  }

  line(text: string): void {
    this.#redraw(`${text}\n`, this.#drawn);
  }
  draw(block: string[]): void {
    if (this.#inPlace) this.#redraw('', block);
  }
  /** Leaves what is drawn on the screen. */
  keep(): void {
    this.#drawn = [];
  }

  #redraw(above: string, block: string[]): void {
    const erase = this.#drawn.length > 0 ? `\u001b[${this.#drawn.length}A\u001b[0J` : '';
    this.#drawn = block;
    this.#stream.write(erase + above + block.map((line) => `${line}\n`).join(''));
  }
}
