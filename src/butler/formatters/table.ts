// SPDX-License-Identifier: BSD-3-Clause
import { didYouMean } from '../../base/index.ts';
import type { Table } from '../../pixels/index.ts';
import { butlerErrors } from '../errors.ts';
import { globMatcher } from '../registry/glob.ts';
import { type Formatter, type ReadContext, registerFormatter } from './formatter.ts';
import { openParquet, type ParquetSchema, readParquet } from './parquet-read.ts';
import { writeParquet } from './parquet-write.ts';

const components = ['columns', 'rowcount', 'schema'];

/**
 * Tables as Parquet. Components `columns` (names), `rowcount` and `schema` read the footer only; parameter `columns` (a name or
 * names, with `*` and `?`) reads those columns only.
 */
export const tableFormatter: Formatter = {
  extension: '.parq',
  async read(file, context) {
    const opened = await openParquet(file);
    const { schema } = opened;
    switch (context.component) {
      case undefined:
        return readParquet(file, opened, chosenColumns(schema, context));
      case 'columns':
        return schema.columns.map((column) => column.name);
      case 'rowcount':
        return schema.rows;
      case 'schema':
        return schema;
    }
    const { component, storageClass } = context;
    throw butlerErrors.NO_COMPONENT({ component, storageClass, hint: didYouMean(component, components) });
  },
  write(object, sink, { storageClass }) {
    if (!isTable(object)) {
      const found = object === null ? 'null' : typeof object;
      throw butlerErrors.BAD_OBJECT({ storageClass, expected: 'a table ({rows, columns})', found });
    }
    writeParquet(object, sink, storageClass);
  },
};

function isTable(object: unknown): object is Table {
  const table = object as Partial<Table> | null;
  return (
    typeof table === 'object' && table !== null && typeof table.rows === 'number' && typeof table.columns === 'object'
  );
}

function chosenColumns(schema: ParquetSchema, { parameters, storageClass }: ReadContext): string[] {
  const names = schema.columns.map((column) => column.name);
  const { columns, ...others } = parameters;
  for (const parameter of Object.keys(others)) {
    throw butlerErrors.BAD_PARAMETER({ parameter, storageClass, problem: 'tables take "columns" only' });
  }
  if (columns === undefined) return names;
  const wanted = typeof columns === 'string' ? [columns] : (columns as readonly string[]);
  const chosen = new Set<string>();
  for (const pattern of wanted) {
    const matching = names.filter(globMatcher([pattern]));
    if (matching.length === 0) {
      const problem = `there is no column "${pattern}".${didYouMean(pattern, names)}`;
      throw butlerErrors.BAD_PARAMETER({ parameter: 'columns', storageClass, problem });
    }
    for (const name of matching) chosen.add(name);
  }
  return [...chosen];
}

export function registerTableFormatter(): void {
  registerFormatter('lsst.daf.butler.formatters.parquet.ParquetFormatter', tableFormatter);
}
