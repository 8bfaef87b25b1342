// SPDX-License-Identifier: BSD-3-Clause
import type { Psf } from '../exposure.ts';
import { type MaskPlane, MaskPlanes, maskBits } from '../masked-image.ts';
import { type ApertureSum, newApertureSum, type Planes, sumCircle } from './aperture.ts';
import type { Columns } from './columns.ts';
import { kronFlux } from './kron.ts';
import { adaptiveMoments } from './moments.ts';
import { psfFlux } from './psf-flux.ts';

/** Radii in pixels of the circular apertures, as column names spell them (`3_0`). */
export const DEFAULT_APERTURES: readonly number[] = [3, 4.5, 6, 9, 12, 17, 25];

/** Mask planes that a source's own pixels and its centre are checked for, and the names of their flags. */
const PIXEL_FLAGS: readonly (readonly [MaskPlane, string])[] = [
  ['EDGE', 'edge'],
  ['SAT', 'saturated'],
  ['INTRP', 'interpolated'],
  ['CR', 'cr'],
  ['BAD', 'bad'],
  ['SUSPECT', 'suspect'],
  ['NO_DATA', 'nodata'],
  ['CLIPPED', 'clipped'],
];

/** Pixels whose value means nothing are left out of fits. */
const REJECT = maskBits('NO_DATA', 'BAD', 'SAT') & ~maskBits('INTRP');

export interface Target {
  planes: Planes;
  psf: Psf;
  /** Parent-frame position of the image's first pixel. */
  origin: { x0: number; y0: number };
}

/** `4.5` -> `base_CircularApertureFlux_4_5`. */
export function apertureName(radius: number): string {
  return `base_CircularApertureFlux_${radius.toFixed(1).replace('.', '_')}`;
}

const scratch: ApertureSum = newApertureSum();

function setFlux(columns: Columns, name: string, row: number, flux: number, variance: number, failed: boolean): void {
  columns.float64(`${name}_instFlux`, 'count')[row] = flux;
  columns.float64(`${name}_instFluxErr`, 'count')[row] = Math.sqrt(variance);
  if (failed || !Number.isFinite(flux)) columns.flag(`${name}_flag`)[row] = 1;
}

/** Makes sure that every column a measurement may write exists, so that empty catalogues have the same columns as full ones. */
export function declareFluxColumns(columns: Columns, apertures: readonly number[]): void {
  for (const name of ['base_PsfFlux', ...apertures.map(apertureName)]) {
    columns.float64(`${name}_instFlux`, 'count');
    columns.float64(`${name}_instFluxErr`, 'count');
    columns.flag(`${name}_flag`);
  }
  columns.flag('base_PsfFlux_flag_edge');
}

/** PSF flux at (x, y) (image indices): `base_PsfFlux_*`. */
export function measurePsfFlux(columns: Columns, row: number, target: Target, x: number, y: number): void {
  const result = psfFlux(target.planes, target.psf, target.origin, x, y, REJECT);
  setFlux(columns, 'base_PsfFlux', row, result.flux, result.variance, result.pixels === 0);
  if (result.truncated) columns.flag('base_PsfFlux_flag_edge')[row] = 1;
}

/** Circular apertures at (x, y): `base_CircularApertureFlux_<radius>_*`. An aperture that leaves the image is flagged. */
export function measureApertures(
  columns: Columns,
  row: number,
  planes: Planes,
  x: number,
  y: number,
  apertures: readonly number[],
): void {
  for (const radius of apertures) {
    sumCircle(planes, x, y, radius, scratch);
    setFlux(columns, apertureName(radius), row, scratch.flux, scratch.variance, scratch.truncated);
  }
}

/** Declares the columns of {@link measureShape}. */
export function declareShapeColumns(columns: Columns): void {
  for (const part of ['xx', 'yy', 'xy']) {
    columns.float64(`base_SdssShape_${part}`, 'pixel^2');
    columns.float32(`base_SdssShape_${part}Err`, 'pixel^2');
    columns.float32(`base_SdssShape_psf_${part}`, 'pixel^2');
  }
  columns.flag('base_SdssShape_flag');
  for (const name of ['base_GaussianFlux', 'ext_photometryKron_KronFlux']) {
    columns.float64(`${name}_instFlux`, 'count');
    columns.float64(`${name}_instFluxErr`, 'count');
    columns.flag(`${name}_flag`);
  }
  columns.float32('ext_photometryKron_KronFlux_radius', 'pixel');
  columns.float32('base_ClassificationExtendedness_value');
}

