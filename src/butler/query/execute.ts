// SPDX-License-Identifier: BSD-3-Clause
import { coordinateKey } from '../dimensions/coordinate.ts';
import type { SqlValue } from '../registry/database.ts';
import { type CompiledQuery, compile, type ExactTest, keyOf } from './compile.ts';
import type { QueryContext } from './context.ts';
import type { PreparedQuery } from './prepare.ts';
import { type BoundedRegion, boundedOverlap, boundRegion } from './spatial/bounded.ts';
import { KeyTree } from './spatial/key-tree.ts';
import { regionsOf } from './spatial/regions.ts';
import { sql, statement } from './sql/fragment.ts';

export interface ExecuteOptions {
  /** Integers in the rows come as bigint. */
  readonly bigints?: boolean;
  readonly recordColumns?: readonly string[];
}

/** Rows of a query, one call each: first the target's dimensions in order, from `extraAt` on the extra columns. */
export async function execute(
  context: QueryContext,
  query: PreparedQuery,
  onRow: (row: readonly SqlValue[], extraAt: number) => void,
  options: ExecuteOptions = {},
): Promise<void> {
  const compiled = await compile(context, query, options.recordColumns);
  const { db } = context;
  const { text, params } = statement(compiled.sql, db.dialect);
  const extraAt = compiled.dimensions.length;
  const end = extraAt + compiled.extra.length;
  const emit = reader(compiled, query.state.limit, (row) => onRow(row, extraAt));
  if (compiled.tests.length === 0) {
    await db.each(text, params, emit, options);
    return;
  }
  const rows = await db.rows(text, params);
  const passes = await exactTests(context, compiled.tests, rows);
  for (const row of rows) if (passes(row)) emit(options.bigints ? row.map((v, i) => (i < end ? toBigint(v) : v)) : row);
}

/** How many rows the query has, counted by the database where it can. */
export async function countRows(context: QueryContext, query: PreparedQuery): Promise<number> {
  const compiled = await compile(context, query);
  if (compiled.tests.length > 0 || compiled.mayRepeat) {
    let count = 0;
    await execute(context, query, () => count++);
    return count;
  }
  const { text, params } = statement(sql`SELECT COUNT(*) FROM (${compiled.sql}) AS counted`, context.db.dialect);
  return Number((await context.db.rows(text, params))[0][0]);
}

/** Drops repetitions and what is beyond the limit, where SQL could not. */
function reader(
  compiled: CompiledQuery,
  limit: number | undefined,
  onRow: (row: readonly SqlValue[]) => void,
): (row: readonly SqlValue[]) => void {
  const most = compiled.limitInReader ? (limit ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY;
  const seen = new Set<string>();
  const first = compiled.dimensions.length;
  let count = 0;
  return (row) => {
    if (count >= most) return;
    if (compiled.mayRepeat) {
      const own = [...row.slice(0, compiled.targetDimensions), ...row.slice(first, first + compiled.extra.length)];
      const key = own.map((value) => (typeof value === 'string' ? JSON.stringify(value) : String(value))).join();
      if (seen.has(key)) return;
      seen.add(key);
    }
    count++;
    onRow(row);
  };
}

/** Compares the regions behind each row; those of a key are fetched and decoded once. */
async function exactTests(
  context: QueryContext,
  tests: readonly ExactTest[],
  rows: readonly (readonly SqlValue[])[],
): Promise<(row: readonly SqlValue[]) => boolean> {
  const checks = await Promise.all(
    tests.map(async ({ left, right }) => {
      const [a, b] = await Promise.all(
        [left, right].map(async ({ element, columns }) => {
          const keys = new KeyTree<true>(columns);
          const distinct = rows.filter((row) => keys.add(row, true)).map((row) => keyOf(row, columns));
          const regions = await regionsOf(context, element, distinct);
          const bounded = new KeyTree<BoundedRegion | undefined>(columns);
          for (const row of rows) bounded.add(row, () => boundRegion(regions.get(coordinateKey(keyOf(row, columns)))));
          return bounded;
        }),
      );
      return (row: readonly SqlValue[]): boolean => {
        const [x, y] = [a.get(row), b.get(row)];
        return x !== undefined && y !== undefined && boundedOverlap(x, y);
      };
    }),
  );
  return (row) => checks.every((check) => check(row));
}

function toBigint(value: SqlValue): SqlValue {
  return typeof value === 'number' && Number.isInteger(value) ? BigInt(value) : value;
}
