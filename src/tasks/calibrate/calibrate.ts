// SPDX-License-Identifier: BSD-3-Clause
import type { DeferredDataset } from '../../butler/index.ts';
import { defineTask, input, output, prerequisite, type QuantumContext } from '../../pipeline/index.ts';
import type { Exposure, Table } from '../../pixels/index.ts';
import { type AstrometryResult, solveAstrometry } from './astrometry.ts';
import { type CalibrateConfig, calibrateConfig } from './config.ts';
import { calibrateErrors } from './errors.ts';
import { calibratedSources, type MatchedPhotometry, matchTable } from './outputs.ts';
import { solveZeroPoint } from './photometry.ts';
import { type FieldReferences, referencesInField } from './references.ts';
import { type UsableSources, usableSources } from './sources.ts';

const detectorDimensions = ['instrument', 'visit', 'detector'];

/**
 * Astrometry and photometry of one detector against a reference catalogue: shift vote, TAN-SIP fit (Shupe et al. 2005),
 * zero point as clipped weighted mean. Pixels go through unchanged.
 */
export const calibrate = defineTask({
  name: 'calibrate',
  doc: 'Matches sources to a reference catalogue, fits the WCS with its distortion and the zero point',
  dimensions: detectorDimensions,
  connections: {
    exposure: input('icExp', {
      dimensions: detectorDimensions,
      storage: 'ExposureF',
      doc: 'Image with PSF and initial WCS',
    }),
    sources: input('icSrc', { dimensions: detectorDimensions, storage: 'ArrowAstropy', doc: 'Its sources' }),
    references: prerequisite('{refCat}', {
      dimensions: ['htm7'],
      storage: 'ArrowAstropy',
      multiple: true,
      deferred: true,
      // A field without shards is an error of that detector, told with its place, not of the whole graph.
      minimum: 0,
      doc: 'Shards of the reference catalogue that the field overlaps',
    }),
    calexp: output('calexp', { dimensions: detectorDimensions, storage: 'ExposureF', doc: 'The image, calibrated' }),
    src: output('src', {
      dimensions: detectorDimensions,
      storage: 'ArrowAstropy',
      doc: 'Sources with final positions',
    }),
    srcMatch: output('srcMatch', {
      dimensions: detectorDimensions,
      storage: 'ArrowAstropy',
      doc: 'Sources and their reference stars',
    }),
  },
  config: calibrateConfig,
  resources: () => ({ memoryBytes: 5e8, cores: 1 }),
  async run(
    {
      exposure,
      sources: table,
      references: shards,
    }: { exposure: Exposure; sources: Table; references?: DeferredDataset<Table>[] },
    context,
  ) {
    const { config } = context;
    const references = await loadReferences(exposure, shards ?? [], context);
    const sources = usableSources(table, config);
    const astrometry = solveAstrometry(sources, references, exposure.wcs!, exposure, {
      ...config,
      brightest: config.brightestSources,
    });
    if (astrometry.scatterArcsec > config.maximumScatterArcsec)
      throw calibrateErrors.POOR_ASTROMETRY({
        rmsArcsec: astrometry.scatterArcsec.toFixed(3),
        limitArcsec: String(config.maximumScatterArcsec),
        matches: astrometry.matches.length,
      });
    const photometry = config.doPhotometry ? matchedPhotometry(sources, references, astrometry, config) : undefined;
    report(context, sources, references, astrometry, photometry);
    const { wcs } = astrometry;
    const calexp: Exposure = {
      ...exposure,
      wcs,
      photoCalib: photometry?.result.photoCalib ?? exposure.photoCalib,
      metadata: { ...exposure.metadata, ASTRRMS: astrometry.scatterArcsec, ASTRNUM: astrometry.matches.length },
    };
    return {
      calexp,
      src: calibratedSources(table, wcs, sources, astrometry, photometry),
      srcMatch: matchTable(table, sources, references, astrometry, photometry),
    };
  },
});

type Context = QuantumContext<CalibrateConfig>;

