// SPDX-License-Identifier: BSD-3-Clause
import { existsSync } from 'node:fs';
import { type PlainRef, refFromPlain } from './datasets/plain.ts';
import { configPath, readConfig } from './datastore/config.ts';
import { FileDatastore } from './datastore/file-datastore.ts';
import { ArchiveSeries } from './datastore/growing-archive/archive-series.ts';
import type { DatasetMemory } from './datastore/memory/dataset-memory.ts';
import type { UniverseSpec } from './dimensions/spec.ts';
import { DimensionUniverse } from './dimensions/universe.ts';
import { butlerErrors } from './errors.ts';
import type { DeferredDataset, GetOptions, LimitedButler, PutResult, StagedPut } from './limited.ts';
import { describe } from './registry/datasets.ts';
import type { DatasetRef, FileRecord } from './types.ts';

/** What a job is told of one dataset: where its files are, or where it shall write it. */
export interface AssignedDataset {
  id: string;
  /** Existing files. */
  records?: readonly FileRecord[];
  /** Predicted file of an output (or of an input that an earlier quantum of the job writes). */
  path?: string;
  formatter?: string;
  /** It goes into the archive of {@link FileLimitedButler.openArchive}, where one is open, as a member named after `path`. */
  archived?: boolean;
}

/** Everything a {@link LimitedButler} is made of, as JSON. */
export interface LimitedButlerPlain {
  /** Absolute root of the repository. */
  root: string;
  /** Absolute root of the datastore, where it is not the repository's. */
  datastoreRoot?: string;
  /** Absent: universe 8 of daf_butler. */
  universe?: UniverseSpec;
  datasets: readonly AssignedDataset[];
}

let standardUniverse: DimensionUniverse | undefined;
/** The universe of new repositories; built once in a process. */
export function defaultUniverse(): DimensionUniverse {
  standardUniverse ??= new DimensionUniverse();
  return standardUniverse;
}

/** The butler of a job: files only. See the interface for what it promises. */
export class FileLimitedButler implements LimitedButler {
  readonly universe: DimensionUniverse;
  readonly #datastore: FileDatastore;
  readonly #assigned = new Map<string, AssignedDataset>();
  #archive: ArchiveSeries | undefined;
  readonly #memory: DatasetMemory | undefined;

  /** With a memory, what is read and written here is kept for those who read it next. */
  constructor(plain: LimitedButlerPlain, memory?: DatasetMemory) {
    this.#memory = memory;
    this.universe = plain.universe === undefined ? defaultUniverse() : new DimensionUniverse(plain.universe);
    // What the repository says of formatters and their parameters holds for its jobs too. Without it the built-in rules do.
    const settings = existsSync(configPath(plain.root)) ? readConfig(plain.root).datastore : undefined;
    this.#datastore = new FileDatastore(
      this.universe,
      {
        ...settings,
        root: plain.datastoreRoot ?? settings?.root ?? plain.root,
        repositoryRoot: plain.root,
      },
      memory,
    );
    this.assign(plain.datasets);
  }

  /** Adds datasets: a warm worker keeps one butler for many quanta. */
  assign(datasets: readonly AssignedDataset[]): void {
    for (const dataset of datasets) this.#assigned.set(dataset.id, dataset);
  }

  /** Forgets all assignments. */
  clear(): void {
    this.#assigned.clear();
  }

  /** From here on, datasets that are assigned as `archived` go into archives in this folder (relative to the datastore). */
  openArchive(folder: string): void {
    this.#archive = new ArchiveSeries(this.#datastore.absolute({ path: folder }));
  }

  /** To be waited for when archived datasets are staged, synced and placed: brings all of them to the disk that were staged so far. */
  async syncArchive(): Promise<void> {
    await this.#archive?.sync();
  }

  /** Finishes the archive, if one is open. What was staged and not synced is not waited for. */
  async closeArchive(): Promise<void> {
    await this.#archive?.close();
    this.#archive = undefined;
  }

  refFromPlain(plain: PlainRef): DatasetRef {
    return refFromPlain(this.universe, plain);
  }

  async get(ref: DatasetRef, options?: GetOptions): Promise<unknown> {
    return this.#datastore.read(ref, await this.#records(ref), options);
  }

  getDeferred(ref: DatasetRef): DeferredDataset {
    return { ref, get: (options) => this.get(ref, options) };
  }

  async put(object: unknown, ref: DatasetRef): Promise<PutResult> {
    const { staged, record } = await this.stage(object, ref);
    await staged.commit();
    this.#assigned.set(ref.id, { ...this.#find(ref), records: [record] });
    return { record, bytesWritten: record.sizeBytes };
  }

  async stage(object: unknown, ref: DatasetRef): Promise<StagedPut> {
    const { path, formatter, archived } = this.#find(ref);
    if (path === undefined || formatter === undefined) throw this.#notAssigned(ref);
    if (archived && this.#archive !== undefined) {
      return this.#datastore.append(object, ref, { path, formatter }, this.#archive);
    }
    return this.#datastore.stage(object, ref, { path, formatter }, { syncLater: true });
  }

  /** Holds an object in memory, for the quanta that follow in this process, and writes no file. */
  async hold(object: unknown, ref: DatasetRef): Promise<{ sizeBytes: number }> {
    const { formatter } = this.#find(ref);
    if (formatter === undefined || this.#memory === undefined) throw this.#notAssigned(ref);
    return this.#datastore.hold(object, ref, formatter);
  }

  async exists(ref: DatasetRef): Promise<boolean> {
    if (this.#memory?.get(ref.id) !== undefined) return true;
    const { records, path } = this.#find(ref);
    const paths = records?.map((record) => record.path) ?? (path === undefined ? [] : [path]);
    const sizes = await Promise.all(paths.map((one) => this.#datastore.size({ path: one })));
    return sizes.length > 0 && sizes.every((size) => size !== undefined);
  }

  takeUsage(): { bytesRead: number; bytesWritten: number } {
    return this.#datastore.takeUsage();
  }

  async #records(ref: DatasetRef): Promise<readonly FileRecord[]> {
    const { records, path, formatter } = this.#find(ref);
    if (records !== undefined) return records;
    if (path === undefined || formatter === undefined) throw this.#notAssigned(ref);
    const held = this.#memory?.get(ref.id);
    const sizeBytes = held?.sizeBytes ?? (await this.#datastore.size({ path }));
    if (sizeBytes === undefined) {
      throw butlerErrors.FILE_MISSING({ path: this.#datastore.absolute({ path }), dataset: describe(ref) });
    }
    const { storageClass } = ref.datasetType;
    return [{ datasetId: ref.id, path, formatter, storageClass, component: null, sizeBytes, checksum: null }];
  }

  #find(ref: DatasetRef): AssignedDataset {
    const found = this.#assigned.get(ref.id);
    if (found === undefined) throw this.#notAssigned(ref);
    return found;
  }

  #notAssigned(ref: DatasetRef): Error {
    const dataId = describe(ref).slice(ref.datasetType.name.length + 1);
    return butlerErrors.NOT_ASSIGNED({ datasetType: ref.datasetType.name, dataId, id: ref.id });
  }
}
