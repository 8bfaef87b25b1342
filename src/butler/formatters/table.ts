// SPDX-License-Identifier: BSD-3-Clause
import { didYouMean } from '../../base/index.ts';
import type { Column, Table } from '../../pixels/index.ts';
import { butlerErrors } from '../errors.ts';
import { globMatcher } from '../registry/glob.ts';
import type { Formatter, ReadContext, WriteContext } from './formatter.ts';
import { type OpenParquet, openParquet, readParquet } from './parquet-read.ts';
import type { ColumnKind, ParquetSchema } from './parquet-schema.ts';
import { writeParquet } from './parquet-write.ts';
import { filterRows, parseFilters, type RowFilter } from './table-rows.ts';

const components = ['columns', 'rowcount', 'schema'];
const known = ['columns', 'rows', 'filters', 'strip_astropy_meta_yaml'];

/**
 * Tables as Parquet. Components `columns` (names), `rowcount` and `schema` read the footer only. Parameters: `columns` (a name or
 * names, with `*` and `?`; of several levels of column names lists `['g', 'ra']`, or `{level: name or names}`) reads those
 * columns only; `rows` (`[start, end]`, end exclusive); `filters` (`[['flux', '>', 1], …]`: all hold; a list of such lists:
 * one holds); `strip_astropy_meta_yaml` leaves out units and notes.
 */
export const tableFormatter: Formatter = {
  extension: '.parq',
  async read(file, context) {
    const opened = await openParquet(file);
    const { schema } = opened;
    if (context.storageClass === 'ArrowSchema' && context.component === undefined) return schema;
    switch (context.component) {
      case undefined:
        return readTable(opened, context);
      case 'columns':
        return columnNames(schema);
      case 'rowcount':
        return schema.rows;
      case 'schema':
        return schema;
    }
    const { component, storageClass } = context;
    throw butlerErrors.NO_COMPONENT({ component, storageClass, hint: didYouMean(component, components) });
  },
  write(object, sink, context) {
    const table = context.storageClass === 'ArrowSchema' ? emptyTable(object, context) : object;
    if (!isTable(table)) {
      const found = object === null ? 'null' : typeof object;
      throw butlerErrors.BAD_OBJECT({
        storageClass: context.storageClass,
        expected: 'a table ({rows, columns})',
        found,
      });
    }
    writeParquet(table, sink, context.storageClass);
  },
};

export function isTable(object: unknown): object is Table {
  const table = object as Partial<Table> | null;
  return (
    typeof table === 'object' && table !== null && typeof table.rows === 'number' && typeof table.columns === 'object'
  );
}

/** Names at all levels where there are several. */
function columnNames(schema: ParquetSchema): (string | string[])[] {
  return schema.columns.map((column) => column.path ?? column.name);
}

async function readTable(opened: OpenParquet, context: ReadContext): Promise<Table> {
  const { schema, unreadable } = opened;
  const { parameters, storageClass } = context;
  const refuse = (parameter: string, problem: string): never => {
    throw butlerErrors.BAD_PARAMETER({ parameter, storageClass, problem });
  };
  for (const name of Object.keys(parameters)) {
    if (!known.includes(name)) refuse(name, `tables take ${known.join(', ')}${didYouMean(name, known)}`);
  }
  const { columns, rows, filters } = parameters;
  const all = [...schema.columns, ...unreadable].map((column) => column.name);
  const names = columns === undefined || columns === null ? all : chosenColumns(schema, all, columns, context);
  // Row labels belong to every row of a data frame.
  if (storageClass === 'DataFrame') names.push(...(schema.index ?? []).filter((name) => !names.includes(name)));
  let terms: RowFilter[][] = [];
  try {
    if (filters !== undefined && filters !== null) terms = parseFilters(filters);
  } catch (error) {
    refuse('filters', (error as Error).message);
  }
  const tested = terms.flat().map(([name]) => name);
  for (const name of tested) {
    if (!all.includes(name)) refuse('filters', `there is no column "${name}".${didYouMean(name, all)}`);
  }
  const table = await readParquet(opened, [...new Set([...names, ...tested])], rowRange(rows, schema.rows, refuse));
  const chosen = terms.length === 0 ? table : filterRows(table, terms);
  const extra = tested.filter((name) => !names.includes(name));
  for (const name of extra) {
    delete chosen.columns[name];
    if (chosen.units !== undefined) delete chosen.units[name];
  }
  if (parameters['strip_astropy_meta_yaml'] === true) {
    delete chosen.units;
    delete chosen.meta;
  }
  return chosen;
}

