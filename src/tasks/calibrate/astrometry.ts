// SPDX-License-Identifier: BSD-3-Clause
import { median } from '../../pixels/index.ts';
import { DEG, type Wcs } from '../../sky/index.ts';
import { calibrateErrors } from './errors.ts';
import { type FitFrame, fitTanSip, type StarPairs, termCount } from './fit-tan-sip.ts';
import {
  CONVINCING,
  isConvincing,
  lnPoissonTail,
  mutualMatches,
  NO_PATTERN,
  type PatternMatch,
  type Points,
  rotatedAbout,
  thinned,
  voteForShift,
} from './match.ts';

/** Sources good enough for astrometry, in pixels of the image's parent frame. */
export interface SourceList extends Points {
  readonly flux: Float64Array;
  /** Position error per coordinate, pixels; 0 where unknown. */
  readonly positionErrPx: Float64Array;
}

/** Reference stars: ICRS degrees, and a flux in any unit to rank them by. */
export interface ReferenceList {
  readonly n: number;
  readonly raDeg: Float64Array;
  readonly decDeg: Float64Array;
  readonly flux: Float64Array;
}

export interface AstrometryOptions {
  maximumShiftArcsec: number;
  maximumRotationDeg: number;
  /** Brightest sources that vote. */
  brightest: number;
  /** Largest order of the polynomials; lowered where there are fewer than `starsPerTerm` stars a term. */
  order: number;
  starsPerTerm: number;
  clipSigma: number;
  /** First and largest radius of the final matching. */
  matchRadiusArcsec: number;
  minimumMatches: number;
}

export interface ImageField {
  readonly x0: number;
  readonly y0: number;
  readonly width: number;
  readonly height: number;
}

export interface AstrometryResult {
  wcs: Wcs;
  order: number;
  /** The vote that found the field. */
  pattern: PatternMatch;
  /** [source, reference] of every match, and whether the fit used it. */
  matches: [number, number][];
  used: Uint8Array;
  /** Residuals of the matches, source minus reference: on the sky to the east and north, arcseconds. */
  dRaArcsec: Float64Array;
  dDecArcsec: Float64Array;
  /** 1.4826 times the median absolute residual of the used matches, per coordinate, the larger of both. */
  scatterArcsec: number;
}

/** Error of a position that no measurement beats (blends, seeing, catalogue): keeps bright stars from ruling the fit. */
const FLOOR_PX = 0.02;

/**
 * Finds the WCS of a source list: a vote for the shift to the reference stars (up to arcminutes), then TAN fits with
 * ever smaller matching radius, then TAN-SIP fits with clipping until the matches stay the same.
 * @throws CALIBRATE_NO_MATCH
 */
export function solveAstrometry(
  sources: SourceList,
  references: ReferenceList,
  initial: Wcs,
  field: ImageField,
  options: AstrometryOptions,
): AstrometryResult {
  const frame: FitFrame = {
    x: field.x0 + (field.width - 1) / 2,
    y: field.y0 + (field.height - 1) / 2,
    scale: Math.max(field.width, field.height) / 2,
  };
  const problem = { sources, references, initial, field, frame, options };
  const projected = project(references, initial);
  const weighed: PatternMatch[] = [];
  for (const pattern of searchPatterns(problem, projected)) {
    weighed.push(pattern);
    const solution = isConvincing(pattern) ? refine(problem, projected, pattern) : undefined;
    if (solution !== undefined) return solution;
  }
  const best = weighed.reduce((a, b) => (b.lnChance < a.lnChance ? b : a), NO_PATTERN);
  const centre = initial.pixelToSky(frame.x, frame.y);
  throw calibrateErrors.NO_MATCH({
    raDeg: centre.raDeg.toFixed(4),
    decDeg: centre.decDeg.toFixed(4),
    sources: sources.n,
    references: references.n,
    shiftArcmin: (options.maximumShiftArcsec / 60).toFixed(1),
    votes: `best vote ${best.votes} pairs, ${best.expected.toFixed(1)} expected by chance`,
  });
}

interface Problem {
  readonly sources: SourceList;
  readonly references: ReferenceList;
  readonly initial: Wcs;
  readonly field: ImageField;
  readonly frame: FitFrame;
  readonly options: AstrometryOptions;
}

