// SPDX-License-Identifier: BSD-3-Clause
import type { ElementSpec, FieldSpec, StorageSpec, UniverseSpec } from './spec.ts';

/*
 * Universe "daf_butler" version 8 as data: names, types and dependencies follow the Gen3 format, so that repositories
 * made here and elsewhere are the same. The descriptions are ours.
 */

const RECORDS = 'lsst.daf.butler.registry.dimensions';
const table: StorageSpec = { cls: `${RECORDS}.table.TableDimensionRecordStorage` };
const governor: StorageSpec = { cls: `${RECORDS}.governor.BasicGovernorDimensionRecordStorage` };
const cached = (nested: StorageSpec): StorageSpec => ({
  cls: `${RECORDS}.caching.CachingDimensionRecordStorage`,
  nested,
});

const text = (name: string, length: number, doc?: string): FieldSpec => ({ name, type: 'string', length, doc });
const int = (name: string, doc?: string): FieldSpec => ({ name, type: 'int', doc });
const float = (name: string, doc?: string): FieldSpec => ({ name, type: 'float', doc });
const bool = (name: string, doc?: string): FieldSpec => ({ name, type: 'bool', doc });

const elements: Record<string, ElementSpec> = {
  instrument: {
    doc: 'A camera on a telescope. It owns its detectors and physical filters and numbers its exposures and visits.',
    keys: [text('name', 32)],
    metadata: [
      int('visit_max', 'Visit numbers are below this.'),
      int('visit_system', 'The way of grouping exposures into visits that this instrument prefers.'),
      int('exposure_max', 'Exposure numbers are below this.'),
      int('detector_max', 'Detector numbers are below this.'),
      text('class_name', 64, 'What describes the instrument to programs.'),
    ],
    governor: true,
    storage: governor,
  },
  band: {
    doc: 'A pass band in general (g, r, i), whatever instrument realises it; coadds are made per band.',
    keys: [text('name', 32)],
    storage: cached({ cls: `${RECORDS}.query.QueryDimensionRecordStorage`, view_of: 'physical_filter' }),
  },
  physical_filter: {
    doc: 'One piece of glass in one instrument.',
    keys: [text('name', 32)],
    requires: ['instrument'],
    implies: ['band'],
    storage: cached(table),
  },
  subfilter: {
    doc: 'A slice of a band, for models in which the sky depends on wavelength.',
    keys: [int('id')],
    requires: ['band'],
    storage: cached(table),
  },
  detector: {
    doc: 'A sensor of an instrument, as hardware: not what it saw in some exposure.',
    keys: [int('id'), text('full_name', 32)],
    requires: ['instrument'],
    metadata: [
      text('name_in_raft', 32),
      text('raft', 32, 'The group of detectors it belongs to, as the instrument names it.'),
      text('purpose', 32, 'SCIENCE, WAVEFRONT, GUIDE or another role that the instrument gives.'),
    ],
    storage: cached(table),
  },
  group: {
    doc: 'Exposures that the observing system meant to belong together when it took them.',
    keys: [text('name', 64)],
    requires: ['instrument'],
    storage: table,
  },
  day_obs: {
    doc: 'An observing day, named by the integer YYYYMMDD; the hour at which it changes is set by the observatory.',
    keys: [int('id')],
    requires: ['instrument'],
    storage: table,
  },
  visit: {
    doc: 'Consecutive exposures of one pointing through one filter that are processed as one science observation.',
    keys: [int('id'), text('name', 64)],
    requires: ['instrument'],
    implies: ['physical_filter', 'day_obs'],
    metadata: [
      int('seq_num', 'Sequence number of its first exposure.'),
      float('exposure_time', 'Seconds with the shutter open, summed over its exposures.'),
      text('target_name', 64, 'Object or field.'),
      text('observation_reason', 68, 'Why it was taken, in words of the observatory.'),
      text('science_program', 64, 'Survey or proposal.'),
      float('azimuth', 'Degrees, roughly: it changes during a visit.'),
      float('zenith_angle', 'Degrees, roughly: it changes during a visit.'),
    ],
    storage: table,
  },
  exposure: {
    doc: 'One reading-out of the camera: the unit in which raw data arrive, calibration frames included.',
    keys: [int('id'), text('obs_id', 64)],
    requires: ['instrument'],
    implies: ['physical_filter', 'group', 'day_obs'],
    metadata: [
      float('exposure_time', 'Seconds with the shutter open.'),
      float('dark_time', 'Seconds during which charge was collected, shutter open or not.'),
      text('observation_type', 16, 'science, bias, dark, flat …'),
      text('observation_reason', 68, 'Why it was taken, in words of the observatory.'),
      int('seq_num', 'Number within a longer sequence; what sequence is up to the observatory.'),
      int('seq_start', 'First sequence number that may belong with this exposure.'),
      int('seq_end', 'Last sequence number that may belong with this exposure.'),
      text('target_name', 64, 'Object or field.'),
      text('science_program', 64, 'Survey, proposal or engineering project.'),
      float('tracking_ra', 'ICRS right ascension of the boresight, degrees; null off the sky.'),
      float('tracking_dec', 'ICRS declination of the boresight, degrees; null off the sky.'),
      float('sky_angle', 'Angle of the focal plane on the sky, degrees; null off the sky or when it turns.'),
      float('azimuth', 'Degrees, at the beginning; null when it has no meaning.'),
      float('zenith_angle', 'Degrees, at the beginning.'),
      bool('has_simulated', 'Whether anything in it, pixels or header, is simulated.'),
      bool('can_see_sky', 'Whether light from the sky could reach the detectors.'),
    ],
    storage: table,
  },
  skymap: {
    doc: 'A division of the sky into tracts and patches.',
    keys: [text('name', 64), { name: 'hash', type: 'hash', nbytes: 40, doc: 'Digest of its parameters.' }],
    metadata: [
      int('tract_max', 'Tract numbers are below this.'),
      int('patch_nx_max', 'Patches along x in a tract, at most.'),
      int('patch_ny_max', 'Patches along y in a tract, at most.'),
    ],
    governor: true,
    storage: governor,
  },
  tract: {
    doc: 'A part of a sky map with one tangent projection.',
    keys: [int('id')],
    requires: ['skymap'],
    storage: table,
  },
  patch: {
    doc: 'A rectangle in a tract: the unit in which coadds are made.',
    keys: [int('id')],
    requires: ['skymap', 'tract'],
    metadata: [
      { ...int('cell_x', 'Column in the grid of patches.'), nullable: false },
      { ...int('cell_y', 'Row in the grid of patches.'), nullable: false },
    ],
    storage: table,
  },
  visit_detector_region: {
    doc: 'Where on the sky a detector looked in a visit.',
    requires: ['visit', 'detector'],
    populated_by: 'visit',
    storage: table,
  },
  visit_system: {
    doc: 'A consistent way of grouping exposures: within it, an exposure belongs to one visit at most.',
    keys: [int('id'), text('name', 32)],
    requires: ['instrument'],
    storage: cached(table),
  },
  visit_definition: {
    doc: 'Which exposures make up a visit.',
    requires: ['exposure', 'visit'],
    populated_by: 'visit',
    always_join: true,
    storage: table,
  },
  visit_system_membership: {
    doc: 'Which ways of grouping a visit comes from.',
    requires: ['visit', 'visit_system'],
    populated_by: 'visit',
    always_join: true,
    storage: table,
  },
  ssp_hypothesis_table: {
    doc: 'A set of trial distances and velocities for linking moving objects.',
    keys: [text('name', 64)],
    storage: table,
  },
  ssp_hypothesis_bundle: {
    doc: 'The part of such a set that one quantum tries.',
    keys: [int('id')],
    requires: ['ssp_hypothesis_table'],
    storage: table,
  },
  ssp_balanced_index: {
    doc: 'A number by which link cleaning is divided into equal parts.',
    keys: [int('id')],
    requires: ['ssp_hypothesis_table'],
    storage: table,
  },
};

