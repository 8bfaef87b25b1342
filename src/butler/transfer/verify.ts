// SPDX-License-Identifier: BSD-3-Clause
import type { Butler } from '../butler.ts';
import { type ScanProblem, scanFiles } from '../doctor/scan.ts';

export interface VerifyOptions {
  /** Read every file with a recorded checksum and compare: as slow as the storage. Default: existence and size only. */
  checksums?: boolean;
  /** Also look for files that no dataset owns. Default true. */
  orphans?: boolean;
  onProgress?: (files: number) => void;
}

export type VerifyProblem = ScanProblem;

export interface VerifyReport {
  files: number;
  sizeBytes: number;
  /** In order of dataset id. */
  problems: VerifyProblem[];
  /** Files of the datastore that belong to no dataset, relative to its root: left by interrupted work, or put there by others. */
  orphans: string[];
  /** Unfinished writes; those of a process that still runs are among them. */
  scratch: string[];
  /** Datasets removed from the registry whose files wait to be deleted. */
  trash: number;
}

/** Compares what the repository says of its files with the files, all in one report. Changes nothing; the doctor says more and repairs. */
export async function verifyRepository(butler: Butler, options: VerifyOptions = {}): Promise<VerifyReport> {
  const report: VerifyReport = { files: 0, sizeBytes: 0, problems: [], orphans: [], scratch: [], trash: 0 };
  const { checksums = false, orphans = true } = options;
  for await (const batch of scanFiles(butler, { checksums, orphans })) {
    report.files += batch.records;
    report.sizeBytes += batch.sizeBytes;
    report.problems.push(...batch.problems);
    report.orphans.push(...batch.orphans.map((file) => file.path));
    report.scratch.push(...batch.scratch.map((file) => file.path));
    options.onProgress?.(report.files);
  }
  report.problems.sort((a, b) => (a.datasetId < b.datasetId ? -1 : a.datasetId > b.datasetId ? 1 : 0));
  report.trash = await butler.registry.trash.count();
  return report;
}
