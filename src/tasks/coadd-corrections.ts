// SPDX-License-Identifier: BSD-3-Clause
import {
  type ApertureCorrection,
  apertureName,
  applyApertureCorrections,
  type Exposure,
  measureApertureCorrections,
  type Table,
} from '../pixels/index.ts';

/** A patch with fewer stars than this measures no correction of its own. */
const MIN_STARS = 10;

/**
 * Puts PSF and Gaussian fluxes of a coadd catalogue on the scale of the aperture that the exposures' fluxes were corrected to: by the
 * corrections that the coadd has from its exposures, or else (a coadd from elsewhere) by one constant from the given stars of the
 * catalogue itself. A patch has few stars and its apertures feel the residual sky, so the exposures know better.
 */
export function correctCoaddFluxes(
  table: Table,
  stars: readonly number[],
  aperturePx: number,
  coadd: Exposure,
): Record<string, ApertureCorrection> {
  const names = ['base_PsfFlux', 'base_GaussianFlux'].filter((name) => `${name}_instFlux` in table.columns);
  const corrections =
    coadd.apCorr === undefined
      ? measured(table, stars, aperturePx, coadd, names)
      : Object.fromEntries(Object.entries(coadd.apCorr).filter(([name]) => names.includes(name)));
  applyApertureCorrections(table, corrections);
  return corrections;
}

function measured(
  table: Table,
  stars: readonly number[],
  aperturePx: number,
  coadd: Exposure,
  names: readonly string[],
): Record<string, ApertureCorrection> {
  if (stars.length < MIN_STARS) return {};
  const frame = { widthPx: coadd.width, heightPx: coadd.height, aperturePx };
  return measureApertureCorrections(table, stars, apertureName(aperturePx), names, frame, 0);
}
