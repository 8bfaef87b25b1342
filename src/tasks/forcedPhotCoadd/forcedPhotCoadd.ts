// SPDX-License-Identifier: BSD-3-Clause
import { z } from 'zod';
import { defineTask, input, output } from '../../pipeline/index.ts';
import { type Exposure, idColumn, measureForced, numberColumn, type Table } from '../../pixels/index.ts';
import { correctCoaddFluxes } from '../coadd-corrections.ts';
import { sourceList } from '../coadd-sources.ts';
import { backgroundFromTable, withoutSky } from '../sky-table.ts';

const config = z.strictObject({
  coaddName: z.string().default('deep').describe('Names the family of coadds: fills {coaddName} in dataset types'),
  apCorrAperturePx: z.number().positive().default(12).describe('Radius that fluxes of stars are corrected to'),
  aperturesPx: z
    .array(z.number().positive())
    .default([3, 4.5, 6, 9, 12, 17, 25])
    .describe('Radii of the circular apertures; must include apCorrAperturePx'),
  localBackground: z.boolean().default(false).describe('Also measure the sky in an annulus around each object'),
});

/** Fluxes of all objects of a patch in one band at their reference positions, blends taken apart: colours of the same light. */
export const forcedPhotCoadd = defineTask({
  name: 'forcedPhotCoadd',
  doc: 'Forced photometry on a coadd',
  dimensions: ['tract', 'patch', 'band'],
  connections: {
    coadd: input('{coaddName}Coadd', {
      dimensions: ['tract', 'patch', 'band'],
      storage: 'ExposureF',
      doc: 'The coadd',
    }),
    background: input('{coaddName}Coadd_calexp_background', {
      dimensions: ['tract', 'patch', 'band'],
      storage: 'ArrowAstropy',
      doc: 'Its residual sky',
    }),
    merged: input('{coaddName}Coadd_mergeDet', {
      dimensions: ['tract', 'patch'],
      storage: 'ArrowAstropy',
      doc: 'Footprints of the objects',
    }),
    deblended: input('{coaddName}Coadd_deblendedFlux', {
      dimensions: ['tract', 'patch', 'band'],
      storage: 'ArrowAstropy',
      doc: 'Their shares of blended light',
    }),
    reference: input('{coaddName}Coadd_ref', {
      dimensions: ['tract', 'patch'],
      storage: 'ArrowAstropy',
      doc: 'Reference positions',
    }),
    forced: output('{coaddName}Coadd_forced_src', {
      dimensions: ['tract', 'patch', 'band'],
      storage: 'ArrowAstropy',
      doc: 'Forced fluxes; one row an object, in the order of the reference',
    }),
  },
  config,
  resources: ({ coadd }) => ({ memoryBytes: 2e8 + 4 * (coadd?.[0]?.sizeBytes ?? 2e8), cores: 1 }),
  run(inputs: { coadd: Exposure; background: Table; merged: Table; deblended: Table; reference: Table }, context) {
    const { reference } = inputs;
    const settings = context.config;
    const coadd = withoutSky(inputs.coadd, backgroundFromTable(inputs.background));
    const forced = measureForced(
      coadd,
      coadd.psf!,
      {
        id: idColumn(reference),
        x: numberColumn(reference, 'base_SdssCentroid_x'),
        y: numberColumn(reference, 'base_SdssCentroid_y'),
      },
      {
        apertures: settings.aperturesPx,
        sources: sourceList(inputs.merged, inputs.deblended, coadd),
        localBackground: settings.localBackground,
      },
    );
    const star = numberColumn(reference, 'calib_psf_used');
    const stars = Array.from({ length: forced.rows }, (_, i) => i).filter((i) => star[i] !== 0);
    const corrections = correctCoaddFluxes(forced, stars, settings.apCorrAperturePx, coadd);
    for (const name of ['coord_ra', 'coord_dec', 'detect_isPrimary'] as const)
      forced.columns[name] = reference.columns[name];
    forced.units = { ...forced.units, coord_ra: 'deg', coord_dec: 'deg' };
    context.metric('objects', forced.rows);
    context.metric('apCorr.psfFlux', corrections['base_PsfFlux']?.coefficients[0] ?? Number.NaN);
    return { forced };
  },
});
