// SPDX-License-Identifier: BSD-3-Clause
import type { ButlerApi, DatasetRef, DimensionRecord } from '../../butler/index.ts';
import { boundingCircle, decodeRegion } from '../../sky/index.ts';
import { instrumentErrors } from '../errors.ts';
import { openInstrument } from '../registered.ts';
import { rawsByExposure } from './raws.ts';
import { visitRegions } from './regions.ts';

export interface UpdateRegionsOptions {
  instrument: string;
  where?: string;
  /**
   * `raws`: from the headers of raw files and the geometry of the camera, as when the visits were defined. `datasets`: from datasets
   * of a visit's fitted geometry.
   */
  source: 'raws' | 'datasets';
  /** Where the raws (default `<instrument>/raw/all`) or the datasets are. */
  collections?: readonly string[];
  /** Type of the datasets; default `visit_geometry`. */
  datasetType?: string;
  /** Visits written in one transaction. Default 100. */
  batchSize?: number;
  /** Pixels added around each detector; of raws only. */
  paddingPx?: number;
  /** Say what would change. */
  dryRun?: boolean;
  onProgress?: (done: number, total: number) => void;
}

export interface UpdateRegionsReport {
  /** Visits looked at. */
  visits: number;
  changedVisits: number;
  changedDetectors: number;
  /** Exposures whose pointing changed; with datasets only. */
  changedExposures: number;
  /** The farthest that the middle of a visit moved, arc seconds. */
  largestShiftArcsec: number;
  /** Visits left as they are, and why. */
  skipped: { visit: number; reason: string }[];
}

/** New regions and pointings of one visit. */
interface NewGeometry {
  visit: number;
  region: Uint8Array;
  detectors: { detector: number; region: Uint8Array }[];
  pointing?: { tracking_ra: number; tracking_dec: number; sky_angle: number };
}

/** Computes the sky regions of visits that are defined and of their detectors anew, and replaces those that changed. */
export async function updateRegions(butler: ButlerApi, options: UpdateRegionsOptions): Promise<UpdateRegionsReport> {
  const report: UpdateRegionsReport = {
    visits: 0,
    changedVisits: 0,
    changedDetectors: 0,
    changedExposures: 0,
    largestShiftArcsec: 0,
    skipped: [],
  };
  const visits = new Map<number, DimensionRecord>();
  for await (const record of matching(butler, options).dimensionRecords('visit')) {
    visits.set(record['id'] as number, record);
  }
  const geometries = options.source === 'raws' ? fromRaws : fromDatasets;
  let batch: NewGeometry[] = [];
  for await (const geometry of geometries(butler, options, [...visits.keys()], report)) {
    report.visits++;
    batch.push(geometry);
    if (batch.length < (options.batchSize ?? 100)) continue;
    await apply(butler, options, visits, batch, report);
    batch = [];
  }
  await apply(butler, options, visits, batch, report);
  return report;
}

function matching(butler: ButlerApi, { instrument, where }: UpdateRegionsOptions) {
  const query = butler.query().where({ instrument });
  return where === undefined ? query : query.where(where);
}

async function* fromRaws(
  butler: ButlerApi,
  options: UpdateRegionsOptions,
  visits: readonly number[],
  report: UpdateRegionsReport,
): AsyncGenerator<NewGeometry> {
  const instrument = await openInstrument(butler.root, options.instrument);
  const exposures = new Map<number, number[]>(visits.map((visit) => [visit, []]));
  for await (const record of matching(butler, options).dimensionRecords('visit_definition')) {
    exposures.get(record['visit'] as number)?.push(record['exposure'] as number);
  }
  const raws = await rawsByExposure(butler, instrument.name, { collections: options.collections });
  for (const [i, visit] of visits.entries()) {
    const members = exposures.get(visit)!;
    // Headers are read again, not the notes made when they were ingested: both may have been corrected since.
    const regions = await visitRegions(instrument, members, raws, { paddingPx: options.paddingPx ?? 0 });
    options.onProgress?.(i + 1, visits.length);
    if (regions !== undefined) yield { visit, region: regions.visit, detectors: regions.detectors };
    else {
      const found = members.some((exposure) => raws.has(exposure));
      report.skipped.push({ visit, reason: found ? 'its headers give no position on the sky' : 'it has no raw files' });
    }
  }
}

async function* fromDatasets(
  butler: ButlerApi,
  options: UpdateRegionsOptions,
  visits: readonly number[],
  report: UpdateRegionsReport,
): AsyncGenerator<NewGeometry> {
  const { collections = [], datasetType = 'visit_geometry' } = options;
  await butler.getDatasetType(datasetType);
  const left = new Set(visits);
  const refs: DatasetRef[] = [];
  for await (const ref of matching(butler, options).datasets(datasetType, { collections, findFirst: true })) {
    refs.push(ref);
  }
  for (const [i, ref] of refs.entries()) {
    const visit = ref.dataId.get('visit') as number;
    left.delete(visit);
    yield readGeometry(visit, await butler.get(ref), `${datasetType} of visit ${visit}`);
    options.onProgress?.(i + 1, refs.length);
  }
  for (const visit of left) report.skipped.push({ visit, reason: `it has no ${datasetType} in these collections` });
}

