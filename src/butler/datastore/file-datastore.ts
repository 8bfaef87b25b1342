// SPDX-License-Identifier: BSD-3-Clause
import { didYouMean } from '../../base/index.ts';
import type { DimensionUniverse } from '../dimensions/universe.ts';
import { butlerErrors } from '../errors.ts';
import { type Formatter, type FormatterFile, findFormatter } from '../formatters/index.ts';
import type { GetOptions } from '../limited.ts';
import { describe } from '../registry/datasets.ts';
import type { DatasetRef, DimensionRecord, FileRecord } from '../types.ts';
import type { ByteSink, ByteStore, StagedFile, StageOptions } from './byte-store.ts';
import { defaultFormatters, defaultTemplates } from './defaults.ts';
import { LookupTable } from './lookup.ts';
import { resolveRecordPath } from './paths.ts';
import { PosixStore } from './posix/posix-store.ts';
import { FileTemplate } from './template.ts';
import { readDirectory, splitMember } from './zip/archive.ts';
import { openMember } from './zip/member-file.ts';

export interface Usage {
  bytesRead: number;
  bytesWritten: number;
}

/** The files side of a repository: names files, writes objects and reads them back. Knows no database. */
export class FileDatastore {
  readonly root: string;
  /** Folder of `butler.yaml`; mostly the same as `root`. */
  readonly repositoryRoot: string;
  readonly store: ByteStore = new PosixStore();
  readonly #universe: DimensionUniverse;
  readonly #templates: LookupTable<FileTemplate>;
  readonly #formatters: LookupTable<string>;
  #usage: Usage = { bytesRead: 0, bytesWritten: 0 };

