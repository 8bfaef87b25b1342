// SPDX-License-Identifier: BSD-3-Clause
import { z } from 'zod';
import { defineTask, input, output, prerequisite, UnprocessableData } from '../../pipeline/index.ts';
import { type Column, numberColumn, selectRows, type Table } from '../../pixels/index.ts';
import type { SkyMap } from '../../sky/index.ts';
import { byPriority } from '../bands.ts';

const config = z.strictObject({
  coaddName: z.string().default('deep').describe('Names the family of coadds: fills {coaddName} in dataset types'),
  priority: z
    .array(z.string())
    .default(['i', 'r', 'z', 'y', 'g', 'u'])
    .describe('Bands in the order in which they are preferred as reference; others follow by name'),
  minSignalToNoise: z
    .number()
    .positive()
    .default(10)
    .describe('The first band that detected the object with this PSF-flux signal to noise is its reference'),
});

/** The reference catalogue of a patch: for each object the measurements of its reference band, and whether this patch is the object's own. */
export const mergeMeasurements = defineTask({
  name: 'mergeMeasurements',
  doc: 'Chooses the reference band of each object of a patch',
  dimensions: ['tract', 'patch'],
  connections: {
    measurements: input('{coaddName}Coadd_meas', {
      dimensions: ['tract', 'patch', 'band'],
      storage: 'ArrowAstropy',
      multiple: true,
      doc: 'Measurements in each band',
    }),
    skyMap: prerequisite('skyMap', { dimensions: ['skymap'], storage: 'SkyMap', doc: 'Tracts and patches' }),
    reference: output('{coaddName}Coadd_ref', {
      dimensions: ['tract', 'patch'],
      storage: 'ArrowAstropy',
      doc: 'Objects with the measurements of their reference band',
    }),
  },
  config,
  run({ measurements, skyMap }: { measurements: Table[]; skyMap: SkyMap }, context) {
    const bands = context.inputDataIds['measurements'].map((id) => String(id['band']));
    const order = byPriority(bands, context.config.priority);
    const rows = measurements[0].rows;
    for (const [i, table] of measurements.entries())
      if (table.rows !== rows)
        throw new UnprocessableData(
          `the ${bands[i]} measurements have ${table.rows} objects, those in ${bands[0]} ${rows}: they are of different merged lists`,
        );
    const choice = chooseBands(measurements, bands, order, context.config.minSignalToNoise);
    const reference = combineRows(measurements, choice);
    reference.columns['refBand'] = Array.from(choice, (b) => bands[b]);
    reference.columns['detect_isPrimary'] = primaryFlags(
      reference,
      skyMap,
      Number(context.dataId['tract']),
      Number(context.dataId['patch']),
    );
    for (const [b, band] of bands.entries())
      context.metric(
        `reference.${band}`,
        choice.reduce((sum, chosen) => sum + (chosen === b ? 1 : 0), 0),
      );
    return { reference };
  },
});

/** For each object the table it is taken from: the first in order that detected it well enough, else the one with the best signal to noise. */
function chooseBands(
  tables: readonly Table[],
  bands: readonly string[],
  order: readonly number[],
  minimum: number,
): Int32Array {
  const rows = tables[0].rows;
  const ratios = tables.map((table) => {
    const flux = numberColumn(table, 'base_PsfFlux_instFlux');
    const error = numberColumn(table, 'base_PsfFlux_instFluxErr');
    const failed = numberColumn(table, 'base_PsfFlux_flag');
    return Float64Array.from({ length: rows }, (_, i) => (failed[i] === 0 && error[i] > 0 ? flux[i] / error[i] : -1));
  });
  const seen = tables.map((table, b) => numberColumn(table, `merge_footprint_${bands[b]}`));
  return Int32Array.from({ length: rows }, (_, i) => {
    let best = order[0];
    for (const b of order) {
      if (seen[b][i] !== 0 && ratios[b][i] >= minimum) return b;
      if (ratios[b][i] > ratios[best][i]) best = b;
    }
    return best;
  });
}

/** Row i of the table that `choice[i]` names, for columns that all tables have. */
function combineRows(tables: readonly Table[], choice: Int32Array): Table {
  const n = choice.length;
  const all = Int32Array.from({ length: n }, (_, i) => i);
  const base = selectRows(tables[0], all);
  const names = Object.keys(base.columns).filter((name) => tables.every((table) => name in table.columns));
  const columns: Record<string, Column> = {};
  for (const name of names) {
    const out = base.columns[name] as Float64Array;
    for (let i = 0; i < n; i++) out[i] = (tables[choice[i]].columns[name] as Float64Array)[i];
    columns[name] = out;
  }
  return { rows: n, columns, units: { ...tables[0].units } };
}

/** 1 where the object lies in the inner part of this patch and this tract is the one its place belongs to. */
function primaryFlags(table: Table, skyMap: SkyMap, tractId: number, patchIndex: number): Uint8Array {
  const tract = skyMap.tract(tractId);
  const inner = tract.patch(patchIndex).innerBBox;
  const x = numberColumn(table, 'base_SdssCentroid_x');
  const y = numberColumn(table, 'base_SdssCentroid_y');
  const ra = numberColumn(table, 'coord_ra');
  const dec = numberColumn(table, 'coord_dec');
  return Uint8Array.from({ length: table.rows }, (_, i) => {
    const inPatch = x[i] >= inner.x0 - 0.5 && x[i] < inner.x1 - 0.5 && y[i] >= inner.y0 - 0.5 && y[i] < inner.y1 - 0.5;
    return inPatch && skyMap.findTract(ra[i], dec[i]).id === tractId ? 1 : 0;
  });
}
