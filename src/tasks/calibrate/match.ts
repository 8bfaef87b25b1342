// SPDX-License-Identifier: BSD-3-Clause

/** Positions in one pixel frame. */
export interface Points {
  readonly n: number;
  readonly x: Float64Array;
  readonly y: Float64Array;
}

/** Which point of a list is nearest to a position, by a grid of cells. */
export class NearestPoints {
  private readonly points: Points;
  private readonly cell: number;
  private readonly cells = new Map<number, number[]>();

  constructor(points: Points, cell: number) {
    this.points = points;
    this.cell = cell;
    for (let i = 0; i < points.n; i++) {
      const key = this.key(Math.floor(points.x[i] / cell), Math.floor(points.y[i] / cell));
      const list = this.cells.get(key);
      if (list === undefined) this.cells.set(key, [i]);
      else list.push(i);
    }
  }

  private key(i: number, j: number): number {
    return i * 2 ** 26 + j;
  }

  /** Index of the nearest point within `radius` (at most the cell size), or -1. */
  find(x: number, y: number, radius: number): number {
    const [ci, cj] = [Math.floor(x / this.cell), Math.floor(y / this.cell)];
    let best = -1;
    let least = radius * radius;
    for (let i = ci - 1; i <= ci + 1; i++)
      for (let j = cj - 1; j <= cj + 1; j++)
        for (const k of this.cells.get(this.key(i, j)) ?? []) {
          const d = (this.points.x[k] - x) ** 2 + (this.points.y[k] - y) ** 2;
          if (d <= least) {
            least = d;
            best = k;
          }
        }
    return best;
  }
}

/** Pairs that are each other's nearest within a radius, as [index in a, index in b]. */
export function mutualMatches(a: Points, b: Points, radius: number): [number, number][] {
  const inA = new NearestPoints(a, radius);
  const inB = new NearestPoints(b, radius);
  const pairs: [number, number][] = [];
  for (let j = 0; j < b.n; j++) {
    const i = inA.find(b.x[j], b.y[j], radius);
    if (i >= 0 && inB.find(a.x[i], a.y[i], radius) === j) pairs.push([i, j]);
  }
  return pairs;
}

/** A shift and small rotation about a centre that takes sources to references. */
export interface PatternMatch {
  dx: number;
  dy: number;
  rotationRad: number;
  /** Pairs that agree on the shift, and how many would by chance. */
  votes: number;
  expected: number;
  /** Natural logarithm of the chance that unrelated lists vote as strongly anywhere in the search. */
  lnChance: number;
}

export interface VoteOptions {
  maximumShiftPx: number;
  maximumRotationRad: number;
  centreX: number;
  centreY: number;
  /** Half the diagonal of the field. */
  radiusPx: number;
  /** Size of a cell of the vote: sources may be off their place by as much (distortion, scale). */
  cellPx: number;
}

/**
 * Every pair of a source and a reference star votes for the shift between them; true pairs vote alike. Tried for
 * rotations so close to each other that none moves the field's edge by more than half a cell. Votes are counted over
 * 3 x 3 cells. The answer is the strongest vote; whether it is strong enough says {@link isConvincing}.
 */
export function voteForShift(sources: Points, references: Points, options: VoteOptions): PatternMatch {
  const { maximumShiftPx, cellPx, maximumRotationRad, radiusPx } = options;
  const side = 2 * Math.ceil(maximumShiftPx / cellPx) + 3;
  const step = (0.5 * cellPx) / radiusPx;
  const turns = Math.ceil(maximumRotationRad / step);
  const counts = new Uint16Array(side * side);
  let best = NO_PATTERN;
  // Places tried: 3 x 3 cells overlap, so each cell is a place of its own only in part; counting all is the safe side.
  const lnTrials = Math.log(side * side * (2 * turns + 1));
  for (let turn = -turns; turn <= turns; turn++) {
    const rotationRad = turn * step;
    const turned = rotatedAbout(sources, rotationRad, options.centreX, options.centreY);
    counts.fill(0);
    let pairs = 0;
    forEachShift(turned, references, maximumShiftPx, (dx, dy) => {
      counts[cellOf(dy, cellPx, side) * side + cellOf(dx, cellPx, side)]++;
      pairs++;
    });
    let votes = 0;
    let at = 0;
    for (let j = 1; j < side - 1; j++)
      for (let i = 1; i < side - 1; i++) {
        let sum = 0;
        for (let q = j - 1; q <= j + 1; q++) for (let p = i - 1; p <= i + 1; p++) sum += counts[q * side + p];
        if (sum > votes) {
          votes = sum;
          at = j * side + i;
        }
      }
    const expected = (9 * pairs) / (side * side);
    const lnChance = lnTrials + lnPoissonTail(votes, expected);
    if (lnChance >= best.lnChance) continue;
    const middle = (side - 1) / 2;
    const [cx, cy] = [((at % side) - middle) * cellPx, (Math.floor(at / side) - middle) * cellPx];
    best = { ...meanShift(turned, references, cx, cy, 1.5 * cellPx), rotationRad, votes, expected, lnChance };
  }
  return best;
}

