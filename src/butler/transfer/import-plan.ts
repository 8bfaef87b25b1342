// SPDX-License-Identifier: BSD-3-Clause
import { didYouMean, type Place, SkymillError } from '../../base/index.ts';
import { butlerErrors } from '../errors.ts';
import type { Registry } from '../registry/registry.ts';
import { makeTimespan } from '../timespan.ts';
import type {
  CollectionInfo,
  DatasetRef,
  DatasetType,
  DimensionRecord,
  DimensionRecordValue,
  Timespan,
} from '../types.ts';
import { orderCollections } from './collection-order.ts';
import type { ExportFile, ExportSection, ExportSectionOf } from './export-file.ts';
import { importErrors } from './import-errors.ts';
import { migrateExport } from './migrate-export.ts';

/** One file of an import. */
export interface PlannedFile {
  readonly refs: readonly DatasetRef[];
  /** As in the export: relative to its folder, or absolute. */
  readonly path: string;
  readonly formatter: string | undefined;
  readonly place: () => Place;
}

/** Everything an export asks for, in terms of the repository and in an order in which each part needs only earlier ones. */
export interface ImportPlan {
  readonly file: string;
  readonly records: ReadonlyMap<string, readonly DimensionRecord[]>;
  readonly types: readonly DatasetType[];
  /** Chains come last, each after its members. */
  readonly collections: readonly CollectionInfo[];
  readonly files: readonly PlannedFile[];
  readonly tags: readonly { collection: string; ids: readonly string[]; place: () => Place }[];
  readonly ranges: readonly { collection: string; timespan: Timespan; ids: readonly string[]; place: () => Place }[];
}

/**
 * Checks an export against a repository's dimensions and dataset types, and changes nothing. Errors say where in the file the cause stands.
 * @param skipDimensions elements whose records are left out
 */
export async function planImport(
  registry: Registry,
  original: ExportFile,
  skipDimensions: readonly string[] = [],
): Promise<ImportPlan> {
  const { universe } = registry;
  const exported = migrateExport(original, universe);
  for (const name of skipDimensions) if (!universe.hasElement(name)) universe.element(name);
  const sections = <K extends ExportSection['type']>(type: K): Extract<ExportSection, { type: K }>[] =>
    exported.sections.filter((one): one is Extract<ExportSection, { type: K }> => one.type === type);
  const types = new Map<string, DatasetType>();
  for (const section of sections('dataset_type')) {
    types.set(section.name, typeOf(registry, exported, section));
  }
  const files: PlannedFile[] = [];
  for (const section of sections('dataset')) {
    let type = types.get(section.dataset_type);
    if (type === undefined) {
      const row = await at(
        () => exported.place(section, ['dataset_type']),
        () => registry.types.get(section.dataset_type),
      );
      type = row.type;
    }
    planDatasets(registry, exported, section, type, files);
  }
  refuseTwins(files);
  const tags: ImportPlan['tags'][number][] = [];
  const ranges: ImportPlan['ranges'][number][] = [];
  for (const section of sections('associations')) {
    const { collection } = section;
    if (section.dataset_ids.length > 0) {
      tags.push({ collection, ids: section.dataset_ids, place: () => exported.place(section, ['dataset_ids']) });
    }
    section.validity_ranges.forEach(({ timespan, dataset_ids: ids }, i) => {
      const place = () => exported.place(section, ['validity_ranges', i]);
      ranges.push({ collection, timespan: makeTimespan(timespan.begin, timespan.end), ids, place });
    });
  }
  return {
    file: exported.file,
    records: planRecords(registry, exported, sections('dimension'), new Set(skipDimensions)),
    types: [...types.values()],
    collections: planCollections(exported),
    files,
    tags,
    ranges,
  };
}

/** Runs `work`; an error of ours gets the place in the export that caused it, which is sought only then. */
export async function at<T>(place: () => Place, work: () => Promise<T> | T): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw placed(error, place());
  }
}

function placed(error: unknown, place: Place): unknown {
  if (!(error instanceof SkymillError) || error.place !== undefined) return error;
  const { code, kind, message, next, params, cause } = error;
  return new SkymillError({ code, kind, message, next, params, place, cause });
}