/** `{boresight_ra, boresight_dec, orientation, visit_region, detector_regions}`: degrees, and encoded regions in hexadecimal. */
function readGeometry(visit: number, object: unknown, what: string): NewGeometry {
  const fields = (typeof object === 'object' && object !== null ? object : {}) as Record<string, unknown>;
  const bad = (field: string, problem: string) => instrumentErrors.BAD_GEOMETRY({ what, field, problem });
  const number = (field: string): number => {
    const value = fields[field];
    if (typeof value !== 'number' || !Number.isFinite(value)) throw bad(field, `it is ${String(value)}, not a number`);
    return value;
  };
  const region = (field: string, value: unknown): Uint8Array => {
    if (typeof value !== 'string' || !/^([0-9a-f]{2})+$/i.test(value)) throw bad(field, 'it is not hexadecimal');
    const bytes = new Uint8Array(Buffer.from(value, 'hex'));
    try {
      decodeRegion(bytes);
    } catch (error) {
      throw bad(field, (error as Error).message);
    }
    return bytes;
  };
  return {
    visit,
    region: region('visit_region', fields['visit_region']),
    detectors: Object.entries((fields['detector_regions'] ?? {}) as Record<string, unknown>).map(
      ([detector, value]) => ({
        detector: Number(detector),
        region: region(`detector_regions.${detector}`, value),
      }),
    ),
    pointing: {
      tracking_ra: number('boresight_ra'),
      tracking_dec: number('boresight_dec'),
      sky_angle: number('orientation'),
    },
  };
}

/** Writes what differs, together for all visits of the batch; with `dryRun` only counts it. */
async function apply(
  butler: ButlerApi,
  options: UpdateRegionsOptions,
  visits: ReadonlyMap<number, DimensionRecord>,
  batch: readonly NewGeometry[],
  report: UpdateRegionsReport,
): Promise<void> {
  if (batch.length === 0) return;
  const { instrument } = options;
  const old = new Map<string, Uint8Array | null>();
  const ids = batch.map(({ visit }) => visit).join(', ');
  const within = butler.query().where({ instrument }).where(`visit IN (${ids})`);
  for await (const record of within.dimensionRecords('visit_detector_region')) {
    old.set(`${record['visit']} ${record['detector']}`, record['region'] as Uint8Array | null);
  }
  const newVisits: DimensionRecord[] = [];
  const newDetectors: DimensionRecord[] = [];
  for (const { visit, region, detectors } of batch) {
    const record = visits.get(visit)!;
    if (!sameBytes(record['region'] as Uint8Array | null, region)) {
      newVisits.push({ ...record, region });
      report.largestShiftArcsec = Math.max(report.largestShiftArcsec, shiftArcsec(record['region'], region));
    }
    for (const one of detectors) {
      if (sameBytes(old.get(`${visit} ${one.detector}`), one.region)) continue;
      newDetectors.push({ instrument, visit, detector: one.detector, region: one.region });
    }
  }
  const exposures = await newExposures(butler, instrument, batch);
  report.changedVisits += newVisits.length;
  report.changedDetectors += newDetectors.length;
  report.changedExposures += exposures.length;
  if (options.dryRun) return;
  await butler.transaction(async () => {
    await butler.insertRecords('exposure', exposures, 'replace');
    await butler.insertRecords('visit', newVisits, 'replace');
    await butler.insertRecords('visit_detector_region', newDetectors, 'replace');
  });
}

/** Records of the exposures that are visits of their own, with the fitted pointing. */
async function newExposures(
  butler: ButlerApi,
  instrument: string,
  batch: readonly NewGeometry[],
): Promise<DimensionRecord[]> {
  const pointings = new Map(
    batch.flatMap(({ visit, pointing }) => (pointing === undefined ? [] : [[visit, pointing]])),
  );
  if (pointings.size === 0) return [];
  const query = butler
    .query()
    .where({ instrument })
    .where(`exposure IN (${[...pointings.keys()].join(', ')})`);
  const out: DimensionRecord[] = [];
  for await (const record of query.dimensionRecords('exposure')) {
    const pointing = pointings.get(record['id'] as number)!;
    if (Object.entries(pointing).some(([field, value]) => record[field] !== value))
      out.push({ ...record, ...pointing });
  }
  return out;
}

function sameBytes(a: Uint8Array | null | undefined, b: Uint8Array): boolean {
  return a instanceof Uint8Array && Buffer.compare(a, b) === 0;
}

/** How far the middle of a region moved; 0 where there was none. */
function shiftArcsec(old: unknown, region: Uint8Array): number {
  if (!(old instanceof Uint8Array)) return 0;
  const [a, b] = [old, region].map((bytes) => boundingCircle(decodeRegion(bytes)).center);
  const [x, y, z] = [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
  const angle = Math.atan2(Math.hypot(x, y, z), a[0] * b[0] + a[1] * b[1] + a[2] * b[2]);
  return (angle * 180 * 3600) / Math.PI;
}
