// SPDX-License-Identifier: BSD-3-Clause
import type { NumericArray } from '../image/numeric.ts';

/**
 * Values of a column. Numeric columns: one typed array of `rows * repeat` values (complex: `2 * rows * repeat`, real and imaginary
 * alternating). Strings: one a row (`repeat` a row where TDIM makes an array of strings), trailing blanks removed. Logical and bit
 * columns: `Uint8Array` of 0 and 1, with {@link LOGICAL_NULL} for a logical without value. Variable-length columns: one array (or string) a row.
 */
export type TableColumn = NumericArray | string[] | NumericArray[];
export type TableColumns = Record<string, TableColumn>;

/** Stands for a logical that is neither true nor false (a zero byte in the file). */
export const LOGICAL_NULL = 255;