const observationPacker = 'lsst.daf.butler.instrument.ObservationDimensionPacker';
const skyMapPacker = 'lsst.skymap.packers.SkyMapDimensionPacker';

export const dafButler8: UniverseSpec = {
  version: 8,
  namespace: 'daf_butler',
  skypix: {
    common: 'htm7',
    htm: { class: 'lsst.sphgeom.HtmPixelization', max_level: 24 },
    healpix: { class: 'lsst.sphgeom.HealpixPixelization', max_level: 17 },
  },
  elements,
  topology: {
    spatial: { observation_regions: ['visit_detector_region', 'visit'], skymap_regions: ['patch', 'tract'] },
    temporal: { observation_timespans: ['exposure', 'visit', 'day_obs'] },
  },
  packers: {
    visit_detector: {
      fixed: ['instrument'],
      dimensions: ['instrument', 'visit', 'detector'],
      cls: observationPacker,
    },
    exposure_detector: {
      fixed: ['instrument'],
      dimensions: ['instrument', 'exposure', 'detector'],
      cls: observationPacker,
    },
    tract_patch: { fixed: ['skymap'], dimensions: ['skymap', 'tract', 'patch'], cls: skyMapPacker },
    tract_patch_band: { fixed: ['skymap'], dimensions: ['skymap', 'tract', 'patch', 'band'], cls: skyMapPacker },
  },
};
