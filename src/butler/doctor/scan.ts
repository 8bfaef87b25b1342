// SPDX-License-Identifier: BSD-3-Clause
import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { lstat, stat } from 'node:fs/promises';
import { sep } from 'node:path';
import { fileSystemOf, formatUuid } from '../../base/index.ts';
import type { Butler } from '../butler.ts';
import { isRemote, relativeTo } from '../datastore/paths.ts';
import { pour } from '../datastore/posix/posix-store.ts';
import type { SqlValue } from '../registry/database.ts';
import { checkMembers, isLocalMember, unfinishedArchives } from './scan-archives.ts';
import { type WalkedFile, walkFiles } from './walk.ts';

export interface ScanProblem {
  kind: 'missing' | 'size' | 'checksum' | 'unreadable' | 'remote';
  datasetId: string;
  /** As recorded. */
  path: string;
  detail: string;
}

/** What one step of the scan found. */
export interface ScanBatch {
  /** Records looked at, and the bytes they speak of. */
  records: number;
  sizeBytes: number;
  problems: ScanProblem[];
  /** Files that no record names. */
  orphans: ScanFile[];
  scratch: ScanFile[];
  /** Archives with recorded members that their writers have not finished. */
  unfinished: ScanFile[];
}

export interface ScanFile {
  path: string;
  absolute: string;
  /** Time of the last change. */
  changedMs: number;
}

interface FileRow {
  path: string;
  datasetId: string;
  sizeBytes: number;
  checksum: string | null;
}

const parallelStats = 32;
const columns = 'r.path, r.dataset_id, r.file_size, r.checksum';
const notTrash = 'r.dataset_id NOT IN (SELECT dataset_id FROM dataset_location_trash)';
/** Recorded paths that are not simply below the root: URIs, absolute ones, members of archives, and spellings with dots. */
const special = ['%:%', '/%', '%#%', '%//%', './%', '%/./%', '../%', '%/../%']
  .map((pattern) => `r.path LIKE '${pattern}'`)
  .join(' OR ');

/**
 * Holds the files of the datastore against their records with memory that does not grow with either: the folders are walked, the
 * records of each batch of files are looked up with one statement, and only if fewer recorded files were met than there are, the
 * records are read through for those whose file is missing. Paths that lead elsewhere are looked at one by one.
 */
export async function* scanFiles(
  butler: Butler,
  options: { checksums: boolean; orphans?: boolean },
): AsyncGenerator<ScanBatch> {
  const elsewhere = new Set<string>();
  // Counted before and after: others may add and remove meanwhile, and so may whoever repairs what was found.
  const before = await countPlain(butler);
  yield* scanSpecial(butler, options.checksums, elsewhere);
  if (isRemote(butler.datastore.root)) {
    yield* scanRecords(butler, 'all');
    return;
  }
  const { root } = butler.datastore;
  const { local } = fileSystemOf(root);
  let met = 0;
  for await (const files of walkFiles(butler)) {
    const batch = emptyBatch();
    const owned = await recordsOf(
      butler,
      files.filter((file) => !file.scratch).map((file) => file.path),
    );
    met += owned.size;
    const doubtful = [...owned.values()].filter((rows) => options.checksums || !local || !isSound(root, rows[0]));
    for await (const problems of inParallel(doubtful, async (rows) => {
      const problem = await checkFile(butler, rows[0], options.checksums);
      return problem === undefined ? [] : rows.map(({ datasetId }) => ({ ...problem, datasetId }));
    }))
      batch.problems.push(...problems);
    for (const rows of owned.values()) for (const row of rows) count(batch, row);
    const strange = files.filter((file) => file.scratch || !(owned.has(file.path) || elsewhere.has(file.path)));
    if (options.orphans ?? true) await sortStrange(butler, strange, batch);
    yield batch;
  }
  if (met < Math.max(before, await countPlain(butler))) yield* scanRecords(butler, 'missing');
}

/** The quick look at a file on a local disk; one that does not pass is looked at more closely. */
function isSound(root: string, { path, sizeBytes }: FileRow): boolean {
  const found = statSync(`${root}/${path}`, { throwIfNoEntry: false });
  return found !== undefined && (sizeBytes < 0 || found.size === sizeBytes);
}

async function countPlain(butler: Butler): Promise<number> {
  const [[files]] = await butler.registry.db.rows(
    `SELECT COUNT(DISTINCT r.path) FROM file_datastore_records r WHERE NOT (${special}) AND ${notTrash}`,
  );
  return Number(files);
}

function emptyBatch(): ScanBatch {
  return { records: 0, sizeBytes: 0, problems: [], orphans: [], scratch: [], unfinished: [] };
}

function count(batch: ScanBatch, row: FileRow): void {
  batch.records++;
  batch.sizeBytes += Math.max(0, row.sizeBytes);
}

/** Records by path of files that lie where their record says. */
async function recordsOf(butler: Butler, paths: readonly string[]): Promise<Map<string, FileRow[]>> {
  const { db } = butler.registry;
  const list = db.dialect.listSource('?', 'text');
  const rows = await db.rows(
    `SELECT ${columns} FROM file_datastore_records r WHERE r.path IN (SELECT value FROM ${list}) AND ${notTrash}`,
    [db.dialect.listParam(paths)],
  );
  const out = new Map<string, FileRow[]>();
  for (const row of rows.map(fileRow)) {
    const others = out.get(row.path);
    if (others === undefined) out.set(row.path, [row]);
    else others.push(row);
  }
  return out;
}

