// SPDX-License-Identifier: BSD-3-Clause
import { didYouMean } from '../../base/index.ts';
import { setChain } from '../collections/chains.ts';
import type { Registry } from '../registry/registry.ts';
import { makeTimespan } from '../timespan.ts';
import type { DatasetRef, DimensionRecord, DimensionRecordValue } from '../types.ts';
import { type ExportFile, type ExportSectionOf, parseExport } from './export-file.ts';
import { importErrors } from './import-errors.ts';

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
 * collections and dataset types are made unless they exist, datasets keep their ids. Files are not moved: the report lists them.
 */
export async function importYaml(registry: Registry, text: string, file: string): Promise<ImportReport> {
  return importExport(registry, parseExport(text, file), file);
}

export async function importExport(registry: Registry, exported: ExportFile, file: string): Promise<ImportReport> {
  return registry.db.transaction(async () => {
    let records = 0;
    let datasets = 0;
    const files: ImportReport['files'][number][] = [];
    for (const section of exported.sections) {
      switch (section.type) {
        case 'dimension':
          records += await importRecords(registry, section, file);
          break;
        case 'dataset_type':
          await registry.types.register([
            {
              name: section.name,
              dimensions: registry.universe.conform(section.dimensions),
              storageClass: section.storage_class,
              isCalibration: section.is_calibration,
            },
          ]);
          break;
        case 'run':
          await registry.collections.register(section.name, 'RUN', section.doc ?? undefined);
          break;
        case 'collection':
          await registry.collections.register(section.name, section.collection_type, section.doc ?? undefined);
          if (section.collection_type === 'CHAINED') await setChain(registry, section.name, section.children);
          break;
        case 'dataset':
          datasets += await importDatasets(registry, section, file);
          for (const { path, dataset_id, formatter } of section.records) {
            files.push({ path, ids: dataset_id, formatter: formatter ?? undefined });
          }
          break;
        case 'associations':
          await importAssociations(registry, section, file);
          break;
      }
    }
    return { records, datasets, files };
  });
}

/** Older exports give the time of a record as two fields. */
async function importRecords(registry: Registry, section: ExportSectionOf<'dimension'>, file: string): Promise<number> {
  const { universe } = registry;
  if (!universe.hasElement(section.element)) {
    const hint = didYouMean(section.element, universe.elementNames);
    throw importErrors.BAD_SECTION({
      file,
      section: 'dimension',
      reason: `there is no element "${section.element}".${hint}`,
    });
  }
  const rows = section.records.map((record): DimensionRecord => {
    const { datetime_begin: begin, datetime_end: end, timespan, ...rest } = record;
    const span = (timespan ?? (begin == null && end == null ? undefined : { begin, end })) as
      | { begin?: bigint; end?: bigint }
      | undefined;
    const fields = rest as Record<string, DimensionRecordValue>;
    return span === undefined
      ? fields
      : { ...fields, timespan: makeTimespan(span.begin ?? undefined, span.end ?? undefined) };
  });
  return registry.records.insert(section.element, rows, 'skip');
}

async function importDatasets(registry: Registry, section: ExportSectionOf<'dataset'>, file: string): Promise<number> {
  const row = await registry.types.get(section.dataset_type);
  const run = await registry.collections.get(section.run, ['RUN']);
  const refs = section.records.flatMap((record): DatasetRef[] => {
    if (record.dataset_id.length !== record.data_id.length) {
      const reason = `${record.path} has ${record.dataset_id.length} ids for ${record.data_id.length} data IDs`;
      throw importErrors.BAD_SECTION({ file, section: 'dataset', reason });
    }
    return record.dataset_id.map((id, i) => ({
      id,
      datasetType: row.type,
      dataId: registry.universe.coordinate(row.type.dimensions, record.data_id[i]),
      run: section.run,
    }));
  });
  await registry.datasets.insert(row, run, refs);
  return refs.length;
}

async function importAssociations(
  registry: Registry,
  section: ExportSectionOf<'associations'>,
  file: string,
): Promise<void> {
  const collection = await registry.collections.get(section.collection, [section.collection_type]);
  const byType = async (
    ids: readonly string[],
    use: (name: string, refs: DatasetRef[]) => Promise<void>,
  ): Promise<void> => {
    const groups = new Map<string, DatasetRef[]>();
    for (const [i, ref] of (await registry.datasets.byIds(ids)).entries()) {
      if (ref === undefined) {
        const reason = `dataset ${ids[i]} is in no section before it`;
        throw importErrors.BAD_SECTION({ file, section: `associations of ${section.collection}`, reason });
      }
      const group = groups.get(ref.datasetType.name) ?? [];
      group.push(ref);
      groups.set(ref.datasetType.name, group);
    }
    for (const [name, refs] of groups) await use(name, refs);
  };
  await byType(section.dataset_ids, async (name, refs) => {
    await registry.datasets.tag(await registry.types.get(name), collection, refs);
  });
  for (const { timespan, dataset_ids } of section.validity_ranges) {
    await byType(dataset_ids, async (name, refs) => {
      await registry.calibrations.certify(
        await registry.types.get(name),
        collection,
        refs,
        makeTimespan(timespan.begin, timespan.end),
      );
    });
  }
}
