// SPDX-License-Identifier: BSD-3-Clause
import { z } from 'zod';

/** Parameters of every kind of sky map, with the names and defaults of the field. */
const common = {
  name: z.string().min(1).max(64).describe('name under which the map is registered'),
  pixelScale: z.number().positive().default(0.333).describe('pixel scale at the tract centre, arcseconds'),
  patchInnerDimensions: z
    .tuple([z.int().positive(), z.int().positive()])
    .default([4000, 4000])
    .describe('size of a patch without border, pixels'),
  patchBorder: z.int().nonnegative().default(100).describe('border that patches share with their neighbours, pixels'),
  tractOverlap: z.number().nonnegative().default(1).describe('least overlap of neighbouring tracts, degrees'),
  rotation: z.number().default(0).describe('position angle of the +y axis, degrees'),
  projection: z.literal('TAN').default('TAN').describe('map projection of a tract'),
  tractBuilder: z.literal('legacy').default('legacy').describe('how a tract is cut into patches'),
};

export const discreteConfig = z.strictObject({
  ...common,
  type: z.literal('discrete'),
  // The tracts of a discrete map need not meet.
  tractOverlap: z.number().nonnegative().default(0).describe('added to every radius, degrees'),
  raList: z.array(z.number()).min(1).describe('right ascensions of the tract centres, degrees'),
  decList: z.array(z.number().min(-90).max(90)).describe('declinations, degrees'),
  radiusList: z.array(z.number().positive().lt(45)).describe('radii of the circles that the tracts hold, degrees'),
});

export const ringsConfig = z.strictObject({
  ...common,
  type: z.literal('rings'),
  numRings: z.int().min(2).max(1000).describe('rings of tracts between the two polar tracts'),
  raStart: z.number().default(0).describe('right ascension of the first tract of each ring, degrees'),
});

export const healpixConfig = z.strictObject({
  ...common,
  type: z.literal('healpix'),
  log2NSide: z.int().min(0).max(10).default(0).describe('one tract for each HEALPix pixel of nside 2^log2NSide'),
  nest: z.boolean().default(false).describe('nested rather than ring numbers'),
});

export const skyMapConfig = z.discriminatedUnion('type', [discreteConfig, ringsConfig, healpixConfig]);

export type DiscretePlain = z.infer<typeof discreteConfig>;
export type RingsPlain = z.infer<typeof ringsConfig>;
export type HealpixPlain = z.infer<typeof healpixConfig>;
/** A sky map as plain data, complete with defaults. */
export type SkyMapPlain = z.infer<typeof skyMapConfig>;
