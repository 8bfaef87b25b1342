// SPDX-License-Identifier: BSD-3-Clause
import { formatSeconds, type RunReport } from '../../run/index.ts';
import type { Block } from '../page.ts';
import { escapeText } from '../plot.ts';

const width = 1180;
const row = 26;
const left = 200;
const right = 70;
const top = 8;

/** When the quanta of each task ran: a row for each task, as high as workers were busy with it. */
export function timelineFigure(timeline: RunReport['timeline']): Block[] {
  if (timeline === undefined || timeline.tasks.length === 0) return [];
  const { tasks, binSeconds, fromUnixMs, toUnixMs } = timeline;
  const seconds = Math.max((toUnixMs - fromUnixMs) / 1e3, 1e-3);
  const most = Math.max(...tasks.flatMap(({ busySeconds }) => busySeconds)) / binSeconds;
  const scale = (width - left - right) / seconds;
  const height = top + row * tasks.length + 34;
  const parts = tasks.map(({ label, beganUnixMs, endedUnixMs, busySeconds }, t) => {
    const base = top + row * (t + 1) - 5;
    const [from, to] = [beganUnixMs, endedUnixMs].map((ms) => (ms - fromUnixMs) / 1e3);
    const bars = busySeconds.map((busy, bin) => {
      if (busy === 0) return '';
      const tall = Math.max(1, ((row - 8) * busy) / binSeconds / most);
      const begin = Math.max(from, bin * binSeconds);
      const wide = Math.max(0.6, (Math.min(seconds, to, (bin + 1) * binSeconds) - begin) * scale);
      return `<rect x="${(left + begin * scale).toFixed(1)}" y="${(base - tall).toFixed(1)}" width="${wide.toFixed(1)}" height="${tall.toFixed(1)}"/>`;
    });
    const title = `${label}: from ${formatSeconds(from)} to ${formatSeconds(to)} after the beginning`;
    const name = label.length > 28 ? `${label.slice(0, 27)}…` : label;
    return (
      `<g><title>${escapeText(title)}</title><line x1="${left}" x2="${width - right}" y1="${base}" y2="${base}" stroke="currentColor" stroke-opacity="0.15"/>` +
      `<text x="${left - 8}" y="${base - 3}" text-anchor="end" fill="currentColor">${escapeText(name)}</text><g fill="var(--bar)">${bars.join('')}</g>` +
      `<text x="${width - right + 6}" y="${base - 3}" fill="currentColor" fill-opacity="0.7">${escapeText(formatSeconds(to - from))}</text></g>`
    );
  });
  const base = top + row * tasks.length;
  const ticks = tickSeconds(seconds).map(
    (tick) =>
      `<text x="${(left + tick * scale).toFixed(1)}" y="${base + 18}" text-anchor="middle" fill="currentColor">${escapeText(formatSeconds(tick))}</text>` +
      `<line x1="${(left + tick * scale).toFixed(1)}" x2="${(left + tick * scale).toFixed(1)}" y1="${top}" y2="${base + 4}" stroke="currentColor" stroke-opacity="0.12"/>`,
  );
  const svg = `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="When each task ran" font-size="12" font-family="system-ui, sans-serif">${ticks.join('')}${parts.join('')}</svg>`;
  const began = new Date(fromUnixMs).toISOString().slice(0, 19).replace('T', ' ');
  const caption = `Quanta at a time, by task; the highest is ${most.toFixed(most < 10 ? 1 : 0)}. Time since ${began} UTC; on the right how long from the first to the last.`;
  return [{ kind: 'wide', body: svg, caption }];
}

/** Some five round times. */
function tickSeconds(seconds: number): number[] {
  const round = [
    0.001, 0.01, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200,
  ];
  const step = round.find((one) => seconds / one <= 8) ?? 86_400 * Math.ceil(seconds / 8 / 86_400);
  return Array.from({ length: Math.floor(seconds / step) + 1 }, (_, i) => i * step);
}
