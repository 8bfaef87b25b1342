// SPDX-License-Identifier: BSD-3-Clause
import { didYouMean } from '../../base/index.ts';
import type { DimensionUniverse } from '../dimensions/universe.ts';
import { butlerErrors } from '../errors.ts';
import { type Formatter, type FormatterFile, findFormatter, type ReadContext } from '../formatters/index.ts';
import type { GetOptions } from '../limited.ts';
import { describe } from '../registry/datasets.ts';
import type { DatasetRef, DimensionRecord, FileRecord } from '../types.ts';
import type { ByteSink, ByteStore, StagedFile, StageOptions } from './byte-store.ts';
import { FileCache } from './cache/file-cache.ts';
import { cacheSettings } from './cache/settings.ts';
import { DatastoreChoices, instrumentOf } from './choices.ts';
import type { ArchiveSeries } from './growing-archive/archive-series.ts';
import { stagedMember } from './growing-archive/staged-member.ts';
import { type DatasetMemory, memoryKey } from './memory/dataset-memory.ts';
import { heldFile, KeepingSink } from './memory/held.ts';
import { assemble, stagedTogether, takePart } from './parts.ts';
import { isRemote, resolveRecordPath } from './paths.ts';
import { PosixStore } from './posix/posix-store.ts';
import type { DatastoreSettings } from './settings.ts';
import { shownUrl } from './webdav/access.ts';
import { openRemote } from './webdav/remote-file.ts';
import { WebdavStore } from './webdav/webdav-store.ts';
import { splitMember } from './zip/archive.ts';
import { findMember } from './zip/find-members.ts';
import { openMember } from './zip/member-file.ts';
import { findRecorded } from './zip/member-states.ts';

export interface Usage {
  bytesRead: number;
  bytesWritten: number;
}

/** The files side of a repository: names files, writes objects and reads them back. Knows no database. */
export class FileDatastore {
  readonly root: string;
  /** Folder of `butler.yaml`; mostly the same as `root`. */
  readonly repositoryRoot: string;
  readonly store: ByteStore;
  readonly trusts: boolean;
  readonly #choices: DatastoreChoices;
  readonly #withChecksums: boolean;
  readonly #local = new PosixStore();
  readonly #remote = new WebdavStore();
  readonly #cache: FileCache;
  readonly #memory: DatasetMemory | undefined;
  #usage: Usage = { bytesRead: 0, bytesWritten: 0 };

  constructor(
    universe: DimensionUniverse,
    config: Partial<DatastoreSettings> & { root: string; repositoryRoot?: string },
    memory?: DatasetMemory,
  ) {
    this.#memory = memory;
    this.root = config.root;
    this.repositoryRoot = config.repositoryRoot ?? config.root;
    this.trusts = config.trust ?? false;
    this.#choices = new DatastoreChoices(universe, config);
    this.#withChecksums = config.checksum ?? true;
    this.store = this.storeOf(config.root);
    this.#cache = new FileCache(universe, cacheSettings(config.cached ?? {}));
  }

  /** The name of the formatter for new datasets of a type. */
  formatterFor(ref: DatasetRef): string {
    return this.#choices.formatter(ref).name;
  }

  /** The path (without extension) that the template gives a dataset. @throws BUTLER_NOT_ACCEPTED if the configuration rejects it */
  templatePath(
    ref: DatasetRef,
    dataId: Readonly<Record<string, string | number>>,
    records: Readonly<Record<string, DimensionRecord>>,
    component?: string,
  ): string {
    this.#choices.assertAccepted(ref);
    const { skypix } = ref.datasetType.dimensions;
    return this.#choices.template(ref, component).format({
      datasetType: ref.datasetType.name,
      component,
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
    const path =
      this.templatePath(ref, dataId, records) + this.#writer(formatter, ref.datasetType.storageClass).extension;
    return { path, formatter };
  }

  absolute(record: { path: string }): string {
    return resolveRecordPath(this.root, record.path);
  }

