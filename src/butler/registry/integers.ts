// SPDX-License-Identifier: BSD-3-Clause
import { butlerErrors } from '../errors.ts';
import type { DataIdValue } from '../types.ts';
import type { SqlValue } from './database.ts';

/**
 * A data-ID value or field as a row has it. Integers may come as bigint.
 * @throws BUTLER_INTEGER_TOO_LARGE from 2^53 on, where a number would be another one
 */
export function toDataIdValue(value: SqlValue, column: string): DataIdValue {
  const plain = typeof value === 'bigint' ? Number(value) : value;
  if (typeof plain === 'number' && Number.isInteger(plain) && !Number.isSafeInteger(plain)) refuse(value, column);
  return plain as DataIdValue;
}

/** Refuses rows with integers at these places that may have been rounded on the way. */
export function assertExact(
  rows: readonly (readonly SqlValue[])[],
  columns: readonly (readonly [number, string])[],
): void {
  for (const [at, column] of columns) {
    for (const row of rows) {
      const value = row[at];
      if (typeof value === 'number' && !Number.isSafeInteger(value)) refuse(value, column);
    }
  }
}

function refuse(value: SqlValue, column: string): never {
  throw butlerErrors.INTEGER_TOO_LARGE({ column, value: typeof value === 'bigint' ? String(value) : `about ${value}` });
}
