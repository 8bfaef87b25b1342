// SPDX-License-Identifier: BSD-3-Clause
import { expect, test } from 'vitest';
import type { Table } from '../../src/pixels/index.ts';
import {
  concatenateTables,
  consolidateObjectTable,
  consolidateSourceTable,
} from '../../src/tasks/consolidateTables/index.ts';
import { deferredOf, runTask } from '../support/run-task.ts';

const source = (ids: number[], extra: Table['columns'] = {}): Table => ({
  rows: ids.length,
  columns: {
    id: BigInt64Array.from(ids, BigInt),
    base_PsfFlux_instFlux: Float64Array.from(ids, (id) => id * 2),
    base_PsfFlux_instFluxErr: Float64Array.from(ids, () => 0.5),
    base_PsfFlux_flag: Uint8Array.from(ids, (id) => id % 2),
    footprint: ids.map(() => Uint8Array.of(1, 2, 3)),
    ...extra,
  },
  units: { base_PsfFlux_instFlux: 'count', base_PsfFlux_instFluxErr: 'count' },
});

test('tables are joined by column name; what one lacks is blank', () => {
  const a: Table = {
    rows: 2,
    columns: { x: Float32Array.of(1, 2), n: Int32Array.of(5, 6), s: ['a', 'b'] },
    units: { x: 'pixel' },
  };
  const b: Table = { rows: 1, columns: { x: Float32Array.of(3), extra: Float64Array.of(9) }, units: { x: 'pixel' } };
  const joined = concatenateTables([a, b], ['a', 'b']);
  expect(joined.rows).toBe(3);
  expect([...(joined.columns['x'] as Float32Array)]).toEqual([1, 2, 3]);
  expect([...(joined.columns['n'] as Int32Array)]).toEqual([5, 6, 0]);
  expect(joined.columns['s']).toEqual(['a', 'b', '']);
  expect([...(joined.columns['extra'] as Float64Array)]).toEqual([Number.NaN, Number.NaN, 9]);
  expect(joined.units).toEqual({ x: 'pixel' });
});

test('a column of another type or unit is refused by name', () => {
  const a: Table = { rows: 1, columns: { x: Float32Array.of(1) }, units: { x: 'pixel' } };
  const typed: Table = { rows: 1, columns: { x: Int32Array.of(1) }, units: { x: 'pixel' } };
  const unit: Table = { rows: 1, columns: { x: Float32Array.of(1) }, units: { x: 'deg' } };
  expect(() => concatenateTables([a, typed], ['patch 1', 'patch 2'])).toThrow(
    'column x is int32 in patch 2 but float32 in patch 1',
  );
  expect(() => concatenateTables([a, unit], ['patch 1', 'patch 2'])).toThrow(
    'column x has unit "deg" in patch 2 but "pixel" in patch 1',
  );
});

test('the source table of a visit has its detectors and calibrated fluxes', async () => {
  const visitSummary: Table = {
    rows: 2,
    columns: { id: Int32Array.of(4, 9), nanojanskyPerCount: Float64Array.of(10, 20) },
  };
  const { outputs } = await runTask(
    consolidateSourceTable,
    { sources: [deferredOf(source([1, 2])), deferredOf(source([3]))], visitSummary },
    {
      dataId: { instrument: 'Sim', visit: 77 },
      inputDataIds: { sources: [{ detector: 9 }, { detector: 4 }] },
      records: { visit: { physical_filter: 'Sim-r' }, physical_filter: { band: 'r' } },
    },
  );
  const { sourceTable } = outputs as { sourceTable: Table };
  const c = sourceTable.columns as Record<string, Float64Array>;
  expect([...c['base_PsfFlux_flux']]).toEqual([40, 80, 60]);
  expect(sourceTable.units!['base_PsfFlux_flux']).toBe('nJy');
  expect([...c['base_PsfFlux_fluxErr']]).toEqual([10, 10, 5]);
  expect([...c['detector']]).toEqual([9, 9, 4]);
  expect(sourceTable.columns['band']).toEqual(['r', 'r', 'r']);
  expect([...(sourceTable.columns['visit'] as BigInt64Array)]).toEqual([77n, 77n, 77n]);
  expect(sourceTable.columns['footprint']).toBeUndefined();
});

const coadd = deferredOf({ photoCalib: { nanojanskyPerCount: 57.5, nanojanskyPerCountErr: 0 } });
const objects = (ids: number[]): Table => source(ids, { coord_ra: Float64Array.from(ids, (id) => 200 + id) });
const forced = (ids: number[]): Table => {
  const { columns, ...rest } = source(ids);
  const { id, ...others } = columns;
  return { ...rest, columns: { objectId: id, ...others } };
};
const joinObjects = (tables: Table[]) =>
  runTask(
    consolidateObjectTable,
    {
      references: [deferredOf(objects([11, 12])), deferredOf(objects([21]))],
      forced: tables.map(deferredOf),
      coadds: [coadd, coadd, coadd],
    },
    {
      dataId: { tract: 0 },
      inputDataIds: {
        references: [{ patch: 1 }, { patch: 2 }],
        forced: [
          { patch: 1, band: 'r' },
          { patch: 1, band: 'g' },
          { patch: 2, band: 'r' },
        ],
        coadds: [
          { patch: 1, band: 'r' },
          { patch: 1, band: 'g' },
          { patch: 2, band: 'r' },
        ],
      },
    },
  );

test('the object table has a row an object and columns for each band', async () => {
  // Photometry in another order than the reference, and none in g for patch 2.
  const { outputs } = await joinObjects([forced([12, 11]), forced([11, 12]), forced([21])]);
  const { objectTable } = outputs as { objectTable: Table };
  const c = objectTable.columns as Record<string, Float64Array>;
  expect([...(objectTable.columns['objectId'] as BigInt64Array)]).toEqual([11n, 12n, 21n]);
  expect([...c['patch']]).toEqual([1, 1, 2]);
  expect([...c['coord_ra']]).toEqual([211, 212, 221]);
  expect([...c['r_base_PsfFlux_instFlux']]).toEqual([22, 24, 42]);
  expect([...c['g_base_PsfFlux_flux']]).toEqual([22 * 57.5, 24 * 57.5, Number.NaN]);
  expect(objectTable.units!['g_base_PsfFlux_flux']).toBe('nJy');
  expect([...c['r_base_PsfFlux_flag']]).toEqual([1, 0, 1]);
  expect(Object.keys(c).some((name) => name.includes('footprint'))).toBe(false);
});

test('photometry of an unknown object is an error that names it', async () => {
  await expect(joinObjects([forced([12, 99]), forced([11, 12]), forced([21])])).rejects.toThrow(
    'the r photometry of patch 1 has object 99, which is not in patch 1',
  );
});
