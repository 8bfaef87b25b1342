// SPDX-License-Identifier: BSD-3-Clause
import { z } from 'zod';
import { defineTask, input, output, UnprocessableData } from '../../pipeline/index.ts';
import { detectSources, type Exposure, maskBits, paintFootprints } from '../../pixels/index.ts';
import { packedId } from '../catalogue-ids.ts';
import { detectionTable } from '../coadd-sources.ts';
import { backgroundTable, measureSky, withoutSky } from '../sky-table.ts';

const config = z.strictObject({
  coaddName: z.string().default('deep').describe('Names the family of coadds: fills {coaddName} in dataset types'),
  backgroundBinSizePx: z.number().int().min(8).default(256).describe('Mesh size of the residual sky'),
  threshold: z.number().positive().default(5).describe('Detection level, sigma of the PSF-smoothed coadd'),
  growSigma: z.number().min(0).default(2.4).describe('Footprints are grown by this many PSF sigmas'),
  minProminence: z.number().min(0).default(2).describe('A blended peak must rise so many sigma above the saddle'),
  minContrast: z
    .number()
    .min(0)
    .default(0)
    .describe(
      '… and hold this fraction of the light of its footprint above the saddle; 0 keeps faint companions of bright stars',
    ),
});

/**
 * Sources of a coadd in one band: residual sky, then the PSF-matched filter, with the noise the smoothed image shows (warping
 * correlates it). The sky goes out as a small table; later tasks subtract it again instead of reading a second copy of the pixels.
 */
export const detectCoaddSources = defineTask({
  name: 'detectCoaddSources',
  doc: 'Detects sources on a coadd',
  dimensions: ['tract', 'patch', 'band'],
  connections: {
    coadd: input('{coaddName}Coadd', {
      dimensions: ['tract', 'patch', 'band'],
      storage: 'ExposureF',
      doc: 'Coadd of one band',
    }),
    detections: output('{coaddName}Coadd_det', {
      dimensions: ['tract', 'patch', 'band'],
      storage: 'ArrowAstropy',
      doc: 'Footprints and their peaks',
    }),
    background: output('{coaddName}Coadd_calexp_background', {
      dimensions: ['tract', 'patch', 'band'],
      storage: 'ArrowAstropy',
      doc: 'Residual sky of the coadd at mesh centres',
    }),
  },
  config,
  resources: ({ coadd }) => ({ memoryBytes: 2e8 + 6 * (coadd?.[0]?.sizeBytes ?? 2e8), cores: 1 }),
  run({ coadd }: { coadd: Exposure }, context) {
    const settings = context.config;
    const { psf } = coadd;
    if (psf === undefined) throw new UnprocessableData('the coadd has no PSF: none of its inputs had one');
    const psfSigma = psf.sigmaAt(coadd.x0 + coadd.width / 2, coadd.y0 + coadd.height / 2);
    const search = (image: Exposure) =>
      detectSources(image, { ...settings, psfSigma, ignoreMask: maskBits('NO_DATA') });
    // The sky again without the sources that the first pass found.
    const first = search(withoutSky(coadd, measureSky(coadd, settings.backgroundBinSizePx)));
    const masked: Exposure = { ...coadd, mask: coadd.mask.slice() };
    paintFootprints(first.footprints, masked.mask, masked.width, maskBits('DETECTED'));
    const background = measureSky(masked, settings.backgroundBinSizePx);
    // Marked pixels are left out of the estimate of the noise, too.
    const detections = search(withoutSky(masked, background));
    context.metric('footprints', detections.footprints.count);
    context.metric('peaks', detections.peakX.length);
    context.metric('noiseScale', detections.noiseScale);
    context.metric('psf.sigmaPx', psfSigma);
    return {
      detections: detectionTable(detections, coadd, packedId(context.dataId, ['tract', 'patch'])),
      background: backgroundTable(background),
    };
  },
});
