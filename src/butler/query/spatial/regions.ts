// SPDX-License-Identifier: BSD-3-Clause

import { coordinateKey } from '../../dimensions/coordinate.ts';
import { keyColumn } from '../../dimensions/element.ts';
import type { DataIdValue } from '../../types.ts';
import type { QueryContext } from '../context.ts';
import { join, raw, sql, statement } from '../sql/fragment.ts';
import { keyType } from '../sql/predicate.ts';
import { spellingOf } from '../sql/spelling.ts';
import { envelope, type Region, regionFromColumn, regionsOverlap, skypixRegion } from './sky.ts';

export type Key = readonly DataIdValue[];

/** Regions of rows of an element by the text of their keys; rows without a region are left out. */
export async function regionsOf(
  context: QueryContext,
  element: string,
  keys: readonly Key[],
): Promise<Map<string, Region>> {
  const { universe, db } = context;
  const { required, skypix } = universe.element(element);
  const out = new Map<string, Region>();
  if (skypix !== undefined) {
    for (const [index] of keys)
      out.set(coordinateKey([index]), skypixRegion(skypix.system, skypix.level, index as number));
    return out;
  }
  const types = required.map((name) => keyType(universe, name));
  const quote = db.dialect.quote;
  const columns = required.map((name) => `e.${quote(keyColumn(universe.element(element), name))}`);
  // Bounds the text of one statement; each chunk is one query.
  const chunk = 50_000;
  for (let at = 0; at < keys.length; at += chunk) {
    const source = spellingOf(db.dialect).rowSource(keys.slice(at, at + chunk), types);
    const same = join(
      columns.map((column, i) => raw(`${column} = k.c${i}`)),
      ' AND ',
    );
    const query = sql`SELECT ${raw(columns.join(', '))}, e.region FROM ${source} AS k CROSS JOIN ${raw(quote(element))} AS e WHERE ${same}`;
    const { text, params } = statement(query, db.dialect);
    await db.each(text, params, (row) => {
      const region = regionFromColumn(row[required.length]);
      if (region !== undefined) out.set(coordinateKey(row as DataIdValue[], required.length), region);
    });
  }
  return out;
}

/**
 * Keys of the rows of an element whose regions overlap a known one: candidates by the pixels that both may touch, then the exact test.
 * `fixed` narrows the candidates to known values of some dimensions.
 */
export async function keysOverlapping(
  context: QueryContext,
  element: string,
  region: Region,
  fixed: ReadonlyMap<string, ReadonlySet<DataIdValue>>,
): Promise<Key[]> {
  const { universe, db } = context;
  const { required, skypix } = universe.element(element);
  if (skypix !== undefined) return pixelsOverlapping(skypix, region);
  const { commonSkypix: common } = universe;
  const quote = db.dialect.quote;
  const ranges = envelope(common.system, common.level, region);
  if (ranges.length === 0) return [];
  const source = spellingOf(db.dialect).rowSource(ranges, ['int', 'int']);
  const conditions = [
    sql`o.skypix_system = ${common.system}`,
    sql`o.skypix_level = ${common.level}`,
    raw('o.skypix_index >= r.c0'),
    raw('o.skypix_index < r.c1'),
  ];
  for (const name of required) {
    const values = fixed.get(name);
    if (values === undefined || values.size > 100) continue;
    conditions.push(
      sql`o.${raw(quote(name))} IN (${join(
        [...values].map((value) => sql`${value}`),
        ', ',
      )})`,
    );
  }
  const columns = raw(required.map((name) => `o.${quote(name)}`).join(', '));
  const query = sql`SELECT DISTINCT ${columns} FROM ${source} AS r CROSS JOIN ${raw(quote(`${element}_skypix_overlap`))} AS o WHERE ${join(conditions, ' AND ')}`;
  const { text, params } = statement(query, db.dialect);
  const candidates = (await db.rows(text, params)) as DataIdValue[][];
  const regions = await regionsOf(context, element, candidates);
  return candidates.filter((key) => {
    const own = regions.get(coordinateKey(key));
    return own !== undefined && regionsOverlap(own, region);
  });
}

function pixelsOverlapping({ system, level }: { system: string; level: number }, region: Region): Key[] {
  const keys: Key[] = [];
  for (const [begin, end] of envelope(system, level, region)) {
    for (let index = begin; index < end; index++) {
      if (regionsOverlap(skypixRegion(system, level, index), region)) keys.push([index]);
    }
  }
  return keys;
}
