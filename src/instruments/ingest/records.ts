// SPDX-License-Identifier: BSD-3-Clause
import type { DimensionRecord } from '../../butler/index.ts';
import type { Instrument, ObservationInfo } from '../model.ts';

/** Dimension records that registering an instrument writes, in the order they must be inserted. */
export function instrumentRecords(instrument: Instrument): [element: string, rows: DimensionRecord[]][] {
  const detectorIds = instrument.detectors.map((d) => d.id);
  return [
    [
      'instrument',
      [
        {
          name: instrument.name,
          visit_max: instrument.exposureMax,
          visit_system: instrument.visitGrouping === 'by-group-metadata' ? 1 : 0,
          exposure_max: instrument.exposureMax,
          detector_max: Math.max(...detectorIds) + 1,
          class_name: instrument.className,
        },
      ],
    ],
    [
      'detector',
      instrument.detectors.map((d) => ({
        instrument: instrument.name,
        id: d.id,
        full_name: d.name,
        name_in_raft: d.nameInRaft ?? null,
        raft: d.raft ?? null,
        purpose: d.purpose,
      })),
    ],
    [
      'physical_filter',
      instrument.filters.map((f) => ({ instrument: instrument.name, name: f.physicalFilter, band: f.band })),
    ],
  ];
}

/** Observing day, group and exposure records of a set of files; one row per exposure however many detectors it has. */
export function exposureRecords(infos: readonly ObservationInfo[]): [element: string, rows: DimensionRecord[]][] {
  const days = new Map<string, DimensionRecord>();
  const groups = new Map<string, DimensionRecord>();
  const exposures = new Map<string, DimensionRecord>();
  for (const info of infos) {
    const { instrument } = info;
    days.set(`${instrument} ${info.dayObs}`, {
      instrument,
      id: info.dayObs,
      timespan: null,
    });
    groups.set(`${instrument} ${info.group}`, { instrument, name: info.group });
    exposures.set(`${instrument} ${info.exposureId}`, exposureRecord(info));
  }
  return [
    ['day_obs', [...days.values()]],
    ['group', [...groups.values()]],
    ['exposure', [...exposures.values()]],
  ];
}

function exposureRecord(info: ObservationInfo): DimensionRecord {
  return {
    instrument: info.instrument,
    id: info.exposureId,
    day_obs: info.dayObs,
    group: info.group,
    physical_filter: info.physicalFilter,
    obs_id: info.obsId,
    exposure_time: info.exposureTimeSeconds,
    dark_time: info.darkTimeSeconds,
    observation_type: info.observationType,
    observation_reason: info.observationReason,
    seq_num: info.seqNum,
    seq_start: info.seqNum,
    seq_end: info.seqNum,
    target_name: info.targetName || null,
    science_program: info.scienceProgram || null,
    tracking_ra: info.raDeg ?? null,
    tracking_dec: info.decDeg ?? null,
    sky_angle: info.skyAngleDeg ?? null,
    azimuth: info.azimuthDeg ?? null,
    zenith_angle: info.zenithAngleDeg ?? null,
    has_simulated: info.hasSimulated,
    can_see_sky: info.canSeeSky,
    timespan: { beginNs: info.beginNs, endNs: info.endNs },
  };
}