function typeOf(registry: Registry, exported: ExportFile, section: ExportSectionOf<'dataset_type'>): DatasetType {
  section.dimensions.forEach((name, i) => {
    if (registry.universe.dimensionNames.includes(name)) return;
    const hint = didYouMean(name, registry.universe.dimensionNames);
    throw butlerErrors.UNKNOWN_DIMENSION({ name, hint }, { place: exported.place(section, ['dimensions', i]) });
  });
  return Object.freeze({
    name: section.name,
    dimensions: registry.universe.conform(section.dimensions),
    storageClass: section.storage_class,
    isCalibration: section.is_calibration,
  });
}

function planDatasets(
  { universe }: Registry,
  exported: ExportFile,
  section: ExportSectionOf<'dataset'>,
  type: DatasetType,
  files: PlannedFile[],
): void {
  section.records.forEach((record, n) => {
    const { dataset_id: ids, data_id: dataIds, path } = record;
    const place = () => exported.place(section, ['records', n]);
    if (ids.length !== dataIds.length) {
      const reason = `${path} has ${ids.length} ids for ${dataIds.length} data IDs`;
      throw importErrors.BAD_SECTION(
        { file: exported.file, section: `dataset ${type.name}`, reason },
        { place: place() },
      );
    }
    const refs = ids.map((id, i): DatasetRef => {
      try {
        const dataId = universe.coordinate(type.dimensions, dataIds[i]);
        return {
          id,
          datasetType: type,
          dataId: universe.coordinate(type.dimensions, dataId.toDataId()),
          run: section.run,
        };
      } catch (error) {
        throw placed(error, exported.place(section, ['records', n, 'data_id']));
      }
    });
    files.push({ refs, path, formatter: record.formatter ?? undefined, place });
  });
}

/** One id stands for one dataset. */
function refuseTwins(files: readonly PlannedFile[]): void {
  const seen = new Set<string>();
  for (const { refs, place } of files) {
    for (const { id } of refs) {
      if (seen.has(id)) throw importErrors.TWICE({ id }, { place: place() });
      seen.add(id);
    }
  }
}

function planRecords(
  { universe, records: store }: Registry,
  exported: ExportFile,
  sections: readonly ExportSectionOf<'dimension'>[],
  skipped: ReadonlySet<string>,
): Map<string, DimensionRecord[]> {
  const byElement = new Map<string, DimensionRecord[]>();
  for (const section of sections) {
    const { element } = section;
    if (skipped.has(element)) continue;
    if (!universe.hasElement(element)) {
      const reason = `there is no element "${element}".${didYouMean(element, universe.elementNames)}`;
      const place = exported.place(section, ['element']);
      throw importErrors.BAD_SECTION({ file: exported.file, section: 'dimension', reason }, { place });
    }
    const rows = byElement.get(element) ?? [];
    byElement.set(element, rows);
    // Elements that have no table here any more (or never had one) take their values from others.
    if (!universe.element(element).hasTable || universe.element(element).skypix !== undefined) continue;
    section.records.forEach((raw, i) => {
      const record = recordOf(raw);
      try {
        store.codec(element).encode(record);
      } catch (error) {
        throw placed(error, exported.place(section, ['records', i]));
      }
      rows.push(record);
    });
  }
  return new Map(universe.sort(byElement.keys()).map((element) => [element, byElement.get(element)!]));
}

/** The time of a record may be two fields; both null is all time, none is no time. */
function recordOf(raw: Readonly<Record<string, unknown>>): DimensionRecord {
  const { datetime_begin: begin, datetime_end: end, timespan, ...fields } = raw as Record<string, DimensionRecordValue>;
  if (timespan != null) {
    const span = timespan as { begin?: bigint | null; end?: bigint | null };
    return { ...fields, timespan: makeTimespan(span.begin ?? undefined, span.end ?? undefined) };
  }
  if (begin === undefined && end === undefined) return fields;
  return {
    ...fields,
    timespan: makeTimespan((begin ?? undefined) as bigint | undefined, (end ?? undefined) as bigint | undefined),
  };
}

function planCollections(exported: ExportFile): CollectionInfo[] {
  const found = new Map<string, CollectionInfo>();
  for (const section of exported.sections) {
    if (section.type === 'run') found.set(section.name, { name: section.name, type: 'RUN', doc: section.doc ?? '' });
    if (section.type !== 'collection') continue;
    const { name, collection_type: type, children } = section;
    const info = { name, type, doc: section.doc ?? '' };
    found.set(name, type === 'CHAINED' ? { ...info, children } : info);
  }
  return orderCollections([...found.values()]);
}
