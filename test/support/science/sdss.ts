// SPDX-License-Identifier: BSD-3-Clause
import { type Exposure, newMaskedImage, numberColumn, type Table } from '../../../src/pixels/index.ts';
import type { Wcs } from '../../../src/sky/index.ts';
import { calibrate } from '../../../src/tasks/calibrate/index.ts';
import { characterizeImage } from '../../../src/tasks/characterizeImage/index.ts';
import { deferredOf, type RanTask, runTask } from '../run-task.ts';
import { medianValue, nearest } from '../scene.ts';
import { SDSS_OWN_ROWS, sdssExposure } from '../sdss.ts';
import { sdssFrames, sdssSize } from '../sdss-lists.ts';

/** How the sources found on a frame compare with the independent list of it. */
export interface ListComparison {
  /** Unflagged sources of the list above S/N 10, and those of them within 1 px of one of ours. */
  wanted: number;
  found: number;
  /** Our sources above S/N 10 on the frame's own rows, and those of them with nothing of the list within 2 px. */
  bright: number;
  alone: number;
  /** Median ratio of fluxes in 6 px, sources above S/N 50. */
  fluxRatio: number;
}

/** Runs characterizeImage on one frame of the SDSS data and compares with the list. */
export async function compareWithList(dir: string, frame: number, list: Table): Promise<ListComparison> {
  const dataId = { instrument: 'SDSS', visit: 12, detector: 3 };
  const exposure = await sdssExposure(dir, sdssFrames[frame]);
  const { outputs } = await runTask(characterizeImage, { exposure }, { dataId });
  const sources: Table = outputs.sourceCat;
  const ours = (name: string) => numberColumn(sources, name);
  const theirs = (name: string) => numberColumn(list, name);
  const [x, y] = [ours('base_SdssCentroid_x'), ours('base_SdssCentroid_y')];
  const [tx, ty] = [theirs('base_SdssCentroid_x'), theirs('base_SdssCentroid_y')];
  const flags = Object.keys(list.columns)
    .filter((name) => name.includes('flag'))
    .map(theirs);
  const aperture = 'base_CircularApertureFlux_6_0_instFlux';
  const [ourAperture, theirAperture] = [ours(aperture), theirs(aperture)];
  const [theirFlux, theirError] = [theirs('base_PsfFlux_instFlux'), theirs('base_PsfFlux_instFluxErr')];
  const [ourFlux, ourError] = [ours('base_PsfFlux_instFlux'), ours('base_PsfFlux_instFluxErr')];
  const ratios: number[] = [];
  const result = { wanted: 0, found: 0, bright: 0, alone: 0 };
  for (let k = 0; k < list.rows; k++) {
    if (!(theirFlux[k] > 10 * theirError[k]) || flags.some((flag) => flag[k] !== 0)) continue;
    result.wanted++;
    const { row, distance } = nearest(x, y, { x: tx[k], y: ty[k] });
    if (distance > 1) continue;
    result.found++;
    if (theirFlux[k] > 50 * theirError[k]) ratios.push(ourAperture[row] / theirAperture[k]);
  }
  for (let r = 0; r < sources.rows; r++) {
    if (y[r] > SDSS_OWN_ROWS || !(ourFlux[r] > 10 * ourError[r])) continue;
    result.bright++;
    if (nearest(tx, ty, { x: x[r], y: y[r] }).distance > 2) result.alone++;
  }
  return { ...result, fluxRatio: medianValue(ratios) };
}

/** Runs calibrate on the listed sources of a frame against the reference stars. */
export function calibrateFrame(
  frame: number,
  sources: Table,
  references: Table,
  wcs: Wcs,
  config: Record<string, unknown> = {},
): Promise<RanTask> {
  const exposure: Exposure = { ...newMaskedImage(1, 1), ...sdssSize, wcs, band: sdssFrames[frame].band, metadata: {} };
  return runTask(
    calibrate,
    { exposure, sources, references: [deferredOf(references)] },
    { config: { refCat: 'sdss', ...config } },
  );
}

/** Robust rms of what is left: positions of stars above S/N 30 in arcsec per coordinate, magnitudes of those above S/N 50. */
export function calibrationResiduals(matches: Table): { dRa: number; dDec: number; dMag: number } {
  const column = (name: string) => numberColumn(matches, name);
  const [flux, error] = [column('instFlux'), column('instFluxErr')];
  const robust = (name: string, least: number): number =>
    1.4826 *
    medianValue(
      [...column(name)].filter((value, k) => flux[k] / error[k] > least && Number.isFinite(value)).map(Math.abs),
    );
  return { dRa: robust('residual_ra', 30), dDec: robust('residual_dec', 30), dMag: robust('residual_mag', 50) };
}
