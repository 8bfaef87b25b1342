// SPDX-License-Identifier: BSD-3-Clause
import { numberColumn, type Table } from '../../pixels/index.ts';
import type { SourceList } from './astrometry.ts';
import type { CalibrateConfig } from './config.ts';

/** Sources of a catalogue that may be used, with the row each came from. */
export interface UsableSources extends SourceList {
  readonly row: Int32Array;
  readonly fluxErr: Float64Array;
  /** NaN where the catalogue does not tell. */
  readonly extendedness: Float64Array;
}

/** Rows with a position, a flux of at least `minimumSnrAstrometry` and none of the bad flags. */
export function usableSources(table: Table, config: CalibrateConfig): UsableSources {
  const x = numberColumn(table, 'base_SdssCentroid_x');
  const y = numberColumn(table, 'base_SdssCentroid_y');
  const flux = numberColumn(table, `${config.fluxColumn}_instFlux`);
  const fluxErr = numberColumn(table, `${config.fluxColumn}_instFluxErr`);
  const flags = config.badFlags.filter((name) => name in table.columns).map((name) => numberColumn(table, name));
  const rows: number[] = [];
  for (let row = 0; row < table.rows; row++) {
    if (!Number.isFinite(x[row] + y[row]) || !(flux[row] >= config.minimumSnrAstrometry * fluxErr[row])) continue;
    if (flags.every((flag) => flag[row] === 0)) rows.push(row);
  }
  const take = (column: ArrayLike<number>) => Float64Array.from(rows, (row) => column[row]);
  const optional = (name: string) =>
    name in table.columns ? take(numberColumn(table, name)) : new Float64Array(rows.length).fill(Number.NaN);
  const [xErr, yErr] = [optional('base_SdssCentroid_xErr'), optional('base_SdssCentroid_yErr')];
  return {
    n: rows.length,
    row: Int32Array.from(rows),
    x: take(x),
    y: take(y),
    flux: take(flux),
    fluxErr: take(fluxErr),
    positionErrPx: xErr.map((e, i) => (Number.isFinite(e + yErr[i]) ? Math.hypot(e, yErr[i]) / Math.SQRT2 : 0)),
    extendedness: optional('base_ClassificationExtendedness_value'),
  };
}
