// SPDX-License-Identifier: BSD-3-Clause
import type { SurveyOptions } from './options.ts';
import { Random } from './random.ts';

export type ImageType = 'bias' | 'dark' | 'flat' | 'science';

/** One exposure of the survey, as it truly was. */
export interface PlannedExposure {
  id: number;
  type: ImageType;
  band: string;
  dayObs: number;
  seqNum: number;
  exposureTimeSeconds: number;
  /** TAI milliseconds since 1970. */
  beginTaiMs: number;
  /** True pointing of the optical axis, degrees (science only). */
  raDeg: number;
  decDeg: number;
  rotationDeg: number;
  /** What the telescope believed, degrees. */
  headerRaDeg: number;
  headerDecDeg: number;
  seeingArcsec: number;
  /** Fraction of the light that came through. */
  transparency: number;
}

/** The nights of the survey: calibrations in each afternoon, then visits cycling through bands with dithers. */
export function planSurvey(options: SurveyOptions): PlannedExposure[] {
  const random = new Random(options.seed, 11);
  const exposures: PlannedExposure[] = [];
  const firstNight = Date.UTC(2026, 0, 10);
  const sequence = new Map<number, number>();
  const begin = new Map<number, number>();

  const add = (night: number, type: ImageType, band: string, seconds: number): void => {
    const noon = firstNight + night * 86_400_000 + 43_200_000;
    const day = new Date(noon);
    const dayObs = day.getUTCFullYear() * 10_000 + (day.getUTCMonth() + 1) * 100 + day.getUTCDate();
    const seqNum = (sequence.get(night) ?? 0) + 1;
    // Calibrations from two hours after noon, the sky from twelve hours after.
    const start = Math.max(begin.get(night) ?? 0, noon + (type === 'science' ? 43_200_000 : 7_200_000));
    sequence.set(night, seqNum);
    begin.set(night, start + seconds * 1000 + 5000);
    const cosDec = Math.cos((options.decDeg * Math.PI) / 180);
    const dither = options.ditherArcsec / 3600;
    const raDeg = options.raDeg + random.between(-dither, dither) / cosDec;
    const decDeg = options.decDeg + random.between(-dither, dither);
    const error = options.pointingErrorArcsec / 3600;
    exposures.push({
      id: dayObs * 100_000 + seqNum,
      type,
      band,
      dayObs,
      seqNum,
      exposureTimeSeconds: seconds,
      beginTaiMs: start,
      raDeg,
      decDeg,
      rotationDeg: random.between(-1, 1),
      headerRaDeg: raDeg + (random.normal() * error) / cosDec,
      headerDecDeg: decDeg + random.normal() * error,
      seeingArcsec: options.seeingArcsec * random.between(0.88, 1.15),
      transparency: random.between(0.93, 1),
    });
  };

  for (let i = 0; i < options.biases; i++) add(0, 'bias', options.bands[0], 0);
  for (let i = 0; i < options.darks; i++) add(0, 'dark', options.bands[0], 2 * options.exposureTimeSeconds);
  for (const band of options.bands) for (let i = 0; i < options.flatsPerBand; i++) add(0, 'flat', band, 5 + i);
  for (let visit = 0; visit < options.visitsPerBand; visit++) {
    const night = Math.floor((visit * options.nights) / options.visitsPerBand);
    for (const band of options.bands) add(night, 'science', band, options.exposureTimeSeconds);
  }
  return exposures;
}
