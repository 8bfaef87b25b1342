// SPDX-License-Identifier: BSD-3-Clause
import type { ObservationInfo, StandardObservation } from '../model.ts';

/**
 * The standard observation as JSON in the form that sidecar and index files of the field have: snake-case names, TAI Julian dates in two
 * parts, K, m, and the observatory as geocentric metres.
 */
export function observationToSimple(o: StandardObservation): Record<string, unknown> {
  const location =
    o.longitudeDeg === undefined || o.latitudeDeg === undefined
      ? undefined
      : geocentric(o.longitudeDeg, o.latitudeDeg, o.heightM ?? 0);
  const pair = (a: number | undefined, b: number | undefined) =>
    a === undefined || b === undefined ? undefined : [a, b];
  const all = {
    telescope: o.telescope,
    instrument: o.instrument,
    location,
    exposure_id: o.exposureId,
    visit_id: o.visitId,
    physical_filter: o.physicalFilter,
    datetime_begin: o.beginNs === undefined ? undefined : julian(o.beginNs),
    datetime_end: o.endNs === undefined ? undefined : julian(o.endNs),
    exposure_time: o.exposureTimeSeconds,
    exposure_time_requested: o.exposureTimeRequestedSeconds,
    dark_time: o.darkTimeSeconds,
    boresight_airmass: o.airmass,
    boresight_rotation_angle: o.rotationAngleDeg,
    boresight_rotation_coord: o.rotationCoord,
    detector_num: o.detectorNum,
    detector_name: o.detectorName,
    detector_unique_name: o.detectorUniqueName,
    detector_serial: o.detectorSerial,
    detector_group: o.detectorGroup,
    detector_exposure_id: o.detectorExposureId,
    focus_z: o.focusZMm / 1000,
    object: o.object,
    temperature: o.temperatureCelsius === undefined ? undefined : o.temperatureCelsius + 273.15,
    pressure: o.pressureHpa,
    relative_humidity: o.relativeHumidityPercent,
    tracking_radec: pair(o.raDeg, o.decDeg),
    altaz_begin: pair(o.azimuthDeg, o.altitudeDeg),
    science_program: o.scienceProgram,
    observation_type: o.observationType,
    observation_id: o.observationId,
    observation_reason: o.observationReason,
    exposure_group: o.exposureGroup,
    observing_day: o.observingDay,
    observing_day_offset: o.observingDayOffsetSeconds,
    observation_counter: o.observationCounter,
    has_simulated_content: o.hasSimulatedContent,
    group_counter_start: o.groupCounterStart,
    group_counter_end: o.groupCounterEnd,
    can_see_sky: o.canSeeSky,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

/**
 * The exposure's terms from that form.
 * @throws Error naming the property that is missing or unusable
 */
export function infoFromSimple(simple: Readonly<Record<string, unknown>>): ObservationInfo {
  const number = (name: string): number | undefined => {
    const value = simple[name];
    if (value === undefined || value === null) return undefined;
    if (typeof value !== 'number') throw new Error(`${name} is not a number`);
    return value;
  };
  const text = (name: string): string | undefined => {
    const value = simple[name];
    return value === undefined || value === null ? undefined : String(value);
  };
  const need = <T>(name: string, value: T | undefined): T => {
    if (value === undefined) throw new Error(`${name} is missing`);
    return value;
  };
  const pair = (name: string): [number, number] | undefined => {
    const value = simple[name];
    if (value === undefined || value === null) return undefined;
    if (!Array.isArray(value) || value.length !== 2 || !value.every((v) => typeof v === 'number')) {
      throw new Error(`${name} is not a pair of numbers`);
    }
    return value as [number, number];
  };
  const exposureId = need('exposure_id', number('exposure_id'));
  const exposureTimeSeconds = need('exposure_time', number('exposure_time'));
  const observationType = need('observation_type', text('observation_type'));
  const beginNs = fromJulian(need('datetime_begin', pair('datetime_begin')));
  const endNs = pair('datetime_end') === undefined ? beginNs : fromJulian(pair('datetime_end')!);
  const exposureNs = BigInt(Math.max(1, Math.round(exposureTimeSeconds * 1e9)));
  const altaz = pair('altaz_begin');
  const radec = pair('tracking_radec');
  return {
    instrument: need('instrument', text('instrument')),
    detectors: [need('detector_num', number('detector_num'))],
    exposureId,
    obsId: text('observation_id') ?? String(exposureId),
    group: text('exposure_group') ?? String(exposureId),
    physicalFilter: need('physical_filter', text('physical_filter')),
    observationType,
    observationReason: text('observation_reason') ?? observationType,
    dayObs: need('observing_day', number('observing_day')),
    seqNum: number('observation_counter') ?? 0,
    exposureTimeSeconds,
    darkTimeSeconds: number('dark_time') ?? exposureTimeSeconds,
    beginNs,
    endNs: endNs > beginNs ? endNs : beginNs + exposureNs,
    targetName: text('object') ?? '',
    scienceProgram: text('science_program') ?? '',
    raDeg: radec?.[0],
    decDeg: radec?.[1],
    skyAngleDeg: simple['boresight_rotation_coord'] === 'sky' ? number('boresight_rotation_angle') : undefined,
    azimuthDeg: altaz?.[0],
    zenithAngleDeg: altaz === undefined ? undefined : 90 - altaz[1],
    canSeeSky:
      typeof simple['can_see_sky'] === 'boolean'
        ? simple['can_see_sky']
        : !['bias', 'zero', 'dark'].includes(observationType),
    hasSimulated: simple['has_simulated_content'] === true,
  };
}

const dayNs = 86_400_000_000_000n;
/** 1970-01-01T00:00:00 as a Julian date. */
const epochJulian = 2440587.5;

/** The nearer half day, and the rest of at most a quarter of a day either way, so that nanoseconds are kept. */
function julian(ns: bigint): [number, number] {
  const half = dayNs / 2n;
  const halves = (ns + half / 2n) / half;
  return [epochJulian + Number(halves) / 2, Number(ns - halves * half) / Number(dayNs)];
}

function fromJulian([first, second]: [number, number]): bigint {
  const whole = Math.round((first - epochJulian) * 2);
  const rest = first - epochJulian - whole / 2 + second;
  return (BigInt(whole) * dayNs) / 2n + BigInt(Math.round(rest * Number(dayNs)));
}

/** Geodetic to geocentric on WGS84, metres (NIMA TR8350.2). */
function geocentric(longitudeDeg: number, latitudeDeg: number, heightM: number): [number, number, number] {
  const a = 6378137;
  const f = 1 / 298.257223563;
  const e2 = f * (2 - f);
  const [lon, lat] = [(longitudeDeg * Math.PI) / 180, (latitudeDeg * Math.PI) / 180];
  const n = a / Math.sqrt(1 - e2 * Math.sin(lat) ** 2);
  const across = (n + heightM) * Math.cos(lat);
  return [across * Math.cos(lon), across * Math.sin(lon), (n * (1 - e2) + heightM) * Math.sin(lat)];
}
