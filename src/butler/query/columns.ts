// SPDX-License-Identifier: BSD-3-Clause
import type { SqlValue } from '../registry/database.ts';
import type { DataIdColumns, DataIdValue, DatasetColumns, Timespan } from '../types.ts';

/** Rows in one batch of columns: many enough that what is done once for a batch costs little. */
export const columnRows = 10_000;

/** Rows whose first columns are these dimensions, as columns. */
export function dataIdBatch(names: readonly string[], rows: readonly (readonly SqlValue[])[]): DataIdColumns {
  const columns: Record<string, readonly DataIdValue[]> = {};
  for (const [i, name] of names.entries()) columns[name] = rows.map((row) => row[i] as DataIdValue);
  return { rows: rows.length, dimensions: names, columns };
}

/** Whether each row comes after the one before, by its first column that differs: then none is there twice. */
export function isAscending({ rows, dimensions, columns }: DataIdColumns): boolean {
  const keys = dimensions.map((name) => columns[name]);
  for (let row = 1; row < rows; row++) {
    const column = keys.find((values) => values[row] !== values[row - 1]);
    if (column === undefined || column[row] < column[row - 1]) return false;
  }
  return true;
}

/** All batches as one table. */
export async function wholeDataIds(
  names: readonly string[],
  batches: AsyncIterable<DataIdColumns>,
): Promise<DataIdColumns> {
  const whole = new Whole(names);
  for await (const batch of batches) whole.add(batch);
  return whole.take();
}

/** As {@link wholeDataIds}. */
export async function wholeDatasets(
  datasetType: string,
  names: readonly string[],
  batches: AsyncIterable<DatasetColumns>,
  withTimespans: boolean,
): Promise<DatasetColumns> {
  const whole = new Whole(names);
  const ids: string[] = [];
  const runs: string[] = [];
  const timespans: (Timespan | null)[] = [];
  for await (const batch of batches) {
    whole.add(batch);
    append(ids, batch.ids);
    append(runs, batch.runs);
    append(timespans, batch.timespans ?? []);
  }
  return { ...whole.take(), datasetType, ids, runs, ...(withTimespans ? { timespans } : {}) };
}

class Whole {
  readonly #names: readonly string[];
  readonly #columns: DataIdValue[][];
  #rows = 0;

  constructor(names: readonly string[]) {
    this.#names = names;
    this.#columns = names.map(() => []);
  }

  add(batch: DataIdColumns): void {
    for (const [i, name] of this.#names.entries()) {
      if (this.#rows === 0) this.#columns[i] = [...batch.columns[name]];
      else append(this.#columns[i], batch.columns[name]);
    }
    this.#rows += batch.rows;
  }

  take(): DataIdColumns {
    const columns = Object.fromEntries(this.#names.map((name, i) => [name, this.#columns[i]]));
    return { rows: this.#rows, dimensions: this.#names, columns };
  }
}

function append<T>(to: T[], values: readonly T[]): void {
  for (const value of values) to.push(value);
}