/** No vote at all. */
export const NO_PATTERN: PatternMatch = { dx: 0, dy: 0, rotationRad: 0, votes: 0, expected: 0, lnChance: 0 };

/** One false field in a hundred thousand. */
export const CONVINCING = Math.log(1e-5);

export function isConvincing({ lnChance }: PatternMatch): boolean {
  return lnChance < CONVINCING;
}

/** ln P(N >= k) for a Poisson mean, by its first term and the geometric bound of the rest; 0 where k is not above the mean. */
export function lnPoissonTail(k: number, mean: number): number {
  if (k <= mean || mean <= 0) return 0;
  let lnFactorial = 0;
  for (let i = 2; i <= k; i++) lnFactorial += Math.log(i);
  return k * Math.log(mean) - mean - lnFactorial - Math.log(1 - mean / (k + 1));
}

/**
 * The members of a list, best first, that are further than `radius` from all better ones: parts of one galaxy or blend
 * would else vote together for whatever star they are tried on.
 */
export function thinned(points: Points, order: readonly number[], radius: number): number[] {
  const taken = new Map<number, number[]>();
  const key = (i: number, j: number) => i * 2 ** 26 + j;
  return order.filter((k) => {
    const [x, y] = [points.x[k], points.y[k]];
    const [ci, cj] = [Math.floor(x / radius), Math.floor(y / radius)];
    for (let i = ci - 1; i <= ci + 1; i++)
      for (let j = cj - 1; j <= cj + 1; j++)
        if (taken.get(key(i, j))?.some((t) => Math.hypot(points.x[t] - x, points.y[t] - y) < radius)) return false;
    const list = taken.get(key(ci, cj));
    if (list === undefined) taken.set(key(ci, cj), [k]);
    else list.push(k);
    return true;
  });
}

export function rotatedAbout(points: Points, angle: number, cx: number, cy: number): Points {
  const [s, c] = [Math.sin(angle), Math.cos(angle)];
  const x = new Float64Array(points.n);
  const y = new Float64Array(points.n);
  for (let i = 0; i < points.n; i++) {
    const [u, v] = [points.x[i] - cx, points.y[i] - cy];
    x[i] = cx + c * u - s * v;
    y[i] = cy + s * u + c * v;
  }
  return { n: points.n, x, y };
}

function cellOf(shift: number, cellPx: number, side: number): number {
  return Math.round(shift / cellPx) + (side - 1) / 2;
}

function forEachShift(a: Points, b: Points, limit: number, visit: (dx: number, dy: number) => void): void {
  for (let i = 0; i < a.n; i++)
    for (let j = 0; j < b.n; j++) {
      const dx = b.x[j] - a.x[i];
      const dy = b.y[j] - a.y[i];
      if (Math.abs(dx) <= limit && Math.abs(dy) <= limit) visit(dx, dy);
    }
}

/** Mean shift of the pairs near a vote's cell. */
function meanShift(a: Points, b: Points, cx: number, cy: number, reach: number): { dx: number; dy: number } {
  let [n, sumX, sumY] = [0, 0, 0];
  for (let i = 0; i < a.n; i++)
    for (let j = 0; j < b.n; j++) {
      const dx = b.x[j] - a.x[i];
      const dy = b.y[j] - a.y[i];
      if (Math.abs(dx - cx) > reach || Math.abs(dy - cy) > reach) continue;
      n++;
      sumX += dx;
      sumY += dy;
    }
  return n === 0 ? { dx: cx, dy: cy } : { dx: sumX / n, dy: sumY / n };
}
