// SPDX-License-Identifier: BSD-3-Clause
import { didYouMean } from '../../base/index.ts';
import type { ColumnGraph } from '../column-graph.ts';
import { graphErrors } from '../errors.ts';
import { type GraphTable, graphTables, type Value } from './tables.ts';

export interface GraphQuery {
  columns: readonly string[];
  /** Read as they are asked for. */
  rows: IterableIterator<readonly Value[]>;
}

/** Names and columns of the tables of a graph. */
export function describeTables(
  graph: ColumnGraph,
): { name: string; about: string; columns: readonly string[]; parameters: readonly string[] }[] {
  return graphTables(graph).map(({ name, about, columns, parameters }) => ({ name, about, columns, parameters }));
}

/**
 * SQL (SQLite's) over a graph: tables quanta, datasets, edges, tasks, dataset_types. Columns that the statement does not name are
 * not read. One statement that reads; everything else is a GRAPH_SQL error, as are unknown names.
 */
export async function queryGraph(
  graph: ColumnGraph,
  sql: string,
  parameters: readonly Value[] = [],
): Promise<GraphQuery> {
  const { default: Database } = await import('better-sqlite3');
  const db = new Database(':memory:');
  const tables = graphTables(graph);
  const named = namesIn(sql);
  for (const table of tables) {
    const asked = table.columns.filter((name) => named === undefined || named.has(name.toLowerCase()));
    const columns = asked.length > 0 ? asked : [table.columns[0]];
    db.table(table.name, {
      columns: [...columns],
      parameters: [...table.parameters],
      rows: function* (...given: unknown[]) {
        yield* table.rows(columns, given as Value[]);
      },
    } as never);
  }
  try {
    const statement = db.prepare<unknown[]>(sql);
    if (!statement.reader || !statement.readonly)
      throw graphErrors.SQL({ problem: 'it is not a statement that only reads', hint: '' });
    const rows = statement.raw(true).iterate(...parameters) as IterableIterator<Value[]>;
    return { columns: statement.columns().map(({ name }) => name), rows: translated(rows, tables, () => db.close()) };
  } catch (error) {
    db.close();
    throw explained(error, tables);
  }
}

/** Errors while rows are read are explained too, and the database is closed at the end. */
function* translated(
  rows: IterableIterator<Value[]>,
  tables: readonly GraphTable[],
  close: () => void,
): Generator<readonly Value[]> {
  try {
    yield* rows;
  } catch (error) {
    throw explained(error, tables);
  } finally {
    close();
  }
}

/** Words of the statement, without text in quotes; undefined if it asks for all columns of something. */
function namesIn(sql: string): Set<string> | undefined {
  const bare = sql.replace(/'(?:[^']|'')*'/g, ' ').replace(/count\s*\(\s*\*\s*\)/gi, ' ');
  if (/\*|\bnatural\b/i.test(bare.replace(/\d\s*\*|\*\s*\d/g, ' '))) return undefined;
  return new Set(bare.toLowerCase().match(/[a-z_][\w]*/g) ?? []);
}

function explained(error: unknown, tables: readonly GraphTable[]): unknown {
  const { code, message } = error as { code?: unknown; message?: string };
  if (typeof code !== 'string' || !code.startsWith('SQLITE') || message === undefined) {
    if (error instanceof RangeError) return graphErrors.SQL({ problem: error.message, hint: '' }, { cause: error });
    return error;
  }
  const missing = /no such (column|table): (?:\w+\.)?"?(\w+)/.exec(message);
  let hint = '';
  if (missing?.[1] === 'table')
    hint =
      didYouMean(
        missing[2],
        tables.map(({ name }) => name),
      ) || ` There are ${tables.map(({ name }) => name).join(', ')}.`;
  if (missing?.[1] === 'column') {
    const columns = new Set(tables.flatMap((table) => [...table.columns, ...table.parameters]));
    hint = didYouMean(missing[2], columns) || ` Columns are ${[...columns].join(', ')}.`;
  }
  return graphErrors.SQL({ problem: message, hint }, { cause: error });
}