/** From a vote to the solution; undefined where the vote turns out to be false: too few stars, or no more than by chance. */
function refine(problem: Problem, projected: Points, pattern: Candidate): AstrometryResult | undefined {
  const { sources, references, initial, field, frame, options } = problem;
  const scaleArcsec = initial.pixelScaleArcsec(frame.x, frame.y);
  const needed = Math.max(3, options.minimumMatches);
  const turned = rotatedAbout(sources, pattern.rotationRad, frame.x, frame.y);
  const shifted: Points = {
    n: turned.n,
    x: turned.x.map((x) => x + pattern.dx),
    y: turned.y.map((y) => y + pattern.dy),
  };
  const finalRadiusPx = options.matchRadiusArcsec / scaleArcsec;
  let pairs = mutualMatches(shifted, projected, Math.max(3 * pattern.cellPx, finalRadiusPx));
  let wcs: Wcs | undefined;
  let previous = '';
  for (let round = 0; round < MAXIMUM_ROUNDS; round++) {
    // A plain TAN is safe while the radius is wide; distortion is asked for once the matches are right.
    const wide = round < 2;
    const order = wide ? 1 : affordableOrder(pairs.length, options);
    if (pairs.length < needed) return undefined;
    const fit = clippedFit(problem, pairs, order, wcs ?? initial, scaleArcsec);
    if (fit === undefined) return undefined;
    wcs = fit.wcs;
    const known = JSON.stringify([order, pairs, [...fit.used]]);
    if ((!wide && known === previous) || round === MAXIMUM_ROUNDS - 1) {
      const used = fit.used.reduce((sum, flag) => sum + flag, 0);
      const chance =
        (sources.n * references.n * Math.PI * finalRadiusPx ** 2) / searchArea(field, scaleArcsec, options);
      if (used < needed || lnPoissonTail(used, chance) > CONVINCING) return undefined;
      return { ...fit, order, pattern, matches: pairs };
    }
    previous = known;
    pairs = mutualMatches(sources, project(references, wcs), wide ? 2 * finalRadiusPx : finalRadiusPx);
  }
  return undefined;
}

const MAXIMUM_ROUNDS = 20;

/** Pixels of the field and of the border around it that the references are taken from. */
function searchArea(field: ImageField, scaleArcsec: number, options: AstrometryOptions): number {
  const border = (2 * options.maximumShiftArcsec) / scaleArcsec;
  return (field.width + border) * (field.height + border);
}

/** Reference stars in pixels of a WCS; those off its plane are put far away. */
function project(references: ReferenceList, wcs: Wcs): Points {
  const x = new Float64Array(references.n);
  const y = new Float64Array(references.n);
  wcs.skyToPixelMany(references.n, references.raDeg, references.decDeg, x, y);
  for (let i = 0; i < references.n; i++) if (!Number.isFinite(x[i] + y[i])) x[i] = y[i] = -1e9;
  return { n: references.n, x, y };
}

/** Cells of the vote, pixels: fine ones first, coarse ones for initial WCSs with a wrong scale or no distortion. */
const CELLS_PX = [4, 12];
/** Radius of the first, short search. */
const NEAR_ARCSEC = 15;

interface Candidate extends PatternMatch {
  readonly cellPx: number;
}

/** Votes over ever wider searches: near before far, fine cells before coarse ones, bright stars before faint ones. */
function* searchPatterns(problem: Problem, projected: Points): Generator<Candidate> {
  const { sources, references, initial, field, frame, options } = problem;
  const scaleArcsec = initial.pixelScaleArcsec(frame.x, frame.y);
  // Most pointings are right to some arcseconds, and a short search convinces with fewer stars than a long one.
  const reaches = [Math.min(NEAR_ARCSEC, options.maximumShiftArcsec), options.maximumShiftArcsec];
  for (const maximumShiftPx of new Set(reaches.map((arcsec) => arcsec / scaleArcsec))) {
    const inReach = byFlux(references).filter((j) => {
      const [x, y] = [projected.x[j] - field.x0, projected.y[j] - field.y0];
      return Math.max(-x, -y, x - field.width, y - field.height) <= maximumShiftPx;
    });
    const area = (1 + (2 * maximumShiftPx) / field.width) * (1 + (2 * maximumShiftPx) / field.height);
    for (const cellPx of CELLS_PX) {
      const sourceOrder = thinned(sources, byFlux(sources), 3 * cellPx);
      const referenceOrder = thinned(projected, inReach, 3 * cellPx);
      // The brightest of both lists are not the same stars (saturation, other bands): go deeper where that fails.
      for (const depth of [1, 3]) {
        const some = pick(sources, sourceOrder.slice(0, options.brightest * depth));
        const wanted = Math.min(2000, Math.ceil(some.n * area * 1.5));
        const vote = voteForShift(some, pick(projected, referenceOrder.slice(0, wanted)), {
          maximumShiftPx,
          maximumRotationRad: options.maximumRotationDeg * DEG,
          centreX: frame.x,
          centreY: frame.y,
          radiusPx: Math.hypot(field.width, field.height) / 2,
          cellPx,
        });
        yield { ...vote, cellPx };
      }
    }
  }
}

