// SPDX-License-Identifier: BSD-3-Clause
import type { SourceList } from '../deblend/source-list.ts';
import type { Psf } from '../exposure.ts';
import type { MaskedImage } from '../masked-image.ts';
import type { Table } from '../table.ts';
import { Columns } from './columns.ts';
import {
  DEFAULT_APERTURES,
  declareFluxColumns,
  declarePixelFlags,
  measureApertures,
  measureLocalBackground,
  measurePsfFlux,
  setPixelFlags,
  type Target,
} from './plugins.ts';
import { Scene, sourcePixels } from './scene.ts';

export interface ForcedOptions {
  apertures?: readonly number[];
  /** Blends taken apart: one source a position, in order. Without it the image is measured as it is. */
  sources?: SourceList;
  localBackground?: boolean;
}

/**
 * Fluxes at given places (parent frame, pixels), nothing about position or shape is fitted: PSF and aperture fluxes with
 * pixel flags. Column names are those of {@link import('./sources.ts').measureSources}.
 */
export function measureForced(
  image: MaskedImage,
  psf: Psf,
  positions: { id: BigInt64Array; x: ArrayLike<number>; y: ArrayLike<number> },
  options: ForcedOptions = {},
): Table {
  const { width, height, x0, y0 } = image;
  const { sources } = options;
  const apertures = options.apertures ?? DEFAULT_APERTURES;
  const n = positions.id.length;
  const columns = new Columns(n);
  columns.int64('id').set(positions.id);
  const centroidX = columns.float64('base_SdssCentroid_x', 'pixel');
  const centroidY = columns.float64('base_SdssCentroid_y', 'pixel');
  declareFluxColumns(columns, apertures);
  declarePixelFlags(columns);
  if (options.localBackground) {
    columns.float32('base_LocalBackground_instFlux', 'count');
    columns.float32('base_LocalBackground_instFluxErr', 'count');
    columns.flag('base_LocalBackground_flag');
  }
  const scene = sources === undefined ? undefined : new Scene(image.image, width, sources);
  const planes = {
    width,
    height,
    image: scene?.image ?? image.image,
    variance: image.variance,
    mask: image.mask,
  };
  const target: Target = { planes, psf, origin: { x0, y0 } };
  for (let i = 0; i < n; i++) {
    const x = positions.x[i] - x0;
    const y = positions.y[i] - y0;
    centroidX[i] = positions.x[i];
    centroidY[i] = positions.y[i];
    if (!(x >= -0.5 && y >= -0.5 && x < width - 0.5 && y < height - 0.5)) {
      setPixelFlags(columns, i, planes, x, y, 0);
      columns.flag('base_PsfFlux_flag')[i] = 1;
      continue;
    }
    scene?.put(i);
    measurePsfFlux(columns, i, target, x, y);
    measureApertures(columns, i, planes, x, y, apertures);
    if (options.localBackground) measureLocalBackground(columns, i, target, x, y);
    const bits = sources === undefined ? bitsNear(image, x, y, 3) : sourcePixels(sources, i, image.mask, width).bits;
    setPixelFlags(columns, i, planes, x, y, bits);
    scene?.remove(i);
  }
  return columns.table();
}

/** OR of the mask in a square about a place, standing in for a footprint. */
function bitsNear(image: MaskedImage, x: number, y: number, half: number): number {
  let bits = 0;
  const [cx, cy] = [Math.round(x), Math.round(y)];
  for (let j = Math.max(0, cy - half); j <= Math.min(image.height - 1, cy + half); j++)
    for (let i = Math.max(0, cx - half); i <= Math.min(image.width - 1, cx + half); i++)
      bits |= image.mask[j * image.width + i];
  return bits;
}
