// SPDX-License-Identifier: BSD-3-Clause
import { existsSync } from 'node:fs';
import { basename, isAbsolute, resolve } from 'node:path';
import type { Butler } from '../butler.ts';
import type { StagedFile } from '../datastore/byte-store.ts';
import { extensionOf, isRemote, relativeTo } from '../datastore/paths.ts';
import { PosixStore, pour } from '../datastore/posix/posix-store.ts';
import { shownUrl } from '../datastore/webdav/access.ts';
import { readMember, splitMember } from '../datastore/zip/archive.ts';
import { findMember } from '../datastore/zip/find-members.ts';
import { butlerErrors } from '../errors.ts';
import { describe } from '../registry/datasets.ts';
import type { DatasetRef, FileRecord } from '../types.ts';
import { transferErrors } from './errors.ts';
import { atOnce } from './place-many.ts';

/** Read from a server at a time. */
const partBytes = 1 << 23;

export interface RetrieveOptions {
  /** `auto` copies. Members of archives are always unpacked. */
  transfer: 'auto' | 'copy' | 'link' | 'hardlink' | 'symlink' | 'relsymlink';
  /** Keep the folders of the repository below the destination; otherwise all files lie flat in it. */
  preservePath: boolean;
  clobber: boolean;
  dryRun?: boolean;
  onProgress?: (done: number, total: number) => void;
}

export interface RetrieveReport {
  files: { datasetId: string; source: string; path: string }[];
  sizeBytes: number;
  failed: { path: string; reason: string }[];
}

interface Artifact {
  ref: DatasetRef;
  record: FileRecord;
  source: string;
  member: string | undefined;
  path: string;
}

/** Copies or links the files of datasets into a folder. A file appears whole or not at all; one that cannot be had is reported and the rest goes on. */
export async function retrieveArtifacts(
  butler: Butler,
  refs: readonly DatasetRef[],
  destination: string,
  options: RetrieveOptions,
): Promise<RetrieveReport> {
  const report: RetrieveReport = { files: [], sizeBytes: 0, failed: [] };
  const records = await butler.getFileRecords(refs.map((ref) => ref.id));
  const artifacts = new Map<string, Artifact>();
  const sources = new Map<string, string>();
  for (const [i, ref] of refs.entries()) {
    if (records[i].length === 0) {
      report.failed.push({ path: describe(ref), reason: 'it is registered but has no file' });
    }
    for (const record of records[i]) {
      if (artifacts.has(record.path)) continue;
      const artifact = locate(butler, ref, record, destination, options.preservePath);
      const twin = sources.get(artifact.path);
      // Flat folders may give two files one name: the second is told apart by its dataset's id.
      if (twin !== undefined) artifact.path = withId(artifact.path, ref.id);
      sources.set(artifact.path, artifact.source);
      artifacts.set(record.path, artifact);
    }
  }
  const all = [...artifacts.values()];
  const outcomes: ({ sizeBytes: number } | { reason: string })[] = new Array(all.length);
  let done = 0;
  await atOnce(all, async (artifact, i) => {
    try {
      const sizeBytes = await butler.datastore.size(artifact.record);
      if (sizeBytes === undefined)
        throw transferErrors.SOURCE_MISSING({ path: shownUrl(artifact.source), dataset: describe(artifact.ref) });
      if (!options.clobber && existsSync(artifact.path)) {
        throw transferErrors.EXISTS({ path: artifact.path, what: shownUrl(artifact.source) });
      }
      if (options.dryRun !== true) await (await stage(butler, artifact, options.transfer)).commit();
      outcomes[i] = { sizeBytes };
    } catch (error) {
      outcomes[i] = { reason: (error as Error).message };
    }
    options.onProgress?.(++done, all.length);
  });
  all.forEach(({ ref, source, member, path }, i) => {
    const outcome = outcomes[i];
    const from = member === undefined ? shownUrl(source) : `${source}#${member}`;
    if ('reason' in outcome) report.failed.push({ path: from, reason: outcome.reason });
    else {
      report.files.push({ datasetId: ref.id, source: from, path });
      report.sizeBytes += outcome.sizeBytes;
    }
  });
  return report;
}

function locate(butler: Butler, ref: DatasetRef, record: FileRecord, destination: string, keep: boolean): Artifact {
  const source = butler.datastore.absolute(record);
  const { file, member } = splitMember(record.path);
  const inside = file.includes('://') ? new URL(source).pathname.slice(1) : isAbsolute(file) ? source.slice(1) : file;
  const folder = keep && member !== undefined ? inside.slice(0, inside.lastIndexOf('/') + 1) : '';
  const name =
    member === undefined ? (keep ? inside : basename(source)) : `${folder}${keep ? member : basename(member)}`;
  const root = resolve(destination);
  const path = resolve(root, name);
  if (relativeTo(root, path) === undefined) throw transferErrors.OUTSIDE({ path: name, root });
  return { ref, record, source, member, path };
}

function withId(path: string, id: string): string {
  const extension = extensionOf(path);
  return `${path.slice(0, path.length - extension.length)}-${id}${extension}`;
}

async function stage(butler: Butler, artifact: Artifact, mode: RetrieveOptions['transfer']): Promise<StagedFile> {
  const { source, member, path } = artifact;
  const local = new PosixStore();
  if (isRemote(source)) {
    if (mode !== 'auto' && mode !== 'copy') {
      throw butlerErrors.UNSUPPORTED({ what: `A link (${mode}) to ${shownUrl(source)}` });
    }
    const remote = butler.datastore.storeOf(source);
    const { sizeBytes } = (await remote.stat(source))!;
    return local.stage(path, async (sink) => {
      for (let start = 0; start < sizeBytes; start += partBytes) {
        sink.write(await remote.read(source, { start, end: Math.min(sizeBytes, start + partBytes) }));
      }
    });
  }
  if (member !== undefined) {
    const found = (await findMember(source, member))!;
    const bytes = await readMember(local, source, found);
    return local.stage(path, (sink) => sink.write(bytes));
  }
  if (mode === 'auto' || mode === 'copy') return local.stage(path, (sink) => pour(source, sink));
  return local.stageLink(path, source, mode === 'link' ? 'hardlink' : mode);
}