async function loadReferences(
  exposure: Exposure,
  shards: readonly DeferredDataset<Table>[],
  { config, dataId, inputDataIds, records }: Context,
): Promise<FieldReferences> {
  if (exposure.wcs === undefined) throw calibrateErrors.NO_WCS({ exposure: JSON.stringify(dataId) });
  const { x0, y0, width, height } = exposure;
  const centreX = x0 + (width - 1) / 2;
  const centreY = y0 + (height - 1) / 2;
  const { raDeg, decDeg } = exposure.wcs.pixelToSky(centreX, centreY);
  const halfDiagonal = (Math.hypot(width, height) / 2) * exposure.wcs.pixelScaleArcsec(centreX, centreY);
  const ours = String(exposure.band ?? records['physical_filter']?.['band'] ?? dataId['band'] ?? '');
  const tables = await Promise.all(shards.map((shard) => shard.get()));
  return referencesInField(
    tables,
    (inputDataIds['references'] ?? []).map((id) => id['htm7']),
    {
      // The connection may have been renamed past the config field.
      catalogue: shards.length === 0 ? undefined : (shards[0].ref?.datasetType.name ?? config.refCat),
      raDeg,
      decDeg,
      radiusArcsec: halfDiagonal + config.maximumShiftArcsec,
      // Without photometry any flux will do to rank the stars by.
      band: config.doPhotometry ? (config.referenceBands[ours] ?? ours) : undefined,
      colorTerm: config.doPhotometry ? config.colorTerms[ours] : undefined,
    },
  );
}

/** The zero point from matched, unflagged, point-like stars. */
function matchedPhotometry(
  sources: UsableSources,
  references: FieldReferences,
  astrometry: AstrometryResult,
  config: CalibrateConfig,
): MatchedPhotometry {
  const matchOf = [...astrometry.matches.keys()].filter((m) => {
    const [i, j] = astrometry.matches[m];
    return (
      sources.flux[i] >= config.minimumSnrPhotometry * sources.fluxErr[i] &&
      !(sources.extendedness[i] > config.maximumExtendedness) &&
      references.nanojansky[j] > 0
    );
  });
  const of = (values: Float64Array, side: 0 | 1) =>
    Float64Array.from(matchOf, (m) => values[astrometry.matches[m][side]]);
  const result = solveZeroPoint(
    {
      n: matchOf.length,
      counts: of(sources.flux, 0),
      countsErr: of(sources.fluxErr, 0),
      referenceNanojansky: of(references.nanojansky, 1),
      referenceNanojanskyErr: of(references.nanojanskyErr, 1),
    },
    { clipSigma: config.clipSigma, floorMag: config.photometryFloorMag, minimumStars: config.minimumPhotometryStars },
  );
  return { result, matchOf };
}

function report(
  { log, metric }: Context,
  sources: UsableSources,
  references: FieldReferences,
  astrometry: AstrometryResult,
  photometry: MatchedPhotometry | undefined,
): void {
  const { pattern, order, matches, used, scatterArcsec } = astrometry;
  const usedCount = used.reduce((sum, flag) => sum + flag, 0);
  log.info(
    `${sources.n} sources, ${references.n} reference stars: shift (${pattern.dx.toFixed(1)}, ${pattern.dy.toFixed(1)}) px by ${pattern.votes} votes`,
  );
  log.info(
    `astrometry: ${usedCount} of ${matches.length} matches, order ${order}, ${scatterArcsec.toFixed(4)}" per coordinate`,
  );
  metric('astrometryMatches', matches.length);
  metric('astrometryUsed', usedCount);
  metric('astrometryOrder', order);
  metric('astrometryScatterArcsec', scatterArcsec);
  metric('initialShiftPx', Math.hypot(pattern.dx, pattern.dy));
  if (photometry === undefined) return;
  const { zeroPointMag, zeroPointErrMag, scatterMag } = photometry.result;
  const stars = photometry.result.used.reduce((sum, flag) => sum + flag, 0);
  log.info(
    `photometry: zero point ${zeroPointMag.toFixed(4)} +- ${zeroPointErrMag.toFixed(4)} mag, ${stars} stars, scatter ${scatterMag.toFixed(4)} mag`,
  );
  metric('photometryStars', stars);
  metric('zeroPointMag', zeroPointMag);
  metric('zeroPointErrMag', zeroPointErrMag);
  metric('zeroPointScatterMag', scatterMag);
}
