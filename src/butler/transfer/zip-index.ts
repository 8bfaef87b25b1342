// SPDX-License-Identifier: BSD-3-Clause
import { nameId } from '../datasets/ids.ts';
import type { DimensionUniverse } from '../dimensions/universe.ts';
import type { Registry } from '../registry/registry.ts';
import { fromStoredTimespan, toStoredTimespan } from '../timespan.ts';
import type { DatasetRef, DatasetType, DimensionRecord, DimensionRecordValue, FileRecord, Timespan } from '../types.ts';
import { transferErrors } from './errors.ts';
import type { RecordsByElement } from './needed-records.ts';

/*
 * The index of a zip archive of datasets, a member of it as JSON, version V1: which datasets are in it (types, run, data ID, optionally
 * their dimension records as rows) and which members hold them, with the fields of their file records.
 */

export const zipIndexName = '_butler_zip_index.json';

/** Fields of a file record that do not depend on the repository. */
export type MemberInfo = Pick<
  FileRecord,
  'formatter' | 'path' | 'storageClass' | 'component' | 'checksum' | 'sizeBytes'
>;

export interface ZipIndex {
  readonly refs: readonly DatasetRef[];
  /** By name of the member. */
  readonly members: ReadonlyMap<string, { readonly info: MemberInfo; readonly ids: readonly string[] }>;
  readonly records: RecordsByElement;
}

/** Name of an archive: always the same for the same names of members. */
export function zipFileName(members: Iterable<string>): string {
  return `${nameId([...members].sort().join(','))}.zip`;
}

/** Where the datastore keeps an archive. */
export function zipPathInStore(members: Iterable<string>): string {
  const name = zipFileName(members);
  return `zips/${name.slice(0, 4)}/${name}`;
}

export function formatZipIndex(index: ZipIndex, registry: Registry): string {
  const { universe } = registry;
  const types = new Map(index.refs.map((ref) => [ref.datasetType.name, ref.datasetType]));
  const refs = {
    container_version: 'V1',
    universe_version: universe.version,
    universe_namespace: universe.namespace,
    dataset_types: Object.fromEntries([...types].map(([name, type]) => [name, plainType(type)])),
    compact_refs: Object.fromEntries(
      index.refs.map((ref) => [
        ref.id,
        { dataset_type_name: ref.datasetType.name, run: ref.run, data_id: ref.dataId.toDataId() },
      ]),
    ),
    dimension_records: index.records.size === 0 ? null : recordRows(index, registry),
  };
  const members = [...index.members].map(([name, { info, ids }]) => [
    name,
    {
      info: {
        formatter: info.formatter,
        path: info.path,
        storage_class: info.storageClass,
        component: info.component,
        checksum: info.checksum,
        file_size: info.sizeBytes,
      },
      ids,
    },
  ]);
  return stringify({ index_version: 'V1', refs, artifact_map: Object.fromEntries(members) });
}

function plainType(type: DatasetType): object {
  return {
    name: type.name,
    storageClass: type.storageClass,
    dimensions: type.dimensions.required,
    parentStorageClass: null,
    isCalibration: type.isCalibration,
  };
}

/**
 * Rows by element. Readers look every element of the data IDs up: those without a record here have no rows, and those without a table
 * (band) have the values that stand in the records of others.
 */
function recordRows({ refs, records }: ZipIndex, registry: Registry): Record<string, unknown[][]> {
  const { universe } = registry;
  const names = new Set([...records.keys(), ...refs.flatMap((ref) => ref.datasetType.dimensions.elements)]);
  const out: Record<string, unknown[][]> = {};
  for (const name of universe.sort(names)) {
    const element = universe.element(name);
    if (element.skypix !== undefined) continue;
    const rows = records.get(element.viewOf ?? name) ?? [];
    if (element.viewOf === undefined) out[name] = rows.map((row) => recordRow(registry, name, row));
    else {
      const values = rows.map((row) => element.required.map((key) => row[key]));
      out[name] = [...new Map(values.map((one) => [JSON.stringify(one), one])).values()];
    }
  }
  return out;
}

/** Columns of an element in order: keys, metadata, region as hexadecimal, timespan as two numbers of nanoseconds. */
function recordRow(registry: Registry, element: string, record: DimensionRecord): unknown[] {
  return rowFields(registry, element).map((name) => {
    const value = record[name] ?? null;
    if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
    if (name !== 'timespan' || value === null) return value;
    const { beginNs, endNs } = toStoredTimespan(value as Timespan);
    return [beginNs, endNs];
  });
}

function rowFields({ records }: Registry, element: string): string[] {
  const { columns } = records.codec(element);
  return columns.flatMap((name) => (name === 'timespan_begin' ? ['timespan'] : name === 'timespan_end' ? [] : [name]));
}

