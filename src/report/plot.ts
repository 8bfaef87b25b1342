// SPDX-License-Identifier: BSD-3-Clause

/** Plots as SVG text for a self-contained page. Colours follow the page (`currentColor`) but for the data. */

export interface Axis {
  label: string;
  range?: [number, number];
}

export interface Series {
  name: string;
  x: ArrayLike<number>;
  y: ArrayLike<number>;
  colour: string;
  /** Draw a running median in bins of x over the points. */
  median?: boolean;
}

const size = { width: 460, height: 300, left: 62, right: 14, top: 14, bottom: 44 };

/** Points of several series with axes; at most 4000 points are drawn of each. */
export function scatterPlot(title: string, xAxis: Axis, yAxis: Axis, series: readonly Series[]): string {
  const xRange = xAxis.range ?? rangeOf(series.flatMap((s) => Array.from(s.x)));
  const yRange = yAxis.range ?? rangeOf(series.flatMap((s) => Array.from(s.y)));
  const frame = new Frame(title, xAxis.label, yAxis.label, xRange, yRange);
  for (const s of series) {
    const step = Math.max(1, Math.ceil(s.x.length / 4000));
    let points = '';
    for (let i = 0; i < s.x.length; i += step) {
      if (!frame.inside(s.x[i], s.y[i])) continue;
      points += `<circle cx="${frame.x(s.x[i])}" cy="${frame.y(s.y[i])}" r="1.6"/>`;
    }
    frame.add(`<g fill="${s.colour}" fill-opacity="0.45">${points}</g>`);
    if (s.median) frame.add(runningMedian(frame, s, xRange));
  }
  frame.add(legend(series));
  return frame.svg();
}

/** Counts in equal bins. */
export function histogramPlot(title: string, xAxis: Axis, values: ArrayLike<number>, bins = 40): string {
  const range = xAxis.range ?? rangeOf(Array.from(values));
  const counts = new Array<number>(bins).fill(0);
  const width = (range[1] - range[0]) / bins || 1;
  for (let i = 0; i < values.length; i++) {
    const bin = Math.floor((values[i] - range[0]) / width);
    if (bin >= 0 && bin < bins) counts[bin]++;
  }
  const frame = new Frame(title, xAxis.label, 'count', range, [0, Math.max(1, ...counts) * 1.08]);
  const bars = counts.map((count, i) => {
    const x0 = Number(frame.x(range[0] + i * width));
    const x1 = Number(frame.x(range[0] + (i + 1) * width));
    const y = Number(frame.y(count));
    return `<rect x="${x0.toFixed(1)}" y="${y.toFixed(1)}" width="${Math.max(0.5, x1 - x0 - 0.5).toFixed(1)}" height="${(Number(frame.y(0)) - y).toFixed(1)}"/>`;
  });
  frame.add(`<g fill="#4477aa">${bars.join('')}</g>`);
  return frame.svg();
}

export interface SkyPolygon {
  /** Corners as [ra, dec], degrees. */
  corners: readonly (readonly [number, number])[];
  colour: string;
  filled: boolean;
  label?: string;
}

/** Outlines on the sky, east to the left, in arcminutes from the mean position. */
export function skyMapPlot(title: string, polygons: readonly SkyPolygon[]): string {
  const all = polygons.flatMap((p) => p.corners);
  const dec0 = mean(all.map((c) => c[1]));
  const ra0 = mean(all.map((c) => c[0]));
  const cosDec = Math.cos((dec0 * Math.PI) / 180);
  const place = ([ra, dec]: readonly [number, number]): [number, number] => [
    (ra0 - ra) * cosDec * 60,
    (dec - dec0) * 60,
  ];
  const points = all.map(place);
  const half = 1.05 * Math.max(...points.flat().map(Math.abs), 1e-6);
  const frame = new Frame(
    title,
    `arcmin west of RA ${ra0.toFixed(3)}°`,
    `arcmin north of Dec ${dec0.toFixed(3)}°`,
    [-half * 1.45, half * 1.45],
    [-half, half],
  );
  for (const p of polygons) {
    const corners = p.corners.map(place);
    const path = corners.map(([x, y]) => `${frame.x(x)},${frame.y(y)}`).join(' ');
    frame.add(
      `<polygon points="${path}" fill="${p.filled ? p.colour : 'none'}" fill-opacity="0.12" stroke="${p.colour}" stroke-width="0.8"/>`,
    );
    if (p.label !== undefined) {
      const [x, y] = [mean(corners.map((c) => c[0])), mean(corners.map((c) => c[1]))];
      frame.add(
        `<text x="${frame.x(x)}" y="${frame.y(y)}" font-size="9" text-anchor="middle" fill="currentColor">${escapeText(p.label)}</text>`,
      );
    }
  }
  return frame.svg();
}

class Frame {
  readonly #parts: string[] = [];
  readonly #title: string;
  readonly #xRange: [number, number];
  readonly #yRange: [number, number];

