// SPDX-License-Identifier: BSD-3-Clause

import { keyColumn } from '../../dimensions/element.ts';
import type { DataIdValue } from '../../types.ts';
import type { QueryContext } from '../context.ts';
import type { PreparedQuery } from '../prepare.ts';
import { join, raw, sql, statement } from '../sql/fragment.ts';
import { envelope, regionFromColumn, regionsOverlap, skypixRegion } from './sky.ts';

/**
 * Keys of an element with the pixels (of a system and level that the registry keeps no overlaps for) that each row's region
 * overlaps. What the query fixes of the element's keys narrows it.
 */
export async function pixelPairs(
  context: QueryContext,
  query: PreparedQuery,
  element: string,
  pixel: string,
): Promise<DataIdValue[][]> {
  const { universe, db } = context;
  const { system, level } = universe.element(pixel).skypix!;
  const spec = universe.element(element);
  const quote = db.dialect.quote;
  const conditions = [raw('region IS NOT NULL')];
  for (const name of spec.required) {
    const values = query.fixed.get(name);
    if (values === undefined || values.size > 1000) continue;
    const list = join(
      [...values].map((value) => sql`${value}`),
      ', ',
    );
    conditions.push(sql`${raw(quote(keyColumn(spec, name)))} IN (${list})`);
  }
  const wanted = query.fixed.get(pixel);
  const columns = raw(spec.required.map((name) => quote(keyColumn(spec, name))).join(', '));
  const select = sql`SELECT ${columns}, region FROM ${raw(quote(element))} WHERE ${join(conditions, ' AND ')}`;
  const { text, params } = statement(select, db.dialect);
  const pairs: DataIdValue[][] = [];
  await db.each(text, params, (row) => {
    const region = regionFromColumn(row[spec.required.length])!;
    const key = row.slice(0, -1) as DataIdValue[];
    for (const [begin, end] of envelope(system, level, region)) {
      for (let index = begin; index < end; index++) {
        if (wanted !== undefined && !wanted.has(index)) continue;
        if (regionsOverlap(region, skypixRegion(system, level, index))) pairs.push([...key, index]);
      }
    }
  });
  return pairs;
}
