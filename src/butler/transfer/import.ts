// SPDX-License-Identifier: BSD-3-Clause
import { existsSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import type { Butler } from '../butler.ts';
import { transaction } from '../datasets/transaction.ts';
import { relativeTo } from '../datastore/paths.ts';
import { ResourcePath } from '../datastore/resource-path.ts';
import { describe } from '../registry/datasets.ts';
import type { DatasetRef, FileRecord, TransferMode } from '../types.ts';
import { transferErrors } from './errors.ts';
import { type ImportPlan, type PlannedFile, planImport } from './import-plan.ts';
import { knownDatasets, registerPlan } from './import-yaml.ts';
import { type Placement, placeFile } from './place.ts';
import { atOnce, commitAll, placeMany, undoAll } from './place-many.ts';
import { readText } from './read-text.ts';
import { overlay } from './records-overlay.ts';
import { templatePaths } from './template-paths.ts';
import { claimPaths } from './used-paths.ts';

export interface ImportOptions {
  /** Folder that the paths of the export are relative to. */
  readonly directory: string;
  /** Sought in the working directory, then in `directory`. Default: `export.yaml` in `directory`. */
  readonly exportFile?: string;
  /** `none`: the files are in the datastore already. */
  readonly transfer: TransferMode | 'none';
  /** Elements whose records are not brought in, because they are here or come otherwise. */
  readonly skipDimensions?: readonly string[];
  /** Keep sizes and checksums of files in their records. Default true. */
  readonly trackFileAttributes?: boolean;
  readonly dryRun?: boolean;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface RepositoryImportReport {
  readonly file: string;
  /** Datasets that came, and those that were here already. */
  readonly datasets: number;
  readonly present: number;
  readonly files: number;
  readonly sizeBytes: number;
  /** Dimension records written. */
  readonly records: number;
  readonly datasetTypes: readonly string[];
  readonly collections: readonly string[];
}

/** Thrown to take a dry run back. */
class DryRun extends Error {}

/**
 * Brings an export into a repository: everything it names, or nothing. Everything is checked before the first file is moved, and
 * the same import can be repeated: what is here already stays as it is.
 * @throws IMPORT_*, TRANSFER_*, BUTLER_*; with the place in the export where one can be given
 */
export async function importRepository(butler: Butler, options: ImportOptions): Promise<RepositoryImportReport> {
  const { registry, datastore } = butler;
  const directory = ResourcePath.parse(options.directory).localPath;
  const file = exportPath(directory, options.exportFile);
  // The schema of exports is much code that few commands need.
  const { parseExport } = await import('./export-file.ts');
  const plan = await planImport(registry, parseExport(readText(file), file), options.skipDimensions);
  const refs = plan.files.flatMap((one) => one.refs);
  const known = await knownDatasets(registry, refs);
  const fresh = refs.filter((ref) => !known.has(ref.id));
  const arrivals = await arrivalsOf(butler, plan, known, directory, options);
  const report = {
    file,
    datasets: fresh.length,
    present: refs.length - fresh.length,
    files: arrivals.length,
    sizeBytes: arrivals.reduce((sum, one) => sum + one.sizeBytes, 0),
    datasetTypes: plan.types.map((type) => type.name),
    collections: plan.collections.map((info) => info.name),
  };
  if (options.dryRun === true) return { ...report, records: await rehearse(butler, plan, fresh) };
  const stays = options.transfer === 'direct' || options.transfer === 'none';
  const named = arrivals.map(({ refs: [ref], source }) => ({ ref, source }));
  const paths = stays ? [] : await templatePaths(butler, overlay(registry.records, plan.records), named);
  const targets = new Map(arrivals.map((arrival, i) => [arrival, paths[i]]));
  const place = (arrival: Arrival): Promise<Placement> =>
    placeFile(datastore, arrival.source, modeOf(options.transfer), () => targets.get(arrival)!);
  const placements = await placeMany(arrivals, place, (done) => options.onProgress?.(done, arrivals.length));
  try {
    let moving = false;
    const register = (): Promise<number> =>
      registerPlan(registry, plan, fresh, async () => {
        await claimPaths(registry, placements, (i) => arrivals[i].source);
        const tracked = options.trackFileAttributes ?? true;
        await registry.files.insert(arrivals.flatMap((one, i) => fileRecords(butler, one, placements[i], tracked)));
        moving = true;
        await commitAll(placements);
      });
    const records = await transaction(registry.db, register, { repeatable: () => !moving });
    return { ...report, records };
  } catch (error) {
    await undoAll(placements);
    throw error;
  }
}

/** A file of the export that is needed here, and those of its datasets that have none yet. */
interface Arrival {
  readonly source: string;
  readonly refs: readonly DatasetRef[];
  readonly planned: PlannedFile;
  readonly sizeBytes: number;
}

async function arrivalsOf(
  butler: Butler,
  plan: ImportPlan,
  known: ReadonlySet<string>,
  directory: string,
  { transfer }: ImportOptions,
): Promise<Arrival[]> {
  const present = plan.files.flatMap((one) => one.refs.filter((ref) => known.has(ref.id)).map((ref) => ref.id));
  const stored = new Set((await butler.getFileRecords(present)).flatMap((all) => all.map((one) => one.datasetId)));
  const out: Arrival[] = [];
  await atOnce(
    plan.files,
    async (planned) => {
      const refs = planned.refs.filter((ref) => !stored.has(ref.id));
      if (refs.length === 0) return;
      const base = transfer === 'none' ? butler.datastoreRoot : directory;
      const source = sourcePath(base, planned);
      const found = await butler.datastore.store.stat(source);
      if (found === undefined) {
        throw transferErrors.SOURCE_MISSING({ path: source, dataset: describe(refs[0]) }, { place: planned.place() });
      }
      if (transfer === 'none' && relativeTo(butler.datastoreRoot, source) === undefined) {
        throw transferErrors.NOT_IN_STORE({ path: source, root: butler.datastoreRoot }, { place: planned.place() });
      }
      out.push({ source, refs, planned, sizeBytes: found.sizeBytes });
    },
    32,
  );
  // The order of work is that of the export, not that in which files were found.
  const order = new Map(plan.files.map((planned, i) => [planned, i]));
  return out.sort((a, b) => order.get(a.planned)! - order.get(b.planned)!);
}

/** An absolute path or URI was written on purpose (files that stay where they are); a relative one may not leave the folder. */
function sourcePath(base: string, { path, place }: PlannedFile): string {
  if (/^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(path)) return ResourcePath.parse(path).localPath;
  if (isAbsolute(path)) return path;
  const absolute = resolve(base, path);
  if (relativeTo(base, absolute) === undefined) throw transferErrors.OUTSIDE({ path, root: base }, { place: place() });
  return absolute;
}

function modeOf(transfer: ImportOptions['transfer']): TransferMode {
  return transfer === 'none' ? 'auto' : transfer;
}

function fileRecords(butler: Butler, arrival: Arrival, placement: Placement, tracked: boolean): FileRecord[] {
  return arrival.refs.map((ref) => ({
    datasetId: ref.id,
    path: placement.path,
    formatter: arrival.planned.formatter ?? butler.datastore.formatterFor(ref),
    storageClass: ref.datasetType.storageClass,
    component: null,
    sizeBytes: tracked ? placement.sizeBytes : -1,
    checksum: tracked ? placement.checksum : null,
  }));
}

/** Does all that happens in the registry and takes it back: what would fail fails now. */
async function rehearse(butler: Butler, plan: ImportPlan, fresh: readonly DatasetRef[]): Promise<number> {
  let records = 0;
  try {
    await butler.registry.db.transaction(async () => {
      records = await registerPlan(butler.registry, plan, fresh);
      throw new DryRun();
    });
  } catch (error) {
    if (!(error instanceof DryRun)) throw error;
  }
  return records;
}

function exportPath(directory: string, name: string | undefined): string {
  if (name === undefined) return resolve(directory, 'export.yaml');
  if (/^file:\/\//.test(name)) return ResourcePath.parse(name).localPath;
  return existsSync(name) ? resolve(name) : resolve(directory, name);
}
