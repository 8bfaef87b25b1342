// SPDX-License-Identifier: BSD-3-Clause
import { keyColumn } from '../../dimensions/element.ts';
import type { SqlValue } from '../../registry/database.ts';
import type { DataIdValue } from '../../types.ts';
import type { QueryContext } from '../context.ts';
import { columnsOf, type Predicate } from '../predicate/types.ts';
import type { PreparedQuery } from '../prepare.ts';
import type { DatasetSearch } from '../sql/datasets.ts';
import { datasetSource } from '../sql/datasets.ts';
import { join, raw, type Sql, sql, statement } from '../sql/fragment.ts';
import { spellingOf } from '../sql/spelling.ts';
import { dayText, momentText } from './words.ts';

/** What was observed on which days, for a day without: `There is no visit of 2014-11-18 in HSC: it has visits from … to …`. */
export async function missingDay(
  context: QueryContext,
  query: PreparedQuery,
  days: readonly DataIdValue[],
  given: readonly (readonly [string, DataIdValue])[],
): Promise<string | undefined> {
  const { universe, db } = context;
  const observed = ['visit', 'exposure'].find(
    (name) => query.dimensions.has(name) && universe.element(name).implied.includes('day_obs'),
  );
  if (observed === undefined) return undefined;
  const { quote } = db.dialect;
  const conditions = [raw('day_obs IS NOT NULL'), ...given.map(([key, value]) => sql`${raw(quote(key))} = ${value}`)];
  const [[first, last]] = await one(
    context,
    sql`SELECT MIN(day_obs), MAX(day_obs) FROM ${raw(quote(observed))} WHERE ${join(conditions, ' AND ')}`,
  );
  const where = given.map(([, value]) => value).join(', ');
  const place = where === '' ? '' : ` in ${where}`;
  const what = `There is no ${observed} of ${days.map(dayText).join(' or ')}${place}`;
  if (first === null) return `${what}: there are no ${observed}s at all.`;
  const owner = given.length === 1 ? `the ${given[0][0]}` : 'the repository';
  return `${what}: ${owner} has ${observed}s from ${dayText(first as number)} to ${dayText(last as number)}.`;
}

/** From when to when there are records of the elements whose times a condition is about. */
export async function timesThereAre(context: QueryContext, query: PreparedQuery, term: Predicate): Promise<string> {
  const parts: string[] = [];
  const seen = new Set<string>();
  for (const column of columnsOf(term)) {
    if (column.kind !== 'field' || column.type !== 'timespan' || seen.has(column.element)) continue;
    seen.add(column.element);
    const text = await elementTimes(context, query, column.element);
    if (text !== undefined) parts.push(text);
  }
  return parts.join('; ');
}

async function elementTimes(context: QueryContext, query: PreparedQuery, name: string): Promise<string | undefined> {
  const { universe, db } = context;
  const element = universe.element(name);
  const { quote, column } = db.dialect;
  const { integerText } = spellingOf(db.dialect);
  const conditions = [raw(`${column('e', 'timespan_begin')} IS NOT NULL`)];
  for (const key of element.required.filter((required) => universe.element(required).governor)) {
    const values = query.fixed.get(key);
    if (values?.size === 1) conditions.push(sql`e.${raw(quote(keyColumn(element, key)))} = ${[...values][0]}`);
  }
  const [begin, end] = ['MIN(' + column('e', 'timespan_begin') + ')', 'MAX(' + column('e', 'timespan_end') + ')'];
  const [[first, last]] = await one(
    context,
    sql`SELECT ${integerText(raw(begin))}, ${integerText(raw(end))} FROM ${raw(quote(name))} AS e WHERE ${join(conditions, ' AND ')}`,
  );
  if (first === null) return `no ${name} has a time`;
  const owners = element.required.flatMap((key) =>
    query.fixed.get(key)?.size === 1 ? [...query.fixed.get(key)!] : [],
  );
  const of = owners.length === 0 ? '' : ` of ${owners[0]}`;
  return `the ${name}s${of} are from ${momentText(BigInt(first as string))} to ${momentText(BigInt(last as string))} (TAI)`;
}

/** From when to when the validity ranges of a search go. */
export async function validityRanges(context: QueryContext, search: DatasetSearch): Promise<string> {
  const { dialect } = context.db;
  const { integerText } = spellingOf(dialect);
  const source = datasetSource(search, { timespan: true }, dialect);
  const [[first, last]] = await one(
    context,
    sql`SELECT ${integerText(raw('MIN(q.timespan_begin)'))}, ${integerText(raw('MAX(q.timespan_end)'))} FROM (${source}) AS q`,
  );
  return first === null
    ? 'there are no validity ranges'
    : `the validity ranges go from ${momentText(BigInt(first as string))} to ${momentText(BigInt(last as string))} (TAI)`;
}

function one(context: QueryContext, query: Sql): Promise<SqlValue[][]> {
  const { text, params } = statement(query, context.db.dialect);
  return context.db.rows(text, params);
}
