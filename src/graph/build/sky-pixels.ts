// SPDX-License-Identifier: BSD-3-Clause
import type { DataIdValue, DimensionGroup } from '../../butler/index.ts';
import { decodeRegion, type PixelSystem, pixelization, pixelRegion, type Region } from '../../sky/index.ts';
import { noRow } from '../columns/link.ts';
import { graphErrors } from '../errors.ts';
import { PagedColumn } from '../paged/column.ts';
import { gather, gatherOne } from '../paged/gather.ts';
import { groupPaged } from '../paged/group.ts';
import { listsOf } from '../paged/lists.ts';
import type { PagePool } from '../paged/pool.ts';
import type { BuildContext } from './candidates.ts';
import type { CodedRows, Relation } from './tables.ts';

/** Rows over some dimensions, of which data IDs and edges are projections. */
export interface BaseTable {
  group: DimensionGroup;
  rows: CodedRows;
}

/** Dimensions of sky pixels whose data IDs are worked out from regions rather than asked for together with everything else. */
export function generatedPixels(group: DimensionGroup, kept: DimensionGroup): string[] {
  return group.skypix.filter((name) => !kept.has(name));
}

/**
 * Tables over sets of dimensions with sky pixels. A pixel goes with what its own region overlaps, two by two (a pixel with a visit, a pixel
 * with a patch), never with all of them at once: an edge between a patch and a pixel does not need a visit that touches both.
 *
 * - region and pixel: the pixels of the region's envelope, after one question for the records that have the regions;
 * - pixels of two levels of one system: by arithmetic (both HTM and nested HEALPix number a pixel's four children 4i … 4i+3);
 * - no region at all (an instrument and a pixel): every combination.
 */
export async function pixelTables(
  context: BuildContext,
  wanted: readonly DimensionGroup[],
  kept: DimensionGroup,
  project: (group: DimensionGroup) => { relation: Relation },
): Promise<BaseTable[]> {
  const { universe } = context.source;
  const tables: BaseTable[] = [];
  const pairs = new Map<string, CodedRows>();
  const without = (group: DimensionGroup) => {
    const pixels = generatedPixels(group, kept);
    return { pixels, rest: universe.conform(group.names.filter((name) => !pixels.includes(name))) };
  };

  const byRegion = async (group: DimensionGroup): Promise<boolean> => {
    const { pixels, rest } = without(group);
    const regions = regionsOf(rest);
    if (regions.length === 0) return false;
    let rows: CodedRows = project(rest).relation;
    for (const pixel of pixels) {
      for (const region of regions) {
        const key = `${region.join()} ${pixel}`;
        const known =
          pairs.get(key) ?? (await overlaps(context, project(universe.conform(region)).relation, region, pixel));
        pairs.set(key, known);
        rows = joined(context, rows, known, universe.conform([...rest.names, pixel]).names);
      }
    }
    tables.push({ group, rows });
    return true;
  };

  const byPixels = async (group: DimensionGroup): Promise<boolean> => {
    const { pixels, rest } = without(group);
    const known = pixels.find((pixel) => tables.some((table) => table.group.has(pixel)));
    if (known === undefined) return false;
    let rows: CodedRows = distinctOf(context, tables, known);
    for (const pixel of pixels) {
      if (pixel === known) continue;
      const related = await overlaps(context, rows, [known], pixel);
      rows = joined(context, rows, related, [...Object.keys(rows.codes), pixel]);
    }
    if (rest.required.length > 0) rows = joined(context, rows, project(rest).relation, group.names);
    tables.push({ group, rows });
    return true;
  };

  let left = wanted.toSorted((a, b) => a.names.length - b.names.length);
  const later: DimensionGroup[] = [];
  for (const group of left) if (!(await byRegion(group))) later.push(group);
  for (left = later; left.length > 0; ) {
    const stuck: DimensionGroup[] = [];
    for (const group of left) if (!(await byPixels(group))) stuck.push(group);
    if (stuck.length === left.length)
      throw graphErrors.PIXELS_UNKNOWN({ dimensions: stuck.map((group) => `{${group.names.join(', ')}}`).join(', ') });
    left = stuck;
  }
  return tables;
}

/** Required dimensions of the regions that data IDs of a group have: the finest of each kind. */
function regionsOf(group: DimensionGroup): string[][] {
  const regions: string[][] = [];
  if (group.has('visit'))
    regions.push(group.has('detector') ? ['instrument', 'visit', 'detector'] : ['instrument', 'visit']);
  if (group.has('patch')) regions.push(['skymap', 'tract', 'patch']);
  else if (group.has('tract')) regions.push(['skymap', 'tract']);
  for (const pixel of group.skypix) regions.push([pixel]);
  return regions;
}