  constructor(title: string, xLabel: string, yLabel: string, xRange: [number, number], yRange: [number, number]) {
    this.#title = title;
    this.#xRange = widen(xRange);
    this.#yRange = widen(yRange);
    const bottom = size.height - size.bottom;
    const right = size.width - size.right;
    this.add(
      `<rect x="${size.left}" y="${size.top}" width="${right - size.left}" height="${bottom - size.top}" fill="none" stroke="currentColor" stroke-opacity="0.5"/>`,
    );
    for (const tick of ticks(this.#xRange)) {
      this.add(
        `<line x1="${this.x(tick)}" x2="${this.x(tick)}" y1="${bottom}" y2="${bottom + 4}" stroke="currentColor"/><text x="${this.x(tick)}" y="${bottom + 16}" text-anchor="middle">${label(tick)}</text>`,
      );
    }
    for (const tick of ticks(this.#yRange)) {
      this.add(
        `<line x1="${size.left - 4}" x2="${size.left}" y1="${this.y(tick)}" y2="${this.y(tick)}" stroke="currentColor"/><line x1="${size.left}" x2="${right}" y1="${this.y(tick)}" y2="${this.y(tick)}" stroke="currentColor" stroke-opacity="0.12"/><text x="${size.left - 7}" y="${Number(this.y(tick)) + 4}" text-anchor="end">${label(tick)}</text>`,
      );
    }
    this.add(
      `<text x="${(size.left + right) / 2}" y="${size.height - 8}" text-anchor="middle">${escapeText(xLabel)}</text>`,
    );
    const middle = (size.top + bottom) / 2;
    this.add(
      `<text x="14" y="${middle}" text-anchor="middle" transform="rotate(-90 14 ${middle})">${escapeText(yLabel)}</text>`,
    );
  }

  x(value: number): string {
    const span = size.width - size.left - size.right;
    return (size.left + (span * (value - this.#xRange[0])) / (this.#xRange[1] - this.#xRange[0])).toFixed(1);
  }

  y(value: number): string {
    const span = size.height - size.top - size.bottom;
    return (
      size.height -
      size.bottom -
      (span * (value - this.#yRange[0])) / (this.#yRange[1] - this.#yRange[0])
    ).toFixed(1);
  }

  inside(x: number, y: number): boolean {
    return x >= this.#xRange[0] && x <= this.#xRange[1] && y >= this.#yRange[0] && y <= this.#yRange[1];
  }

  add(part: string): void {
    this.#parts.push(part);
  }

  svg(): string {
    return `<svg viewBox="0 0 ${size.width} ${size.height}" role="img" aria-label="${escapeText(this.#title)}" font-size="11" font-family="system-ui, sans-serif"><title>${escapeText(this.#title)}</title><g fill="currentColor">${this.#parts.join('')}</g></svg>`;
  }
}

function runningMedian(frame: Frame, series: Series, range: [number, number]): string {
  const bins = 14;
  const members: number[][] = Array.from({ length: bins }, () => []);
  for (let i = 0; i < series.x.length; i++) {
    const bin = Math.floor((bins * (series.x[i] - range[0])) / (range[1] - range[0]));
    if (bin >= 0 && bin < bins) members[bin].push(series.y[i]);
  }
  const points = members.flatMap((values, bin) => {
    if (values.length < 5) return [];
    const sorted = values.sort((a, b) => a - b);
    const x = range[0] + ((bin + 0.5) * (range[1] - range[0])) / bins;
    return [`${frame.x(x)},${frame.y(sorted[sorted.length >> 1])}`];
  });
  return `<polyline points="${points.join(' ')}" fill="none" stroke="#cc3311" stroke-width="1.8"/>`;
}

function legend(series: readonly Series[]): string {
  if (series.length < 2) return '';
  return series
    .map(
      (s, i) =>
        `<circle cx="${size.left + 12}" cy="${size.top + 13 + 15 * i}" r="4" fill="${s.colour}"/><text x="${size.left + 21}" y="${size.top + 17 + 15 * i}">${escapeText(s.name)}</text>`,
    )
    .join('');
}

function rangeOf(values: readonly number[]): [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const v of values) {
    if (!Number.isFinite(v)) continue;
    if (v < low) low = v;
    if (v > high) high = v;
  }
  return low <= high ? [low, high] : [0, 1];
}

function widen([low, high]: [number, number]): [number, number] {
  return high > low ? [low, high] : [low - 0.5, low + 0.5];
}

/** Round numbers, about five over the range. */
function ticks([low, high]: [number, number]): number[] {
  const raw = (high - low) / 5;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= raw) ?? raw;
  const found: number[] = [];
  for (let t = Math.ceil(low / step) * step; t <= high + step * 1e-9; t += step) found.push(t);
  return found;
}

function label(value: number): string {
  return String(Number(value.toPrecision(6)));
}

function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / Math.max(1, values.length);
}

export function escapeText(text: string): string {
  return text.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]!);
}
