// SPDX-License-Identifier: BSD-3-Clause
import { type CardValue, type HduToWrite, type TableToWrite, writeFits } from '../../../fits/index.ts';
import { type Exposure, MaskPlanes } from '../../../pixels/index.ts';
import type { Wcs } from '../../../sky/index.ts';
import type { ByteSink } from '../../datastore/byte-store.ts';
import { plainToTable } from './arrays-table.ts';
import { primaryCards } from './cards.ts';
import { frameCards } from './frame.ts';
import type { ImagePlane, MaskPlaneImage } from './planes.ts';
import type { PlaneCompressions, PlaneName } from './recipe.ts';

/** Mask planes as the field writes them: `MP_NAME = bit`. */
function maskCards(): Record<string, number> {
  return Object.fromEntries(Object.entries(MaskPlanes).map(([name, bit]) => [`MP_${name}`, bit]));
}

interface PlaneToWrite {
  width: number;
  height: number;
  x0: number;
  y0: number;
}

function planeHdu(
  name: string,
  data: Float32Array | Int32Array,
  { width, height, x0, y0 }: PlaneToWrite,
  wcs: Wcs | undefined,
  compression: PlaneCompressions[PlaneName],
  extra: Record<string, CardValue> = {},
): HduToWrite {
  return {
    kind: 'image',
    name,
    data,
    shape: [width, height],
    header: { EXTTYPE: name, ...frameCards(x0, y0, wcs), ...extra },
    ...(compression === undefined ? {} : { compression }),
  };
}

/** Whole exposure or masked image: primary header, IMAGE, MASK, VARIANCE, then PSF and APCORR where there are any. */
export async function writeExposure(
  exposure: Partial<Exposure> & PlanesOf,
  sink: ByteSink,
  compression: PlaneCompressions,
): Promise<void> {
  const { image, mask, variance, wcs, psf, apCorr } = exposure;
  const hdus: HduToWrite[] = [
    { kind: 'image', header: primaryCards(exposure) },
    planeHdu('IMAGE', image, exposure, wcs, compression.image),
    planeHdu('MASK', mask, exposure, wcs, compression.mask, maskCards()),
    planeHdu('VARIANCE', variance, exposure, wcs, compression.variance),
  ];
  if (psf !== undefined) hdus.push(plainToTable('PSF', psf.toPlain()));
  if (apCorr !== undefined) hdus.push(apCorrTable(apCorr));
  await writeFits(sink, hdus);
}

type PlanesOf = Pick<Exposure, 'width' | 'height' | 'x0' | 'y0' | 'image' | 'mask' | 'variance'>;

export async function writePlane(
  plane: ImagePlane | MaskPlaneImage,
  sink: ByteSink,
  compression: PlaneCompressions,
): Promise<void> {
  const isMask = plane.data instanceof Int32Array;
  const [name, how] = isMask ? (['MASK', compression.mask] as const) : (['IMAGE', compression.image] as const);
  const hdu = planeHdu(name, plane.data, plane, undefined, how, isMask ? maskCards() : {});
  await writeFits(sink, [{ kind: 'image' }, hdu]);
}

function apCorrTable(apCorr: NonNullable<Exposure['apCorr']>): TableToWrite {
  const entries = Object.entries(apCorr);
  return {
    kind: 'table',
    name: 'APCORR',
    rows: entries.length,
    columns: [
      { name: 'NAME', data: entries.map(([name]) => name) },
      { name: 'DEGREE', data: Int32Array.from(entries, ([, one]) => one.degree) },
      { name: 'WIDTH', data: Float64Array.from(entries, ([, one]) => one.widthPx), unit: 'pixel' },
      { name: 'HEIGHT', data: Float64Array.from(entries, ([, one]) => one.heightPx), unit: 'pixel' },
      { name: 'COEFFICIENTS', data: entries.map(([, one]) => Float64Array.from(one.coefficients)) },
    ],
  };
}
