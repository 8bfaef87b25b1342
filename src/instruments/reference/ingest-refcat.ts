// SPDX-License-Identifier: BSD-3-Clause
import type { ButlerApi } from '../../butler/index.ts';
import { idColumn, numberColumn, selectRows, type Table } from '../../pixels/index.ts';
import { pixelization, unitVector } from '../../sky/index.ts';
import { instrumentErrors } from '../errors.ts';
import { readCatalog } from './read-catalog.ts';

/** Level of the HTM pixels that reference catalogues are cut into (the `htm7` dimension): trixels of about 0.3 square degrees. */
const shardLevel = 7;

export interface IngestRefcatOptions {
  /** Dataset type, e.g. `sdss_dr9`; the run is `refcats/<name>`. */
  name: string;
  raColumn: string;
  decColumn: string;
  idColumn?: string;
  /** Band -> column of AB magnitudes. */
  magnitudes: Readonly<Record<string, string>>;
  magnitudeErrors?: Readonly<Record<string, string>>;
  onProgress?: (done: number, total: number) => void;
  dryRun?: boolean;
}

export interface IngestRefcatReport {
  rows: number;
  /** Rows without a usable position. */
  dropped: number;
  shards: number;
  run: string;
}

/**
 * Ingests a reference catalogue, cut into HTM level-7 shards. Columns of a shard: `id`, `coord_ra`, `coord_dec` (ICRS
 * degrees), and for each band `<band>_flux`, `<band>_fluxErr` (nJy, from AB magnitudes: 10^((31.4 - m) / 2.5)).
 */
export async function ingestRefcat(
  butler: ButlerApi,
  path: string,
  options: IngestRefcatOptions,
): Promise<IngestRefcatReport> {
  const errors = options.magnitudeErrors ?? {};
  const wanted = [
    options.raColumn,
    options.decColumn,
    ...(options.idColumn === undefined ? [] : [options.idColumn]),
    ...Object.values(options.magnitudes),
    ...Object.values(errors),
  ];
  const source = await readCatalog(path, [...new Set(wanted)]);
  const table = toStandard(source, options, errors);
  const shards = shardRows(table);
  if (shards.size === 0) throw instrumentErrors.NO_REFERENCE_STARS({ file: path });
  const used = [...shards.values()].reduce((n, rows) => n + rows.length, 0);
  const run = `refcats/${options.name}`;
  const report = { rows: used, dropped: table.rows - used, shards: shards.size, run };
  if (options.dryRun) return report;

  const type = butler.makeDatasetType(options.name, [`htm${shardLevel}`], 'ArrowAstropy');
  await butler.registerDatasetTypes([type]);
  await butler.registerCollection(run, 'RUN');
  let done = 0;
  for (const [shard, rows] of shards) {
    const dataId = { [`htm${shardLevel}`]: shard };
    // Idempotent: a shard that is there is the same file of the same catalogue.
    if ((await butler.findDataset(type, dataId, { collections: [run] })) === undefined) {
      await butler.put(selectRows(table, rows), type, dataId, run);
    }
    options.onProgress?.(++done, shards.size);
  }
  await butler.prependToChain('refcats', [run]);
  return report;
}

function toStandard(source: Table, options: IngestRefcatOptions, errors: Readonly<Record<string, string>>): Table {
  const { rows } = source;
  const columns: Table['columns'] = {
    id:
      options.idColumn === undefined
        ? BigInt64Array.from({ length: rows }, (_, i) => BigInt(i))
        : idsOf(source, options.idColumn),
    coord_ra: Float64Array.from(numberColumn(source, options.raColumn), (ra) => ((ra % 360) + 360) % 360),
    coord_dec: Float64Array.from(numberColumn(source, options.decColumn)),
  };
  const units: Record<string, string> = { coord_ra: 'deg', coord_dec: 'deg' };
  for (const [band, name] of Object.entries(options.magnitudes)) {
    const magnitude = numberColumn(source, name);
    const flux = Float64Array.from(magnitude, (m) => 10 ** ((31.4 - m) / 2.5));
    const error = errors[band] === undefined ? undefined : numberColumn(source, errors[band]);
    columns[`${band}_flux`] = flux;
    columns[`${band}_fluxErr`] = Float64Array.from(flux, (f, i) =>
      error === undefined ? Number.NaN : (f * error[i] * Math.LN10) / 2.5,
    );
    units[`${band}_flux`] = 'nJy';
    units[`${band}_fluxErr`] = 'nJy';
  }
  return { rows, columns, units };
}

function idsOf(source: Table, name: string): BigInt64Array {
  const column = source.columns[name];
  return column instanceof BigInt64Array
    ? idColumn(source, name)
    : BigInt64Array.from(numberColumn(source, name) as ArrayLike<number> as number[], (v) => BigInt(Math.round(v)));
}

function shardRows(table: Table): Map<number, number[]> {
  const ra = table.columns['coord_ra'] as Float64Array;
  const dec = table.columns['coord_dec'] as Float64Array;
  const grid = pixelization('htm', shardLevel);
  const shards = new Map<number, number[]>();
  for (let i = 0; i < table.rows; i++) {
    if (!(Number.isFinite(ra[i]) && Math.abs(dec[i]) <= 90)) continue;
    const shard = Number(grid.index(unitVector(ra[i], dec[i])));
    const rows = shards.get(shard);
    if (rows === undefined) shards.set(shard, [i]);
    else rows.push(i);
  }
  return shards;
}
