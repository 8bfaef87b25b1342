// SPDX-License-Identifier: BSD-3-Clause
import type { SqlValue } from '../database.ts';

/** A result column as the client library describes it. */
export interface Field {
  readonly columnType?: number;
  readonly type?: number;
}

/** Types of result columns in the protocol. */
const integers = new Set([1, 2, 3, 8, 9, 13]);
const decimals = new Set([0, 246]);

type Convert = (value: unknown) => SqlValue;
const asIs: Convert = (value) => value as SqlValue;
const bytes: Convert = (value) => (Buffer.isBuffer(value) ? new Uint8Array(value) : (value as SqlValue));
const number: Convert = (value) => (value === null ? null : Number(value));
const bigint: Convert = (value) => (value === null ? null : BigInt(value as string | number));
const exact: Convert = (value) =>
  value === null ? null : String(value).includes('.') ? Number(value) : BigInt(value as string);

/** How rows become values: integers are numbers, or bigint where they are asked for. */
export function converter(fields: readonly Field[], bigints: boolean): (row: unknown[]) => SqlValue[] {
  const columns = fields.map(({ columnType, type }): Convert => {
    const kind = columnType ?? type ?? -1;
    if (integers.has(kind)) return bigints ? bigint : number;
    if (decimals.has(kind)) return bigints ? exact : number;
    return kind >= 249 && kind <= 252 ? bytes : asIs;
  });
  return (row) => {
    for (let i = 0; i < row.length; i++) row[i] = columns[i](row[i]);
    return row as SqlValue[];
  };
}