  /** Writes an object to a scratch file; `commit` puts it in place. `part`: it is a component of a dataset written in parts. */
  async stage(
    object: unknown,
    ref: DatasetRef,
    where: { path: string; formatter: string },
    options: StageOptions & { part?: { component: string; storageClass: string } } = {},
  ): Promise<{ staged: StagedFile; record: FileRecord }> {
    const { part, ...staging } = options;
    const storageClass = part?.storageClass ?? ref.datasetType.storageClass;
    const formatter = this.#writer(where.formatter, storageClass);
    const { parameters } = this.#choices.formatter(ref, part?.component, storageClass);
    const context = { ref, storageClass, parameters };
    const kept = this.#memory !== undefined && this.#memory.readersOf(ref.datasetType.name) !== 'none';
    let copy: KeepingSink | undefined;
    const write = (sink: ByteSink): Promise<void> | void => {
      copy = kept && formatter.hold === undefined ? new KeepingSink(sink) : undefined;
      return formatter.write!(object, copy ?? sink, context);
    };
    const staged = await this.store.stage(this.absolute(where), write, staging);
    const { sizeBytes, checksum } = staged.report;
    this.#usage.bytesWritten += sizeBytes;
    const digest = this.#withChecksums ? checksum : null;
    const component = part?.component ?? null;
    const record = { datasetId: ref.id, ...where, storageClass, component, sizeBytes, checksum: digest };
    if (kept && this.#memory!.fits(sizeBytes)) {
      const held = copy
        ? heldFile(copy.take(), this.absolute(where), formatter)
        : await formatter.hold!(object, 'written', context);
      if (held !== undefined) this.#memory!.keep(memoryKey(record), held);
    }
    return { staged, record };
  }

