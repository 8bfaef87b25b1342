// SPDX-License-Identifier: BSD-3-Clause
import type { Table } from '../../pixels/index.ts';
import type { Wcs } from '../../sky/index.ts';
import type { AstrometryResult } from './astrometry.ts';
import type { PhotometryResult } from './photometry.ts';
import type { FieldReferences } from './references.ts';
import type { UsableSources } from './sources.ts';

/** Photometry of a subset of the matches. */
export interface MatchedPhotometry {
  result: PhotometryResult;
  /** Match number of each star given to the fit. */
  matchOf: number[];
}

/** The source catalogue with positions by the new WCS and marks of what calibration used. */
export function calibratedSources(
  table: Table,
  wcs: Wcs,
  sources: UsableSources,
  astrometry: AstrometryResult,
  photometry: MatchedPhotometry | undefined,
): Table {
  const n = table.rows;
  const x = Float64Array.from(table.columns['base_SdssCentroid_x'] as Float64Array);
  const y = Float64Array.from(table.columns['base_SdssCentroid_y'] as Float64Array);
  const ra = new Float64Array(n);
  const dec = new Float64Array(n);
  wcs.pixelToSkyMany(n, x, y, ra, dec);
  const mark = (matches: Iterable<number>) => {
    const flag = new Uint8Array(n);
    for (const m of matches) flag[sources.row[astrometry.matches[m][0]]] = 1;
    return flag;
  };
  const usedIn = (flags: Uint8Array, of: (i: number) => number) =>
    [...flags.keys()].filter((i) => flags[i] === 1).map(of);
  return {
    ...table,
    columns: {
      ...table.columns,
      coord_ra: ra,
      coord_dec: dec,
      calib_astrometry_matched: mark(astrometry.matches.keys()),
      calib_astrometry_used: mark(usedIn(astrometry.used, (i) => i)),
      calib_photometry_used: mark(
        photometry === undefined ? [] : usedIn(photometry.result.used, (i) => photometry.matchOf[i]),
      ),
    },
    units: { ...table.units, coord_ra: 'deg', coord_dec: 'deg' },
    meta: {
      ...table.meta,
      ...(photometry === undefined
        ? {}
        : {
            nanojanskyPerCount: photometry.result.photoCalib.nanojanskyPerCount,
            zeroPointMag: photometry.result.zeroPointMag,
          }),
    },
  };
}

/** One row a match: both identities, both positions, residuals, and what was used for what. */
export function matchTable(
  table: Table,
  sources: UsableSources,
  references: FieldReferences,
  astrometry: AstrometryResult,
  photometry: MatchedPhotometry | undefined,
): Table {
  const { matches } = astrometry;
  const ids = table.columns['id'];
  const residualMag = new Float64Array(matches.length).fill(Number.NaN);
  const photometryUsed = new Uint8Array(matches.length);
  photometry?.matchOf.forEach((m, i) => {
    residualMag[m] = photometry.result.residualMag[i];
    photometryUsed[m] = photometry.result.used[i];
  });
  const source = (column: ArrayLike<number>) => Float64Array.from(matches, ([i]) => column[i]);
  const reference = (column: ArrayLike<number>) => Float64Array.from(matches, ([, j]) => column[j]);
  return {
    rows: matches.length,
    columns: {
      id: BigInt64Array.from(matches, ([i]) => {
        const row = sources.row[i];
        return ids instanceof BigInt64Array ? ids[row] : BigInt(row);
      }),
      ref_id: BigInt64Array.from(matches, ([, j]) => references.id[j]),
      x: source(sources.x),
      y: source(sources.y),
      instFlux: source(sources.flux),
      instFluxErr: source(sources.fluxErr),
      ref_ra: reference(references.raDeg),
      ref_dec: reference(references.decDeg),
      ref_flux: reference(references.nanojansky),
      ref_fluxErr: reference(references.nanojanskyErr),
      residual_ra: astrometry.dRaArcsec,
      residual_dec: astrometry.dDecArcsec,
      residual_mag: residualMag,
      astrometry_used: astrometry.used,
      photometry_used: photometryUsed,
    },
    units: {
      x: 'pixel',
      y: 'pixel',
      instFlux: 'count',
      instFluxErr: 'count',
      ref_ra: 'deg',
      ref_dec: 'deg',
      ref_flux: 'nJy',
      ref_fluxErr: 'nJy',
      residual_ra: 'arcsec',
      residual_dec: 'arcsec',
      residual_mag: 'mag',
    },
  };
}
