// SPDX-License-Identifier: BSD-3-Clause
import { amplifiersOf, badColumns, linearityCoefficient, type SimAmplifier, saturationAdu } from './camera.ts';
import { bleed, type Canvas, drawMoffat, drawTrack } from './draw.ts';
import { Optics } from './optics.ts';
import type { SurveyOptions } from './options.ts';
import type { PlannedExposure } from './plan.ts';
import { Random } from './random.ts';
import type { SkyTruth } from './sky-truth.ts';

/** One amplifier's raw counts with overscan, `y * width + x`, as the converter gave them (0 … 65535). */
export interface RawCounts {
  amplifier: SimAmplifier;
  width: number;
  height: number;
  data: Uint16Array;
}

const psfBeta = 3;
const flatLampElectronsPerSecond = 4000;
const darkElectronsPerSecond = 0.15;

/** Exposes one detector: light through the optics and flat, dark current, cosmic rays, full wells, then readout by amplifier. */
export function exposeDetector(
  options: SurveyOptions,
  truth: SkyTruth,
  exposure: PlannedExposure,
  detector: number,
): RawCounts[] {
  const { width, height } = options;
  const random = new Random(options.seed, 23, exposure.id, detector);
  const canvas: Canvas = { width, height, electrons: new Float64Array(width * height) };
  const optics = new Optics(options, exposure, detector);
  if (exposure.type === 'science') exposeSky(canvas, options, truth, exposure, optics);
  if (exposure.type === 'flat') canvas.electrons.fill(flatLampElectronsPerSecond * exposure.exposureTimeSeconds);
  if (exposure.type === 'science' || exposure.type === 'flat') {
    const flat = flatField(options, exposure.band, detector, optics);
    for (let i = 0; i < flat.length; i++) canvas.electrons[i] *= flat[i];
  }
  if (exposure.type !== 'bias') {
    const dark = darkRate(options, detector);
    for (let i = 0; i < dark.length; i++) canvas.electrons[i] += dark[i] * exposure.exposureTimeSeconds;
    addPhotonNoise(canvas, random);
    addCosmicRays(canvas, random, options.cosmicRaysPerDetector * Math.max(0.2, exposure.exposureTimeSeconds / 60));
  }
  for (const x of badColumns(detector, options)) {
    for (let y = 0; y < height; y++) canvas.electrons[y * width + x] = 0;
  }
  bleed(canvas, saturationAdu * 1.55);
  return amplifiersOf(options).map((amplifier) => readOut(canvas, options, amplifier, detector, random));
}

function exposeSky(
  canvas: Canvas,
  options: SurveyOptions,
  truth: SkyTruth,
  exposure: PlannedExposure,
  optics: Optics,
): void {
  const { width, height, pixelScaleArcsec } = options;
  const seconds = exposure.exposureTimeSeconds;
  const electronsPerSecond = (mag: number) => 10 ** (0.4 * (options.zeroPointMag - mag));
  canvas.electrons.fill(electronsPerSecond(options.skyMag) * pixelScaleArcsec ** 2 * seconds);
  const perNjy = 10 ** (0.4 * (options.zeroPointMag - 31.4)) * seconds * exposure.transparency;
  const flux = truth.fluxNjy[exposure.band];
  const margin = 60;
  for (let i = 0; i < truth.count; i++) {
    const { x, y } = optics.toPixel(truth.raDeg[i], truth.decDeg[i]);
    if (!(x > -margin && y > -margin && x < width + margin && y < height + margin)) continue;
    const radius = optics.fieldRadius(x, y);
    // The image is softest and most stretched (radially) at the edge of the field.
    const psfFwhm = (exposure.seeingArcsec / pixelScaleArcsec) * (1 + 0.06 * radius * radius);
    const galaxyFwhm = truth.fwhmArcsec[i] / pixelScaleArcsec;
    const galaxy = truth.isGalaxy[i] === 1;
    drawMoffat(canvas, x, y, flux[i] * perNjy, {
      fwhmPx: Math.hypot(psfFwhm, galaxyFwhm),
      axisRatio: galaxy ? truth.axisRatio[i] : 1 - 0.05 * radius,
      angleRad: galaxy ? (truth.angleDeg[i] * Math.PI) / 180 : optics.fieldAngle(x, y),
      beta: psfBeta,
    });
  }
}

