// SPDX-License-Identifier: BSD-3-Clause
import { type PlainError, toPlainError } from '../../base/index.ts';
import type { ButlerApi, IngestFile, OnConflict, TransferMode } from '../../butler/index.ts';
import type { Cards } from '../../sky/index.ts';
import { instrumentErrors } from '../errors.ts';
import { readHeaders } from '../headers/read-headers.ts';
import type { Instrument, ObservationInfo } from '../model.ts';
import { wcsHeaders } from '../raw/initial-wcs.ts';
import { rawFormatterName } from '../raw/raw-formatter.ts';
import { registeredInstruments } from '../registered.ts';
import { appendPointings, type Pointing } from './pointing-index.ts';
import { exposureRecords } from './records.ts';

export interface IngestRawsOptions {
  /** RUN collection; default `<instrument>/raw/all`. */
  run?: string;
  transfer: TransferMode;
  onConflict?: OnConflict;
  /** Files read at the same time. */
  jobs?: number;
  onProgress?: (stage: 'headers' | 'files', done: number, total: number) => void;
  /** Look at the files and report; change nothing. */
  dryRun?: boolean;
}

export interface IngestRawsReport {
  files: number;
  ingested: number;
  skipped: { path: string; reason: string }[];
  /** Files left out, each with its error; the others were ingested. */
  failed: { path: string; error: PlainError }[];
  exposures: number;
  runs: string[];
}

interface Understood {
  path: string;
  instrument: Instrument;
  info: ObservationInfo;
  /** First WCS of each detector in the file, while its headers are at hand. */
  pointings: Pointing[];
}

/**
 * Ingests raw files: reads each header once (many files at a time), writes exposure records in bulk, transfers the files and
 * registers them as `raw`. A file that cannot be understood is left out and reported; the rest goes in.
 */
export async function ingestRaws(
  butler: ButlerApi,
  paths: readonly string[],
  options: IngestRawsOptions,
): Promise<IngestRawsReport> {
  const instruments = await registeredInstruments(butler.root);
  const understood: Understood[] = [];
  const failed: IngestRawsReport['failed'] = [];
  let done = 0;
  await forEachAtOnce(paths, options.jobs ?? 16, async (path) => {
    try {
      understood.push(recognise(await readHeaders(path), path, instruments));
    } catch (error) {
      failed.push({ path, error: toPlainError(error) });
    }
    options.onProgress?.('headers', ++done, paths.length);
  });
  // The order of the answer is the order of the files, however the reads ended.
  const order = new Map(paths.map((path, i) => [path, i]));
  understood.sort((a, b) => order.get(a.path)! - order.get(b.path)!);
  failed.sort((a, b) => order.get(a.path)! - order.get(b.path)!);

  const report: IngestRawsReport = {
    files: paths.length,
    ingested: 0,
    skipped: [],
    failed,
    exposures: new Set(understood.map((u) => `${u.info.instrument} ${u.info.exposureId}`)).size,
    runs: [],
  };
  if (understood.length === 0) return report;
  if (options.dryRun) {
    for (const [run, members] of groupByRun(understood, options.run)) {
      const there = await present(butler, run);
      for (const u of members) {
        if (u.info.detectors.every((d) => there.has(`${u.info.instrument} ${u.info.exposureId} ${d}`))) {
          report.skipped.push({ path: u.path, reason: `it is in ${run} already` });
        }
      }
      report.runs.push(run);
    }
    return report;
  }

  const rawType = butler.makeDatasetType('raw', ['instrument', 'exposure', 'detector'], 'Exposure');
  await butler.registerDatasetTypes([rawType]);
  for (const [run, members] of groupByRun(understood, options.run)) {
    await butler.registerCollection(run, 'RUN');
    const files = members.map(
      (u): IngestFile => ({
        path: u.path,
        datasetType: rawType,
        dataIds: u.info.detectors.map((detector) =>
          butler.universe.coordinate(rawType.dimensions, {
            instrument: u.info.instrument,
            exposure: u.info.exposureId,
            detector,
          }),
        ),
        formatter: rawFormatterName,
        records: fileRecords(u),
      }),
    );
    const ingested = await butler.ingest(files, {
      run,
      transfer: options.transfer,
      onConflict: options.onConflict ?? 'fail',
      dimensionRecords: new Map(exposureRecords(members.map((u) => u.info))),
      // The same file gets the same id in every repository.
      idMode: 'DATAID_TYPE_RUN',
      onProgress: (n, total) => options.onProgress?.('files', n, total),
    });
    report.ingested += ingested.ingested.length;
    report.skipped.push(...ingested.skipped);
    report.runs.push(run);
    for (const [name, group] of Map.groupBy(members, (u) => u.instrument.name)) {
      await appendPointings(
        butler.root,
        name,
        group.flatMap((u) => u.pointings),
      );
    }
  }
  return report;
}

