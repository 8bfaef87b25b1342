// SPDX-License-Identifier: BSD-3-Clause
import { z } from 'zod';

const positiveInteger = z.number().int().positive();

/** What a simulated survey is made of; every field has a default, so `{}` is a survey. */
export const surveyOptionsSchema = z.strictObject({
  seed: z.number().int().nonnegative().default(1).describe('the same seed gives the same bytes'),
  instrument: z.string().max(20).default('SimCam'),
  detectorColumns: positiveInteger.default(2),
  detectorRows: positiveInteger.default(2),
  width: positiveInteger.min(32).default(512).describe('detector width, px; even'),
  height: positiveInteger.min(32).default(512).describe('detector height, px'),
  overscan: positiveInteger.default(32).describe('serial overscan columns of each amplifier'),
  pixelScaleArcsec: z.number().positive().default(0.3),
  bands: z
    .array(z.enum(['u', 'g', 'r', 'i', 'z', 'y']))
    .min(1)
    .default(['g', 'r', 'i']),
  visitsPerBand: z.number().int().nonnegative().default(4),
  nights: positiveInteger.default(2),
  biases: z.number().int().nonnegative().default(5),
  darks: z.number().int().nonnegative().default(3),
  flatsPerBand: z.number().int().nonnegative().default(3),
  raDeg: z.number().default(150.1),
  decDeg: z.number().min(-85).max(85).default(2.2),
  ditherArcsec: z.number().nonnegative().default(25),
  exposureTimeSeconds: z.number().positive().default(60),
  starsPerSquareArcmin: z.number().nonnegative().default(32),
  galaxiesPerSquareArcmin: z.number().nonnegative().default(20),
  seeingArcsec: z.number().positive().default(0.95),
  skyMag: z.number().default(20.8).describe('sky brightness, mag per square arcsec'),
  /** Electrons a second of a star of magnitude 27 is 1. */
  zeroPointMag: z.number().default(27),
  pointingErrorArcsec: z.number().nonnegative().default(3),
  cosmicRaysPerDetector: z.number().nonnegative().default(6),
});
export type SurveyOptions = z.infer<typeof surveyOptionsSchema>;
