// SPDX-License-Identifier: BSD-3-Clause
import type { ButlerApi, DimensionRecord, OnConflict, Timespan } from '../../butler/index.ts';
import { encodeRegion, polygonFromLonLat, type Wcs, wcsFromCards } from '../../sky/index.ts';
import { readPointings } from '../ingest/pointing-index.ts';
import type { Instrument } from '../model.ts';
import { readRawWcs } from '../raw/raw-wcs.ts';
import { openInstrument } from '../registered.ts';
import { groupExposures, type VisitDefinition } from './grouping.ts';

export interface DefineVisitsOptions {
  instrument: string;
  collections?: readonly string[];
  where?: string;
  onConflict?: OnConflict;
  /** Pixels added around each detector: raw pointings are not exact. */
  paddingPx?: number;
  onProgress?: (done: number, total: number) => void;
  dryRun?: boolean;
}

export interface DefineVisitsReport {
  visits: number;
  /** Of these, how many were defined before. */
  present: number;
  exposures: number;
  /** Exposures left out and why (not on the sky, no pointing). */
  skipped: { exposure: number; reason: string }[];
}

/** Exposures of these types are never visits, even if the shutter was open to the sky. */
const calibrationTypes = new Set(['bias', 'zero', 'dark', 'flat', 'domeflat', 'skyflat', 'arc', 'lamp']);

/** Turns exposures into visits with sky regions: records of visit, visit_definition, visit_system_membership, visit_detector_region. */
export async function defineVisits(butler: ButlerApi, options: DefineVisitsOptions): Promise<DefineVisitsReport> {
  const instrument = await openInstrument(butler.root, options.instrument);
  const collections = options.collections ?? [`${instrument.name}/raw/all`];
  const raws = await rawsByExposure(butler, instrument, collections, options.where);
  const exposures: DimensionRecord[] = [];
  const skipped: DefineVisitsReport['skipped'] = [];
  let query = butler.query().where({ instrument: instrument.name });
  if (options.where !== undefined) query = query.where(options.where);
  for await (const record of query.dimensionRecords('exposure')) {
    if (!raws.has(record['id'] as number)) continue;
    const seesSky = record['can_see_sky'] === true || record['can_see_sky'] === 1;
    if (seesSky && !calibrationTypes.has(String(record['observation_type']))) exposures.push(record);
    else skipped.push({ exposure: record['id'] as number, reason: `it is a ${record['observation_type']}` });
  }
  const pointings = await readPointings(butler.root, instrument.name);
  const definitions = groupExposures(exposures, instrument.visitGrouping);
  const visits: DimensionRecord[] = [];
  const regions: DimensionRecord[] = [];
  const links: DimensionRecord[] = [];
  const memberships: DimensionRecord[] = [];
  let done = 0;
  for (const definition of definitions) {
    const corners: { detector: number; points: [number, number][] }[] = [];
    for (const exposure of definition.exposures) {
      for (const raw of raws.get(exposure['id'] as number) ?? []) {
        const cards = pointings.get(`${exposure['id']} ${raw.detector}`);
        const wcs = cards === undefined ? await readRawWcs(raw.path, instrument, raw.detector) : wcsFromCards(cards);
        if (wcs === undefined) continue;
        corners.push({
          detector: raw.detector,
          points: detectorCorners(instrument, raw.detector, wcs, options.paddingPx ?? 0),
        });
      }
    }
    options.onProgress?.(++done, definitions.length);
    if (corners.length === 0) {
      for (const e of definition.exposures) {
        skipped.push({ exposure: e['id'] as number, reason: 'its headers give no position on the sky' });
      }
      continue;
    }
    const visit = definition.visit;
    visits.push(
      visitRecord(
        instrument,
        definition,
        corners.flatMap((c) => c.points),
      ),
    );
    for (const [detector, group] of Map.groupBy(corners, (c) => c.detector)) {
      regions.push({
        instrument: instrument.name,
        visit,
        detector,
        region: encodeRegion(polygonFromLonLat(group.flatMap((c) => c.points))),
      });
    }
    for (const exposure of definition.exposures) {
      links.push({ instrument: instrument.name, exposure: exposure['id'], visit });
    }
    for (const system of definition.systems) {
      memberships.push({ instrument: instrument.name, visit, visit_system: system });
    }
  }
  const before = new Set<unknown>();
  for await (const record of butler.query().where({ instrument: instrument.name }).dimensionRecords('visit')) {
    before.add(record['id']);
  }
  const present = visits.filter((visit) => before.has(visit['id'])).length;
  const report = { visits: visits.length, present, exposures: links.length, skipped };
  if (options.dryRun) return report;
  const onConflict = options.onConflict ?? 'skip';
  await butler.insertRecords('visit_system', visitSystems(instrument), 'skip');
  await butler.insertRecords('visit', visits, onConflict);
  await butler.insertRecords('visit_system_membership', memberships, 'skip');
  await butler.insertRecords('visit_definition', links, 'skip');
  await butler.insertRecords('visit_detector_region', regions, onConflict);
  return report;
}

