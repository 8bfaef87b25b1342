// SPDX-License-Identifier: BSD-3-Clause
import { matchNearest, median, robustRms } from './match.ts';

/** Positions (ICRS degrees) and fluxes (nJy) of the true sky in one band. */
export interface TrueSources {
  raDeg: ArrayLike<number>;
  decDeg: ArrayLike<number>;
  fluxNjy: ArrayLike<number>;
  isGalaxy: ArrayLike<number>;
  /** Intrinsic full width at half maximum, arcsec; 0 for stars. */
  fwhmArcsec: ArrayLike<number>;
}

/** Measured sources in the same band; `good` is 1 where no flag speaks against the measurement. */
export interface MeasuredSources {
  raDeg: ArrayLike<number>;
  decDeg: ArrayLike<number>;
  fluxNjy: ArrayLike<number>;
  fluxErrNjy: ArrayLike<number>;
  good: ArrayLike<number>;
}

export interface TruthComparison {
  /** Isolated true sources of S/N >= 10 inside the measured area, and those of them that were found. */
  wanted: number;
  found: number;
  completeness: number;
  /** Stars of S/N > 50 with good measurements. */
  stars: number;
  meanRaMas: number;
  meanDecMas: number;
  rmsRaMas: number;
  rmsDecMas: number;
  /** Median of measured / true - 1. */
  fluxBias: number;
  /** Residuals of matched stars, for plots. */
  residuals: { mag: number[]; dRaMas: number[]; dDecMas: number[]; dMag: number[] };
}

const matchRadiusArcsec = 1;

/**
 * Compares a catalogue with the truth of a simulated survey. A true source counts as wanted if the band was exposed there (`depthAt`, the
 * number of images, is not 0), its signal-to-noise ratio is at least 10, and no other true source of more than a tenth of its flux lies within `isolationArcsec`. The noise is the median
 * PSF-flux error of the catalogue, scaled to the local depth; for a galaxy it is that of its own width: larger by sqrt(1 + (fwhm / seeing)²), since the noise of a
 * matched measurement goes with the width of the profile.
 */
export function compareWithTruth(
  truth: TrueSources,
  measured: MeasuredSources,
  depthAt: (raDeg: number, decDeg: number) => number,
  seeingArcsec: number,
  isolationArcsec = 3,
): TruthComparison {
  const noise = median(Array.from(measured.fluxErrNjy).filter((e) => e > 0));
  const medianDepth = median(Array.from(measured.raDeg, (ra, j) => depthAt(ra, measured.decDeg[j])));
  const matches = matchNearest(truth.raDeg, truth.decDeg, measured.raDeg, measured.decDeg, matchRadiusArcsec);
  const isolated = isolation(truth, isolationArcsec);
  let wanted = 0;
  let found = 0;
  const residuals: TruthComparison['residuals'] = { mag: [], dRaMas: [], dDecMas: [], dMag: [] };
  const bright = { ra: [] as number[], dec: [] as number[], ratio: [] as number[] };
  for (let i = 0; i < truth.raDeg.length; i++) {
    const flux = truth.fluxNjy[i];
    const depth = isolated[i] ? depthAt(truth.raDeg[i], truth.decDeg[i]) : 0;
    if (depth === 0) continue;
    const width = Math.sqrt(1 + (truth.fwhmArcsec[i] / seeingArcsec) ** 2);
    if (flux < 10 * noise * width * Math.sqrt(medianDepth / depth)) continue;
    wanted++;
    const j = matches[i];
    if (j < 0) continue;
    found++;
    if (truth.isGalaxy[i] === 1 || measured.good[j] !== 1) continue;
    const cosDec = Math.cos((truth.decDeg[i] * Math.PI) / 180);
    const dRa = (measured.raDeg[j] - truth.raDeg[i]) * cosDec * 3.6e6;
    const dDec = (measured.decDeg[j] - truth.decDeg[i]) * 3.6e6;
    residuals.mag.push(31.4 - 2.5 * Math.log10(flux));
    residuals.dRaMas.push(dRa);
    residuals.dDecMas.push(dDec);
    residuals.dMag.push(-2.5 * Math.log10(measured.fluxNjy[j] / flux));
    if (flux > 50 * noise * Math.sqrt(medianDepth / depth)) {
      bright.ra.push(dRa);
      bright.dec.push(dDec);
      bright.ratio.push(measured.fluxNjy[j] / flux);
    }
  }
  return {
    wanted,
    found,
    completeness: wanted === 0 ? Number.NaN : found / wanted,
    stars: bright.ra.length,
    meanRaMas: clippedMean(bright.ra),
    meanDecMas: clippedMean(bright.dec),
    rmsRaMas: robustRms(bright.ra),
    rmsDecMas: robustRms(bright.dec),
    fluxBias: median(bright.ratio) - 1,
    residuals,
  };
}

/** 1 for sources without a neighbour of more than a tenth of their flux within the radius. */
function isolation(truth: TrueSources, radiusArcsec: number): Uint8Array {
  const n = truth.raDeg.length;
  const order = Array.from({ length: n }, (_, i) => i).sort((a, b) => truth.decDeg[a] - truth.decDeg[b]);
  const radius = radiusArcsec / 3600;
  const isolated = new Uint8Array(n).fill(1);
  for (let a = 0; a < n; a++) {
    const i = order[a];
    const cosDec = Math.cos((truth.decDeg[i] * Math.PI) / 180);
    for (let b = a + 1; b < n && truth.decDeg[order[b]] - truth.decDeg[i] < radius; b++) {
      const j = order[b];
      const u = (truth.raDeg[j] - truth.raDeg[i]) * cosDec;
      const v = truth.decDeg[j] - truth.decDeg[i];
      if (u * u + v * v > radius * radius) continue;
      if (truth.fluxNjy[j] > 0.1 * truth.fluxNjy[i]) isolated[i] = 0;
      if (truth.fluxNjy[i] > 0.1 * truth.fluxNjy[j]) isolated[j] = 0;
    }
  }
  return isolated;
}

/** Mean after three rounds of clipping at three robust standard deviations. */
function clippedMean(values: readonly number[]): number {
  let kept = [...values];
  for (let round = 0; round < 3; round++) {
    const centre = median(kept);
    const limit = 3 * robustRms(kept);
    kept = kept.filter((v) => Math.abs(v - centre) <= limit);
  }
  return kept.reduce((a, b) => a + b, 0) / kept.length;
}
