// SPDX-License-Identifier: BSD-3-Clause
import type { Table } from '../../pixels/index.ts';

/**
 * Adds calibrated fluxes beside the instrumental ones: `X_flux` and `X_fluxErr` (nJy) for each `X_instFlux` and `X_instFluxErr` (counts).
 * The error is that of the counts alone; the zero point's own error is common to all.
 */
export function addCalibratedFluxes(table: Table, nanojanskyPerCount: number): Table {
  const columns = { ...table.columns };
  const units = { ...table.units };
  for (const [name, column] of Object.entries(table.columns)) {
    const match = /^(.*)_instFlux(Err)?$/.exec(name);
    if (match === null || !(column instanceof Float64Array || column instanceof Float32Array)) continue;
    const calibrated = `${match[1]}_flux${match[2] ?? ''}`;
    columns[calibrated] = column.map((v) => v * nanojanskyPerCount);
    units[calibrated] = 'nJy';
  }
  return { ...table, columns, units };
}
