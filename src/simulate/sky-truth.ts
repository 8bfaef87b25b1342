// SPDX-License-Identifier: BSD-3-Clause
import type { Table } from '../pixels/index.ts';
import { cornerRadiusPx } from './camera.ts';
import type { SurveyOptions } from './options.ts';
import { Random } from './random.ts';

/** The true sky, as columns of length `count`. Angles in degrees, fluxes in nJy by band, sizes in arcseconds. */
export interface SkyTruth {
  count: number;
  raDeg: Float64Array;
  decDeg: Float64Array;
  isGalaxy: Uint8Array;
  /** Intrinsic full width at half maximum of a galaxy; 0 for stars. */
  fwhmArcsec: Float64Array;
  /** Axis ratio and position angle (degrees, from pixel x) of a galaxy. */
  axisRatio: Float64Array;
  angleDeg: Float64Array;
  fluxNjy: Record<string, Float64Array>;
}

const starMags: [number, number] = [15.5, 24.5];
const galaxyMags: [number, number] = [18.5, 25.5];

/** Mean colours relative to r of old stars and of galaxies at survey depth, mag. */
const colourToR: Record<string, { star: number; galaxy: number }> = {
  u: { star: 1.9, galaxy: 1.4 },
  g: { star: 0.6, galaxy: 0.7 },
  r: { star: 0, galaxy: 0 },
  i: { star: -0.25, galaxy: -0.35 },
  z: { star: -0.4, galaxy: -0.55 },
  y: { star: -0.45, galaxy: -0.65 },
};

/**
 * Draws stars and galaxies over the area that the dithered camera covers. Counts rise as 10^(0.25 m) for stars and
 * 10^(0.37 m) for galaxies (number-count slopes of high-latitude surveys in r).
 */
export function makeSky(options: SurveyOptions): SkyTruth {
  const random = new Random(options.seed, 7);
  const half = (cornerRadiusPx(options) * options.pixelScaleArcsec + options.ditherArcsec * 1.5 + 20) / 3600;
  const area = (2 * half * 60) ** 2;
  const stars = Math.round(options.starsPerSquareArcmin * area);
  const galaxies = Math.round(options.galaxiesPerSquareArcmin * area);
  const count = stars + galaxies;
  const cosDec = Math.cos((options.decDeg * Math.PI) / 180);
  const truth: SkyTruth = {
    count,
    raDeg: new Float64Array(count),
    decDeg: new Float64Array(count),
    isGalaxy: new Uint8Array(count),
    fwhmArcsec: new Float64Array(count),
    axisRatio: new Float64Array(count).fill(1),
    angleDeg: new Float64Array(count),
    fluxNjy: Object.fromEntries(options.bands.map((band) => [band, new Float64Array(count)])),
  };
  for (let i = 0; i < count; i++) {
    const galaxy = i >= stars;
    truth.raDeg[i] = options.raDeg + random.between(-half, half) / cosDec;
    truth.decDeg[i] = options.decDeg + random.between(-half, half);
    truth.isGalaxy[i] = galaxy ? 1 : 0;
    const [bright, faint] = galaxy ? galaxyMags : starMags;
    const mag = powerLaw(random.uniform(), galaxy ? 0.37 : 0.25, bright, faint);
    if (galaxy) {
      truth.fwhmArcsec[i] = Math.max(0.25, 0.9 * 10 ** (-0.1 * (mag - 21)) * Math.exp(0.3 * random.normal()));
      truth.axisRatio[i] = random.between(0.4, 1);
      truth.angleDeg[i] = random.between(0, 180);
    }
    const spread = random.normal() * 0.25;
    for (const band of options.bands) {
      const colour = colourToR[band][galaxy ? 'galaxy' : 'star'];
      truth.fluxNjy[band][i] = 10 ** ((31.4 - (mag + colour * (1 + spread))) / 2.5);
    }
  }
  return truth;
}

/** Magnitude with cumulative counts rising as 10^(slope m) between the limits, from a uniform deviate. */
function powerLaw(u: number, slope: number, bright: number, faint: number): number {
  const a = 10 ** (slope * bright);
  const b = 10 ** (slope * faint);
  return Math.log10(a + u * (b - a)) / slope;
}

/** The whole truth as a table. */
export function truthTable(truth: SkyTruth): Table {
  const columns: Table['columns'] = {
    id: BigInt64Array.from({ length: truth.count }, (_, i) => BigInt(i + 1)),
    ra: truth.raDeg,
    dec: truth.decDeg,
    is_galaxy: truth.isGalaxy,
    fwhm: truth.fwhmArcsec,
  };
  const units: Record<string, string> = { ra: 'deg', dec: 'deg', fwhm: 'arcsec' };
  for (const [band, flux] of Object.entries(truth.fluxNjy)) {
    columns[`${band}_flux`] = flux;
    units[`${band}_flux`] = 'nJy';
  }
  return { rows: truth.count, columns, units };
}

/** What an earlier, shallower survey would know: stars brighter than the limit, 4 mas and 0.005 mag of error. AB magnitudes. */
export function referenceTable(truth: SkyTruth, options: SurveyOptions, limitMag = 22.5): Table {
  const random = new Random(options.seed, 13);
  const rows: number[] = [];
  const bands = Object.keys(truth.fluxNjy);
  const limit = 10 ** ((31.4 - limitMag) / 2.5);
  for (let i = 0; i < truth.count; i++) {
    if (truth.isGalaxy[i] === 0 && bands.some((band) => truth.fluxNjy[band][i] > limit)) rows.push(i);
  }
  const errorDeg = 0.004 / 3600;
  const cosDec = Math.cos((options.decDeg * Math.PI) / 180);
  const columns: Table['columns'] = {
    id: BigInt64Array.from(rows, (i) => BigInt(i + 1)),
    ra: Float64Array.from(rows, (i) => truth.raDeg[i] + (random.normal() * errorDeg) / cosDec),
    dec: Float64Array.from(rows, (i) => truth.decDeg[i] + random.normal() * errorDeg),
  };
  const units: Record<string, string> = { ra: 'deg', dec: 'deg' };
  for (const band of bands) {
    columns[band] = Float64Array.from(
      rows,
      (i) => 31.4 - 2.5 * Math.log10(truth.fluxNjy[band][i]) + 0.005 * random.normal(),
    );
    columns[`${band}_err`] = new Float64Array(rows.length).fill(0.005);
    units[band] = 'mag';
    units[`${band}_err`] = 'mag';
  }
  return { rows: rows.length, columns, units };
}