function fileRow([path, id, size, checksum]: SqlValue[]): FileRow {
  return {
    path: path as string,
    datasetId: formatUuid(id as string),
    sizeBytes: size === null ? -1 : Number(size),
    checksum: checksum as string | null,
  };
}

async function sortStrange(butler: Butler, files: readonly WalkedFile[], batch: ScanBatch): Promise<void> {
  // A file that goes to the trash has a record until it is gone; and one may have been registered since.
  const owners = await butler.registry.files.owners(files.map((file) => file.path));
  for (const { path, absolute, scratch } of files) {
    if (owners.has(path)) continue;
    const found = await lstat(absolute).catch(() => undefined);
    if (found !== undefined) batch[scratch ? 'scratch' : 'orphans'].push({ path, absolute, changedMs: found.ctimeMs });
  }
}

/** Records whose path leads out of the plain tree. Fills `elsewhere` with those files of the tree that they name all the same. */
async function* scanSpecial(butler: Butler, checksums: boolean, elsewhere: Set<string>): AsyncGenerator<ScanBatch> {
  const rows = butler.registry.db.stream(
    `SELECT ${columns} FROM file_datastore_records r WHERE (${special}) AND ${notTrash} ORDER BY r.path`,
  );
  const archives = new Set<string>();
  for await (const page of rows) {
    const batch = emptyBatch();
    const members: FileRow[] = [];
    for (const row of page.map(fileRow)) {
      count(batch, row);
      const inside = localPath(butler, row.path);
      if (inside !== undefined) elsewhere.add(inside);
      if (isLocalMember(butler, row)) members.push(row);
      else {
        const problem = await checkFile(butler, row, checksums);
        if (problem !== undefined) batch.problems.push(problem);
      }
    }
    batch.problems.push(...(await checkMembers(butler, members, checksums)));
    const inside = members.map(({ path }) => localPath(butler, path)).filter((path) => path !== undefined);
    batch.unfinished.push(...(await unfinishedArchives(butler, inside, archives)));
    yield batch;
  }
}

function localPath(butler: Butler, path: string): string | undefined {
  try {
    return relativeTo(butler.datastore.root, butler.datastore.absolute({ path }))?.replaceAll(sep, '/');
  } catch {
    return undefined; // of a storage that is no file system, or a path that leads out: checkFile says so
  }
}

/** Records with plain paths of files that are not there, or (where no folder can be walked) with anything wrong. */
async function* scanRecords(butler: Butler, check: 'missing' | 'all'): AsyncGenerator<ScanBatch> {
  const rows = butler.registry.db.stream(
    `SELECT ${columns} FROM file_datastore_records r WHERE NOT (${special}) AND ${notTrash}`,
  );
  for await (const page of rows) {
    const batch = emptyBatch();
    const found = inParallel(page.map(fileRow), async (row) => {
      const problem = await checkFile(butler, check === 'all' ? row : { ...row, sizeBytes: -1, checksum: null }, false);
      const wanted = check === 'all' ? problem : problem?.kind === 'missing' ? problem : undefined;
      if (check === 'all' || wanted !== undefined) count(batch, row);
      return wanted === undefined ? [] : [wanted];
    });
    for await (const problems of found) batch.problems.push(...problems);
    yield batch;
  }
}

/** What is wrong with one recorded file. */
export async function checkFile(
  butler: Butler,
  record: { path: string; datasetId: string; sizeBytes: number | null; checksum: string | null },
  checksums: boolean,
): Promise<ScanProblem | undefined> {
  const problem = (kind: ScanProblem['kind'], detail: string): ScanProblem => {
    return { kind, datasetId: record.datasetId, path: record.path, detail };
  };
  try {
    const absolute = butler.datastore.absolute(record);
    const isPlain = !isRemote(absolute) && !record.path.includes('#');
    const size = isPlain ? (await stat(absolute)).size : await butler.datastore.size(record);
    if (size === undefined) return problem('missing', 'there is no such file');
    if (record.sizeBytes !== null && record.sizeBytes >= 0 && size !== record.sizeBytes) {
      return problem('size', `${size} bytes, ${record.sizeBytes} are recorded`);
    }
    if (!checksums || record.checksum === null || !isPlain) return undefined;
    const found = await blake2b(absolute);
    return found === record.checksum ? undefined : problem('checksum', `${found}, ${record.checksum} is recorded`);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'BUTLER_UNSUPPORTED') return problem('remote', message);
    if (code !== 'ENOENT' && code !== 'ENOTDIR') return problem('unreadable', message);
    const link = await lstat(butler.datastore.absolute(record)).catch(() => undefined);
    return problem('missing', link === undefined ? 'there is no such file' : 'it is a link to a file that is gone');
  }
}

/** The checksum that the format records: BLAKE2b, 512 bits, hexadecimal. */
export async function blake2b(path: string): Promise<string> {
  const hash = createHash('blake2b512');
  await pour(path, { write: (bytes) => void hash.update(bytes) });
  return hash.digest('hex');
}

async function* inParallel<T, R>(items: readonly T[], work: (item: T) => Promise<R>): AsyncGenerator<R> {
  for (let at = 0; at < items.length; at += parallelStats) {
    yield* await Promise.all(items.slice(at, at + parallelStats).map(work));
  }
}