interface RawOfExposure {
  detector: number;
  path: string;
}

async function rawsByExposure(
  butler: ButlerApi,
  instrument: Instrument,
  collections: readonly string[],
  where: string | undefined,
): Promise<Map<number, RawOfExposure[]>> {
  let query = butler.query().where({ instrument: instrument.name });
  if (where !== undefined) query = query.where(where);
  const columns = await query.datasetColumns('raw', { collections, findFirst: true });
  const files = await butler.getFileRecords(columns.ids);
  const byExposure = new Map<number, RawOfExposure[]>();
  for (let i = 0; i < columns.rows; i++) {
    const exposure = columns.columns['exposure'][i] as number;
    const path = files[i][0]?.path;
    if (path === undefined) continue;
    const list = byExposure.get(exposure) ?? [];
    list.push({ detector: columns.columns['detector'][i] as number, path: absolute(butler.root, path) });
    byExposure.set(exposure, list);
  }
  return byExposure;
}

function absolute(root: string, path: string): string {
  if (path.startsWith('file://')) return new URL(path).pathname;
  return path.startsWith('/') ? path : `${root}/${path}`;
}

/** Outer corners of the pixel grid (half a pixel beyond the centres), padded, as [ra, dec] in degrees. */
function detectorCorners(instrument: Instrument, id: number, wcs: Wcs, padding: number): [number, number][] {
  const { width, height } = instrument.detector(id);
  const lo = -0.5 - padding;
  return [
    [lo, lo],
    [width - 0.5 + padding, lo],
    [width - 0.5 + padding, height - 0.5 + padding],
    [lo, height - 0.5 + padding],
  ].map(([x, y]) => {
    const { raDeg, decDeg } = wcs.pixelToSky(x, y);
    return [raDeg, decDeg];
  });
}

function visitRecord(instrument: Instrument, definition: VisitDefinition, points: [number, number][]): DimensionRecord {
  const first = definition.exposures[0];
  const last = definition.exposures[definition.exposures.length - 1];
  const same = (field: string) => (definition.exposures.every((e) => e[field] === first[field]) ? first[field] : null);
  return {
    instrument: instrument.name,
    id: definition.visit,
    day_obs: first['day_obs'],
    physical_filter: first['physical_filter'],
    name: definition.name,
    seq_num: first['seq_num'],
    exposure_time: definition.exposures.reduce((sum, e) => sum + Number(e['exposure_time'] ?? 0), 0),
    target_name: same('target_name'),
    observation_reason: same('observation_reason'),
    science_program: same('science_program'),
    azimuth: first['azimuth'],
    zenith_angle: first['zenith_angle'],
    region: encodeRegion(polygonFromLonLat(points)),
    timespan: {
      beginNs: (first['timespan'] as Timespan).beginNs,
      endNs: (last['timespan'] as Timespan).endNs,
    },
  };
}

function visitSystems(instrument: Instrument): DimensionRecord[] {
  return [
    { instrument: instrument.name, id: 0, name: 'one-to-one' },
    { instrument: instrument.name, id: 1, name: 'by-group-metadata' },
    { instrument: instrument.name, id: 2, name: 'by-seq-start-end' },
  ];
}
