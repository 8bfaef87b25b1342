// SPDX-License-Identifier: BSD-3-Clause

import type { SourceList } from '../deblend/source-list.ts';
import { encodeSpans } from '../detect/footprints.ts';
import type { Exposure, Psf } from '../exposure.ts';
import { type MaskedImage, MaskPlanes } from '../masked-image.ts';
import type { Table } from '../table.ts';
import { windowedCentroid } from './centroid.ts';
import { Columns } from './columns.ts';
import {
  DEFAULT_APERTURES,
  declareFluxColumns,
  declarePixelFlags,
  declareShapeColumns,
  measureApertures,
  measureLocalBackground,
  measurePsfFlux,
  measureShape,
  setPixelFlags,
  type Target,
} from './plugins.ts';
import { Scene, sourcePixels } from './scene.ts';

export interface MeasureOptions {
  /** Radii of circular apertures in pixels. */
  apertures?: readonly number[];
  /** First object id; ids count up from it. Default 1. */
  firstId?: bigint;
  /** Ids of the sources, instead of counting. */
  ids?: BigInt64Array;
  /** Keep the footprints' spans in the table. Default true. */
  footprints?: boolean;
  /** Measure local backgrounds. Default false. */
  localBackground?: boolean;
}

/**
 * Measures every source of a list on a sky-subtracted image with the others taken out: centroid, adaptive moments, PSF,
 * Gaussian, Kron and aperture fluxes, pixel flags. Fluxes and their errors are in counts of the image; positions in the
 * parent frame, 0-based, pixels.
 */
export function measureSources(image: MaskedImage, psf: Psf, sources: SourceList, options: MeasureOptions = {}): Table {
  const { width, height, x0, y0 } = image;
  const apertures = options.apertures ?? DEFAULT_APERTURES;
  const n = sources.count;
  const columns = new Columns(n);
  const id = columns.int64('id');
  const parent = columns.int64('parent');
  const firstId = options.firstId ?? 1n;
  columns.float64('coord_ra', 'deg');
  columns.float64('coord_dec', 'deg');
  const centroidX = columns.float64('base_SdssCentroid_x', 'pixel');
  const centroidY = columns.float64('base_SdssCentroid_y', 'pixel');
  const centroidXErr = columns.float32('base_SdssCentroid_xErr', 'pixel');
  const centroidYErr = columns.float32('base_SdssCentroid_yErr', 'pixel');
  const centroidFlag = columns.flag('base_SdssCentroid_flag');
  columns.set('detect_peakSignificance', Float32Array.from(sources.significance));
  const siblings = columns.int32('deblend_parentNPeaks');
  const deblendedAsPsf = columns.flag('deblend_deblendedAsPsf');
  const area = columns.int32('base_FootprintArea_value', 'pixel^2');
  declareShapeColumns(columns);
  declareFluxColumns(columns, apertures);
  declarePixelFlags(columns);
  if (options.localBackground) {
    columns.float32('base_LocalBackground_instFlux', 'count');
    columns.float32('base_LocalBackground_instFluxErr', 'count');
    columns.flag('base_LocalBackground_flag');
  }

  const scene = new Scene(image.image, width, sources);
  const planes = { width, height, image: scene.image, variance: image.variance, mask: image.mask };
  const target: Target = { planes, psf, origin: { x0, y0 } };
  for (let i = 0; i < n; i++) {
    scene.put(i);
    id[i] = options.ids === undefined ? firstId + BigInt(i) : options.ids[i];
    siblings[i] = sources.siblings[i];
    parent[i] = sources.siblings[i] > 1 ? BigInt(sources.footprint[i] + 1) : 0n;
    deblendedAsPsf[i] = sources.share[i]?.pointSource ? 1 : 0;
    const sigma = psf.sigmaAt(sources.x[i] + x0, sources.y[i] + y0);
    const centre = windowedCentroid(planes, sources.x[i], sources.y[i], sigma);
    centroidX[i] = centre.x + x0;
    centroidY[i] = centre.y + y0;
    centroidXErr[i] = centre.xErr;
    centroidYErr[i] = centre.yErr;
    centroidFlag[i] = centre.failed ? 1 : 0;
    measureShape(columns, i, target, centre.x, centre.y);
    measurePsfFlux(columns, i, target, centre.x, centre.y);
    measureApertures(columns, i, planes, centre.x, centre.y, apertures);
    if (options.localBackground) measureLocalBackground(columns, i, target, centre.x, centre.y);
    const pixels = sourcePixels(sources, i, image.mask, width);
    area[i] = pixels.area;
    setPixelFlags(columns, i, planes, centre.x, centre.y, pixels.bits | edgeBit(sources, i, width, height));
    scene.remove(i);
  }
  if (options.footprints ?? true)
    columns.set(
      'footprint_spans',
      Array.from(sources.footprint, (k) => encodeSpans(sources.footprints, k, x0, y0)),
    );
  return columns.table();
}

/** The EDGE bit when the source's footprint touches the border of the image. */
function edgeBit(sources: SourceList, i: number, width: number, height: number): number {
  const f = sources.footprints;
  const k = sources.footprint[i];
  const first = f.spanStart[k];
  const last = f.spanStart[k + 1];
  let touches = f.spanY[first] === 0 || f.spanY[last - 1] === height - 1;
  for (let s = first; s < last && !touches; s++) touches = f.spanX[s] === 0 || f.spanEnd[s] === width;
  return touches ? 1 << MaskPlanes.EDGE : 0;
}

/** Fills `coord_ra`, `coord_dec` (degrees) from the centroids. */
export function setCoordinates(table: Table, wcs: NonNullable<Exposure['wcs']>): void {
  const x = table.columns.base_SdssCentroid_x as Float64Array;
  const y = table.columns.base_SdssCentroid_y as Float64Array;
  wcs.pixelToSkyMany(table.rows, x, y, table.columns.coord_ra as Float64Array, table.columns.coord_dec as Float64Array);
}