function recognise(headers: readonly Cards[], path: string, instruments: readonly Instrument[]): Understood {
  const instrument = instruments.find((i) => i.recognises(headers));
  if (instrument === undefined) {
    const clue = ['INSTRUME', 'TELESCOP', 'ORIGIN', 'CAMERA']
      .map((key) => [key, headers.find((h) => h[key] !== undefined)?.[key]])
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => `${key} = ${String(value).trim()}`)
      .join(', ');
    throw instrumentErrors.NOT_RECOGNISED({
      file: path,
      clue: clue || 'no INSTRUME, TELESCOP or ORIGIN card',
      known: instruments.map((i) => i.name).join(', ') || 'none',
    });
  }
  const info = instrument.translate(headers, path);
  assertComplete(headers, path, instrument, info);
  const pointings = info.detectors.flatMap((id): Pointing[] => {
    const detector = instrument.detector(id);
    const wcs = instrument.initialWcs(wcsHeaders(headers, detector), info, detector);
    return wcs === undefined ? [] : [{ exposure: info.exposureId, detector: id, wcs: wcs.toCards() }];
  });
  return { path, instrument, info, pointings };
}

/** A file that was cut between two HDUs reads well up to there: whatever its detectors need must be in it. */
function assertComplete(headers: readonly Cards[], path: string, instrument: Instrument, info: ObservationInfo): void {
  const names = new Set(
    headers.map((h) =>
      String(h['EXTNAME'] ?? '')
        .trim()
        .toUpperCase(),
    ),
  );
  for (const id of info.detectors) {
    const detector = instrument.detector(id);
    for (const { hdu } of detector.amplifiers) {
      if (typeof hdu === 'number' ? hdu < headers.length : names.has(hdu.trim().toUpperCase())) continue;
      throw instrumentErrors.MISSING_HDU(
        { file: path, hdu: String(hdu), detector: detector.name, have: headers.length },
        { place: { file: path } },
      );
    }
  }
}

/** `instrument exposure detector` of the raws that a run holds; none where the run or the dataset type is not there yet. */
async function present(butler: ButlerApi, run: string): Promise<Set<string>> {
  const known = await butler.listDatasetTypes(['raw']);
  if (known.length === 0 || (await butler.listCollections([run])).length === 0) return new Set();
  const { rows, columns } = await butler.query().datasetColumns('raw', { collections: [run] });
  const key = (i: number) => `${columns['instrument'][i]} ${columns['exposure'][i]} ${columns['detector'][i]}`;
  return new Set(Array.from({ length: rows }, (_, i) => key(i)));
}

function groupByRun(understood: readonly Understood[], run: string | undefined): Map<string, Understood[]> {
  return Map.groupBy(understood, (u) => run ?? `${u.info.instrument}/raw/all`);
}

/** Records that file templates may name: those of the file's own data ID. */
function fileRecords(u: Understood): IngestFile['records'] {
  const records = Object.fromEntries(exposureRecords([u.info]).map(([element, rows]) => [element, rows[0]]));
  const detector = u.instrument.detector(u.info.detectors[0]);
  const filter = u.instrument.filters.find((f) => f.physicalFilter === u.info.physicalFilter)!;
  return {
    ...records,
    detector: {
      instrument: u.instrument.name,
      id: detector.id,
      full_name: detector.name,
      name_in_raft: detector.nameInRaft ?? null,
      raft: detector.raft ?? null,
      purpose: detector.purpose,
    },
    physical_filter: { instrument: u.instrument.name, name: filter.physicalFilter, band: filter.band },
  };
}

async function forEachAtOnce<T>(items: readonly T[], width: number, work: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < items.length) await work(items[next++]);
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, lane));
}