/** JSON with integers of any size. */
function stringify(value: unknown): string {
  const numbers: string[] = [];
  const text = JSON.stringify(value, (_key, one) => {
    if (typeof one !== 'bigint') return one;
    return `\u0000${numbers.push(String(one)) - 1}\u0000`;
  });
  return text.replace(/"\\u0000(\d+)\\u0000"/g, (_all, i) => numbers[Number(i)]);
}

/**
 * Reads an index in terms of a repository.
 * @param file name for messages
 * @throws TRANSFER_BAD_ARCHIVE, TRANSFER_UNIVERSE, BUTLER_UNKNOWN_DIMENSION
 */
export async function parseZipIndex(json: string, registry: Registry, file: string): Promise<ZipIndex> {
  const { checkZipIndex } = await import('./zip-index-schema.ts');
  const bad = (problem: string): Error => transferErrors.BAD_ARCHIVE({ file, problem });
  let parsed: ReturnType<typeof checkZipIndex>;
  try {
    parsed = checkZipIndex(parseJson(json));
  } catch (error) {
    throw bad(`its index cannot be read (${(error as Error).message})`);
  }
  const { refs: container, artifact_map: artifacts } = parsed;
  const { universe } = registry;
  if (container.universe_namespace !== universe.namespace && Object.keys(container.compact_refs).length > 0) {
    const found = `${container.universe_namespace} ${container.universe_version}`;
    throw transferErrors.UNIVERSE({ what: file, found, here: `${universe.namespace} ${universe.version}` });
  }
  const types = new Map(
    Object.values(container.dataset_types).map((type): [string, DatasetType] => [
      type.name,
      Object.freeze({ ...type, dimensions: universe.conform(type.dimensions) }),
    ]),
  );
  const refs = Object.entries(container.compact_refs).map(([id, ref]): DatasetRef => {
    const datasetType = types.get(ref.dataset_type_name);
    if (datasetType === undefined) throw bad(`dataset ${id} is of the unknown type ${ref.dataset_type_name}`);
    const { dimensions } = datasetType;
    const given = universe.coordinate(dimensions, ref.data_id);
    return { id, datasetType, dataId: universe.coordinate(dimensions, given.toDataId()), run: ref.run };
  });
  const known = new Set(refs.map((ref) => ref.id));
  const members = Object.entries(artifacts).map(([name, { info, ids }]) => {
    const stranger = ids.find((id) => !known.has(id));
    if (stranger !== undefined) throw bad(`its index does not say what dataset ${stranger} is`);
    const { storage_class: storageClass, file_size: sizeBytes, ...rest } = info;
    return [name, { info: { ...rest, storageClass, sizeBytes }, ids }] as const;
  });
  return { refs, members: new Map(members), records: recordsOf(container.dimension_records ?? {}, registry, bad) };
}

function recordsOf(
  rows: Readonly<Record<string, unknown[][]>>,
  registry: Registry,
  bad: (problem: string) => Error,
): Map<string, DimensionRecord[]> {
  const universe: DimensionUniverse = registry.universe;
  const out = new Map<string, DimensionRecord[]>();
  for (const name of universe.sort(Object.keys(rows).filter((one) => universe.hasElement(one)))) {
    const element = universe.element(name);
    if (!element.hasTable || element.skypix !== undefined) continue;
    const fields = rowFields(registry, name);
    const binary = new Set([
      'region',
      ...[...element.metadata, ...element.alternateKeys].filter((one) => one.type === 'hash').map((one) => one.name),
    ]);
    out.set(
      name,
      rows[name].map((row) => {
        if (row.length !== fields.length) {
          throw bad(`a ${name} record has ${row.length} values, not ${fields.length}: ${fields.join(', ')}`);
        }
        return Object.fromEntries(fields.map((field, i) => [field, recordValue(row[i], field, binary.has(field))]));
      }),
    );
  }
  return out;
}

function recordValue(value: unknown, field: string, isBinary: boolean): DimensionRecordValue {
  if (value === null) return null;
  if (isBinary) return new Uint8Array(Buffer.from(String(value), 'hex'));
  if (field === 'timespan' && Array.isArray(value)) {
    const [begin, end] = value as (number | bigint)[];
    return fromStoredTimespan(BigInt(begin), BigInt(end));
  }
  return value as DimensionRecordValue;
}

/** Integers that do not fit a number come as bigint. */
function parseJson(json: string): unknown {
  return JSON.parse(json, function (this: unknown, _key: string, one: unknown, context?: { source?: string }) {
    const source = context?.source;
    return typeof one === 'number' && !Number.isSafeInteger(one) && source !== undefined && /^-?\d+$/.test(source)
      ? BigInt(source)
      : one;
  } as (key: string, value: unknown) => unknown);
}
