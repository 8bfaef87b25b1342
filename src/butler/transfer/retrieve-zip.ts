// SPDX-License-Identifier: BSD-3-Clause
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { Butler } from '../butler.ts';
import type { ByteStore } from '../datastore/byte-store.ts';
import { PosixStore } from '../datastore/posix/posix-store.ts';
import { readMember, splitMember } from '../datastore/zip/archive.ts';
import { findMember } from '../datastore/zip/find-members.ts';
import { describe } from '../registry/datasets.ts';
import type { DatasetRef, FileRecord } from '../types.ts';
import { transferErrors } from './errors.ts';
import { type FileGroup, groupFiles } from './file-groups.ts';
import { neededRecords } from './needed-records.ts';
import { formatZipIndex, type MemberInfo, type ZipIndex, zipFileName, zipIndexName } from './zip-index.ts';

export interface RetrieveZipOptions {
  /** Folder for the archive; made if need be. */
  readonly destination: string;
  /** Replace an archive that is there. */
  readonly overwrite?: boolean;
  readonly dryRun?: boolean;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface RetrieveZipReport {
  readonly path: string;
  readonly datasets: number;
  readonly files: number;
  readonly sizeBytes: number;
}

/** A member to be: a file, or a member of another archive. */
interface Content {
  readonly name: string;
  readonly source: string;
  readonly member: string | undefined;
  readonly info: MemberInfo;
  readonly ids: string[];
}

/**
 * Writes the files of datasets into one zip archive with an index, from which another repository takes them whole. The archive is
 * written in one pass beside its place and renamed. Members are not compressed, so that they can be read in place.
 * @throws TRANSFER_NOTHING, TRANSFER_EXISTS, BUTLER_NOT_STORED, TRANSFER_SOURCE_MISSING
 */
export async function retrieveZip(
  butler: Butler,
  refs: readonly DatasetRef[],
  options: RetrieveZipOptions,
): Promise<RetrieveZipReport> {
  if (refs.length === 0) throw transferErrors.NOTHING({ what: 'a zip archive' });
  const unique = [...new Map(refs.map((ref) => [ref.id, ref])).values()];
  const records = await butler.getFileRecords(unique.map((ref) => ref.id));
  const contents = await contentsOf(butler, groupFiles(butler.datastore, unique, records));
  const destination = resolve(options.destination);
  const path = join(destination, zipFileName(contents.map((one) => one.name)));
  if (options.overwrite !== true && existsSync(path)) throw transferErrors.EXISTS({ path, what: 'the archive' });
  const sizeBytes = contents.reduce((sum, one) => sum + one.info.sizeBytes, 0);
  const report = { path, datasets: unique.length, files: contents.length, sizeBytes };
  if (options.dryRun === true) return report;
  const index: ZipIndex = {
    refs: unique,
    members: new Map(contents.map(({ name, info, ids }) => [name, { info, ids }])),
    records: await neededRecords(
      butler.registry,
      unique.map((ref) => ref.dataId),
    ),
  };
  await mkdir(destination, { recursive: true });
  await write(path, `${formatZipIndex(index, butler.registry)}\n`, contents, options.onProgress);
  return report;
}

async function write(
  path: string,
  index: string,
  contents: readonly Content[],
  onProgress: RetrieveZipOptions['onProgress'],
): Promise<void> {
  const { ZipFile } = await import('yazl');
  const store = new PosixStore();
  await store.writeAtomic(path, async (sink) => {
    const zip = new ZipFile();
    zip.addBuffer(Buffer.from(index), zipIndexName, { compress: true });
    for (const one of contents) {
      if (one.member === undefined) zip.addFile(one.source, one.name, { compress: false });
      else zip.addBuffer(Buffer.from(await memberBytes(store, one.source, one.member)), one.name, { compress: false });
    }
    zip.end();
    const total = contents.reduce((sum, one) => sum + Math.max(0, one.info.sizeBytes), 0);
    let done = 0;
    const failure = Promise.withResolvers<never>();
    zip.on('error', failure.reject);
    const chunks = zip.outputStream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    for (;;) {
      // A source that cannot be read is an error of the archive, and its output would never end.
      const next = await Promise.race([chunks.next(), failure.promise]);
      if (next.done === true) return;
      sink.write(next.value);
      done += next.value.length;
      onProgress?.(Math.min(done, total), total);
    }
  });
}

async function memberBytes(store: ByteStore, path: string, name: string): Promise<Uint8Array> {
  const member = await findMember(path, name);
  if (member === undefined) throw transferErrors.SOURCE_MISSING({ path: `${path}#${name}`, dataset: 'a member of it' });
  return readMember(store, path, member);
}

/** Members in the order of the datasets; one that comes from an archive keeps its name. */
async function contentsOf(butler: Butler, groups: readonly FileGroup[]): Promise<Content[]> {
  const out = new Map<string, Content>();
  const taken = new Set([zipIndexName]);
  for (const group of groups) {
    const ids = new Map<string, string[]>();
    for (const record of group.records) ids.set(record.path, [...(ids.get(record.path) ?? []), record.datasetId]);
    for (const record of new Map(group.records.map((one) => [one.path, one])).values()) {
      const { member } = splitMember(record.path);
      const name = freeName(member ?? `${record.datasetId.slice(0, 8)}-${basename(group.source)}`, record, taken);
      const found = await butler.datastore.size(record);
      if (found === undefined) {
        const ref = group.refs.find((one) => one.id === record.datasetId)!;
        throw transferErrors.SOURCE_MISSING({ path: group.source, dataset: describe(ref) });
      }
      const { formatter, storageClass, component, checksum } = record;
      const info = { formatter, path: member ?? group.path, storageClass, component, checksum, sizeBytes: found };
      out.set(name, { name, source: group.source, member, info, ids: ids.get(record.path)! });
    }
  }
  return [...out.values()];
}

/** Ids of one minute begin with the same digits; where that makes two names one, the whole id goes before. */
function freeName(name: string, record: FileRecord, taken: Set<string>): string {
  const free = taken.has(name) ? `${record.datasetId}-${record.component ?? ''}${basename(name)}` : name;
  taken.add(free);
  return free;
}