/** Numbers of a list's members, brightest first. */
function byFlux(list: { readonly flux: Float64Array }): number[] {
  return [...list.flux.keys()].sort((a, b) => list.flux[b] - list.flux[a]);
}

function pick(points: Points, indices: readonly number[]): Points {
  return {
    n: indices.length,
    x: Float64Array.from(indices, (i) => points.x[i]),
    y: Float64Array.from(indices, (i) => points.y[i]),
  };
}

function affordableOrder(stars: number, options: AstrometryOptions): number {
  let order = options.order;
  while (order > 1 && stars < options.starsPerTerm * termCount(order)) order--;
  return order;
}

type Fit = Pick<AstrometryResult, 'wcs' | 'used' | 'dRaArcsec' | 'dDecArcsec' | 'scatterArcsec'>;

/** A weighted fit, repeated without the pairs beyond `clipSigma` of their own errors until those are always the same. */
function clippedFit(
  { sources, references, frame, options }: Problem,
  pairs: readonly [number, number][],
  order: number,
  start: Wcs,
  scaleArcsec: number,
): Fit | undefined {
  const n = pairs.length;
  const all: StarPairs = {
    n,
    x: Float64Array.from(pairs, ([i]) => sources.x[i]),
    y: Float64Array.from(pairs, ([i]) => sources.y[i]),
    raDeg: Float64Array.from(pairs, ([, j]) => references.raDeg[j]),
    decDeg: Float64Array.from(pairs, ([, j]) => references.decDeg[j]),
    weight: Float64Array.from(pairs, ([i]) => 1 / (FLOOR_PX ** 2 + sources.positionErrPx[i] ** 2)),
  };
  let used = new Uint8Array(n).fill(1);
  for (let round = 0; ; round++) {
    const kept = keep(all, used);
    const wcs = kept.n < Math.max(3, termCount(order)) ? undefined : fitTanSip(kept, order, frame, start);
    if (wcs === undefined) return undefined;
    const { dRaArcsec, dDecArcsec } = residuals(all, wcs);
    // Faint stars scatter more than bright ones: the limit goes by each star's own error, scaled up where all are too small.
    const inErrors = (d: Float64Array) => d.map((r, i) => Math.abs(r / scaleArcsec) * Math.sqrt(all.weight[i]));
    const [ra, dec] = [inErrors(dRaArcsec), inErrors(dDecArcsec)];
    const scale = 1.4826 * Math.max(medianOf(ra, used), medianOf(dec, used));
    const limit = options.clipSigma * Math.max(1, scale);
    const next = Uint8Array.from(ra, (r, i) => (Math.max(r, dec[i]) <= limit ? 1 : 0));
    if (round >= 10 || next.every((flag, i) => flag === used[i]))
      return {
        wcs,
        used,
        dRaArcsec,
        dDecArcsec,
        scatterArcsec:
          1.4826 * Math.max(medianOf(dRaArcsec.map(Math.abs), used), medianOf(dDecArcsec.map(Math.abs), used)),
      };
    used = next;
  }
}

function medianOf(values: Float64Array, flags: Uint8Array): number {
  return median(values.filter((_, i) => flags[i] === 1));
}

function keep(pairs: StarPairs, used: Uint8Array): StarPairs {
  const of = (values: Float64Array) => values.filter((_, i) => used[i] === 1);
  const x = of(pairs.x);
  return { n: x.length, x, y: of(pairs.y), raDeg: of(pairs.raDeg), decDeg: of(pairs.decDeg), weight: of(pairs.weight) };
}

function residuals(pairs: StarPairs, wcs: Wcs): { dRaArcsec: Float64Array; dDecArcsec: Float64Array } {
  const dRaArcsec = new Float64Array(pairs.n);
  const dDecArcsec = new Float64Array(pairs.n);
  wcs.pixelToSkyMany(pairs.n, pairs.x, pairs.y, dRaArcsec, dDecArcsec);
  for (let i = 0; i < pairs.n; i++) {
    const turn = dRaArcsec[i] - pairs.raDeg[i];
    const wrapped = turn > 180 ? turn - 360 : turn < -180 ? turn + 360 : turn;
    dRaArcsec[i] = wrapped * 3600 * Math.cos(pairs.decDeg[i] * DEG);
    dDecArcsec[i] = (dDecArcsec[i] - pairs.decDeg[i]) * 3600;
  }
  return { dRaArcsec, dDecArcsec };
}
