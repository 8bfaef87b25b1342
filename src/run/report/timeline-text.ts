// SPDX-License-Identifier: BSD-3-Clause
import { formatSeconds } from './format.ts';
import { clip } from './layout.ts';
import type { Timeline } from './model.ts';

/** When each task ran: its share of all workers' time in shades, and when it began and ended. Nothing for a run of a moment. */
export function timelineLines(timeline: Timeline | undefined, width: number): string[] {
  if (timeline === undefined) return [];
  const seconds = (timeline.toUnixMs - timeline.fromUnixMs) / 1e3;
  if (seconds < 2) return [];
  const labelWidth = Math.min(24, Math.max(...timeline.tasks.map(({ label }) => label.length)));
  const times = timeline.tasks.map(({ beganUnixMs, endedUnixMs }) =>
    [beganUnixMs, endedUnixMs].map((ms) => formatSeconds((ms - timeline.fromUnixMs) / 1e3)),
  );
  const timeWidth = Math.max(...times.flat().map((text) => text.length));
  const cells = Math.max(10, Math.min(60, width - labelWidth - 2 * timeWidth - 8));
  const shades = timeline.tasks.map(({ busySeconds }) => resample(busySeconds, cells));
  const most = Math.max(...shades.flat(), Number.MIN_VALUE);
  const lines = timeline.tasks.map(({ label }, t) => {
    const bar = shades[t].map((busy) => (busy === 0 ? ' ' : '.:-=#'[Math.min(4, Math.floor((5 * busy) / most))]));
    const [from, to] = times[t].map((text) => text.padStart(timeWidth));
    return `${clip(label, labelWidth).padEnd(labelWidth)}  ${from} |${bar.join('')}| ${to}`;
  });
  return [['When it ran, since the first quantum began:', ...lines].join('\n')];
}

/** The same sum in so many cells. */
function resample(values: readonly number[], cells: number): number[] {
  const out = new Array<number>(cells).fill(0);
  values.forEach((value, i) => {
    const [from, to] = [(i * cells) / values.length, ((i + 1) * cells) / values.length];
    for (let cell = Math.floor(from); cell < Math.min(cells, to); cell++)
      out[cell] += (value * (Math.min(to, cell + 1) - Math.max(from, cell))) / (to - from);
  });
  return out;
}
