// SPDX-License-Identifier: BSD-3-Clause
import { numberColumn, type Table } from '../../pixels/index.ts';
import { separationArcsec } from '../../sky/index.ts';
import type { ReferenceList } from './astrometry.ts';
import { calibrateErrors } from './errors.ts';
import { applyColorTerm, type ColorTerm } from './photometry.ts';

/** Reference stars near a field, with their flux in the exposure's band (nJy; NaN where the catalogue has none). */
export interface FieldReferences extends ReferenceList {
  readonly id: BigInt64Array;
  readonly nanojansky: Float64Array;
  readonly nanojanskyErr: Float64Array;
}

/** Where to look, and what to take as the exposure's band. */
export interface FieldSearch {
  /** Its dataset type, if that is known. */
  catalogue: string | undefined;
  raDeg: number;
  decDeg: number;
  radiusArcsec: number;
  /** Undefined: no flux is needed, stars are ranked by the first band there is. */
  band: string | undefined;
  colorTerm?: ColorTerm;
}

/**
 * The stars of catalogue shards (columns id, coord_ra, coord_dec, `<band>_flux`, `<band>_fluxErr`) within a radius of the
 * field centre.
 * @param shardIds numbers of the HTM pixels that the shards cover, for messages
 * @throws CALIBRATE_NO_REFERENCE_STARS, CALIBRATE_NO_BAND
 */
export function referencesInField(
  shards: readonly Table[],
  shardIds: readonly (number | string)[],
  search: FieldSearch,
): FieldReferences {
  const { raDeg, decDeg, radiusArcsec } = search;
  const rows: { table: Table; row: number }[] = [];
  let nearest = { distanceArcsec: Infinity, shard: '' };
  shards.forEach((table, s) => {
    const ra = numberColumn(table, 'coord_ra');
    const dec = numberColumn(table, 'coord_dec');
    for (let row = 0; row < table.rows; row++) {
      const distanceArcsec = separationArcsec(raDeg, decDeg, ra[row], dec[row]);
      if (distanceArcsec <= radiusArcsec) rows.push({ table, row });
      if (distanceArcsec < nearest.distanceArcsec) nearest = { distanceArcsec, shard: String(shardIds[s] ?? s) };
    }
  });
  if (rows.length === 0)
    throw calibrateErrors.NO_REFERENCE_STARS({
      raDeg: raDeg.toFixed(4),
      decDeg: decDeg.toFixed(4),
      radiusArcmin: (radiusArcsec / 60).toFixed(1),
      catalogue: search.catalogue === undefined ? 'the reference catalogue' : `reference catalogue ${search.catalogue}`,
      shards: Number.isFinite(nearest.distanceArcsec)
        ? `the nearest shard, htm7 = ${nearest.shard}, has its nearest star ${(nearest.distanceArcsec / 60).toFixed(1)}' away`
        : `no shard of the catalogue with stars overlaps the field (${shards.length} looked at)`,
    });
  const term = search.colorTerm;
  const fluxOf = (name: string, suffix: string) => {
    const values = new Float64Array(rows.length).fill(Number.NaN);
    rows.forEach(({ table, row }, i) => {
      const column = table.columns[`${name}_${suffix}`];
      if (column !== undefined) values[i] = numberColumn(table, `${name}_${suffix}`)[row];
    });
    return values;
  };
  const bands = bandsOf(shards);
  const band = term?.primary ?? search.band ?? bands[0] ?? '';
  const needed = term === undefined ? [search.band] : [term.primary, term.secondary];
  for (const wanted of needed.filter((name) => name !== undefined))
    if (!bands.includes(wanted))
      throw calibrateErrors.NO_BAND({
        band: wanted,
        catalogue: search.catalogue ?? '',
        have: bands.join(', ') || 'no fluxes',
      });
  const primary = fluxOf(band, 'flux');
  const secondary = term === undefined ? undefined : fluxOf(term.secondary, 'flux');
  const nanojansky = primary.map((flux, i) =>
    secondary === undefined ? flux : applyColorTerm(flux, secondary[i], term!),
  );
  return {
    n: rows.length,
    id: BigInt64Array.from(rows, ({ table, row }) => {
      const ids = table.columns['id'];
      return ids instanceof BigInt64Array ? ids[row] : BigInt(row);
    }),
    raDeg: Float64Array.from(rows, ({ table, row }) => numberColumn(table, 'coord_ra')[row]),
    decDeg: Float64Array.from(rows, ({ table, row }) => numberColumn(table, 'coord_dec')[row]),
    // Ranking needs a number: stars without a flux in the band come last.
    flux: primary.map((flux) => (Number.isFinite(flux) ? flux : 0)),
    nanojansky,
    nanojanskyErr: fluxOf(band, 'fluxErr'),
  };
}

function bandsOf(shards: readonly Table[]): string[] {
  const names = new Set<string>();
  for (const shard of shards)
    for (const name of Object.keys(shard.columns)) {
      const match = /^(.+)_flux$/.exec(name);
      if (match !== null) names.add(match[1]);
    }
  return [...names].sort();
}
