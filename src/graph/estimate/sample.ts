// SPDX-License-Identifier: BSD-3-Clause
import type { DataIdColumns, DataIdValue, DimensionGroup } from '../../butler/index.ts';
import type { CandidateSource, DataIdRequest } from '../build/source.ts';
import { Dictionary } from '../columns/dictionary.ts';
import { groupRows, take } from '../columns/group.ts';

/** A number that was counted, or extrapolated from a sample. */
export interface Estimated {
  count: number;
  /** Standard error as a fraction of the count; 0: counted. Undefined: not known. */
  error: number | undefined;
}

/** Data IDs of some units (visits, or whatever the join on the sky starts from) drawn at random, out of so many. */
export interface Sample {
  unit: readonly string[];
  units: number;
  drawn: number;
  rows: DataIdColumns;
}

/** At least so many units are drawn, however many data IDs each has. */
const fewestUnits = 48;

/**
 * Draws units and asks for all data IDs of those that were drawn, with the exact join on the sky. So many units are drawn that about
 * `sampleRows` data IDs of `finest` come; where that is all of them, what follows is a count.
 */
export async function drawSample(
  source: Pick<CandidateSource, 'dataIds' | 'count' | 'universe'>,
  request: DataIdRequest,
  unit: DimensionGroup,
  finest: readonly string[],
  sampleRows: number,
): Promise<Sample> {
  const units = await oneTable(source.dataIds({ ...request, dimensions: unit.names }), unit.names);
  const all = units.rows === 0 ? 0 : await source.count({ ...request, dimensions: finest });
  const perUnit = Math.max(1, all / Math.max(1, units.rows));
  const wanted = Math.min(units.rows, Math.max(fewestUnits, Math.ceil(sampleRows / perUnit)));
  const picked = draw(units.rows, wanted);
  const columns = Object.fromEntries(
    unit.required.map((name) => [name, picked.map((row) => units.columns[name][row])]),
  );
  const within: DataIdColumns = { rows: picked.length, dimensions: unit.required, columns };
  const rows =
    picked.length === 0
      ? { rows: 0, dimensions: request.dimensions, columns: {} }
      : await oneTable(source.dataIds({ ...request, within }), request.dimensions);
  return { unit: unit.required, units: units.rows, drawn: picked.length, rows };
}

/**
 * How many distinct data IDs over `dimensions` there are in all, from the sample. With the unit among the dimensions they add up unit
 * by unit. Else the same ones come with several units, and those not seen yet are estimated from how many were seen with one unit
 * and with two: Chao2 without replacement (A. Chao & C.-W. Lin, Biometrics 68, 912, 2012), which is a lower bound in expectation.
 */
export function extrapolate(sample: Sample, dimensions: readonly string[]): Estimated {
  const { rows, units, drawn, unit } = sample;
  if (drawn === 0) return { count: 0, error: 0 };
  const columns = dimensions.map((name) => encode(rows.columns[name] as readonly DataIdValue[]));
  const { of, count, first } = groupRows(columns, rows.rows);
  if (drawn === units) return { count, error: 0 };
  const unitOf = groupRows(
    unit.map((name) => encode(rows.columns[name] as readonly DataIdValue[])),
    rows.rows,
  );
  const fraction = drawn / units;
  if (unit.every((name) => dimensions.includes(name))) {
    const perUnit = new Float64Array(drawn);
    for (const place of take(unitOf.of, first)) perUnit[place]++;
    const mean = count / drawn;
    const variance = perUnit.reduce((sum, one) => sum + (one - mean) ** 2, 0) / Math.max(1, drawn - 1);
    const error = Math.sqrt((variance * (1 - fraction)) / drawn) / Math.max(mean, Number.MIN_VALUE);
    return { count: Math.round(count / fraction), error };
  }
  const pairs = groupRows(
    [
      { values: of, cardinality: count },
      { values: unitOf.of, cardinality: unitOf.count },
    ],
    rows.rows,
  );
  const seen = new Uint32Array(count);
  for (const group of take(of, pairs.first)) seen[group]++;
  const [once, twice] = [1, 2].map((times) => seen.reduce((sum, one) => sum + (one === times ? 1 : 0), 0));
  const bias = (drawn / Math.max(1, drawn - 1)) * 2 * twice + (fraction / (1 - fraction)) * once;
  const unseen = once === 0 ? 0 : once ** 2 / Math.max(bias, 1);
  return { count: Math.round(count + unseen), error: undefined };
}

export async function oneTable(
  batches: AsyncIterable<DataIdColumns>,
  dimensions: readonly string[],
): Promise<DataIdColumns> {
  const columns: Record<string, DataIdValue[]> = Object.fromEntries(dimensions.map((name) => [name, []]));
  let rows = 0;
  for await (const batch of batches) {
    for (const name of dimensions) for (const value of batch.columns[name]) columns[name].push(value);
    rows += batch.rows;
  }
  return { rows, dimensions, columns };
}

function encode(values: readonly DataIdValue[]) {
  const dictionary = new Dictionary();
  const codes = dictionary.encode(values);
  return { values: codes, cardinality: Math.max(1, dictionary.size) };
}

/** `wanted` of the numbers below `count`, ascending: the same ones every time (a fixed linear congruential sequence). */
function draw(count: number, wanted: number): number[] {
  const all = Array.from({ length: count }, (_, row) => row);
  if (wanted >= count) return all;
  let state = 12345;
  for (let at = 0; at < wanted; at++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const other = at + Math.floor((state / 2 ** 32) * (count - at));
    [all[at], all[other]] = [all[other], all[at]];
  }
  return all.slice(0, wanted).sort((a, b) => a - b);
}
