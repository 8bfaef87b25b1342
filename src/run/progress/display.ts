// SPDX-License-Identifier: BSD-3-Clause
import { formatCount, formatDataId } from '../report/format.ts';
import type { RunEvent } from './events.ts';
import { liveTable, registryLines, summaryLine } from './live-table.ts';
import { type DisplayStream, Screen } from './screen.ts';
import type { Progress } from './snapshot.ts';

export type { DisplayStream } from './screen.ts';

/** `live` redraws a table, `plain` appends lines, `json` appends one event a line, `none` is silent. */
export type DisplayMode = 'live' | 'plain' | 'json' | 'none';

/** A table for people at a terminal; lines where output goes to a file or a continuous-integration log. */
export function chooseDisplay(stream: DisplayStream, env: NodeJS.ProcessEnv = process.env): DisplayMode {
  return stream.isTTY === true && !env['CI'] && env['TERM'] !== 'dumb' ? 'live' : 'plain';
}

/** Makes an event handler that shows a run on a stream. */
export function progressDisplay(stream: DisplayStream, mode: DisplayMode): (event: RunEvent) => void {
  if (mode === 'none') return () => {};
  if (mode === 'json') return (event) => stream.write(`${JSON.stringify(event)}\n`);
  const screen = new Screen(stream, mode === 'live');
  const tableOf = (progress: Progress, hasEnded = false) =>
    liveTable(progress, stream.columns ?? 80, stream.rows ?? 24, hasEnded);
  const seen = new Set<string>();
  let lastLine = 0;
  return (event) => {
    if (event.type === 'progress') {
      if (mode === 'live') screen.draw(tableOf(event.progress));
      else if (event.progress.elapsedSeconds - lastLine >= quietSeconds(lastLine)) {
        lastLine = event.progress.elapsedSeconds;
        screen.line(summaryLine(event.progress));
        for (const line of registryLines(event.progress)) screen.line(line);
      }
      return;
    }
    if (event.type === 'ended') screen.draw(tableOf(event.progress, true));
    if (event.type === 'ended' && mode === 'plain') screen.line(summaryLine(event.progress)); // the table has it
    for (const line of linesOf(event, seen)) screen.line(line);
    if (event.type === 'ended') screen.keep();
  };
}

/** Between lines of progress in a log: long runs need no thousands of them. */
function quietSeconds(sinceBeginning: number): number {
  return sinceBeginning < 60 ? 10 : sinceBeginning < 3600 ? 60 : 600;
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
    case 'inMemory': {
      const { types, written, clusters, largest } = event;
      const together = `${formatCount(clusters)} groups of up to ${formatCount(largest)} quanta, each in one worker`;
      return [
        ...(types.length > 0 ? [`Only in memory: ${types.join(', ')} (${together})`] : []),
        ...written.map(({ datasetType, reason }) => `Written all the same: ${datasetType}, since ${reason}`),
      ];
    }
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
      return endLines(event);
    default:
      return [];
  }
}

function endLines(event: Extract<RunEvent, { type: 'ended' }>): string[] {
  if (event.how !== 'complete') return ['The run is not complete; the same command again continues it.'];
  return event.progress.failures.map((f) => `${formatCount(f.count)} x ${f.signature}`);
}
