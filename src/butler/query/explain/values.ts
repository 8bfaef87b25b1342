// SPDX-License-Identifier: BSD-3-Clause
import { nearest } from '../../../base/index.ts';
import { keyColumn } from '../../dimensions/element.ts';
import type { DataIdValue } from '../../types.ts';
import type { QueryContext } from '../context.ts';
import type { PreparedQuery } from '../prepare.ts';
import { join, raw, sql, statement } from '../sql/fragment.ts';
import { missingDay } from './times.ts';
import { show } from './words.ts';

/** Fixed values of dimensions that no record has, with what comes near. */
export async function missingValues(context: QueryContext, query: PreparedQuery): Promise<string[]> {
  const { universe } = context;
  const reasons: string[] = [];
  const unknown = new Set<string>();
  for (const name of query.dimensions.names) {
    const values = query.fixed.get(name);
    const element = universe.element(name);
    if (values === undefined || values.size > 100 || element.skypix !== undefined) continue;
    // If the instrument is unknown, so is everything in it: one reason is enough.
    if (element.required.some((key) => unknown.has(key))) continue;
    const parents = element.required.filter((key) => key !== name && (query.fixed.get(key)?.size ?? 0) === 1);
    const given = parents.map((key) => [key, [...query.fixed.get(key)!][0]] as const);
    const found = await presentValues(context, name, given);
    if ([...values].some((value) => found.has(value))) continue;
    unknown.add(name);
    const day = name === 'day_obs' ? await missingDay(context, query, [...values], given) : undefined;
    if (day !== undefined) {
      reasons.push(day);
      continue;
    }
    const where =
      given.length === 0 ? '' : ` with ${given.map(([key, value]) => `${key} = ${show(value)}`).join(', ')}`;
    const wanted = [...values].map(show).join(' or ');
    reasons.push(`There is no ${name} ${wanted}${where}: ${near([...values][0], [...found])}.`);
  }
  return reasons;
}

async function presentValues(
  { universe, db }: QueryContext,
  dimension: string,
  given: readonly (readonly [string, DataIdValue])[],
): Promise<Set<DataIdValue>> {
  const element = universe.element(dimension);
  const quote = db.dialect.quote;
  const table = element.viewOf ?? dimension;
  const column = raw(quote(element.viewOf === undefined ? keyColumn(element, dimension) : dimension));
  const conditions = [sql`${column} IS NOT NULL`, ...given.map(([key, value]) => sql`${raw(quote(key))} = ${value}`)];
  const query = sql`SELECT DISTINCT ${column} FROM ${raw(quote(table))} WHERE ${join(conditions, ' AND ')}`;
  const { text, params } = statement(query, db.dialect);
  return new Set((await db.rows(text, params)).map(([value]) => value as DataIdValue));
}

/** What there is near a value that there is not. */
function near(value: DataIdValue, found: readonly DataIdValue[]): string {
  if (found.length === 0) return 'the repository has none at all';
  if (typeof value === 'string') {
    const suggestion = nearest(value, found as string[]);
    const some = (found as string[]).toSorted().slice(0, 5).map(show).join(', ');
    const list = `there ${found.length === 1 ? 'is' : 'are'} ${some}${found.length > 5 ? ` and ${found.length - 5} more` : ''}`;
    return suggestion === undefined ? list : `did you mean ${show(suggestion)}? (${list})`;
  }
  const numbers = (found as number[]).toSorted((a, b) => a - b);
  const closest = numbers
    .toSorted((a, b) => Math.abs(a - value) - Math.abs(b - value))
    .slice(0, 3)
    .toSorted((a, b) => a - b);
  return `the ${numbers.length} there are go from ${numbers[0]} to ${numbers[numbers.length - 1]}, nearest ${closest.join(', ')}`;
}
