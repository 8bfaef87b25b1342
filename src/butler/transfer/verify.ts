// SPDX-License-Identifier: BSD-3-Clause
import { createHash } from 'node:crypto';
import { basename, relative } from 'node:path';
import { formatUuid } from '../../base/index.ts';
import type { Butler } from '../butler.ts';
import { isScratchName, pour } from '../datastore/posix/posix-store.ts';
import type { FileRecord } from '../types.ts';

export interface VerifyOptions {
  /** Read every file with a recorded checksum and compare: as slow as the storage. Default: existence and size only. */
  checksums?: boolean;
  /** Also look for files that no dataset owns. Default true. */
  orphans?: boolean;
  onProgress?: (files: number) => void;
}

export interface VerifyProblem {
  kind: 'missing' | 'size' | 'checksum' | 'unreadable';
  datasetId: string;
  path: string;
  detail: string;
}

export interface VerifyReport {
  files: number;
  sizeBytes: number;
  problems: VerifyProblem[];
  /** Files of the datastore that belong to no dataset, relative to its root: left by interrupted work, or put there by others. */
  orphans: string[];
  /** Unfinished writes; those of a process that still runs are among them. */
  scratch: string[];
  /** Datasets removed from the registry whose files wait to be deleted. */
  trash: number;
}

const pageRows = 5000;
const parallelStats = 32;

/** Compares what the repository says of its files with the files. Changes nothing. */
export async function verifyRepository(butler: Butler, options: VerifyOptions = {}): Promise<VerifyReport> {
  const report: VerifyReport = { files: 0, sizeBytes: 0, problems: [], orphans: [], scratch: [], trash: 0 };
  for await (const records of recordPages(butler)) {
    for (let at = 0; at < records.length; at += parallelStats) {
      const checks = records.slice(at, at + parallelStats).map((record) => checkFile(butler, record, options));
      for (const problem of await Promise.all(checks)) if (problem !== undefined) report.problems.push(problem);
    }
    report.files += records.length;
    for (const record of records) report.sizeBytes += Math.max(0, record.sizeBytes);
    options.onProgress?.(report.files);
  }
  if (options.orphans ?? true) await findOrphans(butler, report);
  report.trash = await butler.registry.trash.count();
  return report;
}

async function checkFile(
  butler: Butler,
  record: FileRecord,
  options: VerifyOptions,
): Promise<VerifyProblem | undefined> {
  const problem = (kind: VerifyProblem['kind'], detail: string): VerifyProblem => {
    return { kind, datasetId: record.datasetId, path: record.path, detail };
  };
  try {
    const sizeBytes = await butler.datastore.size(record);
    if (sizeBytes === undefined) return problem('missing', 'there is no such file');
    if (record.sizeBytes >= 0 && sizeBytes !== record.sizeBytes) {
      return problem('size', `${sizeBytes} bytes, ${record.sizeBytes} are recorded`);
    }
    if (!options.checksums || record.checksum === null) return undefined;
    const found = await blake2b(butler.datastore.absolute(record));
    return found === record.checksum ? undefined : problem('checksum', `${found}, ${record.checksum} is recorded`);
  } catch (error) {
    return problem('unreadable', (error as Error).message);
  }
}

async function blake2b(path: string): Promise<string> {
  const hash = createHash('blake2b512');
  await pour(path, { write: (bytes) => void hash.update(bytes) });
  return hash.digest('hex');
}

/** All file records, a page at a time by key, so that a large repository needs little memory. */
async function* recordPages(butler: Butler): AsyncGenerator<FileRecord[]> {
  let last = '';
  for (;;) {
    const rows = await butler.registry.db.rows(
      'SELECT DISTINCT dataset_id FROM file_datastore_records WHERE dataset_id > ? ORDER BY dataset_id LIMIT ?',
      [last, pageRows],
    );
    if (rows.length === 0) return;
    last = rows.at(-1)![0] as string;
    yield (await butler.registry.files.get(rows.map(([id]) => formatUuid(id as string)))).flat();
  }
}

async function findOrphans(butler: Butler, report: VerifyReport): Promise<void> {
  const { root, store } = butler.datastore;
  let batch: string[] = [];
  const flush = async (): Promise<void> => {
    const owners = await butler.registry.files.owners(batch);
    report.orphans.push(...batch.filter((path) => !owners.has(path)));
    batch = [];
  };
  for await (const absolute of store.list(root)) {
    const path = relative(root, absolute);
    if (isRepositoryFile(butler, absolute)) continue;
    if (isScratchName(basename(path))) report.scratch.push(path);
    else batch.push(path);
    if (batch.length >= pageRows) await flush();
  }
  await flush();
}

/** The configuration, the database, and our own folders: runs, descriptions of instruments. */
function isRepositoryFile(butler: Butler, absolute: string): boolean {
  const path = relative(butler.root, absolute);
  return path === 'butler.yaml' || path.startsWith('gen3.sqlite3') || /^\.?skymill\//.test(path);
}
