// SPDX-License-Identifier: BSD-3-Clause
import { formatUuid } from '../../base/index.ts';
import type { SqlValue } from '../registry/database.ts';
import { decodeBytes } from '../registry/record-codec.ts';
import { fromStoredTimespan } from '../timespan.ts';
import type { DimensionRecordValue } from '../types.ts';
import type { Column } from './predicate/types.ts';
import { raw, type Sql } from './sql/fragment.ts';
import type { FromClause } from './sql/from.ts';

/** A value in the rows of a general query. Moments are bigint, TAI nanoseconds since 1970; regions are encoded bytes. */
export type ColumnValue = DimensionRecordValue | bigint;

/** Columns of SQL for a column that is asked for: two for a timespan. */
export function outputSql(column: Column, from: FromClause): Sql[] {
  const { integerText } = from.spelling;
  switch (column.type) {
    case 'timespan': {
      const { begin, end } = from.timespan(column);
      return [integerText(begin), integerText(end)];
    }
    case 'time':
      return [integerText(from.column(column))];
    case 'null':
      return [raw('NULL')];
    default:
      return [from.column(column)];
  }
}

/** Reads the value of a column that {@link outputSql} selected at position `at`. */
export function outputReader(column: Column, at: number): (row: readonly SqlValue[]) => ColumnValue {
  switch (column.type) {
    case 'timespan':
      return (row) =>
        row[at] === null || row[at + 1] === null
          ? null
          : fromStoredTimespan(BigInt(row[at] as string), BigInt(row[at + 1] as string));
    case 'time':
      return (row) => (row[at] === null ? null : BigInt(row[at] as string));
    case 'uuid':
      return (row) => (row[at] === null ? null : formatUuid(row[at] as string));
    case 'bool':
      return (row) => (row[at] === null ? null : Boolean(row[at]));
    case 'region':
    case 'hash':
      return (row) => (row[at] instanceof Uint8Array ? (row[at] as Uint8Array) : decodeBytes(row[at]));
    default:
      return (row) => row[at] as ColumnValue;
  }
}

export function outputWidth(column: Column): number {
  return column.type === 'timespan' ? 2 : 1;
}
