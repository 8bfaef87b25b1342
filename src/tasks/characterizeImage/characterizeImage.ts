// SPDX-License-Identifier: BSD-3-Clause
import { defineTask, input, output } from '../../pipeline/index.ts';
import type { Exposure } from '../../pixels/index.ts';
import { packedId } from '../catalogue-ids.ts';
import { backgroundTable } from '../sky-table.ts';
import { characterize } from './characterize.ts';
import { characterizeConfig } from './config.ts';

/**
 * Finds sky, PSF, aperture corrections and sources of one detector. Follows Bertin & Arnouts 1996 (sky mesh), Lupton et
 * al. 2001 (matched-filter detection), Stoughton et al. 2002 (deblending), Bernstein & Jarvis 2002 (adaptive moments),
 * Kron 1980 (total fluxes).
 */
export const characterizeImage = defineTask({
  name: 'characterizeImage',
  doc: 'Sky, PSF, aperture corrections and sources of one detector',
  dimensions: ['instrument', 'visit', 'detector'],
  connections: {
    exposure: input('postISRCCD', {
      dimensions: ['instrument', 'exposure', 'detector'],
      storage: 'ExposureF',
      doc: 'Calibrated image of one detector; a visit has one exposure',
    }),
    characterized: output('icExp', {
      dimensions: ['instrument', 'visit', 'detector'],
      storage: 'ExposureF',
      doc: 'The image less its sky, with PSF, aperture corrections and detected pixels marked',
    }),
    sourceCat: output('icSrc', {
      dimensions: ['instrument', 'visit', 'detector'],
      storage: 'ArrowAstropy',
      doc: 'Sources measured on it; fluxes in counts on the scale of the correction aperture',
    }),
    backgroundModel: output('icExpBackground', {
      dimensions: ['instrument', 'visit', 'detector'],
      storage: 'ArrowAstropy',
      doc: 'The sky that was subtracted: levels and noise at mesh centres',
    }),
  },
  config: characterizeConfig,
  // Three planes in and out, sky, smoothed and significance planes, scene.
  resources: ({ exposure }) => ({ memoryBytes: 2e8 + 10 * (exposure?.[0]?.sizeBytes ?? 5e7), cores: 1 }),
  run({ exposure }: { exposure: Exposure }, context) {
    const { config } = context;
    const result = characterize(exposure, config, packedId(context.dataId, ['visit', 'detector']));
    const psf = result.exposure.psf;
    const sigma = psf?.sigmaAt(exposure.x0 + exposure.width / 2, exposure.y0 + exposure.height / 2) ?? Number.NaN;
    context.metric('sources', result.sources.rows);
    context.metric('psf.stars', result.psfStars);
    context.metric('psf.sigmaPx', sigma);
    context.metric('background.level', result.background.globalLevel);
    context.metric('background.sigma', result.background.globalSigma);
    context.metric('detection.noiseScale', result.noiseScale);
    context.log.info(
      `${result.sources.rows} sources, PSF from ${result.psfStars} stars, sigma ${sigma.toFixed(2)} px, sky ${result.background.globalLevel.toFixed(1)}`,
    );
    if (result.psfFit === undefined)
      context.caveat('unprocessable', 'no PSF stars were found; the PSF is the guessed Gaussian');
    return {
      characterized: result.exposure,
      sourceCat: result.sources,
      backgroundModel: backgroundTable(result.background),
    };
  },
});
