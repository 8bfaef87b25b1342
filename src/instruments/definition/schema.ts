// SPDX-License-Identifier: BSD-3-Clause
import { z } from 'zod';

/** The instrument YAML file, as written (docs/instruments.md). Sections are FITS sections: 1-based, inclusive, `[x1:x2,y1:y2]`. */

const scalar = z.union([z.string(), z.number(), z.boolean()]);

/** How one property is had from the headers; see headers/rules.ts for the meaning of each form. */
const singleRule = z.strictObject({
  key: z.union([z.string(), z.array(z.string())]).optional(),
  template: z.string().optional(),
  value: scalar.optional(),
  default: scalar.optional(),
  /** Regular expression; the value becomes its groups, joined. */
  extract: z.string().optional(),
  map: z.record(z.string(), scalar).optional(),
  scale: z.number().optional(),
  offset: z.number().optional(),
  /** Angles: sexagesimal text is read as hours or degrees. */
  unit: z.enum(['deg', 'hourangle', 'rad']).optional(),
  /** Times. */
  format: z.enum(['isot', 'mjd', 'jd', 'unix']).optional(),
  timescale: z.enum(['utc', 'tai', 'tt']).optional(),
});
const condition = z.record(
  z.string(),
  z.union([
    scalar,
    z.strictObject({ matches: z.string().optional(), above: z.number().optional(), below: z.number().optional() }),
  ]),
);
export type Condition = z.infer<typeof condition>;
const rule = z.union([
  scalar,
  singleRule,
  z.strictObject({
    cases: z.array(z.strictObject({ when: condition, is: z.union([scalar, singleRule]) })),
    otherwise: z.union([scalar, singleRule]).optional(),
  }),
]);
export type Rule = z.infer<typeof rule>;
export type SingleRule = z.infer<typeof singleRule>;

const amplifier = z.strictObject({
  name: z.string(),
  hdu: z.union([z.number().int().nonnegative(), z.string()]).default(0),
  datasec: z.string(),
  biassec: z.string().optional(),
  prescan: z.string().optional(),
  parallelOverscan: z.string().optional(),
  /** Where the pixels belong on the detector; a reversed range mirrors that axis. */
  detsec: z.string(),
  gain: z.number().positive().default(1),
  readNoise: z.number().nonnegative().default(0),
  saturation: z.number().positive().default(65535),
  suspect: z.number().positive().optional(),
  linearity: z.array(z.number()).default([]),
});
const amplifierChange = amplifier.partial().omit({ name: true });

const detectorType = z.strictObject({
  size: z.tuple([z.number().int().positive(), z.number().int().positive()]),
  pixelSizeMm: z.number().positive(),
  amplifiers: z.array(amplifier).min(1),
});

const detector = z.strictObject({
  id: z.number().int().nonnegative(),
  name: z.string().max(32),
  type: z.string(),
  raft: z.string().optional(),
  nameInRaft: z.string().optional(),
  purpose: z.enum(['SCIENCE', 'GUIDER', 'FOCUS', 'WAVEFRONT']).default('SCIENCE'),
  centerMm: z.tuple([z.number(), z.number()]).default([0, 0]),
  rotationDeg: z.number().default(0),
  amplifiers: z.record(z.string(), amplifierChange).default({}),
  defects: z.array(z.string()).default([]),
});

const grid = z.strictObject({
  type: z.string(),
  columns: z.number().int().positive(),
  rows: z.number().int().positive(),
  spacingMm: z.tuple([z.number(), z.number()]),
  /** `{row}`, `{column}`, `{id}` are filled in. */
  name: z.string().default('S{row}{column}'),
  defects: z.record(z.string(), z.array(z.string())).default({}),
});

export const instrumentSchema = z.strictObject({
  name: z.string().min(1).max(32),
  description: z.string().optional(),
  plateScaleArcsecPerMm: z.number().positive(),
  exposureMax: z
    .number()
    .int()
    .positive()
    .default(2 ** 53 - 1),
  visitGrouping: z.enum(['one-to-one', 'by-group-metadata', 'one-to-one-and-by-counter']).default('one-to-one'),
  match: condition,
  /** Physical filter -> band. */
  filters: z.record(z.string().max(32), z.string().max(32)),
  detectorTypes: z.record(z.string(), detectorType),
  detectors: z.union([z.array(detector).min(1), z.strictObject({ grid })]),
  let: z.record(z.string(), rule).default({}),
  translate: z.strictObject({
    detector: rule.default(0),
    exposure: rule,
    obsId: rule.optional(),
    group: rule.optional(),
    physicalFilter: rule,
    observationType: rule,
    observationReason: rule.optional(),
    dayObs: rule.optional(),
    seqNum: rule.optional(),
    exposureTimeSeconds: rule,
    darkTimeSeconds: rule.optional(),
    begin: rule,
    end: rule.optional(),
    targetName: rule.optional(),
    scienceProgram: rule.optional(),
    raDeg: rule.optional(),
    decDeg: rule.optional(),
    skyAngleDeg: rule.optional(),
    azimuthDeg: rule.optional(),
    zenithAngleDeg: rule.optional(),
    canSeeSky: rule.optional(),
    hasSimulated: rule.optional(),
  }),
  /** Hours that the observing day begins after midnight UTC. */
  dayObsOffsetHours: z.number().default(12),
  /** Where the first guess of the WCS comes from. */
  wcs: z.enum(['header', 'boresight', 'none']).default('header'),
  /** A TypeScript or JavaScript module beside the file that refines what rules cannot say. */
  module: z.string().optional(),
});
export type InstrumentYaml = z.infer<typeof instrumentSchema>;