/** Relative response of each pixel: vignetting, 1 % from pixel to pixel, a few dust shadows. The same in all exposures of a band. */
export function flatField(options: SurveyOptions, band: string, detector: number, optics: Optics): Float32Array {
  const { width, height } = options;
  const random = new Random(options.seed, 31, detector, band.charCodeAt(0));
  const flat = new Float32Array(width * height);
  const dust = Array.from({ length: 3 }, () => ({
    x: random.between(0, width),
    y: random.between(0, height),
    r: random.between(0.03, 0.08) * Math.min(width, height),
  }));
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let response = (1 - 0.12 * optics.fieldRadius(x, y) ** 2) * (1 + 0.01 * random.normal());
      for (const d of dust) {
        const r = Math.hypot(x - d.x, y - d.y) / d.r;
        if (r > 0.5 && r < 1) response *= 0.97;
      }
      flat[y * width + x] = response;
    }
  }
  return flat;
}

/** Dark current of each pixel, electrons a second: a level, and one hot pixel in 5 000. */
function darkRate(options: SurveyOptions, detector: number): Float32Array {
  const random = new Random(options.seed, 37, detector);
  const dark = new Float32Array(options.width * options.height).fill(darkElectronsPerSecond);
  for (let n = Math.round(dark.length / 5000); n > 0; n--) {
    dark[Math.floor(random.uniform() * dark.length)] = random.between(2, 40);
  }
  return dark;
}

function addPhotonNoise(canvas: Canvas, random: Random): void {
  const { electrons } = canvas;
  for (let i = 0; i < electrons.length; i++) electrons[i] = random.poisson(electrons[i]);
}

function addCosmicRays(canvas: Canvas, random: Random, mean: number): void {
  for (let n = random.poisson(mean); n > 0; n--) {
    const length = Math.min(80, 2 + -8 * Math.log(1 - random.uniform()));
    drawTrack(
      canvas,
      random.between(0, canvas.width),
      random.between(0, canvas.height),
      random.between(0, 2 * Math.PI),
      length,
      random.between(600, 6000),
    );
  }
}

/** Read noise, bias with its fixed pattern, gain, the converter's non-linearity and its end. */
function readOut(
  canvas: Canvas,
  options: SurveyOptions,
  amplifier: SimAmplifier,
  detector: number,
  random: Random,
): RawCounts {
  const columns = amplifier.x1 - amplifier.x0;
  const width = columns + options.overscan;
  const { height } = options;
  const data = new Uint16Array(width * height);
  const drift = random.between(-3, 3);
  const pattern = biasPattern(options, amplifier, detector);
  for (let y = 0; y < height; y++) {
    const rowLevel = amplifier.biasLevelAdu + drift + 2 * Math.sin((6 * y) / height);
    for (let x = 0; x < width; x++) {
      let adu = (random.normal() * amplifier.readNoise) / amplifier.gain;
      if (x < columns) {
        const source = amplifier.flipX ? amplifier.x1 - 1 - x : amplifier.x0 + x;
        const linear = canvas.electrons[y * canvas.width + source] / amplifier.gain;
        // Inverse of v + c v² = linear.
        adu += (Math.sqrt(1 + 4 * linearityCoefficient * linear) - 1) / (2 * linearityCoefficient) + pattern[x];
      }
      const counts = Math.min(saturationAdu + 2000, rowLevel + adu);
      data[y * width + x] = Math.max(0, Math.min(65535, Math.round(counts)));
    }
  }
  return { amplifier, width, height, data };
}

/** Fixed column structure of an amplifier's bias, ADU. */
function biasPattern(options: SurveyOptions, amplifier: SimAmplifier, detector: number): Float32Array {
  const random = new Random(options.seed, 41, detector, amplifier.hdu);
  return Float32Array.from({ length: amplifier.x1 - amplifier.x0 }, (_, x) => 6 * Math.exp(-x / 20) + random.normal());
}
