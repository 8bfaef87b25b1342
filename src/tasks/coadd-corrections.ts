// SPDX-License-Identifier: BSD-3-Clause
import {
  type ApertureCorrection,
  apertureName,
  applyApertureCorrections,
  type Exposure,
  measureApertureCorrections,
  type Table,
} from '../pixels/index.ts';

/** A coadd's aperture corrections are constant over a patch; fewer stars than this give none. */
const MIN_STARS = 3;

/**
 * Puts PSF and Gaussian fluxes of a coadd catalogue on the scale of the aperture that the exposures' fluxes were corrected
 * to, from the given stars of the catalogue itself.
 */
export function correctCoaddFluxes(
  table: Table,
  stars: readonly number[],
  aperturePx: number,
  coadd: Exposure,
): Record<string, ApertureCorrection> {
  if (stars.length < MIN_STARS) return {};
  const names = ['base_PsfFlux', 'base_GaussianFlux'].filter((name) => `${name}_instFlux` in table.columns);
  const frame = { widthPx: coadd.width, heightPx: coadd.height };
  const corrections = measureApertureCorrections(table, stars, apertureName(aperturePx), names, frame, 0);
  applyApertureCorrections(table, corrections);
  return corrections;
}
