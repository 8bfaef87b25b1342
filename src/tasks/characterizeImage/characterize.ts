// SPDX-License-Identifier: BSD-3-Clause
import {
  AnalyticPsf,
  apertureName,
  applyApertureCorrections,
  type Background,
  type Detections,
  deblendSources,
  detectSources,
  type Exposure,
  findCosmicRays,
  fitPsf,
  interpolateBad,
  type MaskedImage,
  maskBits,
  measureApertureCorrections,
  measureSources,
  numberColumn,
  type Psf,
  type PsfFit,
  paintFootprints,
  selectPsfStars,
  setCoordinates,
  subtractBackground,
  type Table,
} from '../../pixels/index.ts';
import { measureSky as measureUnder } from '../sky-table.ts';
import type { CharacterizeConfig } from './config.ts';

export interface Characterized {
  /** Sky-subtracted, with PSF, aperture corrections and DETECTED mask. */
  exposure: Exposure;
  sources: Table;
  background: Background;
  /** How the PSF came about; undefined where no star was found and the guess was kept. */
  psfFit: PsfFit | undefined;
  psfStars: number;
  noiseScale: number;
}

/** Pixels without data: never part of a detection. */
const NOTHING = maskBits('NO_DATA');
const FWHM_PER_SIGMA = 2 * Math.sqrt(2 * Math.LN2);
const CORRECTED = ['base_PsfFlux', 'base_GaussianFlux'];

/**
 * What an image is like: its sky, its PSF, its sources. Sky and PSF are found together, in rounds: bright sources detected
 * with the current PSF are masked from the sky, the stars among them give the next PSF. The catalogue is measured last,
 * with the final PSF, and star fluxes are put on the scale of one aperture.
 *
 * @param input not changed; planes are copied once
 */
export function characterize(input: Exposure, config: CharacterizeConfig, firstId = 1n): Characterized {
  const image: MaskedImage = {
    ...input,
    image: input.image.slice(),
    variance: input.variance.slice(),
    mask: input.mask.slice(),
  };
  const detectedBit = maskBits('DETECTED');
  // Sky and all, with cosmic rays repaired once they are known.
  const original = config.doCosmicRays ? input.image.slice() : input.image;
  let background = measureSky(image, original, config);
  ensureVariance(image, background);

  let psf: Psf = AnalyticPsf.round(config.psfFwhmGuessPx / FWHM_PER_SIGMA);
  let fit: PsfFit | undefined;
  for (let round = 0; round < config.psfIterations; round++) {
    const detections = detect(image, psf, config.starThreshold, config);
    remask(image, detections, detectedBit);
    background = measureSky(image, original, config);
    const table = measureDetections(image, psf, detections, { apertures: [], footprints: false });
    const stars = selectPsfStars(table, {
      minSignalToNoise: config.minStarSignalToNoise,
      widthPx: image.width,
      heightPx: image.height,
    });
    const everything = starsOf(
      table,
      Array.from({ length: table.rows }, (_, i) => i),
    );
    const next = fitPsf(image, starsOf(table, stars), { maxDegree: config.psfDegree, neighbours: everything });
    if (next === undefined) break;
    fit = next;
    psf = next.psf;
    if (config.doCosmicRays && round === 0) {
      findCosmicRays(image);
      interpolateBad(
        { ...image, image: original },
        { badBits: maskBits('CR'), psfSigmaPx: middleSigma(image, psf), maximumGapPx: 30 },
      );
    }
  }

  // The sky under the final mask, then the catalogue.
  remask(image, detect(image, psf, config.threshold, config), detectedBit);
  background = measureSky(image, original, config);
  const detections = detect(image, psf, config.threshold, config);
  remask(image, detections, detectedBit);
  const sources = measureDetections(image, psf, detections, {
    apertures: config.aperturesPx,
    firstId,
    localBackground: config.localBackground,
  });
  const frame = { widthPx: image.width, heightPx: image.height };
  const candidates = selectPsfStars(sources, { ...frame, minSignalToNoise: config.minStarSignalToNoise });
  const apCorr = measureApertureCorrections(sources, candidates, apertureName(config.apCorrAperturePx), CORRECTED, {
    ...frame,
    aperturePx: config.apCorrAperturePx,
  });
  applyApertureCorrections(sources, apCorr);
  const used = new Uint8Array(sources.rows);
  for (const row of candidates) used[row] = 1;
  sources.columns.calib_psf_used = used;
  if (input.wcs !== undefined) setCoordinates(sources, input.wcs);
  return {
    exposure: {
      ...input,
      ...image,
      psf,
      apCorr,
      // The visit summary takes the sky from these cards.
      metadata: { ...input.metadata, BGMEAN: background.globalLevel, BGNOISE: background.globalSigma },
    },
    sources,
    background,
    psfFit: fit,
    psfStars: fit === undefined ? 0 : fit.used.filter(Boolean).length,
    noiseScale: detections.noiseScale,
  };
}

/**
 * Measures the sky of the original pixels under the current mask, and subtracts it afresh.
 */
function measureSky(image: MaskedImage, original: Float32Array, config: CharacterizeConfig): Background {
  const background = measureUnder({ ...image, image: original }, config.backgroundBinSizePx);
  image.image.set(original);
  subtractBackground(background, image.image);
  return background;
}

/** Images that come without variance get that of their sky. */
function ensureVariance(image: MaskedImage, background: Background): void {
  for (let i = 0; i < image.variance.length; i++) {
    const v = image.variance[i];
    if (v > 0 && v < Number.POSITIVE_INFINITY) return;
  }
  image.variance.fill(background.globalSigma ** 2);
}

function detect(image: MaskedImage, psf: Psf, threshold: number, config: CharacterizeConfig): Detections {
  return detectSources(image, {
    psfSigma: middleSigma(image, psf),
    threshold,
    growSigma: config.growSigma,
    minProminence: config.minProminence,
    minContrast: config.minContrast,
    ignoreMask: NOTHING,
  });
}

function middleSigma(image: MaskedImage, psf: Psf): number {
  return psf.sigmaAt(image.x0 + image.width / 2, image.y0 + image.height / 2);
}

function remask(image: MaskedImage, detections: Detections, bit: number): void {
  for (let i = 0; i < image.mask.length; i++) image.mask[i] &= ~bit;
  paintFootprints(detections.footprints, image.mask, image.width, bit);
}

function measureDetections(
  image: MaskedImage,
  psf: Psf,
  detections: Detections,
  options: Parameters<typeof measureSources>[3],
): Table {
  const origin = { x0: image.x0, y0: image.y0 };
  return measureSources(image, psf, deblendSources(image, psf, origin, detections), options);
}

function starsOf(table: Table, rows: readonly number[]) {
  const [x, y, flux, xx, yy, xy] = [
    'base_SdssCentroid_x',
    'base_SdssCentroid_y',
    'base_PsfFlux_instFlux',
    'base_SdssShape_xx',
    'base_SdssShape_yy',
    'base_SdssShape_xy',
  ].map((name) => numberColumn(table, name));
  return rows.map((i) => ({ x: x[i], y: y[i], flux: flux[i], xx: xx[i], yy: yy[i], xy: xy[i] }));
}
