// SPDX-License-Identifier: BSD-3-Clause
import type { DataIdValue, DimensionUniverse } from '../../../butler/index.ts';
import { rowOfRecord } from '../../peer/dimension-data.ts';
import type { BuildContext } from '../candidates.ts';
import type { RecordTables } from '../records.ts';

/** Keys of dimension records that Python wants: values of the required dimensions of an element. */
export interface RecordQuestion {
  element: string;
  columns: Record<string, DataIdValue[]>;
}

/** Records as rows of fields, as middleware writes them: from what the build has read, else from the repository in one question. */
export async function giveRecords(
  { source, dictionaries }: BuildContext,
  universe: DimensionUniverse,
  records: RecordTables,
  { element, columns }: RecordQuestion,
): Promise<unknown[]> {
  const textOf = rowOfRecord(universe, element);
  const dimensions = Object.keys(columns);
  const rows = columns[dimensions[0]].length;
  const table = records.get(element);
  const codes = table?.dimensions.map((name) => dictionaries.of(name).lookUp(columns[name]));
  const found: unknown[] = [];
  const missing: number[] = [];
  for (let row = 0; row < rows; row++) {
    const at = codes === undefined ? undefined : table?.rowOf(codes.map((column) => column[row]));
    if (at === undefined || table === undefined) missing.push(row);
    else found.push(JSON.parse(textOf(table.records[at])));
  }
  if (missing.length === 0) return found;
  const within = {
    rows: missing.length,
    dimensions,
    columns: Object.fromEntries(dimensions.map((name) => [name, missing.map((row) => columns[name][row])])),
  };
  for (const record of await source.records(element, within)) found.push(JSON.parse(textOf(record)));
  return found;
}
