// SPDX-License-Identifier: BSD-3-Clause
import { z } from 'zod';
import type { DeferredDataset } from '../../butler/index.ts';
import { defineTask, input, NoWorkFound, output } from '../../pipeline/index.ts';
import type { Column, Table } from '../../pixels/index.ts';
import { addCalibratedFluxes } from './calibrate-fluxes.ts';
import { concatenateTables, selectColumns } from './concatenate.ts';

/** The sources of all detectors of a visit in one table, with visit, detector, filter and calibrated fluxes (nJy) added. */
export const consolidateSourceTable = defineTask({
  name: 'consolidateSourceTable',
  doc: 'Joins the source tables of a visit',
  dimensions: ['instrument', 'visit'],
  connections: {
    sources: input('src', {
      dimensions: ['instrument', 'visit', 'detector'],
      storage: 'ArrowAstropy',
      multiple: true,
      deferred: true,
      doc: 'Sources of one detector',
    }),
    visitSummary: input('visitSummary', {
      dimensions: ['instrument', 'visit'],
      storage: 'ArrowAstropy',
      doc: 'Zero points of the detectors',
    }),
    sourceTable: output('sourceTable_visit', {
      dimensions: ['instrument', 'visit'],
      storage: 'ArrowAstropy',
      doc: 'Sources of the visit',
    }),
  },
  config: z.strictObject({
    include: z.array(z.string()).default(['*']).describe('Columns to keep; * stands for any text'),
    exclude: z.array(z.string()).default(['*ootprint*']).describe('Columns to leave out'),
  }),
  async run({ sources, visitSummary }: { sources: DeferredDataset[]; visitSummary: Table }, context) {
    const dataIds = context.inputDataIds['sources'];
    const scale = new Map(
      Array.from(visitSummary.columns['id'] as Int32Array, (id, i) => [
        id,
        (visitSummary.columns['nanojanskyPerCount'] as Float64Array)[i],
      ]),
    );
    const band = String(context.records['physical_filter']?.['band'] ?? context.dataId['band'] ?? '');
    const physicalFilter = String(
      context.records['visit']?.['physical_filter'] ?? context.dataId['physical_filter'] ?? '',
    );
    const visit = BigInt(context.dataId['visit']);
    const tables: Table[] = [];
    const names: string[] = [];
    for (const [i, source] of sources.entries()) {
      const detector = Number(dataIds[i]['detector']);
      const whole = (await source.get()) as Table;
      const calibrated = addCalibratedFluxes(whole, scale.get(detector) ?? Number.NaN);
      const kept = selectColumns(Object.keys(calibrated.columns), context.config.include, context.config.exclude);
      const n = calibrated.rows;
      const columns: Record<string, Column> = {
        ...Object.fromEntries(kept.map((name) => [name, calibrated.columns[name]])),
        visit: new BigInt64Array(n).fill(visit),
        detector: new Int32Array(n).fill(detector),
        physical_filter: new Array<string>(n).fill(physicalFilter),
        band: new Array<string>(n).fill(band),
      };
      tables.push({ rows: n, columns, units: pick(calibrated.units, kept) });
      names.push(`detector ${detector}`);
    }
    if (tables.length === 0) throw new NoWorkFound('no detector of this visit has sources');
    const sourceTable = concatenateTables(tables, names);
    context.metric('rows', sourceTable.rows);
    return { sourceTable };
  },
});

function pick(units: Table['units'], names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.filter((name) => units?.[name] !== undefined).map((name) => [name, units![name]]));
}
