// SPDX-License-Identifier: BSD-3-Clause
import { isAbsolute } from 'node:path';
import type { Butler } from '../butler.ts';
import { setChain } from '../collections/chains.ts';
import { associate, certify } from '../collections/members.ts';
import { transaction } from '../datasets/transaction.ts';
import { butlerErrors } from '../errors.ts';
import { describe } from '../registry/datasets.ts';
import type { DatasetRef, DatasetType, FileRecord, TransferMode } from '../types.ts';
import { orderCollections } from './collection-order.ts';
import { transferErrors } from './errors.ts';
import { type FileGroup, groupFiles } from './file-groups.ts';
import { insertDatasets, knownDatasets, notCertified } from './import-yaml.ts';
import { neededRecords, type RecordsByElement } from './needed-records.ts';
import { type Placement, placedAlready, placeFile } from './place.ts';
import { atOnce, commitAll, placeMany, undoAll } from './place-many.ts';
import { overlay } from './records-overlay.ts';
import { templatePaths } from './template-paths.ts';
import { claimPaths } from './used-paths.ts';

/** Datasets in one transaction. */
const batchSize = 10_000;

export interface TransferOptions {
  readonly transfer: TransferMode;
  /** Makes dataset types that are not in the destination; else they are an error. */
  readonly registerDatasetTypes?: boolean;
  /** Brings dimension records along. Default true; without, they must be there. */
  readonly transferDimensions?: boolean;
  /** Datasets without a file, or whose file is gone, are left out; else they are an error. Default true. */
  readonly skipMissing?: boolean;
  /** TAGGED, CALIBRATION and CHAINED collections that come along, with those of their members that are in the destination then. */
  readonly collections?: readonly string[];
  readonly dryRun?: boolean;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface TransferReport {
  /** Datasets that came. */
  transferred: number;
  /** Datasets that were there already. */
  present: number;
  /** Datasets left out because they have no file. */
  missing: { id: string; dataset: string; reason: string }[];
  files: number;
  sizeBytes: number;
  /** Dimension records written. */
  records: number;
  datasetTypes: string[];
  runs: string[];
  collections: string[];
}

/**
 * Brings datasets from one repository to another. They keep their ids, runs, paths and checksums; files come by `transfer` mode and
 * are in place when their datasets are registered. Batches commit one after the other: an interrupted transfer that is repeated
 * goes on where it stopped.
 * @throws TRANSFER_MISSING_TYPE, TRANSFER_DIFFERENT_DATASET, TRANSFER_SOURCE_MISSING, TRANSFER_NO_MOVE, BUTLER_DATASET_CONFLICT
 */
export async function transferDatasets(
  source: Butler,
  destination: Butler,
  refs: readonly DatasetRef[],
  options: TransferOptions,
): Promise<TransferReport> {
  if (options.transfer === 'move') throw transferErrors.NO_MOVE({ what: 'A transfer between repositories' });
  const unique = [...new Map(refs.map((ref) => [ref.id, ref])).values()];
  const types = await registerTypes(source, destination, unique, options);
  const report: TransferReport = {
    transferred: 0,
    present: 0,
    missing: [],
    files: 0,
    sizeBytes: 0,
    records: 0,
    datasetTypes: [...types.keys()].sort(),
    runs: [...new Set(unique.map((ref) => ref.run))].sort(),
    collections: [],
  };
  if (options.dryRun !== true) await registerRuns(source, destination, report.runs);
  for (let start = 0; start < unique.length; start += batchSize) {
    const batch = unique.slice(start, start + batchSize);
    await transferBatch(source, destination, batch, types, options, report, (done) =>
      options.onProgress?.(start + done, unique.length),
    );
  }
  await transferCollections(source, destination, unique, options, report);
  return report;
}

/** Types as the destination has them, by name. */
async function registerTypes(
  source: Butler,
  destination: Butler,
  refs: readonly DatasetRef[],
  options: TransferOptions,
): Promise<Map<string, DatasetType>> {
  const { universe, registry } = destination;
  const out = new Map<string, DatasetType>();
  const make: DatasetType[] = [];
  for (const { datasetType: type } of new Map(refs.map((ref) => [ref.datasetType.name, ref])).values()) {
    if (source.universe.namespace !== universe.namespace) {
      const text = (one: Butler['universe']): string => `${one.namespace} ${one.version}`;
      throw transferErrors.UNIVERSE({ what: source.root, found: text(source.universe), here: text(universe) });
    }
    const wanted: DatasetType = { ...type, dimensions: universe.conform(type.dimensions.required) };
    const found = await registry.types.find(type.name);
    if (found === undefined && options.registerDatasetTypes !== true) {
      throw transferErrors.MISSING_TYPE({ name: type.name, repository: destination.root });
    }
    // The destination may keep a type under another storage class; its dimensions must be the same.
    if (found !== undefined && found.type.dimensions !== wanted.dimensions) {
      const list = (one: DatasetType): string => `{${one.dimensions.required.join(', ')}}`;
      const [old, next] = [list(found.type), list(wanted)];
      throw butlerErrors.DATASET_TYPE_CONFLICT({ name: type.name, what: 'dimensions', old, new: next });
    }
    if (found === undefined) make.push(wanted);
    out.set(type.name, found?.type ?? wanted);
  }
  if (make.length > 0 && options.dryRun !== true) await registry.types.register(make);
  return out;
}

async function registerRuns(source: Butler, destination: Butler, runs: readonly string[]): Promise<void> {
  const infos = new Map((await source.listCollections(undefined, ['RUN'])).map((info) => [info.name, info]));
  for (const run of runs) await destination.registry.collections.register(run, 'RUN', infos.get(run)?.doc || undefined);
}

async function transferBatch(
  source: Butler,
  destination: Butler,
  batch: readonly DatasetRef[],
  types: ReadonlyMap<string, DatasetType>,
  options: TransferOptions,
  report: TransferReport,
  onProgress: (done: number) => void,
): Promise<void> {
  const { registry, datastore, universe } = destination;
  const coming = batch.map((ref): DatasetRef => {
    const type = types.get(ref.datasetType.name)!;
    return { ...ref, datasetType: type, dataId: universe.coordinate(type.dimensions, ref.dataId.toDataId()) };
  });
  const known = await knownDatasets(registry, coming);
  const stored = await storedIds(destination, [...known]);
  const wanted = coming.filter((ref) => !stored.has(ref.id));
  report.present += coming.length - wanted.length;
  const recorded = await source.getFileRecords(wanted.map((ref) => ref.id));
  const { refs, records } = await withFiles(source, wanted, recorded, options, report);
  const groups = groupFiles(source.datastore, refs, records);
  for (const group of groups) report.sizeBytes += await sizeOf(source, group);
  report.transferred += refs.length;
  report.files += groups.length;
  if (options.dryRun === true || refs.length === 0) return onProgress(batch.length);
  const dimensions: RecordsByElement =
    (options.transferDimensions ?? true)
      ? await neededRecords(
          source.registry,
          batch.map((ref) => ref.dataId),
        )
      : new Map();
  const targets = await targetPaths(destination, groups, dimensions, options.transfer);
  let placed = 0;
  const place = async (group: FileGroup): Promise<Placement> => {
    const placement =
      (await archiveAt(destination, group, targets.get(group))) ??
      (await placeFile(datastore, group.source, transferOf(group, options.transfer), () => targets.get(group)!));
    try {
      assertWhole(group, placement);
    } catch (error) {
      await placement.undo();
      throw error;
    }
    placed += group.refs.length;
    onProgress(coming.length - wanted.length + placed);
    return placement;
  };
  const placements = await placeMany(groups, place);
  try {
    let moving = false;
    const register = async (): Promise<number> => {
      let records = 0;
      for (const [element, rows] of dimensions) records += await registry.records.insert(element, rows, 'skip');
      await insertDatasets(
        registry,
        refs.filter((ref) => !known.has(ref.id)),
      );
      await claimPaths(registry, placements, (i) => groups[i].source);
      await registry.files.insert(groups.flatMap((group, i) => newRecords(group, placements[i])));
      moving = true;
      await commitAll(placements);
      return records;
    };
    report.records += await transaction(registry.db, register, { repeatable: () => !moving });
  } catch (error) {
    await undoAll(placements);
    throw error;
  }
}

async function storedIds(butler: Butler, ids: readonly string[]): Promise<Set<string>> {
  const records = await butler.getFileRecords(ids);
  return new Set(ids.filter((_id, i) => records[i].length > 0));
}

/** Datasets whose files are all there. */
async function withFiles(
  source: Butler,
  refs: readonly DatasetRef[],
  records: readonly FileRecord[][],
  options: TransferOptions,
  report: TransferReport,
): Promise<{ refs: DatasetRef[]; records: FileRecord[][] }> {
  const gone = new Set<string>();
  const paths = new Set(records.flat().map((record) => record.path.split('#')[0]));
  const look = async (path: string): Promise<void> => {
    if ((await source.datastore.size({ path })) === undefined) gone.add(path);
  };
  await atOnce([...paths], look, 32);
  const reasons = records.map((all): string | undefined => {
    if (all.length === 0) return 'it is registered without a file';
    const lost = all.map((record) => record.path.split('#')[0]).find((path) => gone.has(path));
    return lost === undefined ? undefined : `${source.datastore.absolute({ path: lost })} does not exist`;
  });
  const keep = refs.map((_ref, i) => i).filter((i) => reasons[i] === undefined);
  refs.forEach((ref, i) => {
    const reason = reasons[i];
    if (reason === undefined) return;
    if (options.skipMissing === false) throw transferErrors.SOURCE_MISSING({ path: reason, dataset: describe(ref) });
    report.missing.push({ id: ref.id, dataset: describe(ref), reason });
  });
  return { refs: keep.map((i) => refs[i]), records: keep.map((i) => records[i]) };
}

/** An archive that came with other members of it need not come again. One that has grown since does, in its place. */
async function archiveAt(
  destination: Butler,
  { source, records }: FileGroup,
  path: string | undefined,
): Promise<Placement | undefined> {
  if (path === undefined || !records[0].path.includes('#')) return undefined;
  const { datastore } = destination;
  const [there, here] = await Promise.all([datastore.size({ path }), datastore.storeOf(source).stat(source)]);
  return there !== undefined && there === here?.sizeBytes ? placedAlready(path, there) : undefined;
}

async function sizeOf(source: Butler, group: FileGroup): Promise<number> {
  const known = group.records[0].path.includes('#') ? -1 : group.records[0].sizeBytes;
  return known >= 0 ? known : ((await source.datastore.size({ path: group.path })) ?? 0);
}

/** Files outside of the source's datastore stay where they are unless a way was asked for. */
function transferOf(group: FileGroup, mode: TransferMode): TransferMode {
  return mode === 'auto' ? (isOutside(group) ? 'direct' : 'copy') : mode;
}

function isOutside(group: FileGroup): boolean {
  return isAbsolute(group.path) || group.path.includes('://');
}

/** A file keeps its path in the datastore; one from outside gets that of the template. */
async function targetPaths(
  destination: Butler,
  groups: readonly FileGroup[],
  coming: RecordsByElement,
  transfer: TransferMode,
): Promise<Map<FileGroup, string>> {
  const out = new Map<FileGroup, string>();
  for (const group of groups) if (!isOutside(group)) out.set(group, group.path);
  const moving = groups.filter((group) => isOutside(group) && transferOf(group, transfer) !== 'direct');
  const files = moving.map(({ refs: [ref], source }) => ({ ref, source }));
  const paths = await templatePaths(destination, overlay(destination.registry.records, coming), files);
  moving.forEach((group, i) => {
    out.set(group, paths[i]);
  });
  return out;
}

/** What was copied must be what was recorded: damage does not travel unseen. */
function assertWhole(group: FileGroup, placement: Placement): void {
  const [record] = group.records;
  if (record.path.includes('#')) return;
  if (record.sizeBytes !== null && record.sizeBytes >= 0 && record.sizeBytes !== placement.sizeBytes) {
    throw butlerErrors.FILE_SIZE({ path: group.source, expected: record.sizeBytes, found: placement.sizeBytes });
  }
  if (record.checksum !== null && placement.checksum !== null && record.checksum !== placement.checksum) {
    throw transferErrors.CHECKSUM({ path: group.source });
  }
}

function newRecords(group: FileGroup, placement: Placement): FileRecord[] {
  return group.records.map((record) => {
    const member = record.path.slice(group.path.length); // `#zip-path=…` of a member, else nothing
    const checksum = record.checksum ?? (member === '' ? placement.checksum : null);
    return { ...record, path: placement.path + member, checksum };
  });
}

/** Collections with those members that the destination has now. */
async function transferCollections(
  source: Butler,
  destination: Butler,
  refs: readonly DatasetRef[],
  options: TransferOptions,
  report: TransferReport,
): Promise<void> {
  if (options.collections === undefined || options.collections.length === 0) return;
  const infos = new Map<string, Awaited<ReturnType<Butler['getCollection']>>>();
  const add = async (name: string): Promise<void> => {
    if (infos.has(name)) return;
    const info = await source.getCollection(name);
    infos.set(name, info);
    for (const child of info.children ?? []) await add(child);
  };
  for (const name of options.collections) await add(name);
  const ordered = orderCollections([...infos.values()]);
  report.collections = ordered.map((info) => info.name);
  if (options.dryRun === true) return;
  const { registry } = destination;
  const ids = new Set(refs.map((ref) => ref.id));
  const missing = new Set(report.missing.map((one) => one.id));
  await registry.db.transaction(async () => {
    for (const { name, type, doc } of ordered) await registry.collections.register(name, type, doc || undefined);
    for (const { name, children } of ordered) if (children !== undefined) await setChain(registry, name, children);
    const names = ordered.filter(({ type }) => type === 'TAGGED' || type === 'CALIBRATION').map(({ name }) => name);
    for (const type of names.length === 0 ? [] : report.datasetTypes) {
      const members = [];
      for await (const one of source.associations(type, { collections: names })) {
        if (ids.has(one.ref.id) && !missing.has(one.ref.id)) members.push(one);
      }
      const groups = Map.groupBy(members, (one) =>
        one.timespan === undefined
          ? one.collection
          : `${one.collection}\u0000${one.timespan.beginNs}/${one.timespan.endNs}`,
      );
      for (const group of groups.values()) {
        const [{ collection, timespan }] = group;
        const here = group.map((one) => one.ref);
        if (timespan === undefined) await associate(registry, collection, here);
        else await certify(registry, collection, await notCertified(registry, collection, here, timespan), timespan);
      }
    }
  });
}
