// SPDX-License-Identifier: BSD-3-Clause
/** Tables as data. A dialect turns them into DDL, so the schema is stated once. */
export type ColumnType =
  | 'autoincrement' // integer key given by the database
  | 'int' // 64 bits
  | 'smallint'
  | 'float'
  | 'bool'
  | 'text'
  | 'uuid'
  | 'timestamp' // nanoseconds (TAI) since 1970
  | 'timespan' // validity or duration: a range, or two columns `<name>_begin` and `<name>_end` where there are none
  | 'region'; // encoded region

export interface ColumnSpec {
  name: string;
  type: ColumnType;
  /** Characters; short texts get a check of their length. */
  length?: number;
  /** Texts of any length, which are never compared; others have at most some thousand characters. */
  long?: boolean;
  nullable?: boolean;
  /** Rows that do not say have this: all of time. */
  default?: 'always';
}

export interface ForeignKeySpec {
  columns: readonly string[];
  table: string;
  /** Columns of the referred table. */
  target: readonly string[];
  onDelete?: 'CASCADE';
  /** Default true; not for a key that is the primary key itself. */
  index?: boolean;
}

export interface TableSpec {
  name: string;
  columns: readonly ColumnSpec[];
  primaryKey: readonly string[];
  unique?: readonly (readonly string[])[];
  indexes?: readonly (readonly string[])[];
  foreignKeys?: readonly ForeignKeySpec[];
}
