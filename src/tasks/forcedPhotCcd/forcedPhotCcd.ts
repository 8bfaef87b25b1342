// SPDX-License-Identifier: BSD-3-Clause
import { z } from 'zod';
import type { DeferredDataset } from '../../butler/index.ts';
import { defineTask, input, NoWorkFound, output, UnprocessableData } from '../../pipeline/index.ts';
import {
  applyApertureCorrections,
  type Exposure,
  idColumn,
  measureForced,
  numberColumn,
  type Table,
} from '../../pixels/index.ts';
import type { Wcs } from '../../sky/index.ts';

const config = z.strictObject({
  coaddName: z.string().default('deep').describe('Names the family of coadds: fills {coaddName} in dataset types'),
  aperturesPx: z.array(z.number().positive()).default([3, 6, 9, 12]).describe('Radii of the circular apertures'),
  localBackground: z.boolean().default(true).describe('Also measure the sky in an annulus around each object'),
});

/**
 * Fluxes on one calibrated detector image at the places of the coadd's objects: light curves of everything, also where the
 * object is too faint to be detected on the single image. Blends are not taken apart.
 */
export const forcedPhotCcd = defineTask({
  name: 'forcedPhotCcd',
  doc: 'Forced photometry on a detector image',
  dimensions: ['instrument', 'visit', 'detector', 'tract'],
  connections: {
    calexp: input('calexp', {
      dimensions: ['instrument', 'visit', 'detector'],
      storage: 'ExposureF',
      doc: 'Calibrated, sky-subtracted image',
    }),
    references: input('{coaddName}Coadd_ref', {
      dimensions: ['tract', 'patch'],
      storage: 'ArrowAstropy',
      multiple: true,
      deferred: true,
      doc: 'Objects of the patches that the detector touches',
    }),
    forced: output('forced_src', {
      dimensions: ['instrument', 'visit', 'detector', 'tract'],
      storage: 'ArrowAstropy',
      doc: 'Forced fluxes of the objects that fall on the detector',
    }),
  },
  config,
  resources: ({ calexp }) => ({ memoryBytes: 2e8 + 2 * (calexp?.[0]?.sizeBytes ?? 5e7), cores: 1 }),
  async run({ calexp, references }: { calexp: Exposure; references: DeferredDataset[] }, context) {
    const { wcs, psf } = calexp;
    if (wcs === undefined || psf === undefined)
      throw new UnprocessableData(`the calibrated image has no ${wcs === undefined ? 'WCS' : 'PSF'}`);
    const found = await objectsOn(calexp, wcs, references);
    if (found.id.length === 0) throw new NoWorkFound('no object of this tract falls on the detector');
    const forced = measureForced(calexp, psf, found, {
      apertures: context.config.aperturesPx,
      localBackground: context.config.localBackground,
    });
    const { base_PsfFlux: correction } = calexp.apCorr ?? {};
    if (correction !== undefined) applyApertureCorrections(forced, { base_PsfFlux: correction });
    else context.log.warn('the image has no aperture correction: PSF fluxes are as fitted');
    const { id, ...rest } = forced.columns;
    const perCount = calexp.photoCalib?.nanojanskyPerCount;
    forced.columns = { objectId: id, coord_ra: found.raDeg, coord_dec: found.decDeg, ...rest };
    forced.units = { ...forced.units, coord_ra: 'deg', coord_dec: 'deg' };
    if (perCount !== undefined) {
      forced.columns['psfFlux'] = numberColumn(forced, 'base_PsfFlux_instFlux').map((v) => v * perCount);
      forced.columns['psfFluxErr'] = numberColumn(forced, 'base_PsfFlux_instFluxErr').map((v) => v * perCount);
      forced.units['psfFlux'] = forced.units['psfFluxErr'] = 'nJy';
    }
    context.metric('objects', forced.rows);
    return { forced };
  },
});

/** Primary objects whose place falls on the image. Only the columns needed are read. */
async function objectsOn(image: Exposure, wcs: Wcs, references: readonly DeferredDataset[]) {
  const id: bigint[] = [];
  const [raDeg, decDeg, x, y]: number[][] = [[], [], [], []];
  for (const reference of references) {
    const table = (await reference.get({
      parameters: { columns: ['id', 'coord_ra', 'coord_dec', 'detect_isPrimary'] },
    })) as Table;
    const ids = idColumn(table);
    const ra = Float64Array.from(numberColumn(table, 'coord_ra'));
    const dec = Float64Array.from(numberColumn(table, 'coord_dec'));
    const primary = numberColumn(table, 'detect_isPrimary');
    const px = new Float64Array(table.rows);
    const py = new Float64Array(table.rows);
    wcs.skyToPixelMany(table.rows, ra, dec, px, py);
    for (let i = 0; i < table.rows; i++) {
      const inside =
        px[i] >= image.x0 - 0.5 &&
        py[i] >= image.y0 - 0.5 &&
        px[i] < image.x0 + image.width - 0.5 &&
        py[i] < image.y0 + image.height - 0.5;
      if (primary[i] === 0 || !inside) continue;
      id.push(ids[i]);
      raDeg.push(ra[i]);
      decDeg.push(dec[i]);
      x.push(px[i]);
      y.push(py[i]);
    }
  }
  return {
    id: BigInt64Array.from(id),
    raDeg: Float64Array.from(raDeg),
    decDeg: Float64Array.from(decDeg),
    x: Float64Array.from(x),
    y: Float64Array.from(y),
  };
}