  constructor(
    universe: DimensionUniverse,
    config: {
      root: string;
      repositoryRoot?: string;
      templates?: Record<string, unknown>;
      formatters?: Record<string, unknown>;
    },
  ) {
    this.#universe = universe;
    this.root = config.root;
    this.repositoryRoot = config.repositoryRoot ?? config.root;
    const templates = { ...defaultTemplates, ...config.templates };
    this.#templates = new LookupTable(templates, (text) => new FileTemplate(String(text)));
    const formatters = { ...defaultFormatters, ...config.formatters };
    this.#formatters = new LookupTable(formatters, (value) =>
      typeof value === 'string' ? value : String((value as { formatter?: unknown }).formatter),
    );
  }

  /** The name of the formatter for new datasets of a type. */
  formatterFor(ref: DatasetRef): string {
    const name = this.#formatters.find(this.#universe, ref.datasetType, undefined, instrumentOf(ref));
    if (name !== undefined) return name;
    const { storageClass } = ref.datasetType;
    throw butlerErrors.NO_WRITER({ storageClass, hint: didYouMean(storageClass, Object.keys(defaultFormatters)) });
  }

  /** The path (without extension) that the template gives a dataset. */
  templatePath(
    ref: DatasetRef,
    dataId: Readonly<Record<string, string | number>>,
    records: Readonly<Record<string, DimensionRecord>>,
  ): string {
    const template = this.#templates.find(this.#universe, ref.datasetType, undefined, instrumentOf(ref))!;
    const { skypix } = ref.datasetType.dimensions;
    return template.format({
      datasetType: ref.datasetType.name,
      run: ref.run,
      id: ref.id,
      dataId,
      records,
      skypix: skypix.length === 1 ? skypix[0] : undefined,
    });
  }

  /** Path and formatter of a new file. */
  predict(
    ref: DatasetRef,
    dataId: Readonly<Record<string, string | number>>,
    records: Readonly<Record<string, DimensionRecord>>,
  ): { path: string; formatter: string } {
    const formatter = this.formatterFor(ref);
    const path = this.templatePath(ref, dataId, records) + this.#writer(formatter, ref).extension;
    return { path, formatter };
  }

  absolute(record: { path: string }): string {
    return resolveRecordPath(this.root, record.path);
  }

  /** Writes an object to a scratch file; `commit` puts it in place. */
  async stage(
    object: unknown,
    ref: DatasetRef,
    where: { path: string; formatter: string },
    options: StageOptions = {},
  ): Promise<{ staged: StagedFile; record: FileRecord }> {
    const formatter = this.#writer(where.formatter, ref);
    const { storageClass } = ref.datasetType;
    const write = (sink: ByteSink): Promise<void> | void => formatter.write!(object, sink, { ref, storageClass });
    const staged = await this.store.stage(this.absolute(where), write, options);
    const { sizeBytes, checksum } = staged.report;
    this.#usage.bytesWritten += sizeBytes;
    return {
      staged,
      record: { datasetId: ref.id, ...where, storageClass, component: null, sizeBytes, checksum },
    };
  }

  /** Reads a dataset, or the part asked for, from one of its files. */
  async read(ref: DatasetRef, records: readonly FileRecord[], options: GetOptions = {}): Promise<unknown> {
    const { component } = options;
    // A dataset written in parts has a file for each component.
    const part = component === undefined ? undefined : records.find((record) => record.component === component);
    const record = part ?? records.find((one) => one.component === null);
    if (record === undefined) {
      const dataId = describe(ref).slice(ref.datasetType.name.length + 1);
      throw butlerErrors.NOT_STORED({ datasetType: ref.datasetType.name, dataId, id: ref.id });
    }
    const formatter = findFormatter(record.formatter, record.storageClass);
    const path = this.absolute(record);
    if (formatter === undefined) {
      throw butlerErrors.NO_FORMATTER({ formatter: record.formatter, storageClass: record.storageClass, path });
    }
    await using file = await this.#file(ref, record, path, formatter.needsWholeFile === true);
    // Not returned at once: the file must stay until it is read.
    return await formatter.read(file, {
      root: this.repositoryRoot,
      ref,
      storageClass: record.storageClass,
      component: part === undefined ? component : undefined,
      parameters: options.parameters ?? {},
    });
  }

  /** Size of a recorded file, or undefined if it is gone. */
  async size(record: { path: string }): Promise<number | undefined> {
    const found = (await this.store.stat(this.absolute(record)))?.sizeBytes;
    const { member } = splitMember(record.path);
    if (member === undefined || found === undefined) return found;
    return (await readDirectory(this.absolute(record))).get(member)?.sizeBytes;
  }

  takeUsage(): Usage {
    const usage = this.#usage;
    this.#usage = { bytesRead: 0, bytesWritten: 0 };
    return usage;
  }

  async #file(
    ref: DatasetRef,
    record: FileRecord,
    path: string,
    whole: boolean,
  ): Promise<FormatterFile & AsyncDisposable> {
    const { member } = splitMember(record.path);
    const sizeBytes = await this.size(record);
    const shown = member === undefined ? path : `${path}#${member}`;
    if (sizeBytes === undefined) throw butlerErrors.FILE_MISSING({ path: shown, dataset: describe(ref) });
    // Some repositories record no size: -1 or null.
    if (record.sizeBytes >= 0 && record.sizeBytes !== null && sizeBytes !== record.sizeBytes) {
      throw butlerErrors.FILE_SIZE({ path: shown, expected: record.sizeBytes, found: sizeBytes });
    }
    const countRead = (bytes: number): void => {
      this.#usage.bytesRead += bytes;
    };
    if (member !== undefined) return openMember(this.store, path, member, { whole, countRead });
    const { store } = this;
    return {
      path,
      sizeBytes,
      async read(range) {
        const bytes = await store.read(path, range);
        countRead(bytes.length);
        return bytes;
      },
      countRead,
      async [Symbol.asyncDispose]() {},
    };
  }

  #writer(name: string, ref: DatasetRef): Formatter {
    const { storageClass } = ref.datasetType;
    const formatter = findFormatter(name, storageClass);
    if (formatter?.write === undefined)
      throw butlerErrors.NO_WRITER({ storageClass, hint: ` Its formatter would be ${name}.` });
    return formatter;
  }
}

function instrumentOf(ref: DatasetRef): string | number | undefined {
  return ref.dataId.dimensions.has('instrument') ? ref.dataId.get('instrument') : undefined;
}
