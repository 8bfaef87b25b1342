// SPDX-License-Identifier: BSD-3-Clause
import type { QueryApi } from '../butler/index.ts';
import { cliErrors } from './errors.ts';
import type { Output } from './output.ts';

/** The limit of a command line: a number below 0 caps the rows and warns when it does. */
export interface Limit {
  /** Undefined: all. */
  readonly rows: number | undefined;
  readonly offset: number;
  readonly warns: boolean;
}

/** @throws CLI_USAGE for an offset without a limit */
export function limitOf(options: { limit: number; offset?: number }): Limit {
  const { limit, offset } = options;
  if (offset !== undefined && limit === 0) throw cliErrors.USAGE({ message: '--offset needs a --limit.' });
  return { rows: limit === 0 ? undefined : Math.abs(limit), offset: offset ?? 0, warns: limit < 0 };
}

/** The query with what `--where`, `--order-by` and `--limit` say. One row more than the limit is asked for, to know of more. */
export function withOptions(
  query: QueryApi,
  options: { where?: string; orderBy?: readonly string[] },
  limit?: Limit,
): QueryApi {
  let out = query;
  if (options.where !== undefined) out = out.where(options.where);
  if (options.orderBy !== undefined) out = out.orderBy(...options.orderBy);
  if (limit?.rows !== undefined) out = out.limit(limit.rows + (limit.warns ? 1 : 0), limit.offset);
  return out;
}

/** Counts rows off; returns false for the one beyond the limit. */
export class Counter {
  readonly #limit: Limit;
  #rows = 0;
  #more = false;

  constructor(limit: Limit) {
    this.#limit = limit;
  }
  get full(): boolean {
    return this.#more || (!this.#limit.warns && this.left === 0);
  }
  get left(): number {
    return (this.#limit.rows ?? Number.POSITIVE_INFINITY) - this.#rows;
  }
  take(): boolean {
    if (this.left <= 0) {
      this.#more = true;
      return false;
    }
    this.#rows++;
    return true;
  }
  warn(out: Output): void {
    if (this.#more) out.warn(`there are more than the ${this.#rows} rows shown; --limit 0 shows all`);
  }
}
