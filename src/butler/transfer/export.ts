// SPDX-License-Identifier: BSD-3-Clause
import { existsSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import type { Butler } from '../butler.ts';
import type { DatasetAssociation } from '../contract.ts';
import type { ByteStore, StagedFile } from '../datastore/byte-store.ts';
import { PosixStore, pour } from '../datastore/posix/posix-store.ts';
import { readMember, splitMember } from '../datastore/zip/archive.ts';
import { findMember } from '../datastore/zip/find-members.ts';
import { describe } from '../registry/datasets.ts';
import type { CollectionInfo, DatasetRef, DatasetType, FileRecord } from '../types.ts';
import { orderCollections } from './collection-order.ts';
import { transferErrors } from './errors.ts';
import { type ExportedFile, ExportWriter } from './export-write.ts';
import { type FileGroup, groupFiles } from './file-groups.ts';
import { neededRecords } from './needed-records.ts';
import { atOnce } from './place-many.ts';

export type ExportTransfer = 'none' | 'direct' | 'auto' | 'copy' | 'link' | 'hardlink' | 'symlink' | 'relsymlink';

export interface ExportOptions {
  /** Folder for the files and the export file; made if need be. */
  readonly directory: string;
  /** Name of the export file, in `directory` unless absolute. Default `export.yaml`. */
  readonly fileName?: string;
  /**
   * `none`: paths in the datastore are written and no file is touched; `direct`: addresses of the files where they are; otherwise files
   * are copied or linked into `directory`, at their path in the datastore. `auto` is `copy`.
   */
  readonly transfer: ExportTransfer;
  /**
   * Collections to write besides the runs of the datasets; TAGGED and CALIBRATION ones with those of their members that are
   * exported. Of a chain, the members are written too.
   */
  readonly collections?: readonly string[];
  /** Replaces the export file and files that are there. */
  readonly overwrite?: boolean;
  readonly dryRun?: boolean;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface ExportReport {
  readonly file: string;
  readonly datasets: number;
  readonly files: number;
  readonly sizeBytes: number;
  readonly collections: readonly string[];
  readonly datasetTypes: readonly string[];
  /** Records by element. */
  readonly records: Readonly<Record<string, number>>;
}

/**
 * Writes datasets with all that another repository needs to take them in: dimension records, dataset types, runs, and the
 * collections asked for. The export file comes last and whole: where it is, everything it names is.
 * @throws TRANSFER_EXISTS, TRANSFER_IN_PARTS, BUTLER_NOT_STORED, TRANSFER_SOURCE_MISSING
 */
export async function exportDatasets(
  butler: Butler,
  refs: readonly DatasetRef[],
  options: ExportOptions,
): Promise<ExportReport> {
  const directory = resolve(options.directory);
  const file = resolve(directory, options.fileName ?? 'export.yaml');
  if (options.overwrite !== true && existsSync(file)) throw transferErrors.EXISTS({ path: file, what: 'the export' });
  const unique = [...new Map(refs.map((ref) => [ref.id, ref])).values()];
  const groups = await wholeFiles(butler, unique, options.transfer);
  const collections = await collectionsFor(butler, unique, options.collections ?? []);
  const records = await neededRecords(
    butler.registry,
    unique.map((ref) => ref.dataId),
  );
  const sizeBytes = await sizeOf(butler, groups);
  const report: ExportReport = {
    file,
    datasets: unique.length,
    files: groups.length,
    sizeBytes,
    collections: collections.map((one) => one.name),
    datasetTypes: [...new Set(unique.map((ref) => ref.datasetType.name))].sort(),
    records: Object.fromEntries([...records].map(([name, rows]) => [name, rows.length])),
  };
  if (options.dryRun === true) return report;
  await copyFiles(butler, groups, directory, options);
  const associations = await associationsOf(butler, unique, collections);
  await new PosixStore().writeAtomic(file, (sink) => {
    const writer = new ExportWriter(sink, butler.universe);
    for (const [element, rows] of records) writer.dimension(element, rows);
    for (const info of collections) writer.collection(info);
    for (const [type, run, files] of sections(groups, options.transfer)) {
      writer.datasetType(type);
      writer.datasets(type, run, files);
    }
    for (const { name, type } of collections) {
      const members = associations.get(name);
      if (members !== undefined) writer.associations(name, type as 'TAGGED' | 'CALIBRATION', members);
    }
  });
  return report;
}

/** A file to export; of a member of an archive, the file that it becomes. */
interface ExportGroup extends FileGroup {
  readonly member?: string;
}

/** The format has one file a dataset and no members of archives: these come out as files where files are copied. */
async function wholeFiles(
  butler: Butler,
  refs: readonly DatasetRef[],
  transfer: ExportTransfer,
): Promise<ExportGroup[]> {
  const records = await butler.getFileRecords(refs.map((ref) => ref.id));
  const members: ExportGroup[] = [];
  const inFiles = refs.map((ref, i) => {
    if (records[i].length > 1) throw transferErrors.IN_PARTS({ dataset: describe(ref), files: records[i].length });
    const [record] = records[i];
    const member = record && splitMember(record.path).member;
    if (member === undefined) return true;
    if (transfer !== 'auto' && transfer !== 'copy')
      throw transferErrors.IN_ARCHIVE({ dataset: describe(ref), path: record.path });
    const [group] = groupFiles(butler.datastore, [ref], [[record]]);
    members.push({ ...group, path: `${group.path.slice(0, group.path.lastIndexOf('/') + 1)}${member}`, member });
    return false;
  });
  const files = refs
    .keys()
    .filter((i) => inFiles[i])
    .toArray();
  const whole = groupFiles(
    butler.datastore,
    files.map((i) => refs[i]),
    files.map((i) => records[i]),
  );
  return [...whole, ...members];
}

async function sizeOf(butler: Butler, groups: readonly ExportGroup[]): Promise<number> {
  const paths = groups.map(({ member, records, path }) => ({ path: member === undefined ? path : records[0].path }));
  const sizes = await butler.datastore.sizes(paths);
  return sizes.reduce<number>((sum, size, i) => {
    const { source, refs } = groups[i];
    if (size === undefined) throw transferErrors.SOURCE_MISSING({ path: source, dataset: describe(refs[0]) });
    return sum + size;
  }, 0);
}

/** Where a group's file goes in the export's folder: its place in the datastore, or of a file outside its whole path. */
function targetIn(group: ExportGroup): string {
  return isAbsolute(group.path) || group.path.includes('://') ? group.source.slice(1) : group.path;
}

async function copyFiles(
  butler: Butler,
  groups: readonly ExportGroup[],
  directory: string,
  { transfer, overwrite, onProgress }: ExportOptions,
): Promise<void> {
  if (transfer === 'none' || transfer === 'direct') return;
  const { store } = butler.datastore;
  let done = 0;
  await atOnce(groups, async (group) => {
    const target = join(directory, targetIn(group));
    if (overwrite !== true && existsSync(target)) {
      // An export that was cut short is taken up again: what is there whole need not come twice.
      const [old, now] = await Promise.all([store.stat(target), sizeOf(butler, [group])]);
      if (old?.sizeBytes !== now) throw transferErrors.EXISTS({ path: target, what: group.source });
    } else {
      await (await stage(store, group, target, transfer)).commit();
    }
    onProgress?.(++done, groups.length);
  });
}

async function stage(
  store: ByteStore,
  { source, member }: ExportGroup,
  target: string,
  transfer: Exclude<ExportTransfer, 'none' | 'direct'>,
): Promise<StagedFile> {
  if (member !== undefined) {
    const bytes = await readMember(store, source, (await findMember(source, member))!);
    return store.stage(target, (sink) => sink.write(bytes));
  }
  if (transfer === 'auto' || transfer === 'copy') return store.stage(target, (sink) => pour(source, sink));
  return store.stageLink(target, source, transfer === 'link' ? 'hardlink' : transfer);
}

/** Runs, tags and calibrations by name, then chains, each after those it contains. */
async function collectionsFor(
  butler: Butler,
  refs: readonly DatasetRef[],
  wanted: readonly string[],
): Promise<CollectionInfo[]> {
  const all = new Map<string, CollectionInfo>();
  const add = async (name: string): Promise<void> => {
    if (all.has(name)) return;
    const info = await butler.getCollection(name);
    all.set(name, info);
    for (const child of info.children ?? []) await add(child);
  };
  for (const name of new Set(refs.map((ref) => ref.run))) await add(name);
  for (const name of wanted) await add(name);
  return orderCollections([...all.values()]);
}

async function associationsOf(
  butler: Butler,
  refs: readonly DatasetRef[],
  collections: readonly CollectionInfo[],
): Promise<Map<string, DatasetAssociation[]>> {
  const out = new Map<string, DatasetAssociation[]>();
  const names = collections.filter(({ type }) => type === 'TAGGED' || type === 'CALIBRATION').map(({ name }) => name);
  if (names.length === 0) return out;
  const exported = new Set(refs.map((ref) => ref.id));
  for (const type of new Set(refs.map((ref) => ref.datasetType.name))) {
    for await (const association of butler.associations(type, { collections: names })) {
      if (!exported.has(association.ref.id)) continue;
      const members = out.get(association.collection);
      if (members === undefined) out.set(association.collection, [association]);
      else members.push(association);
    }
  }
  return out;
}

/** Files by dataset type and run, in an order that is always the same. */
function* sections(
  groups: readonly ExportGroup[],
  transfer: ExportTransfer,
): Generator<[DatasetType, string, ExportedFile[]]> {
  const byKey = new Map<string, { type: DatasetType; run: string; files: ExportedFile[] }>();
  for (const group of groups) {
    for (const [key, refs] of Map.groupBy(group.refs, (ref) => `${ref.datasetType.name}\u0000${ref.run}`)) {
      const { datasetType: type, run } = refs[0];
      const section = byKey.get(key) ?? { type, run, files: [] };
      byKey.set(key, section);
      const path = transfer === 'none' ? group.path : transfer === 'direct' ? group.uri : targetIn(group);
      section.files.push({ refs, path, formatter: exportedFormatter(group.records[0]) });
    }
  }
  for (const [, { type, run, files }] of [...byKey].sort(([a], [b]) => (a < b ? -1 : 1))) {
    files.sort((a, b) => (a.path < b.path ? -1 : 1));
    yield [type, run, files];
  }
}

/** Others do not know our own formatters, and take the one of the storage class when none is named; so do we. */
function exportedFormatter(record: FileRecord): string | undefined {
  return record.formatter.startsWith('skymill.') ? undefined : record.formatter;
}