/** Adaptive moments, matched-Gaussian flux, Kron flux and extendedness of the source at (x, y). */
export function measureShape(columns: Columns, row: number, target: Target, x: number, y: number): void {
  const { planes, psf, origin } = target;
  const sigma = psf.sigmaAt(x + origin.x0, y + origin.y0);
  const m = adaptiveMoments(planes, x, y, sigma);
  columns.float64('base_SdssShape_xx')[row] = m.xx;
  columns.float64('base_SdssShape_yy')[row] = m.yy;
  columns.float64('base_SdssShape_xy')[row] = m.xy;
  columns.float32('base_SdssShape_xxErr')[row] = m.xxErr;
  columns.float32('base_SdssShape_yyErr')[row] = m.yyErr;
  columns.float32('base_SdssShape_xyErr')[row] = m.xyErr;
  if (m.failed) columns.flag('base_SdssShape_flag')[row] = 1;
  setFlux(columns, 'base_GaussianFlux', row, m.flux, m.fluxErr ** 2, m.failed);

  const psfTrace = 2 * sigma * sigma;
  const trace = m.xx + m.yy;
  // Extended: larger than the PSF by a tenth in second moments and by three times their error.
  if (!m.failed) {
    const error = Math.hypot(m.xxErr, m.yyErr);
    columns.float32('base_ClassificationExtendedness_value')[row] =
      trace - psfTrace > Math.max(0.1 * psfTrace, 3 * error) ? 1 : 0;
  }

  // Never narrower than the PSF: a failed or noise-shrunk shape would cut the light of a faint source.
  const shape = m.failed || trace < psfTrace ? { a: sigma, b: sigma, thetaDeg: 0 } : axesOf(m.xx, m.yy, m.xy);
  const kron = kronFlux(planes, x, y, shape.a, shape.b, shape.thetaDeg, scratch);
  setFlux(columns, 'ext_photometryKron_KronFlux', row, kron.flux, kron.variance, kron.badRadius || kron.truncated);
  columns.float32('ext_photometryKron_KronFlux_radius')[row] = kron.radius * Math.sqrt(shape.a * shape.b);
}

function axesOf(xx: number, yy: number, xy: number): { a: number; b: number; thetaDeg: number } {
  const root = Math.hypot(0.5 * (xx - yy), xy);
  const mean = 0.5 * (xx + yy);
  return {
    a: Math.sqrt(mean + root),
    b: Math.sqrt(Math.max(mean - root, 1e-3)),
    thetaDeg: (0.5 * Math.atan2(2 * xy, xx - yy) * 180) / Math.PI,
  };
}

/** Median of an annulus around the source, in the image with the other sources removed: `base_LocalBackground_*` (per pixel). */
export function measureLocalBackground(
  columns: Columns,
  row: number,
  target: Target,
  x: number,
  y: number,
  inner = 7,
  outer = 15,
): void {
  const { planes, psf, origin } = target;
  const sigma = psf.sigmaAt(x + origin.x0, y + origin.y0);
  const r0 = (inner * sigma) ** 2;
  const r1 = (outer * sigma) ** 2;
  const reach = outer * sigma;
  const sample: number[] = [];
  for (let j = Math.max(0, Math.ceil(y - reach)); j <= Math.min(planes.height - 1, y + reach); j++)
    for (let i = Math.max(0, Math.ceil(x - reach)); i <= Math.min(planes.width - 1, x + reach); i++) {
      const r2 = (i - x) ** 2 + (j - y) ** 2;
      const v = planes.image[j * planes.width + i];
      // Exact zeros are removed sources.
      if (r2 >= r0 && r2 <= r1 && v !== 0 && v - v === 0) sample.push(v);
    }
  const level = columns.float32('base_LocalBackground_instFlux', 'count');
  const error = columns.float32('base_LocalBackground_instFluxErr', 'count');
  if (sample.length < 20) {
    columns.flag('base_LocalBackground_flag')[row] = 1;
    return;
  }
  const sorted = Float32Array.from(sample).sort();
  const n = sorted.length;
  level[row] = sorted[n >> 1];
  error[row] = (0.7413 * (sorted[Math.floor(0.75 * n)] - sorted[Math.floor(0.25 * n)]) * 1.2533) / Math.sqrt(n);
}

/** Declares the columns of {@link setPixelFlags}. */
export function declarePixelFlags(columns: Columns): void {
  for (const [, name] of PIXEL_FLAGS) {
    columns.flag(`base_PixelFlags_flag_${name}`);
    if (name !== 'edge') columns.flag(`base_PixelFlags_flag_${name}Center`);
  }
  columns.flag('base_PixelFlags_flag_offimage');
}

/** `base_PixelFlags_flag_*` from the mask bits of a source's pixels and of the 3 x 3 pixels at its centre. */
export function setPixelFlags(
  columns: Columns,
  row: number,
  planes: Planes,
  x: number,
  y: number,
  footprintBits: number,
): void {
  const ix = Math.round(x);
  const iy = Math.round(y);
  if (!(ix >= 0 && iy >= 0 && ix < planes.width && iy < planes.height)) {
    columns.flag('base_PixelFlags_flag_offimage')[row] = 1;
    columns.flag('base_PixelFlags_flag_edge')[row] = 1;
    return;
  }
  let centre = 0;
  if (planes.mask !== undefined)
    for (let j = Math.max(0, iy - 1); j <= Math.min(planes.height - 1, iy + 1); j++)
      for (let i = Math.max(0, ix - 1); i <= Math.min(planes.width - 1, ix + 1); i++)
        centre |= planes.mask[j * planes.width + i];
  for (const [plane, name] of PIXEL_FLAGS) {
    const bit = 1 << MaskPlanes[plane];
    if ((footprintBits & bit) !== 0) columns.flag(`base_PixelFlags_flag_${name}`)[row] = 1;
    if (name !== 'edge' && (centre & bit) !== 0) columns.flag(`base_PixelFlags_flag_${name}Center`)[row] = 1;
  }
}
