// SPDX-License-Identifier: BSD-3-Clause
import { z } from 'zod';
import { unitNames } from '../headers/units.ts';

/** The instrument YAML file, as written (docs/instruments.md). Sections are FITS sections: 1-based, inclusive, `[x1:x2,y1:y2]`. */

const scalar = z.union([z.string(), z.number(), z.boolean()]);

/** How one property is had from the headers; see headers/rules.ts for the meaning of each form. */
const singleRule = z.strictObject({
  key: z.union([z.string(), z.array(z.string())]).optional(),
  /** A blank card is a value too (else it counts as absent). */
  blank: z.boolean().optional(),
  template: z.string().optional(),
  sum: z.array(z.strictObject({ key: z.string(), scale: z.number().optional() })).optional(),
  value: scalar.optional(),
  default: scalar.optional(),
  /** Regular expression; the value becomes its groups, joined. */
  extract: z.string().optional(),
  letterCase: z.enum(['upper', 'lower']).optional(),
  /** Other words for some values; those not named stay. */
  replace: z.record(z.string(), scalar).optional(),
  /** Other words for all values; one not named counts as absent. */
  map: z.record(z.string(), scalar).optional(),
  /** Unit in the header. Angles become degrees (sexagesimal text is read as hours or degrees), temperatures °C, pressures hPa, lengths mm. */
  unit: z.enum(unitNames).optional(),
  scale: z.number().optional(),
  offset: z.number().optional(),
  /** Wrapped into 0 … modulo. */
  modulo: z.number().positive().optional(),
  /** Numbers outside count as absent. */
  min: z.number().optional(),
  max: z.number().optional(),
  /** Times. `header`: the scale that TIMESYS names, else UTC. */
  format: z.enum(['isot', 'mjd', 'jd', 'unix']).optional(),
  timescale: z.enum(['utc', 'tai', 'tt', 'header']).optional(),
});
const condition = z.record(
  z.string(),
  z.union([
    scalar,
    z.strictObject({
      matches: z.string().optional(),
      above: z.number().optional(),
      below: z.number().optional(),
      present: z.boolean().optional(),
    }),
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
  /** Without amplifiers raw files are ingested and located, but their pixels cannot be read. */
  amplifiers: z.array(amplifier).default([]),
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

/** Properties of the standard observation; rules here say what `translate` and the detector list do not, or say it otherwise. */
const standardRules = z
  .strictObject({
    telescope: rule,
    instrument: rule,
    exposureId: rule,
    visitId: rule,
    observationId: rule,
    exposureGroup: rule,
    observationCounter: rule,
    observingDay: rule,
    exposureTimeRequestedSeconds: rule,
    darkTimeSeconds: rule,
    scienceProgram: rule,
    detectorNum: rule,
    detectorName: rule,
    detectorUniqueName: rule,
    detectorGroup: rule,
    detectorSerial: rule,
    detectorExposureId: rule,
    rotationAngleDeg: rule,
    rotationCoord: rule,
    raDeg: rule,
    decDeg: rule,
    azimuthDeg: rule,
    altitudeDeg: rule,
    airmass: rule,
    focusZMm: rule,
    temperatureCelsius: rule,
    pressureHpa: rule,
    relativeHumidityPercent: rule,
    longitudeDeg: rule,
    latitudeDeg: rule,
    heightM: rule,
  })
  .partial();
export type StandardProperty = keyof z.infer<typeof standardRules>;

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
  /** Files of many detectors: which HDUs are a detector each. Rules look at that HDU, then at the primary one. */
  detectorHdus: condition.optional(),
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
  standard: standardRules.default({}),
  /** Hours that the observing day begins after midnight UTC. */
  dayObsOffsetHours: z.number().default(12),
  /** Where the first guess of the WCS comes from. */
  wcs: z.enum(['header', 'boresight', 'none']).default('header'),
  /** A TypeScript or JavaScript module beside the file that refines what rules cannot say. */
  module: z.string().optional(),
});
export type InstrumentYaml = z.infer<typeof instrumentSchema>;
