// SPDX-License-Identifier: BSD-3-Clause
import { open, readFile } from 'node:fs/promises';
import { didYouMean } from '../../base/index.ts';
import type { DataIdColumns, DataIdValue, DimensionUniverse } from '../../butler/index.ts';
import { cliErrors } from '../errors.ts';
import { requireFile } from './graph-request.ts';

/**
 * Data IDs of a file: CSV, ECSV, JSON, or Parquet (by its first bytes). Columns are dimensions; rows that repeat count once. `complete`:
 * columns for all required dimensions are needed. Errors name the option.
 */
export async function readDataIdTable(
  file: string,
  universe: DimensionUniverse,
  option = '--data-id-table',
  complete = true,
): Promise<DataIdColumns> {
  requireFile(option, file);
  const columns = (await isParquet(file)) ? await parquetColumns(file, option) : await textColumns(file);
  const dimensions = Object.keys(columns);
  for (const name of dimensions) {
    if (universe.dimensionNames.includes(name) || /^(htm|healpix|q3c|mq3c)\d+$/.test(name)) continue;
    throw cliErrors.OPTIONS({
      problem: `${option} ${file}: column "${name}" is no dimension.${didYouMean(name, universe.dimensionNames)}`,
    });
  }
  const missing = universe.conform(dimensions).required.filter((name) => columns[name] === undefined);
  if (complete && missing.length > 0) {
    throw cliErrors.OPTIONS({
      problem: `${option} ${file}: {${dimensions.join(', ')}} needs a column for ${missing.join(', ')} too`,
    });
  }
  const rows = columns[dimensions[0]].length;
  const typed = Object.fromEntries(
    dimensions.map((name) => [
      name,
      columns[name].map((value, row) => typedValue(universe, `${option} ${file}`, name, value, row)),
    ]),
  );
  return distinct({ rows, dimensions, columns: typed });
}

async function isParquet(file: string): Promise<boolean> {
  const handle = await open(file);
  try {
    const magic = Buffer.alloc(4);
    await handle.read(magic, 0, 4, 0);
    return magic.toString('latin1') === 'PAR1';
  } finally {
    await handle.close();
  }
}

async function textColumns(file: string): Promise<Record<string, (string | number)[]>> {
  const { readTextTable } = await import('../../butler/index.ts');
  const { columns, rows } = readTextTable(await readFile(file, 'utf8'), file);
  return Object.fromEntries(columns.map((name, c) => [name, rows.map(({ values }) => values[c])]));
}

async function parquetColumns(file: string, option: string): Promise<Record<string, (string | number)[]>> {
  const [{ asyncBufferFromFile, parquetReadObjects }, { compressors }] = await Promise.all([
    import('hyparquet'),
    import('hyparquet-compressors'),
  ]);
  const rows = await parquetReadObjects({ file: await asyncBufferFromFile(file), compressors });
  const names = Object.keys(rows[0] ?? {});
  if (names.length === 0) throw cliErrors.OPTIONS({ problem: `${option} ${file}: it has no rows` });
  return Object.fromEntries(
    names.map((name) => [name, rows.map((row) => (typeof row[name] === 'bigint' ? Number(row[name]) : row[name]))]),
  );
}

/** Numbers are numbers even where a text file has them as text, and names that look like numbers stay names. */
function typedValue(
  universe: DimensionUniverse,
  where: string,
  name: string,
  value: unknown,
  row: number,
): DataIdValue {
  const given = String(value).trim();
  const wanted = isText(universe, name) ? given : Number(given);
  if (given !== '' && (typeof wanted === 'string' || Number.isSafeInteger(wanted))) return wanted;
  const problem = `${where}: row ${row + 1} has ${JSON.stringify(value)} for ${name}`;
  throw cliErrors.OPTIONS({ problem });
}

function isText(universe: DimensionUniverse, name: string): boolean {
  return universe.element(name).primaryKey?.type === 'string';
}

function distinct(table: DataIdColumns): DataIdColumns {
  const seen = new Set<string>();
  const rows: number[] = [];
  for (let row = 0; row < table.rows; row++) {
    const key = table.dimensions.map((name) => table.columns[name][row]).join('\0');
    if (seen.has(key)) continue;
    seen.add(key);
    rows.push(row);
  }
  const columns = table.dimensions.map((name) => [name, rows.map((row) => table.columns[name][row])]);
  return { rows: rows.length, dimensions: table.dimensions, columns: Object.fromEntries(columns) };
}
