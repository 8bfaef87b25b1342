// SPDX-License-Identifier: BSD-3-Clause
import { z } from 'zod';
import type { DeferredDataset } from '../../butler/index.ts';
import { defineTask, input, NoWorkFound, output, prerequisite } from '../../pipeline/index.ts';
import type { Exposure, Table } from '../../pixels/index.ts';
import type { SkyMap } from '../../sky/index.ts';
import { type SummaryRow, summaryRows } from '../makeVisitSummary/index.ts';
import { warpVisit } from './warp-visit.ts';

const config = z.strictObject({
  coaddName: z.string().default('deep').describe('Names the family of coadds: fills {coaddName} in dataset types'),
  kernel: z.enum(['lanczos3', 'lanczos5', 'bilinear']).default('lanczos3').describe('Interpolation kernel'),
  centredKernel: z
    .boolean()
    .default(true)
    .describe('Take the first moment out of the kernel, so that no dither phase shifts positions (up to 0.02 px else)'),
  zeroPointMag: z.number().default(27).describe('AB magnitude of one count of the warp, the same for all'),
  maximumPsfFwhmArcsec: z.number().positive().optional().describe('Leave out detectors with worse seeing than this'),
  minimumGoodPixels: z.number().int().min(1).default(100).describe('A warp with fewer good pixels is not made'),
});

/** A visit resampled onto one patch of the sky map, with fluxes on a common zero point (27 mag AB a count by default, 57.54 nJy). */
export const makeWarp = defineTask({
  name: 'makeWarp',
  doc: 'Resamples the detectors of a visit onto a patch',
  dimensions: ['tract', 'patch', 'visit'],
  connections: {
    calexps: input('calexp', {
      dimensions: ['instrument', 'visit', 'detector'],
      storage: 'ExposureF',
      multiple: true,
      deferred: true,
      doc: 'Calibrated images; of each only the part that falls into the patch is read',
    }),
    visitSummary: input('visitSummary', {
      dimensions: ['instrument', 'visit'],
      storage: 'ArrowAstropy',
      doc: 'Where the detectors are and how they are calibrated',
    }),
    skyMap: prerequisite('skyMap', { dimensions: ['skymap'], storage: 'SkyMap', doc: 'Tracts and patches' }),
    warp: output('{coaddName}Coadd_directWarp', {
      dimensions: ['tract', 'patch', 'visit'],
      storage: 'ExposureF',
      doc: 'The visit in the frame of the tract',
    }),
  },
  config,
  // The patch's planes (4200² is usual) and one cut-out.
  resources: () => ({ memoryBytes: 1e9, cores: 1 }),
  async run(
    { calexps, visitSummary, skyMap }: { calexps: DeferredDataset[]; visitSummary: Table; skyMap: SkyMap },
    context,
  ) {
    const settings = context.config;
    const tract = skyMap.tract(Number(context.dataId['tract']));
    const box = tract.patch(Number(context.dataId['patch'])).outerBBox;
    const byDetector = new Map(
      calexps.map((calexp, i) => [Number(context.inputDataIds['calexps'][i]['detector']), calexp]),
    );
    const rows = usableRows(visitSummary, byDetector, settings.maximumPsfFwhmArcsec, context.log);
    const made = await warpVisit(
      { x0: box.x0, y0: box.y0, width: box.x1 - box.x0, height: box.y1 - box.y0 },
      tract.wcs,
      rows,
      async (row, part) => (await byDetector.get(row.detector)!.get({ parameters: { bbox: part } })) as Exposure,
      settings,
    );
    if (made === undefined) throw new NoWorkFound('no detector of this visit reaches into the patch');
    if (made.goodPixels < settings.minimumGoodPixels) {
      throw new NoWorkFound(`only ${made.goodPixels} good pixels fall into the patch`);
    }
    made.exposure.metadata['VISIT'] = Number(context.dataId['visit']);
    context.metric('detectors', made.detectors.length);
    context.metric('goodPixels', made.goodPixels);
    return { warp: made.exposure };
  },
});

/** Rows of detectors that are at hand, calibrated and sharp enough, in the order of their numbers. */
function usableRows(
  summary: Table,
  present: ReadonlyMap<number, unknown>,
  maximumFwhmArcsec: number | undefined,
  log: { info(message: string): void },
): SummaryRow[] {
  return summaryRows(summary)
    .filter((row) => {
      if (!present.has(row.detector)) return false;
      if (!(row.nanojanskyPerCount > 0)) {
        log.info(`detector ${row.detector} is left out: it has no photometric calibration`);
        return false;
      }
      const fwhm = 2.354820045 * row.psfSigmaPx * row.pixelScaleArcsec;
      if (maximumFwhmArcsec !== undefined && !(fwhm <= maximumFwhmArcsec)) {
        log.info(`detector ${row.detector} is left out: its PSF is ${fwhm.toFixed(2)} arcsec wide`);
        return false;
      }
      return true;
    })
    .sort((a, b) => a.detector - b.detector);
}
