// SPDX-License-Identifier: BSD-3-Clause
import { z } from 'zod';
import { defineTask, input, output } from '../../pipeline/index.ts';
import {
  type Exposure,
  idColumn,
  measureSources,
  selectPsfStars,
  setCoordinates,
  type Table,
} from '../../pixels/index.ts';
import { correctCoaddFluxes } from '../coadd-corrections.ts';
import { sourceList } from '../coadd-sources.ts';
import { backgroundFromTable, withoutSky } from '../sky-table.ts';

const config = z.strictObject({
  coaddName: z.string().default('deep').describe('Names the family of coadds: fills {coaddName} in dataset types'),
  apCorrAperturePx: z
    .number()
    .positive()
    .default(12)
    .describe('Radius that fluxes of stars are corrected to, as in characterizeImage'),
  aperturesPx: z
    .array(z.number().positive())
    .default([3, 4.5, 6, 9, 12, 17, 25])
    .describe('Radii of the circular apertures; must include apCorrAperturePx'),
  localBackground: z.boolean().default(false).describe('Also measure the sky in an annulus around each object'),
  minStarSignalToNoise: z
    .number()
    .positive()
    .default(50)
    .describe('Signal to noise of a star for aperture corrections'),
});

/**
 * Measures the objects of a patch in one band: centroid, adaptive moments (Bernstein & Jarvis 2002), PSF, Gaussian, Kron
 * (1980) and aperture fluxes, flags; each object with the others taken out of the image.
 */
export const measure = defineTask({
  name: 'measure',
  doc: 'Measures the objects of a patch in one band',
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
      doc: 'Objects of the patch',
    }),
    deblended: input('{coaddName}Coadd_deblendedFlux', {
      dimensions: ['tract', 'patch', 'band'],
      storage: 'ArrowAstropy',
      doc: 'Their shares of blended light',
    }),
    measurements: output('{coaddName}Coadd_meas', {
      dimensions: ['tract', 'patch', 'band'],
      storage: 'ArrowAstropy',
      doc: 'Measurements; one row an object, in the order of the merged list',
    }),
  },
  config,
  resources: ({ coadd }) => ({ memoryBytes: 2e8 + 4 * (coadd?.[0]?.sizeBytes ?? 2e8), cores: 1 }),
  run(inputs: { coadd: Exposure; background: Table; merged: Table; deblended: Table }, context) {
    const settings = context.config;
    const coadd = withoutSky(inputs.coadd, backgroundFromTable(inputs.background));
    const sources = sourceList(inputs.merged, inputs.deblended, coadd);
    const measurements = measureSources(coadd, coadd.psf!, sources, {
      ids: idColumn(inputs.merged),
      apertures: settings.aperturesPx,
      localBackground: settings.localBackground,
      footprints: false,
    });
    const stars = selectPsfStars(measurements, {
      minSignalToNoise: settings.minStarSignalToNoise,
      widthPx: coadd.width,
      heightPx: coadd.height,
    });
    const corrections = correctCoaddFluxes(measurements, stars, settings.apCorrAperturePx, coadd);
    const used = new Uint8Array(measurements.rows);
    for (const row of stars) used[row] = 1;
    measurements.columns.calib_psf_used = used;
    for (const [name, column] of Object.entries(inputs.merged.columns))
      if (name.startsWith('merge_')) measurements.columns[name] = column;
    if (coadd.wcs !== undefined) setCoordinates(measurements, coadd.wcs);
    context.metric('objects', measurements.rows);
    context.metric('apCorr.stars', stars.length);
    context.metric('apCorr.psfFlux', corrections['base_PsfFlux']?.coefficients[0] ?? Number.NaN);
    return { measurements };
  },
});
