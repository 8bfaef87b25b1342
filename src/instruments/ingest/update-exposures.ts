// SPDX-License-Identifier: BSD-3-Clause
import { type PlainError, toPlainError } from '../../base/index.ts';
import type { ButlerApi, DimensionRecord, DimensionRecordValue, Timespan } from '../../butler/index.ts';
import { instrumentErrors } from '../errors.ts';
import { readHeaders } from '../headers/read-headers.ts';
import type { Instrument, ObservationInfo } from '../model.ts';
import { openInstrument } from '../registered.ts';
import { rawsByExposure } from '../visits/raws.ts';
import { exposureRecords } from './records.ts';

export interface UpdateExposuresOptions {
  instrument: string;
  /** Which exposures, as for a query; needed, so that nobody reads every header of a camera by accident. */
  where: string;
  /** Where the raws are; default `<instrument>/raw/all`. */
  collections?: readonly string[];
  /** Stop at the first file that cannot be understood, before anything is changed. */
  failFast?: boolean;
  /** Files read at the same time. */
  jobs?: number;
  /** Say what would change. */
  dryRun?: boolean;
  onProgress?: (done: number, total: number) => void;
}

export interface FieldChange {
  exposure: number;
  field: string;
  old: DimensionRecordValue | undefined;
  new: DimensionRecordValue | undefined;
}

export interface UpdateExposuresReport {
  /** Exposures whose header was read. */
  exposures: number;
  /** Of these, how many have another record now. */
  changed: number;
  /** Field by field, in order of exposure. */
  changes: FieldChange[];
  failed: { path: string; error: PlainError }[];
}

/**
 * Makes the records of exposures anew from the headers of their raw files, one file an exposure: after a correction of headers or of the
 * rules that read them. Records of days and groups that come with them are added, and all of it is written in one transaction.
 */
export async function updateExposures(
  butler: ButlerApi,
  options: UpdateExposuresOptions,
): Promise<UpdateExposuresReport> {
  const instrument = await openInstrument(butler.root, options.instrument);
  const raws = await rawsByExposure(butler, instrument.name, options);
  const wanted = [...raws].sort(([a], [b]) => a - b).map(([exposure, [raw]]) => ({ exposure, path: raw.path }));
  const report: UpdateExposuresReport = { exposures: 0, changed: 0, changes: [], failed: [] };
  const infos = await readAll(instrument, wanted, options, report);
  report.exposures = infos.length;
  const old = await presentRecords(butler, instrument.name, options.where);
  const records = exposureRecords(infos);
  const changed: DimensionRecord[] = [];
  for (const [element, rows] of records) {
    if (element !== 'exposure') continue;
    for (const row of rows) {
      const changes = differences(old.get(row['id'] as number) ?? {}, row);
      if (changes.length > 0) changed.push(row);
      report.changes.push(...changes);
    }
  }
  report.changed = changed.length;
  if (options.dryRun || changed.length === 0) return report;
  await butler.transaction(async () => {
    for (const [element, rows] of records) {
      if (element === 'exposure') await butler.insertRecords(element, changed, 'replace');
      else await butler.insertRecords(element, rows, 'skip');
    }
  });
  return report;
}

async function readAll(
  instrument: Instrument,
  wanted: readonly { exposure: number; path: string }[],
  options: UpdateExposuresOptions,
  report: UpdateExposuresReport,
): Promise<ObservationInfo[]> {
  const infos: (ObservationInfo | undefined)[] = new Array(wanted.length);
  let [next, done] = [0, 0];
  const lane = async (): Promise<void> => {
    while (next < wanted.length) {
      const i = next++;
      const { exposure, path } = wanted[i];
      try {
        const info = instrument.translate((await readHeaders(path)).headers, path);
        if (info.exposureId !== exposure) {
          throw instrumentErrors.OTHER_EXPOSURE({ file: path, found: info.exposureId, exposure });
        }
        infos[i] = info;
      } catch (error) {
        if (options.failFast) {
          next = wanted.length;
          throw error;
        }
        report.failed.push({ path, error: toPlainError(error) });
      }
      options.onProgress?.(++done, wanted.length);
    }
  };
  await Promise.all(Array.from({ length: Math.min(options.jobs ?? 16, wanted.length) }, lane));
  return infos.filter((info) => info !== undefined);
}

async function presentRecords(
  butler: ButlerApi,
  instrument: string,
  where: string,
): Promise<Map<number, DimensionRecord>> {
  const out = new Map<number, DimensionRecord>();
  const query = butler.query().where({ instrument }).where(where);
  for await (const record of query.dimensionRecords('exposure')) out.set(record['id'] as number, record);
  return out;
}

function differences(old: DimensionRecord, row: DimensionRecord): FieldChange[] {
  const exposure = row['id'] as number;
  return Object.keys(row)
    .filter((field) => !sameValue(old[field], row[field]))
    .map((field) => ({ exposure, field, old: old[field], new: row[field] }));
}

function sameValue(a: DimensionRecordValue | undefined, b: DimensionRecordValue | undefined): boolean {
  if (a === b || (a ?? null) === (b ?? null)) return true;
  if (typeof a === 'boolean' || typeof b === 'boolean') return Number(a) === Number(b);
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  const [s, t] = [a as Timespan, b as Timespan];
  return s.beginNs === t.beginNs && s.endNs === t.endNs;
}
