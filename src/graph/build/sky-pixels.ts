// SPDX-License-Identifier: BSD-3-Clause
import type { DataIdValue, DimensionGroup } from '../../butler/index.ts';
import { decodeRegion, type PixelSystem, pixelization, pixelRegion, type Region } from '../../sky/index.ts';
import { groupRows, matchRows, take } from '../columns/group.ts';
import { growingU32 } from '../columns/growing.ts';
import { graphErrors } from '../errors.ts';
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
  const { dictionaries, steps } = context;
  const inner = dictionaries.of(pixel);
  const target = systemOf(pixel);
  const columns = [...region, pixel].map(growingU32);
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
    for (const code of rows.codes[first]) add([code], pixelRegion(system, level, Number(values[code])));
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
  return { count, codes: Object.fromEntries([...region, pixel].map((name, k) => [name, columns[k].take()])) };
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
function nested({ dictionaries }: BuildContext, rows: CodedRows, from: string, to: string): CodedRows | undefined {
  const [a, b] = [systemOf(from), systemOf(to)];
  if (a.system !== b.system) return undefined;
  const levels = b.level - a.level;
  const { values } = dictionaries.of(from);
  const [outer, inner] = [dictionaries.of(from), dictionaries.of(to)];
  const codes: Record<string, Uint32Array> = {};
  const { first, count } = groupRows(dictionaries.keys(rows, [from]), rows.count);
  const sources = take(rows.codes[from], first);
  if (levels <= 0) {
    const factor = 4 ** -levels;
    codes[from] = sources;
    codes[to] = sources.map((code) => inner.code(Math.floor(Number(values[code]) / factor)));
    return { count, codes };
  }
  const factor = 4 ** levels;
  codes[from] = new Uint32Array(count * factor);
  codes[to] = new Uint32Array(count * factor);
  for (let i = 0; i < count; i++) {
    const pixel = Number(outer.values[sources[i]]);
    for (let k = 0; k < factor; k++) {
      codes[from][i * factor + k] = sources[i];
      codes[to][i * factor + k] = inner.code(pixel * factor + k);
    }
  }
  return { count: count * factor, codes };
}

/** Pixels of one dimension that some table has. */
function distinctOf({ dictionaries }: BuildContext, tables: readonly BaseTable[], pixel: string): CodedRows {
  const all = tables.filter(({ group }) => group.has(pixel)).map(({ rows }) => rows.codes[pixel]);
  const stacked = stack(all);
  const { first, count } = groupRows(
    dictionaries.keys({ count: stacked.length, codes: { [pixel]: stacked } }, [pixel]),
    stacked.length,
  );
  return { count, codes: { [pixel]: take(stacked, first) } };
}

/** Natural join on the dimensions that both have; without any, every combination. */
function joined(context: BuildContext, left: CodedRows, right: CodedRows, names: readonly string[]): CodedRows {
  const shared = Object.keys(left.codes).filter((name) => right.codes[name] !== undefined);
  const { of, count, first } = groupRows(context.dictionaries.keys(left, shared), left.count);
  const members = new Uint32Array(count + 1);
  for (const group of of) members[group + 1]++;
  for (let group = 0; group < count; group++) members[group + 1] += members[group];
  const next = members.slice();
  const order = new Uint32Array(left.count);
  for (let row = 0; row < left.count; row++) order[next[of[row]]++] = row;
  const groups = matchRows(
    shared.map((name) => take(left.codes[name], first)),
    count,
    shared.map((name) => right.codes[name]),
    right.count,
    context.dictionaries.cardinalities(shared),
  );
  let total = 0;
  for (const group of groups) if (group >= 0) total += members[group + 1] - members[group];
  const [lefts, rights] = [new Uint32Array(total), new Uint32Array(total)];
  let at = 0;
  for (let row = 0; row < right.count; row++) {
    const group = groups[row];
    if (group < 0) continue;
    for (let i = members[group]; i < members[group + 1]; i++) {
      lefts[at] = order[i];
      rights[at++] = row;
    }
  }
  const codes = Object.fromEntries(
    names
      .filter((name) => left.codes[name] !== undefined || right.codes[name] !== undefined)
      .map((name) => [
        name,
        left.codes[name] === undefined ? take(right.codes[name], rights) : take(left.codes[name], lefts),
      ]),
  );
  return { count: total, codes };
}

/** Columns one after the other. */
export function stack(columns: readonly Uint32Array[]): Uint32Array {
  const all = new Uint32Array(columns.reduce((sum, column) => sum + column.length, 0));
  let at = 0;
  for (const column of columns) {
    all.set(column, at);
    at += column.length;
  }
  return all;
}
