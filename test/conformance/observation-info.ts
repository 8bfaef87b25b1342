// SPDX-License-Identifier: BSD-3-Clause
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import { builtInInstruments, loadInstrument, type StandardObservation } from '../../src/instruments/index.ts';
import type { Cards } from '../../src/sky/index.ts';
import type { Adapter } from './suite.ts';

/** Suite `observation-info`: a FITS header as YAML -> standard properties, by the built-in instruments. */
export const observationInfo: Adapter = {
  async run(test, { root }) {
    const headers = [readHeader(join(root, 'data/astro_metadata_translator/tests/data', test['headerFile']))];
    const all = await Promise.all(builtInInstruments().map(loadInstrument));
    const instrument = all.find((i) => i.recognises(headers));
    const [found] = instrument?.standardObservations(headers, test['headerFile']) ?? [];
    const expected = test['expect'] as Record<string, unknown>;
    const actual = found === undefined ? undefined : pick(properties(found), Object.keys(expected));
    const equal =
      actual !== undefined && Object.entries(expected).every(([name, value]) => same(actual[name], canonical(value)));
    return { actual, expected, equal };
  },
};

/** A header of the cases: `[keyword, type, value, comment]` for each card, or a plain mapping. */
export function readHeader(file: string): Cards {
  const plain = parseDocument(readFileSync(file, 'utf8'), { logLevel: 'silent' }).toJS() as unknown;
  const pairs: [string, unknown][] = Array.isArray(plain)
    ? plain.map(([key, , value]) => [key, value])
    : Object.entries(plain as object);
  return Object.fromEntries(
    pairs.filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value)),
  ) as Record<string, string | number | boolean>;
}

/** The names of the cases; quantities in the units that ours are kept in. */
export function properties(o: StandardObservation): Record<string, unknown> {
  return {
    telescope: o.telescope,
    instrument: o.instrument,
    boresight_rotation_coord: o.rotationCoord,
    boresight_rotation_angle: o.rotationAngleDeg,
    boresight_airmass: o.airmass,
    dark_time: o.darkTimeSeconds,
    detector_exposure_id: o.detectorExposureId,
    detector_name: o.detectorName,
    detector_unique_name: o.detectorUniqueName,
    detector_group: o.detectorGroup,
    detector_num: o.detectorNum,
    detector_serial: o.detectorSerial,
    exposure_id: o.exposureId,
    exposure_group: o.exposureGroup,
    exposure_time: o.exposureTimeSeconds,
    exposure_time_requested: o.exposureTimeRequestedSeconds,
    focus_z: o.focusZMm,
    group_counter_end: o.groupCounterEnd,
    group_counter_start: o.groupCounterStart,
    has_simulated_content: o.hasSimulatedContent,
    can_see_sky: o.canSeeSky,
    object: o.object,
    observation_counter: o.observationCounter,
    observation_id: o.observationId,
    observation_type: o.observationType,
    observation_reason: o.observationReason,
    observing_day: o.observingDay,
    observing_day_offset: o.observingDayOffsetSeconds,
    physical_filter: o.physicalFilter,
    pressure: o.pressureHpa,
    relative_humidity: o.relativeHumidityPercent,
    science_program: o.scienceProgram,
    temperature: o.temperatureCelsius,
    visit_id: o.visitId,
  };
}

function pick(from: Record<string, unknown>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.map((name) => [name, from[name]]));
}

const toOurs: Readonly<Record<string, (value: number) => number>> = {
  K: (v) => v - 273.15,
  Pa: (v) => v / 100,
  um: (v) => v / 1000,
  m: (v) => v * 1000,
};

/** A quantity of the cases as our number; absence as undefined. */
export function canonical(value: unknown): unknown {
  if (value === null) return undefined;
  if (typeof value !== 'object') return value;
  if ('sec' in value) return value.sec;
  const { value: number, unit } = value as { value: number; unit: string };
  return toOurs[unit]?.(number) ?? number;
}

export function same(a: unknown, b: unknown): boolean {
  if (typeof a !== 'number' || typeof b !== 'number') return a === b;
  return Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a));
}
