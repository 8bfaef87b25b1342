// SPDX-License-Identifier: BSD-3-Clause
import { formatUuid } from '../../base/index.ts';
import { setChain } from '../collections/chains.ts';
import { associate, certify } from '../collections/members.ts';
import { butlerErrors } from '../errors.ts';
import { describe } from '../registry/datasets.ts';
import type { Registry } from '../registry/registry.ts';
import { joinValues } from '../registry/values-join.ts';
import { fromStoredTimespan, timespansEqual } from '../timespan.ts';
import type { DatasetRef, Timespan } from '../types.ts';
import { transferErrors } from './errors.ts';
import type { ExportFile } from './export-file.ts';
import { importErrors } from './import-errors.ts';
import { at, type ImportPlan, planImport } from './import-plan.ts';

/** What an import put into a registry, and the files that its datasets name. */
export interface ImportReport {
  readonly records: number;
  readonly datasets: number;
  /** Paths are relative to the export's folder. */
  readonly files: readonly {
    readonly path: string;
    readonly ids: readonly string[];
    readonly formatter: string | undefined;
  }[];
}

/**
 * Brings an export (YAML of a Gen3 repository) into a registry, in one transaction: dimension records that exist are left alone,
 * collections and dataset types are made unless they exist, datasets keep their ids, and those that are here already stay.
 * Files are not moved: the report lists them.
 */
export async function importYaml(registry: Registry, text: string, file: string): Promise<ImportReport> {
  const { parseExport } = await import('./export-file.ts');
  return importExport(registry, parseExport(text, file));
}

export async function importExport(registry: Registry, exported: ExportFile): Promise<ImportReport> {
  const plan = await planImport(registry, exported);
  const refs = plan.files.flatMap((one) => one.refs);
  const known = await knownDatasets(registry, refs);
  const fresh = refs.filter((ref) => !known.has(ref.id));
  const records = await registerPlan(registry, plan, fresh);
  const files = plan.files.map(({ path, refs, formatter }) => ({ path, ids: refs.map((ref) => ref.id), formatter }));
  return { records, datasets: fresh.length, files };
}

/**
 * Ids of those datasets that are here already as they come.
 * @throws TRANSFER_DIFFERENT_DATASET if an id stands for something else here
 */
export async function knownDatasets(registry: Registry, refs: readonly DatasetRef[]): Promise<Set<string>> {
  const known = new Set<string>();
  const found = await registry.datasets.byIds(refs.map((ref) => ref.id));
  refs.forEach((ref, i) => {
    const here = found[i];
    if (here === undefined) return;
    const same =
      here.datasetType.name === ref.datasetType.name && here.run === ref.run && here.dataId.key === ref.dataId.key;
    if (!same) {
      const text = (one: DatasetRef): string => `${describe(one)} in "${one.run}"`;
      throw transferErrors.DIFFERENT_DATASET({ id: ref.id, here: text(here), there: text(ref) });
    }
    known.add(ref.id);
  });
  return known;
}

/**
 * Puts a plan into the registry, in one transaction. `files` runs inside of it, last.
 * @param fresh datasets that are new here
 * @returns dimension records written
 */
export async function registerPlan(
  registry: Registry,
  plan: ImportPlan,
  fresh: readonly DatasetRef[],
  files?: () => Promise<void>,
): Promise<number> {
  const register = async (): Promise<number> => {
    await registry.types.register(plan.types);
    for (const { name, type, doc } of plan.collections) {
      await registry.collections.register(name, type, doc === '' ? undefined : doc);
    }
    for (const { name, children } of plan.collections) {
      if (children !== undefined) await setChain(registry, name, children);
    }
    let records = 0;
    for (const [element, rows] of plan.records) records += await registry.records.insert(element, rows, 'skip');
    await insertDatasets(registry, fresh);
    const refs = new Map(plan.files.flatMap((one) => one.refs).map((ref) => [ref.id, ref]));
    for (const { collection, ids, place } of plan.tags) {
      await at(place, async () =>
        associate(registry, collection, await members(registry, plan, refs, collection, ids)),
      );
    }
    for (const { collection, ids, timespan, place } of plan.ranges) {
      await at(place, async () => {
        const wanted = await members(registry, plan, refs, collection, ids);
        const missing = await notCertified(registry, collection, wanted, timespan);
        await certify(registry, collection, missing, timespan);
      });
    }
    await files?.();
    return records;
  };
  // With files its caller's transaction, which is around, says how often.
  return registry.db.transaction(register, { repeatable: files === undefined });
}

/** Registers datasets with the ids they have, by type and run. */
export async function insertDatasets(registry: Registry, refs: readonly DatasetRef[]): Promise<void> {
  for (const group of Map.groupBy(refs, (ref) => `${ref.datasetType.name}\u0000${ref.run}`).values()) {
    const type = await registry.types.get(group[0].datasetType.name);
    const run = await registry.collections.get(group[0].run, ['RUN']);
    await registry.datasets.insert(type, run, group);
  }
}

async function members(
  registry: Registry,
  plan: ImportPlan,
  refs: ReadonlyMap<string, DatasetRef>,
  collection: string,
  ids: readonly string[],
): Promise<DatasetRef[]> {
  const elsewhere = ids.filter((id) => !refs.has(id));
  const found = new Map((await registry.datasets.byIds(elsewhere)).map((ref, i) => [elsewhere[i], ref]));
  return ids.map((id) => {
    const ref = refs.get(id) ?? found.get(id);
    if (ref !== undefined) return ref;
    const reason = `dataset ${id} is neither in the export nor in the repository`;
    throw importErrors.BAD_SECTION({ file: plan.file, section: `associations of ${collection}`, reason });
  });
}

/** Those that do not have exactly this range yet: what is repeated finds its own, which need not come again. */
export async function notCertified(
  registry: Registry,
  collection: string,
  refs: readonly DatasetRef[],
  timespan: Timespan,
): Promise<DatasetRef[]> {
  const out: DatasetRef[] = [];
  const row = await registry.collections.get(collection, ['CALIBRATION']);
  for (const [name, group] of Map.groupBy(refs, (ref) => ref.datasetType.name)) {
    const type = await registry.types.get(name);
    if (type.calibsTable === undefined) throw butlerErrors.NOT_CALIBRATION({ name });
    const { required } = type.type.dimensions;
    const rows = await joinValues(
      registry.db,
      type.calibsTable,
      ['dataset_id', 'timespan_begin', 'timespan_end'],
      required,
      group.map((ref) => required.map((key) => ref.dataId.get(key))),
      { sql: 't.dataset_type_id = ? AND t.collection_id = ?', params: [type.id, row.id] },
    );
    const same = rows.filter(([, begin, end]) =>
      timespansEqual(fromStoredTimespan(begin as bigint, end as bigint), timespan),
    );
    const present = new Set(same.map(([id]) => formatUuid(id as string)));
    out.push(...group.filter((ref) => !present.has(ref.id)));
  }
  return out;
}
