// SPDX-License-Identifier: BSD-3-Clause
import type { RawExposure } from '../../instruments/index.ts';
import { defineTask, input, output, prerequisite } from '../../pipeline/index.ts';
import {
  type Exposure,
  findCosmicRays,
  interpolateBad,
  LookupLinearity,
  maskBits,
  numberColumn,
  type PixelBox,
  type Table,
} from '../../pixels/index.ts';
import { assembleRaw, telescopeCards } from './assemble-raw.ts';
import { isrConfig } from './config.ts';

interface IsrInputs {
  raw: RawExposure;
  bias?: Exposure;
  dark?: Exposure;
  flat?: Exposure;
  defects?: Table;
  linearizer?: Table;
}

/**
 * Instrument signature removal: from one raw detector to a trimmed, assembled image in ADU (or electrons) with variance and mask.
 * Steps, in order: overscan, assembly, linearity, bias, dark, variance, flat, masks (one pass over the pixels), then cosmic
 * rays (van Dokkum 2001, PASP 113, 1420) and interpolation (Rybicki & Press 1992, ApJ 398, 169). Mask planes set: BAD, SAT, SUSPECT, NO_DATA,
 * UNMASKEDNAN, CR, INTRP.
 */
export const isr = defineTask({
  name: 'isr',
  doc: 'Instrument signature removal of one detector',
  dimensions: ['instrument', 'exposure', 'detector'],
  connections: {
    raw: input('raw', {
      dimensions: ['instrument', 'exposure', 'detector'],
      storage: 'Exposure',
      doc: 'The raw image as it came from the telescope',
    }),
    bias: prerequisite('bias', {
      dimensions: ['instrument', 'detector'],
      storage: 'ExposureF',
      isCalibration: true,
      doc: 'Master bias, ADU',
    }),
    dark: prerequisite('dark', {
      dimensions: ['instrument', 'detector'],
      storage: 'ExposureF',
      isCalibration: true,
      doc: 'Master dark, ADU per second of dark time',
    }),
    flat: prerequisite('flat', {
      dimensions: ['instrument', 'detector', 'physical_filter'],
      storage: 'ExposureF',
      isCalibration: true,
      doc: 'Flat field, response relative to the median',
    }),
    defects: prerequisite('defects', {
      dimensions: ['instrument', 'detector'],
      storage: 'ArrowAstropy',
      isCalibration: true,
      doc: 'Boxes of bad pixels besides those of the camera definition',
    }),
    linearizer: prerequisite('linearizer', {
      dimensions: ['instrument', 'detector'],
      storage: 'ArrowAstropy',
      isCalibration: true,
      doc: 'Look-up tables of non-linearity: columns amplifier, measured, corrected (ADU above the overscan, rising)',
    }),
    outputExposure: output('postISRCCD', {
      dimensions: ['instrument', 'exposure', 'detector'],
      storage: 'ExposureF',
      doc: 'Calibrated image of one detector',
    }),
  },
  config: isrConfig,
  adjustConnections(connections, config) {
    const kept = { ...connections };
    if (!config.doBias) delete kept['bias'];
    if (!config.doDark) delete kept['dark'];
    if (!config.doFlat) delete kept['flat'];
    if (!config.doDefectTable) delete kept['defects'];
    if (!config.doLinearizer) delete kept['linearizer'];
    return kept;
  },
  // Raw, three calibrations of three planes, the result and the work planes of the cosmic-ray search.
  resources: ({ raw }) => ({ memoryBytes: 2e8 + 30 * (raw?.[0]?.sizeBytes ?? 4e7), cores: 1 }),
  run({ raw, bias, dark, flat, defects, linearizer }: IsrInputs, context) {
    const { config } = context;
    const { image, amplifiers } = assembleRaw(raw, config, {
      bias: config.doBias ? bias : undefined,
      dark: config.doDark ? dark : undefined,
      flat: config.doFlat ? flat : undefined,
      minimumFlat: config.minimumFlat,
      defects: config.doDefectTable && defects !== undefined ? defectBoxes(defects) : [],
      applyGain: config.doApplyGain,
      lookups: config.doLinearizer && linearizer !== undefined ? lookupsOf(linearizer) : undefined,
    });
    for (const amplifier of amplifiers) {
      context.metric(`overscan.level.${amplifier.name}`, amplifier.overscanLevelAdu);
      context.metric(`overscan.noise.${amplifier.name}`, amplifier.overscanNoiseAdu);
      context.metric(`saturated.${amplifier.name}`, amplifier.saturatedPixels);
    }
    if (config.doCosmicRays && raw.info.canSeeSky) {
      const rays = findCosmicRays(image, config.cosmicRays);
      if (rays.tooMany) {
        const share = `${100 * config.cosmicRays.maximumFraction} %`;
        context.log.warn(`cosmic rays: more than ${share} of the pixels look like rays; none were marked`);
      }
      context.metric('cosmicRays.pixels', rays.pixels);
      context.metric('cosmicRays.count', rays.rays);
    }
    if (config.doInterpolate) {
      const badBits = maskBits('BAD', 'CR', 'UNMASKEDNAN') | (config.interpolation.saturated ? maskBits('SAT') : 0);
      const replaced = interpolateBad(image, {
        badBits,
        psfSigmaPx: config.interpolation.psfFwhmPx / 2.354820045,
        maximumGapPx: config.interpolation.maximumGapPx,
      });
      context.metric('interpolated.pixels', replaced);
    }
    const filter = raw.instrument.filters.find((known) => known.physicalFilter === raw.info.physicalFilter);
    const outputExposure: Exposure = {
      ...image,
      wcs: raw.wcs,
      visitInfo: raw.visitInfo,
      instrument: raw.instrument.name,
      detector: raw.detector.id,
      physicalFilter: raw.info.physicalFilter,
      band: filter?.band,
      metadata: { ...telescopeCards(raw), BUNIT: config.doApplyGain ? 'electron' : 'adu' },
    };
    return { outputExposure };
  },
});

function defectBoxes(table: Table): PixelBox[] {
  const [x0, y0, width, height] = ['x0', 'y0', 'width', 'height'].map((name) => numberColumn(table, name));
  return Array.from({ length: table.rows }, (_, i) => ({
    x0: x0[i],
    y0: y0[i],
    x1: x0[i] + width[i],
    y1: y0[i] + height[i],
  }));
}

/** The look-up table of each amplifier; amplifiers without rows keep the camera's polynomial. */
function lookupsOf(table: Table): Map<string, LookupLinearity> {
  const names = table.columns['amplifier'] as string[];
  const measured = numberColumn(table, 'measured');
  const corrected = numberColumn(table, 'corrected');
  const lookups = new Map<string, LookupLinearity>();
  for (const name of new Set(names)) {
    const rows = Array.from(names.keys()).filter((row) => names[row] === name);
    const of = (column: ArrayLike<number>): Float64Array => Float64Array.from(rows, (row) => column[row]);
    lookups.set(name, new LookupLinearity(name, of(measured), of(corrected)));
  }
  return lookups;
}
