// SPDX-License-Identifier: BSD-3-Clause
import { type PlainError, toPlainError } from '../../base/index.ts';
import type { ButlerApi, IngestFile, OnConflict, TransferMode } from '../../butler/index.ts';
import { rawFormatterName } from '../raw/raw-formatter.ts';
import { registeredInstruments } from '../registered.ts';
import { appendPointings } from './pointing-index.ts';
import { exposureRecords } from './records.ts';
import { BesideRaws } from './sidecar.ts';
import { agreeing, type Understood, understand } from './understand.ts';

export interface IngestRawsOptions {
  /** RUN collection; default `<instrument>/raw/all`. */
  run?: string;
  transfer: TransferMode;
  onConflict?: OnConflict;
  /** Files read at the same time. */
  jobs?: number;
  onProgress?: (stage: 'headers' | 'files', done: number, total: number) => void;
  /** The first file that cannot be understood ends it, before anything is written; default: it is left out and reported. */
  failFast?: boolean;
  /** Exposures that are there with other values are changed; default: they are refused. */
  updateRecords?: boolean;
  /** Keep the sizes of the files (default true). */
  trackFileAttributes?: boolean;
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

/**
 * Ingests raw files: reads each header once (many files at a time; an index or a sidecar file is read instead where there is one), writes
 * exposure records in bulk, transfers the files and registers them as `raw`. A file that cannot be understood is left out and reported; the
 * rest goes in.
 */
export async function ingestRaws(
  butler: ButlerApi,
  paths: readonly string[],
  options: IngestRawsOptions,
): Promise<IngestRawsReport> {
  const instruments = await registeredInstruments(butler.root);
  const beside = new BesideRaws();
  // The order of the answer is the order of the files, however the reads end.
  const looks: (Understood | { path: string; failure: unknown })[] = new Array(paths.length);
  let done = 0;
  await forEachAtOnce(paths, options.jobs ?? 16, async (path, i) => {
    try {
      looks[i] = await understand(path, instruments, beside);
    } catch (error) {
      if (options.failFast) throw error;
      looks[i] = { path, failure: error };
    }
    options.onProgress?.('headers', ++done, paths.length);
  });
  const failed: IngestRawsReport['failed'] = [];
  const understood = agreeing(looks, (path, error) => {
    if (options.failFast) throw error;
    failed.push({ path, error: toPlainError(error) });
  });

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
        sizeBytes: u.sizeBytes,
      }),
    );
    const ingested = await butler.ingest(files, {
      run,
      transfer: options.transfer,
      onConflict: options.onConflict ?? 'fail',
      recordsOnConflict: options.updateRecords ? 'replace' : (options.onConflict ?? 'fail'),
      trackFileAttributes: options.trackFileAttributes ?? true,
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

async function forEachAtOnce<T>(
  items: readonly T[],
  width: number,
  work: (item: T, index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < items.length) {
      const i = next++;
      await work(items[i], i);
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, lane));
}
