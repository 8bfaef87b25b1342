// SPDX-License-Identifier: BSD-3-Clause
import type { StagedFile } from './datastore/byte-store.ts';
import type { DatasetRef, FileRecord } from './types.ts';

/** What reading may be asked for: a component (`wcs`, `bbox`, `psf`…) and storage-class parameters (`bbox` cutout, `columns`). */
export interface GetOptions {
  component?: string;
  parameters?: Readonly<Record<string, unknown>>;
  /** The storage class that the caller wants it as, where that is another one; refused if there is no way from one to the other. */
  storageClass?: string;
}

/** A dataset not read yet. */
export interface DeferredDataset<T = unknown> {
  readonly ref: DatasetRef;
  get(options?: GetOptions): Promise<T>;
}

/** What was written: the file and what it cost. */
export interface PutResult {
  record: FileRecord;
  bytesWritten: number;
}

/** What was written and is not in its place yet; see {@link StagedFile} for what must follow. */
export interface StagedPut {
  record: FileRecord;
  staged: StagedFile;
}

/**
 * The butler of a job: reads and writes exactly the datasets it was given and holds no registry, no connection, no lock.
 * Writing commits by rename; nothing is registered until the controller ingests the outcome.
 */
export interface LimitedButler {
  get(ref: DatasetRef, options?: GetOptions): Promise<unknown>;
  getDeferred(ref: DatasetRef): DeferredDataset;
  put(object: unknown, ref: DatasetRef): Promise<PutResult>;
  /** The first half of `put`: writes an unfinished file and does not wait for the disk. */
  stage(object: unknown, ref: DatasetRef): Promise<StagedPut>;
  /** Whether the dataset's file is there (not whether it was predicted). */
  exists(ref: DatasetRef): Promise<boolean>;
  /** Bytes read from and written to storage since the last call. */
  takeUsage(): { bytesRead: number; bytesWritten: number };
}