function rowRange(
  rows: unknown,
  all: number,
  refuse: (parameter: string, problem: string) => never,
): { start: number; end: number } {
  if (rows === undefined || rows === null) return { start: 0, end: all };
  const [start, end] = rows as [number, number];
  if (Array.isArray(rows) && rows.length === 2 && rows.every(Number.isInteger) && start >= 0 && start <= end) {
    return { start: Math.min(start, all), end: Math.min(end, all) };
  }
  return refuse('rows', `${JSON.stringify(rows)} is not [start, end] with 0 ≤ start ≤ end`);
}

function chosenColumns(
  schema: ParquetSchema,
  names: readonly string[],
  columns: unknown,
  { storageClass }: ReadContext,
): string[] {
  const chosen = new Set<string>();
  const take = (pattern: unknown, matching: readonly string[]): void => {
    if (matching.length === 0) {
      const text = typeof pattern === 'string' ? `"${pattern}"` : JSON.stringify(pattern);
      const hint = typeof pattern === 'string' ? didYouMean(pattern, names) : '';
      throw butlerErrors.BAD_PARAMETER({
        parameter: 'columns',
        storageClass,
        problem: `there is no column ${text}.${hint}`,
      });
    }
    for (const name of matching) chosen.add(name);
  };
  if (typeof columns === 'object' && columns !== null && !Array.isArray(columns)) {
    take(columns, byLevels(schema, columns as Record<string, unknown>));
    return [...chosen];
  }
  for (const pattern of [columns].flat() as (string | unknown[])[]) {
    take(pattern, Array.isArray(pattern) ? byPath(schema, pattern) : names.filter(globMatcher([pattern])));
  }
  return [...chosen];
}

/** Columns by their names at each level. */
function byPath({ columns }: ParquetSchema, names: readonly unknown[]): string[] {
  const tests = names.map((name) => globMatcher([String(name)]));
  return columns
    .filter(({ path }) => path?.length === tests.length && tests.every((matches, level) => matches(path[level])))
    .map((column) => column.name);
}

/** Columns whose names at the given levels are among those given. */
function byLevels({ columns, levels }: ParquetSchema, wanted: Record<string, unknown>): string[] {
  if (levels === undefined || Object.keys(wanted).some((level) => !levels.includes(level))) return [];
  const tests = Object.entries(wanted).map(
    ([level, values]) => [levels.indexOf(level), globMatcher([values].flat().map(String))] as const,
  );
  return columns
    .filter(({ path }) => path !== undefined && tests.every(([at, matches]) => matches(path[at])))
    .map((column) => column.name);
}

const emptyColumns: Record<ColumnKind, () => Column> = {
  float64: () => new Float64Array(),
  float32: () => new Float32Array(),
  int32: () => new Int32Array(),
  int64: () => new BigInt64Array(),
  bool: () => new Uint8Array(),
  string: (): string[] => [],
  bytes: (): Uint8Array[] => [],
};

/** A schema is kept as a table without rows. */
function emptyTable(object: unknown, { storageClass }: WriteContext): Table {
  const columns = (object as Partial<ParquetSchema> | null)?.columns;
  if (!Array.isArray(columns) || columns.some(({ type }) => !(type in emptyColumns))) {
    const expected = `{columns: [{name, type}]} with types ${Object.keys(emptyColumns).join(', ')}`;
    throw butlerErrors.BAD_OBJECT({ storageClass, expected, found: `another ${typeof object}` });
  }
  const units = columns.filter(({ unit }) => unit !== undefined).map(({ name, unit }) => [name, unit!]);
  return {
    rows: 0,
    columns: Object.fromEntries(columns.map(({ name, type }) => [name, emptyColumns[type]()])),
    units: Object.fromEntries(units),
  };
}
