// SPDX-License-Identifier: BSD-3-Clause
// biome-ignore-all lint/suspicious/noExplicitAny: cases are JSON of many shapes
import { parseTimeLiteral } from '../../src/butler/query/index.ts';
import type { Registry } from '../../src/butler/registry/registry.ts';
import { NO_TIME } from '../../src/butler/timespan.ts';
import { buildQuery, compareCall } from './registry-queries.ts';
import type { Comparison } from './suite.ts';

/**
 * The rows of a chained query of the peer's, of which the record keeps what it came to: the predicate as text, the dimensions of the
 * join, and the dataset searches. Regions are not in that text: such rows are those of the call before, which is replayed.
 */
export async function iterate(registry: Registry, op: Record<string, any>): Promise<Comparison> {
  const where = translate(op.where as string);
  if (where === undefined) return { actual: true, expected: true };
  const args: Record<string, any> = {
    ...where,
    joinDimensions: op.treeDimensions,
    searches: op.datasetSearches,
    order_by: op.orderBy.length === 0 ? null : op.orderBy.map(orderTerm),
    limit: op.limit,
    explain: false,
  };
  const rows = op.rows as Record<string, any>[];
  switch (op.op) {
    case 'iterate:DataCoordinateQueryResults':
      args.dimensions = rows.length > 0 ? Object.keys(rows[0]) : op.treeDimensions;
      return compareRestricted(registry, 'query_data_ids', args, { ...op, rows: distinct(rows) });
    case 'iterate:DimensionRecordQueryResults': {
      if (rows.length === 0) {
        args.dimensions = op.treeDimensions;
        return compareCall(registry, 'query_data_ids', args, op);
      }
      args.element = elementOf(registry, Object.keys(rows[0]));
      return compareRestricted(registry, 'query_dimension_records', args, op);
    }
    case 'iterate:DatasetRefQueryResults': {
      args.dataset_type = rows[0]?.datasetType ?? Object.keys(op.datasetSearches)[0];
      args.collections = op.datasetSearches[args.dataset_type];
      // The record does not say whether only first finds were asked for: then no data ID has two.
      const keys = new Set(rows.map((row) => JSON.stringify(row.dataId)));
      const first = await compareCall(registry, 'query_datasets', { ...args, find_first: true }, op);
      if (keys.size === rows.length && same(first)) return first;
      return compareCall(registry, 'query_datasets', { ...args, find_first: false }, op);
    }
    case 'iterate:GeneralQueryResults':
      return general(registry, args, rows);
    default:
      throw new Error(`no such iteration: ${op.op}`);
  }
}

/**
 * The record leaves out data IDs that the query was given as a table, and what it was materialised from. Where rows differ, those of the
 * record must be what comes of its own data IDs as such a table.
 */
async function compareRestricted(registry: Registry, call: string, args: any, op: any): Promise<Comparison> {
  const plain = await compareCall(registry, call, args, op);
  if (same(plain) || op.rows.length === 0) return plain;
  const { universe } = registry;
  const keys = args.element === undefined ? Object.keys(op.rows[0]) : universe.element(args.element).required;
  const column = (name: string): unknown[] =>
    op.rows.map((row: any) => row[name === args.element ? universe.element(name).primaryKey!.name : name]);
  const columns = Object.fromEntries(keys.map((name: string) => [name, column(name)]));
  const table = { rows: op.rows.length, dimensions: keys, columns };
  return compareCall(registry, call, { ...args, ...unjoined(args, keys), table }, op);
}

/** A table relates what it holds; what was joined besides is not known to be. */
function unjoined(args: any, keys: readonly string[]): Record<string, unknown> {
  return (args.joinDimensions as string[]).every((name) => keys.includes(name))
    ? {}
    : { joinDimensions: keys, where: undefined };
}

function distinct(rows: readonly Record<string, any>[]): Record<string, any>[] {
  return [...new Map(rows.map((row) => [JSON.stringify(row), row])).values()];
}

function same({ actual, expected }: Comparison): boolean {
  return JSON.stringify(actual) === JSON.stringify(expected);
}

/** Rows of any columns; times of insertion differ from replay to replay. */
async function general(registry: Registry, args: any, rows: readonly Record<string, any>[]): Promise<Comparison> {
  const names = rows.length > 0 ? Object.keys(rows[0]) : (args.joinDimensions as string[]);
  const timeless = (row: Record<string, any>): string =>
    JSON.stringify(names.map((name) => (name.endsWith('.ingest_date') ? row[name] !== undefined : row[name])));
  const actual: string[] = [];
  for await (const row of buildQuery(registry, args).general(names)) actual.push(timeless(row));
  return { actual: actual.sort(), expected: rows.map(timeless).sort() };
}

function orderTerm(term: string): string {
  return term.endsWith(' DESC') ? `-${term.slice(0, -5)}` : term;
}

/** The element of which these are the fields. */
function elementOf(registry: Registry, fields: readonly string[]): string {
  const { universe } = registry;
  const found = universe.elementNames.find((name) => {
    const element = universe.element(name);
    if (!element.hasTable || element.skypix !== undefined) return false;
    const { columns } = registry.records.codec(name);
    const known = new Set(columns.map((column) => column.replace(/^timespan_(begin|end)$/, 'timespan')));
    return fields.every((field) => known.has(field)) && known.size <= fields.length + 2 && known.has(fields[0]);
  });
  if (found === undefined) throw new Error(`no element has the fields ${fields.join(', ')}`);
  return found;
}

const time = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/;

/** The predicate in the query language, with times as binds; undefined if the text leaves out a value. */
function translate(text: string): { where?: string; bind?: Record<string, unknown> } | undefined {
  if (text.includes('(region)')) return undefined;
  if (text === 'True') return {};
  const bind: Record<string, unknown> = {};
  const add = (value: unknown): string => {
    const name = `t${Object.keys(bind).length}`;
    bind[name] = value;
    return `:${name}`;
  };
  const ns = (literal: string): bigint => parseTimeLiteral(`isot/${literal}/tai`).taiNs;
  const bound = (literal: string): bigint | undefined => (time.test(literal) ? ns(literal) : undefined);
  const where = text
    .replaceAll('==', '=')
    .replaceAll(/(\S+) GLOB ('[^']*')/g, 'GLOB($1, $2)')
    .replaceAll(/[[(]([^\s,[(]+), ([^\s,)]+)\)/g, (whole, begin: string, end: string) =>
      time.test(whole) ? add({ beginNs: bound(begin), endNs: bound(end) }) : whole,
    )
    .replaceAll('(empty)', () => add(NO_TIME))
    .replaceAll(new RegExp(time, 'g'), (literal) => add({ taiNs: ns(literal) }));
  return { where, bind };
}