/** Which pixels may overlap each region: its envelope. The regions come with the records, or are pixels themselves. */
async function overlaps(
  context: BuildContext,
  rows: CodedRows,
  region: readonly string[],
  pixel: string,
): Promise<CodedRows> {
  const { dictionaries, steps, pool } = context;
  const inner = dictionaries.of(pixel);
  const target = systemOf(pixel);
  const columns = [...region, pixel].map(() => new PagedColumn(pool));
  const add = (codes: readonly number[], one: Region): void => {
    for (const [begin, end] of pixelization(target.system, target.level).envelope(one)) {
      for (let index = Number(begin); index < Number(end); index++) {
        for (const [k, code] of codes.entries()) columns[k].push(code);
        columns[region.length].push(inner.code(index));
      }
    }
  };
  const [first] = region;
  if (region.length === 1 && isPixel(first)) {
    const known = nested(context, rows, first, pixel);
    if (known !== undefined) return known;
    const { system, level } = systemOf(first);
    const { values } = dictionaries.of(first);
    for (let row = 0; row < rows.count; row++) {
      const code = rows.codes[first].at(row);
      add([code], pixelRegion(system, level, Number(values[code])));
    }
  } else {
    const element = region.includes('detector') ? 'visit_detector_region' : region[region.length - 1];
    for (const record of await context.source.records(element, dictionaries.decode(rows, region))) {
      if (!(record.region instanceof Uint8Array)) continue;
      const codes = region.map((name) =>
        dictionaries.of(name).code((record[name] ?? record.id ?? record.name) as DataIdValue),
      );
      add(codes, decodeRegion(record.region));
    }
  }
  const count = columns[region.length].length;
  steps.done('dataIds', `${pixel} of {${region.join(', ')}}`, count, rows.count);
  return { count, codes: Object.fromEntries([...region, pixel].map((name, k) => [name, columns[k]])) };
}

/** Whether a dimension is a system of pixels at some level, by its name. */
export function isPixel(name: string): boolean {
  return /^(htm|healpix|q3c|mq3c)\d+$/.test(name);
}

function systemOf(name: string): { system: PixelSystem; level: number } {
  const [, system, level] = /^(htm|healpix|q3c|mq3c)(\d+)$/.exec(name) as RegExpExecArray;
  return { system: system as PixelSystem, level: Number(level) };
}

/** Pixels of another level of the same system: the one around each, or those within. undefined for two systems. */
function nested(
  { dictionaries, pool }: BuildContext,
  rows: CodedRows,
  from: string,
  to: string,
): CodedRows | undefined {
  const [a, b] = [systemOf(from), systemOf(to)];
  if (a.system !== b.system) return undefined;
  const levels = b.level - a.level;
  const { values } = dictionaries.of(from);
  const inner = dictionaries.of(to);
  const { first, count } = groupPaged(pool, dictionaries.keys(rows, [from]), rows.count);
  const sources = gatherOne(pool, rows.codes[from], first);
  const codes = { [from]: new PagedColumn(pool), [to]: new PagedColumn(pool) };
  const factor = 4 ** Math.abs(levels);
  for (let i = 0; i < count; i++) {
    const source = sources.at(i);
    const pixel = Number(values[source]);
    for (let k = 0; k < (levels <= 0 ? 1 : factor); k++) {
      codes[from].push(source);
      codes[to].push(inner.code(levels <= 0 ? Math.floor(pixel / factor) : pixel * factor + k));
    }
  }
  return { count: codes[to].length, codes };
}

/** Pixels of one dimension that some table has. */
function distinctOf({ dictionaries, pool }: BuildContext, tables: readonly BaseTable[], pixel: string): CodedRows {
  const stacked = stack(
    pool,
    tables.filter(({ group }) => group.has(pixel)).map(({ rows }) => rows.codes[pixel]),
  );
  const all = { count: stacked.length, codes: { [pixel]: stacked } };
  const { first, count } = groupPaged(pool, dictionaries.keys(all, [pixel]), stacked.length);
  return { count, codes: { [pixel]: gatherOne(pool, stacked, first) } };
}

/** Natural join on the dimensions that both have; without any, every combination. */
function joined(context: BuildContext, left: CodedRows, right: CodedRows, names: readonly string[]): CodedRows {
  const { dictionaries, pool } = context;
  const shared = Object.keys(left.codes).filter((name) => right.codes[name] !== undefined);
  const { of, count, first } = groupPaged(pool, dictionaries.keys(left, shared), left.count);
  const members = listsOf(pool, { from: of }, count);
  const keys = Object.fromEntries(shared.map((name) => [name, left.codes[name]]));
  const finder = dictionaries.finder({ count, codes: gather(pool, keys, first) }, shared);
  const [lefts, rights] = [new PagedColumn(pool), new PagedColumn(pool)];
  for (let row = 0; row < right.count; row++) {
    const group = finder.find((column) => right.codes[shared[column]].at(row));
    if (group === noRow) continue;
    for (let i = members.offsets.at(group); i < members.offsets.at(group + 1); i++) {
      lefts.push(members.items.at(i));
      rights.push(row);
    }
  }
  const wanted = (side: CodedRows) => names.filter((name) => side.codes[name] !== undefined);
  const taken = (side: CodedRows, columns: readonly string[], rows: PagedColumn) =>
    gather(pool, Object.fromEntries(columns.map((name) => [name, side.codes[name]])), rows);
  const codes = {
    ...taken(left, wanted(left), lefts),
    ...taken(
      right,
      wanted(right).filter((name) => left.codes[name] === undefined),
      rights,
    ),
  };
  const total = lefts.length;
  for (const column of [of, first, members.offsets, members.items, lefts, rights]) column.free();
  return { count: total, codes };
}

/** Columns one after the other. */
export function stack(pool: PagePool, columns: readonly PagedColumn[]): PagedColumn {
  const all = new PagedColumn(pool);
  const block = new Uint32Array(16_384);
  for (const column of columns)
    for (let at = 0; at < column.length; at += block.length) all.append(block.subarray(0, column.read(at, block)));
  return all;
}
