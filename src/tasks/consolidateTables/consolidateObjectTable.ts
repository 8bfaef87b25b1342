// SPDX-License-Identifier: BSD-3-Clause
import { z } from 'zod';
import type { DataId, DeferredDataset } from '../../butler/index.ts';
import { defineTask, input, NoWorkFound, output } from '../../pipeline/index.ts';
import { type Column, type Exposure, idColumn, type Table } from '../../pixels/index.ts';
import { addCalibratedFluxes } from './calibrate-fluxes.ts';
import { concatenateTables, emptyLike, selectColumns } from './concatenate.ts';
import { consolidateErrors } from './errors.ts';

const config = z.strictObject({
  coaddName: z.string().default('deep').describe('Names the family of coadds: fills {coaddName} in dataset types'),
  referenceInclude: z.array(z.string()).default(['*']).describe('Columns of the reference catalogue to keep'),
  referenceExclude: z.array(z.string()).default(['*ootprint*', '*_instFlux*']).describe('… and to leave out'),
  forcedInclude: z
    .array(z.string())
    .default(['*_flux', '*_fluxErr', '*_flag*', '*_instFlux', '*_instFluxErr'])
    .describe('Columns of the forced photometry to keep, once for each band'),
  forcedExclude: z.array(z.string()).default(['*ootprint*']).describe('… and to leave out'),
});

/**
 * The objects of a tract in one table: a row an object of the reference catalogues of its patches, with the forced photometry of each band
 * as columns `<band>_<name>`, fluxes also in nJy.
 */
export const consolidateObjectTable = defineTask({
  name: 'consolidateObjectTable',
  doc: 'Joins reference catalogues and forced photometry of a tract',
  dimensions: ['tract'],
  connections: {
    references: input('{coaddName}Coadd_ref', {
      dimensions: ['tract', 'patch'],
      storage: 'ArrowAstropy',
      multiple: true,
      deferred: true,
      doc: 'Objects of a patch',
    }),
    forced: input('{coaddName}Coadd_forced_src', {
      dimensions: ['tract', 'patch', 'band'],
      storage: 'ArrowAstropy',
      multiple: true,
      deferred: true,
      doc: 'Forced photometry of a patch and band',
    }),
    coadds: input('{coaddName}Coadd', {
      dimensions: ['tract', 'patch', 'band'],
      storage: 'ExposureF',
      multiple: true,
      deferred: true,
      doc: 'For the zero point; no pixels are read',
    }),
    objectTable: output('objectTable_tract', {
      dimensions: ['tract'],
      storage: 'ArrowAstropy',
      doc: 'Objects of the tract',
    }),
  },
  config,
  async run(
    {
      references,
      forced,
      coadds,
    }: { references: DeferredDataset[]; forced: DeferredDataset[]; coadds: DeferredDataset[] },
    context,
  ) {
    const settings = context.config;
    const at = (name: string): readonly DataId[] => context.inputDataIds[name];
    const bands = [...new Set(at('forced').map((id) => String(id['band'])))].sort();
    const tables: Table[] = [];
    const names: string[] = [];
    for (const [i, reference] of references.entries()) {
      const patch = Number(at('references')[i]['patch']);
      const source = `patch ${patch}`;
      const whole = (await reference.get()) as Table;
      const joined = referencePart(whole, patch, settings.referenceInclude, settings.referenceExclude);
      for (const band of bands) {
        const here = (id: DataId): boolean => Number(id['patch']) === patch && String(id['band']) === band;
        const f = at('forced').findIndex(here);
        if (f < 0) continue;
        const c = at('coadds').findIndex(here);
        const photoCalib = c < 0 ? undefined : await coadds[c].get({ component: 'photoCalib' });
        const perCount = (photoCalib as Exposure['photoCalib'])?.nanojanskyPerCount ?? Number.NaN;
        const table = addCalibratedFluxes((await forced[f].get()) as Table, perCount);
        addBand(joined, whole, table, band, `the ${band} photometry of ${source}`, source, settings);
      }
      tables.push(joined);
      names.push(source);
    }
    if (tables.length === 0) throw new NoWorkFound('no patch of this tract has objects');
    const objectTable = concatenateTables(tables, names);
    context.metric('rows', objectTable.rows);
    context.metric('bands', bands.join(','));
    return { objectTable };
  },
});

function referencePart(table: Table, patch: number, include: string[], exclude: string[]): Table {
  const kept = selectColumns(Object.keys(table.columns), include, exclude);
  const columns: Record<string, Column> = { ...Object.fromEntries(kept.map((name) => [name, table.columns[name]])) };
  delete columns['id'];
  const units = kept.filter((name) => name !== 'id' && table.units?.[name] !== undefined);
  return {
    rows: table.rows,
    columns: { objectId: idColumn(table), patch: new Int32Array(table.rows).fill(patch), ...columns },
    units: Object.fromEntries(units.map((name) => [name, table.units![name]])),
  };
}

/** Adds the columns of one band, matched by object id; objects without photometry in the band get blanks. */
function addBand(
  joined: Table,
  reference: Table,
  forced: Table,
  band: string,
  source: string,
  referenceName: string,
  settings: z.infer<typeof config>,
): void {
  const rowOf = new Map<bigint, number>();
  for (const [row, id] of idColumn(reference).entries()) rowOf.set(id, row);
  const ids = idColumn(forced, 'objectId' in forced.columns ? 'objectId' : 'id');
  const rows = Array.from(ids, (id) => {
    const row = rowOf.get(id);
    if (row === undefined) throw consolidateErrors.UNMATCHED({ source, id: String(id), reference: referenceName });
    return row;
  });
  const kept = selectColumns(Object.keys(forced.columns), settings.forcedInclude, settings.forcedExclude);
  for (const name of kept) {
    const from = forced.columns[name];
    const to = emptyLike(from, joined.rows) as Float64Array;
    rows.forEach((row, i) => {
      to[row] = (from as Float64Array)[i];
    });
    joined.columns[`${band}_${name}`] = to;
    const unit = forced.units?.[name];
    if (unit !== undefined) joined.units = { ...joined.units, [`${band}_${name}`]: unit };
  }
}