  /** Holds an object in memory, and only there, as it would be read from a file. */
  async hold(object: unknown, ref: DatasetRef, formatterName: string): Promise<{ sizeBytes: number }> {
    const { storageClass } = ref.datasetType;
    const formatter = this.#writer(formatterName, storageClass);
    const context = { ref, storageClass, parameters: this.#choices.formatter(ref, undefined, storageClass).parameters };
    let held = await formatter.hold?.(object, 'written', context);
    if (held === undefined) {
      const sink = new KeepingSink();
      await formatter.write!(object, sink, context);
      held = heldFile(sink.take(), describe(ref), formatter);
    }
    this.#memory!.hold(ref.id, held);
    return { sizeBytes: held.sizeBytes };
  }

  /** As {@link stage}, as a member of an archive: it is in memory until the staged file is synced. `where` names the member. */
  async append(
    object: unknown,
    ref: DatasetRef,
    where: { path: string; formatter: string },
    archive: ArchiveSeries,
  ): Promise<{ staged: StagedFile; record: FileRecord }> {
    const { storageClass } = ref.datasetType;
    const formatter = this.#writer(where.formatter, storageClass);
    const { parameters } = this.#choices.formatter(ref, undefined, storageClass);
    const write = (sink: ByteSink): Promise<void> | void =>
      formatter.write!(object, sink, { ref, storageClass, parameters });
    const { staged, path, storedBytes } = await stagedMember(archive, this.root, where.path, write);
    this.#usage.bytesWritten += storedBytes;
    const { sizeBytes, checksum } = staged.report;
    const digest = this.#withChecksums ? checksum : null;
    const file = { path, formatter: where.formatter, storageClass, component: null };
    return { staged, record: { datasetId: ref.id, ...file, sizeBytes, checksum: digest } };
  }

  /** As {@link stage}, in as many files as the configuration says and where its templates say. */
  async stageDataset(
    object: unknown,
    ref: DatasetRef,
    dataId: Readonly<Record<string, string | number>>,
    records: Readonly<Record<string, DimensionRecord>>,
    options: StageOptions = {},
  ): Promise<{ staged: StagedFile; records: FileRecord[] }> {
    const parts = this.#choices.parts(ref);
    if (parts === undefined) {
      const { staged, record } = await this.stage(object, ref, this.predict(ref, dataId, records), options);
      return { staged, records: [record] };
    }
    const files: { staged: StagedFile; record: FileRecord }[] = [];
    try {
      for (const [component, storageClass] of Object.entries(parts)) {
        const value = takePart(object, component);
        if (value === undefined) continue;
        const formatter = this.#choices.formatter(ref, component, storageClass).name;
        const { extension } = this.#writer(formatter, storageClass);
        const path = this.templatePath(ref, dataId, records, component) + extension;
        const part = { component, storageClass };
        files.push(await this.stage(value, ref, { path, formatter }, { ...options, part }));
      }
      if (files.length === 0) {
        const expected = `an object with ${Object.keys(parts).join(', ')}`;
        const { storageClass } = ref.datasetType;
        throw butlerErrors.BAD_OBJECT({ storageClass, expected, found: `another ${typeof object}` });
      }
    } catch (error) {
      for (const { staged } of files) await staged.discard();
      throw error;
    }
    return { staged: stagedTogether(files.map(({ staged }) => staged)), records: files.map(({ record }) => record) };
  }

  /** Reads a dataset, or the part asked for, from its files. */
  async read(ref: DatasetRef, records: readonly FileRecord[], options: GetOptions = {}): Promise<unknown> {
    const { component } = options;
    this.#assertConvertible(ref, records, options);
    // A dataset written in parts has a file for each component.
    const whole = records.find((record) => record.component === null);
    const part = component === undefined ? undefined : records.find((record) => record.component === component);
    if (part !== undefined) return this.#readFile(ref, part, undefined, options);
    if (whole !== undefined) {
      const isEntry =
        component !== undefined && this.#choices.storageClasses.isPlainComposite(whole.storageClass, component);
      if (!isEntry) return this.#readFile(ref, whole, component, options);
      const object = (await this.#readFile(ref, whole, undefined, options)) as Record<string, unknown> | null;
      return object?.[component];
    }
    if (records.length === 0) {
      const dataId = describe(ref).slice(ref.datasetType.name.length + 1);
      throw butlerErrors.NOT_STORED({ datasetType: ref.datasetType.name, dataId, id: ref.id });
    }
    // What is derived of an image written in parts (its box) is that of its pixels.
    const image = records.find((record) => record.component === 'image');
    if (component !== undefined && image !== undefined) return this.#readFile(ref, image, component, options);
    if (component !== undefined) {
      const hint = didYouMean(
        component,
        records.map((record) => record.component!),
      );
      throw butlerErrors.NO_COMPONENT({ component, storageClass: ref.datasetType.storageClass, hint });
    }
    const parts = await Promise.all(
      records.map(
        async (record) => [record.component!, await this.#readFile(ref, record, undefined, options)] as const,
      ),
    );
    return assemble(Object.fromEntries(parts));
  }

  async #readFile(
    ref: DatasetRef,
    record: FileRecord,
    component: string | undefined,
    options: GetOptions,
  ): Promise<unknown> {
    const formatter = findFormatter(record.formatter, record.storageClass);
    const path = this.absolute(record);
    if (formatter === undefined) {
      throw butlerErrors.NO_FORMATTER({ formatter: record.formatter, storageClass: record.storageClass, path });
    }
    const context: ReadContext = {
      root: this.repositoryRoot,
      ref,
      storageClass: record.storageClass,
      component,
      parameters: options.parameters ?? {},
    };
    const held = this.#memory?.get(memoryKey(record));
    if (held !== undefined) return held.read(context);
    const partial = component !== undefined || Object.keys(context.parameters).length > 0;
    const whole = formatter.needsWholeFile === true;
    await using file = await this.#file(ref, record, path, { whole, partial });
    const memory = this.#memory?.readersOf(ref.datasetType.name) === 'many' ? this.#memory : undefined;
    // Not returned at once: the file must stay until it is read.
    if (memory === undefined || whole || !memory.fits(file.sizeBytes)) return await formatter.read(file, context);
    const pages = memory.pages(memoryKey(record), path, file.sizeBytes);
    const object = await formatter.read(pages.open(file), context);
    if (partial || formatter.hold === undefined) return object;
    const kept = await formatter.hold(object, 'read', { ref, storageClass: record.storageClass });
    if (kept === undefined) return object;
    memory.keep(memoryKey(record), kept);
    return await kept.read(context);
  }

  /** Whether what is stored as one storage class can be given as another. */
  convertible(from: string, to: string): boolean {
    return this.#choices.storageClasses.convertible(from, to);
  }

  #assertConvertible(ref: DatasetRef, records: readonly FileRecord[], { storageClass, component }: GetOptions): void {
    const from = records[0]?.storageClass;
    if (storageClass === undefined || component !== undefined || from === undefined) return;
    const { storageClasses } = this.#choices;
    if (
      records.length > 1
        ? storageClass === ref.datasetType.storageClass
        : storageClasses.convertible(from, storageClass)
    )
      return;
    throw butlerErrors.NOT_CONVERTIBLE({
      datasetType: ref.datasetType.name,
      from,
      to: storageClass,
      hint: didYouMean(storageClass, storageClasses.alternatives(from)),
    });
  }

  /** Size of a recorded file, or undefined if it is gone. */
  async size(record: { path: string }): Promise<number | undefined> {
    const path = this.absolute(record);
    const { member } = splitMember(record.path);
    if (member === undefined) return (await this.storeOf(path).stat(path))?.sizeBytes;
    if (isRemote(path))
      throw butlerErrors.UNSUPPORTED({ what: `A member of an archive on a server (${shownUrl(path)})` });
    return (await findMember(path, member))?.sizeBytes;
  }

  /** {@link size} of many, in their order: every archive is looked into once. */
  async sizes(records: readonly { path: string }[]): Promise<(number | undefined)[]> {
    const out = new Array<number | undefined>(records.length);
    const isLocalMember = (record: { path: string }): boolean =>
      record.path.includes('#') && !isRemote(this.absolute(record));
    const [members, others] = [true, false].map((wanted) =>
      [...records.keys()].filter((i) => isLocalMember(records[i]) === wanted),
    );
    const found = await findRecorded(
      this.root,
      members.map((i) => records[i]),
    );
    members.forEach((i, at) => {
      out[i] = found[at].member?.sizeBytes;
    });
    await Promise.all(
      others.map(async (i) => {
        out[i] = await this.size(records[i]);
      }),
    );
    return out;
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
    { whole, partial }: { whole: boolean; partial: boolean },
  ): Promise<FormatterFile & AsyncDisposable> {
    const { member } = splitMember(record.path);
    const sizeBytes = await this.size(record);
    const shown = member === undefined ? shownUrl(path) : `${path}#${member}`;
    if (sizeBytes === undefined) throw butlerErrors.FILE_MISSING({ path: shown, dataset: describe(ref) });
    // Some repositories record no size: -1 or null.
    if (record.sizeBytes >= 0 && record.sizeBytes !== null && sizeBytes !== record.sizeBytes) {
      throw butlerErrors.FILE_SIZE({ path: shown, expected: record.sizeBytes, found: sizeBytes });
    }
    const countRead = (bytes: number): void => {
      this.#usage.bytesRead += bytes;
    };
    if (isRemote(path)) {
      const keeps = this.#cache.keeps(ref.datasetType, instrumentOf(ref));
      return openRemote({
        store: this.#remote,
        url: path,
        sizeBytes,
        name: record.component === null ? ref.id : `${ref.id}_${record.component}`,
        cache: keeps ? this.#cache : undefined,
        whole,
        partial,
        countRead,
      });
    }
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

  /** What reads a path or URL, wherever it is. */
  storeOf(path: string): ByteStore {
    return isRemote(path) ? this.#remote : this.#local;
  }

  #writer(name: string, storageClass: string): Formatter {
    const formatter = findFormatter(name, storageClass);
    if (formatter?.write === undefined)
      throw butlerErrors.NO_WRITER({ storageClass, hint: ` Its formatter would be ${name}.` });
    return formatter;
  }
}
