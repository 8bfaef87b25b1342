// SPDX-License-Identifier: BSD-3-Clause
import { constants } from 'node:fs';
import { copyFile, link, mkdir, rm, stat, symlink } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { ButlerApi } from '../contract.ts';
import type { DatasetRef } from '../types.ts';

export interface RetrieveOptions {
  transfer: 'copy' | 'hardlink' | 'symlink';
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

/** Copies or links the files of datasets into a folder. A file appears whole or not at all; one that cannot be had is reported and the rest goes on. */
export async function retrieveArtifacts(
  butler: ButlerApi,
  refs: readonly DatasetRef[],
  destination: string,
  options: RetrieveOptions,
): Promise<RetrieveReport> {
  const report: RetrieveReport = { files: [], sizeBytes: 0, failed: [] };
  const records = await butler.getFileRecords(refs.map((ref) => ref.id));
  const seen = new Set<string>();
  for (const [i, files] of records.entries()) {
    for (const file of files) {
      if (seen.has(file.path)) continue;
      seen.add(file.path);
      const absolute = file.path.startsWith('/') || file.path.startsWith('file://');
      const source = absolute ? file.path.replace(/^file:\/\//, '') : join(butler.root, file.path);
      const inside = options.preservePath && !absolute ? file.path : basename(file.path);
      const path = resolve(destination, inside);
      try {
        const { size } = await stat(source);
        if (!options.dryRun) await place(source, path, options);
        report.files.push({ datasetId: refs[i].id, source, path });
        report.sizeBytes += size;
      } catch (error) {
        report.failed.push({ path: source, reason: error instanceof Error ? error.message : String(error) });
      }
    }
    options.onProgress?.(i + 1, refs.length);
  }
  return report;
}

async function place(source: string, path: string, options: RetrieveOptions): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  if (options.clobber) await rm(path, { force: true });
  if (options.transfer === 'symlink') return symlink(source, path);
  if (options.transfer === 'hardlink') return link(source, path);
  const partial = `${path}.${process.pid}.part`;
  try {
    await copyFile(source, partial, constants.COPYFILE_FICLONE);
    // A link fails where the name is taken; a rename would silently replace it.
    await link(partial, path);
  } finally {
    await rm(partial, { force: true });
  }
}
