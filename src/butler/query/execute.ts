// SPDX-License-Identifier: BSD-3-Clause
import type { SqlValue } from '../registry/database.ts';
import { assertExact } from '../registry/integers.ts';
import { type CompiledQuery, compile } from './compile.ts';
import type { QueryContext } from './context.ts';
import type { PreparedQuery } from './prepare.ts';
import { exactTests } from './spatial/exact-tests.ts';
import { type SplitRows, splitJoin } from './split-join.ts';
import { sql, statement } from './sql/fragment.ts';

export interface ExecuteOptions {
  /** Integers in the rows come as bigint. */
  readonly bigints?: boolean;
  /** Most rows in one batch. */
  readonly batchRows?: number;
}

type Row = readonly SqlValue[];

/** Rows of a query as they are read: first the target's dimensions, then its columns, then those of its record. */
export interface RowStream {
  /** Where each of the target's columns begins in a row, and where the record does. */
  readonly columnsAt: readonly number[];
  readonly recordAt: number;
  /** Never empty batches. Rows may have more columns than were asked for. */
  readonly batches: AsyncIterable<readonly Row[]>;
}

/** Rows in one batch; region tests fetch regions once for each batch, so there it is larger. */
const batchRows = 2000;
const testedBatchRows = 20_000;

/** Compiles a query; its statement runs when the batches are read. */
export async function openRows(
  context: QueryContext,
  query: PreparedQuery,
  options: ExecuteOptions = {},
): Promise<RowStream> {
  const split = options.bigints ? undefined : await splitJoin(context, query);
  if (split !== undefined)
    return { ...split, batches: exact(context, query, splitBatches(context, query, split, options)) };
  const compiled = await compile(context, query);
  const batches = compiledBatches(context, query, compiled, options);
  return { ...compiled, batches: options.bigints ? batches : exact(context, query, batches) };
}

/** Data IDs of rows that were not read as bigint are either exact or refused. */
async function* exact(
  { universe }: QueryContext,
  { target }: PreparedQuery,
  batches: AsyncIterable<readonly Row[]>,
): AsyncIterable<readonly Row[]> {
  const integers = [...target.names.entries()].filter(([, name]) => universe.element(name).primaryKey?.type === 'int');
  for await (const batch of batches) {
    assertExact(batch, integers);
    yield batch;
  }
}

async function* splitBatches(
  context: QueryContext,
  query: PreparedQuery,
  split: SplitRows,
  options: ExecuteOptions,
): AsyncIterable<readonly Row[]> {
  const batches = await split.open();
  const { limit, offset } = query.state;
  if (batches === undefined) yield* compiledBatches(context, query, await compile(context, query), options);
  else yield* read(batches, new Reader(split.width, split.mayRepeat, limit, offset));
}

async function* compiledBatches(
  context: QueryContext,
  query: PreparedQuery,
  compiled: CompiledQuery,
  options: ExecuteOptions,
): AsyncIterable<readonly Row[]> {
  const { db } = context;
  const { text, params } = statement(compiled.sql, db.dialect);
  const tested = compiled.tests.length > 0;
  const batches = db.stream(text, params, { batchRows, ...options, ...(tested ? { batchRows: testedBatchRows } : {}) });
  if (!compiled.limitInReader) {
    yield* batches;
    return;
  }
  const { limit, offset } = query.state;
  const passing = tested ? exactTests(context, compiled.tests, batches) : batches;
  yield* read(passing, new Reader(compiled.width, compiled.mayRepeat, limit, offset));
}

async function* read(batches: AsyncIterable<readonly Row[]>, reader: Reader): AsyncIterable<readonly Row[]> {
  if (reader.full) return;
  for await (const batch of batches) {
    const rows = reader.take(batch);
    if (rows.length > 0) yield rows;
    if (reader.full) return;
  }
}

/** Whether the query, which should have a limit of 1, has a row. */
export async function hasRows(context: QueryContext, query: PreparedQuery): Promise<boolean> {
  for await (const batch of (await openRows(context, query)).batches) if (batch.length > 0) return true;
  return false;
}

/** How many rows the query has, counted by the database where it can. */
export async function countRows(context: QueryContext, query: PreparedQuery): Promise<number> {
  const compiled = await compile(context, query);
  if (compiled.limitInReader) {
    let count = 0;
    for await (const batch of (await openRows(context, query)).batches) count += batch.length;
    return count;
  }
  return countSql(context, compiled);
}

/** As {@link countRows}, but without the tests that only the reader can make: never too few. */
export async function countAtMost(context: QueryContext, query: PreparedQuery): Promise<number> {
  const compiled = await compile(context, query);
  const { limit } = query.state;
  const count = await countSql(context, compiled);
  return compiled.limitInReader && limit !== undefined ? Math.min(count, limit) : count;
}

/** Whether some of the rows that the database finds must be left out by the reader. */
export async function needsReader(context: QueryContext, query: PreparedQuery): Promise<boolean> {
  return (await compile(context, query)).limitInReader;
}

async function countSql(context: QueryContext, compiled: CompiledQuery): Promise<number> {
  const { text, params } = statement(sql`SELECT COUNT(*) FROM (${compiled.sql}) AS counted`, context.db.dialect);
  return Number((await context.db.rows(text, params))[0][0]);
}

/** Drops repetitions and what is beyond the limit, where SQL could not. */
class Reader {
  readonly #width: number;
  readonly #seen: Set<string> | undefined;
  #skip: number;
  #left: number;

  constructor(width: number, mayRepeat: boolean, limit: number | undefined, offset: number) {
    this.#width = width;
    this.#seen = mayRepeat ? new Set() : undefined;
    this.#skip = offset;
    this.#left = limit ?? Number.POSITIVE_INFINITY;
  }

  get full(): boolean {
    return this.#left <= 0;
  }

  take(batch: readonly Row[]): Row[] {
    const out: Row[] = [];
    for (const row of batch) {
      if (this.full) break;
      if (this.#seen !== undefined) {
        const key = rowKey(row, this.#width);
        if (this.#seen.has(key)) continue;
        this.#seen.add(key);
      }
      if (this.#skip > 0) {
        this.#skip--;
        continue;
      }
      this.#left--;
      out.push(row);
    }
    return out;
  }
}

function rowKey(row: Row, width: number): string {
  let key = '';
  for (let i = 0; i < width; i++) {
    const value = row[i];
    key +=
      typeof value === 'string'
        ? `${value.length}:${value}`
        : value instanceof Uint8Array
          ? Buffer.from(value).toString('hex')
          : value;
    key += ',';
  }
  return key;
}
