// SPDX-License-Identifier: BSD-3-Clause
// biome-ignore-all lint/suspicious/noExplicitAny: cases are JSON of many shapes
import { SkymillError } from '../../src/base/index.ts';
import { Query } from '../../src/butler/query/index.ts';
import { expandDataIds } from '../../src/butler/registry/expand.ts';
import { findDataset } from '../../src/butler/registry/find.ts';
import type { Registry } from '../../src/butler/registry/registry.ts';
import type {
  DataCoordinate,
  DataId,
  DataIdValue,
  DatasetRef,
  DimensionRecord,
  Timespan,
} from '../../src/butler/types.ts';
import { decodeRegion } from '../../src/sky/index.ts';
import { LoadedRegistries } from './registries.ts';
import type { Adapter, Case, Comparison, SuiteContext } from './suite.ts';

const registries = new LoadedRegistries();

/** Suite registry-queries: the peer's calls by name and arguments, with the rows they gave. */
export const registryQueries: Adapter = { run, close: () => registries.close() };

async function run(test: Case, { root }: SuiteContext): Promise<Comparison> {
  const registry = await registries.get(root, test.load);
  return compareCall(registry, test.op, test.args, test.expect);
}

/** Makes one call of the peer's and compares rows (in order where the call orders them) or the refusal. */
export async function compareCall(
  registry: Registry,
  op: string,
  args: Record<string, any>,
  expect: any,
): Promise<Comparison> {
  let actual: unknown;
  try {
    actual = await call(registry, op, args);
  } catch (error) {
    if (!(error instanceof SkymillError)) throw error;
    const refused = `refused: ${error.code} ${error.message}`;
    return { actual: refused, expected: expect.raises === undefined ? expect : refused };
  }
  if (expect.raises !== undefined) return { actual, expected: expect };
  if ('result' in expect) return { actual, expected: expect.result };
  const ordered = args.order_by !== undefined && args.order_by !== null;
  // A limit without an order leaves the choice of rows free.
  if (args.limit && !ordered) {
    return { actual: (actual as unknown[]).length, expected: expect.count };
  }
  const list = (rows: unknown[]): string[] => {
    const lines = rows.map(canonical);
    return ordered ? lines : lines.sort();
  };
  return { actual: list(actual as unknown[]), expected: list(expect.rows) };
}

/** The query of a call's arguments, before it is asked for anything. */
export function buildQuery(registry: Registry, args: Record<string, any>): Query {
  const collections = collectionNames(args.collections);
  const dataId: Record<string, DataIdValue> = dataIdOf(registry, args);
  let query = new Query(registry);
  if (Object.keys(dataId).length > 0) query = query.where(dataId);
  if (args.where) query = query.where(args.where, fromJson(args.bind ?? {}) as Record<string, unknown>);
  for (const type of [args.datasets ?? []].flat()) query = query.joinDatasets(type, collections as string[]);
  for (const [type, names] of Object.entries(args.searches ?? {})) query = query.joinDatasets(type, names as string[]);
  if (args.joinDimensions) query = query.joinDimensions(args.joinDimensions);
  if (args.table) query = query.joinDataIds(args.table);
  if (args.order_by) query = query.orderBy(...[args.order_by].flat());
  if (typeof args.limit === 'number') query = query.limit(Math.abs(args.limit));
  return query;
}

function dataIdOf({ universe }: Registry, args: Record<string, any>): Record<string, DataIdValue> {
  const dataId: Record<string, DataIdValue> = { ...(args.dataId ?? args.data_id ?? {}) };
  for (const [name, value] of Object.entries(args)) {
    if (universe.dimensionNames.includes(name)) dataId[name] = value;
  }
  return dataId;
}

export async function call(registry: Registry, op: string, args: Record<string, any>): Promise<unknown> {
  const { universe } = registry;
  const collections = collectionNames(args.collections);
  const dataId = dataIdOf(registry, args);
  let query = buildQuery(registry, args);
  switch (op) {
    case 'queryDataIds':
    case 'query_data_ids': {
      const rows: unknown[] = [];
      const dimensions = [args.dimensions].flat();
      for await (const one of query.dataIds(dimensions)) rows.push(fullDataId(one));
      return refuseNothing(op, args, rows, () => query.explainNoResults(dimensions));
    }
    case 'queryDimensionRecords':
    case 'query_dimension_records': {
      const rows: unknown[] = [];
      for await (const record of query.dimensionRecords(args.element)) rows.push(plainRecord(record));
      return refuseNothing(op, args, rows, () => query.explainNoResults([...universe.element(args.element).required]));
    }
    case 'queryDatasets':
    case 'query_datasets': {
      const old = op === 'queryDatasets';
      if (old && args.dimensions) query = query.joinDimensions([args.dimensions].flat());
      const type = typeName(args.datasetType ?? args.dataset_type);
      const findFirst = args.findFirst ?? args.find_first ?? !old;
      const rows: unknown[] = [];
      for await (const ref of query.datasets(type, { collections: collections as string[], findFirst }))
        rows.push(plainRef(ref));
      return refuseNothing(op, args, rows, async () => {
        const { dimensions } = (await registry.types.get(type)).type;
        return query.joinDatasets(type, collections as string[]).explainNoResults([...dimensions.required]);
      });
    }
    case 'query_all_datasets': {
      const rows: unknown[] = [];
      for (const type of await registry.types.list([args.name ?? '*'].flat())) {
        const options = { collections: collections as string[], findFirst: args.find_first ?? true };
        for await (const ref of query.datasets(type.name, options)) rows.push(plainRef(ref));
      }
      return rows;
    }
    case 'findDataset': {
      const type = await registry.types.get(typeName(args.datasetType));
      const names = args.collections?.all
        ? (await registry.collections.list()).map(({ name }) => name)
        : (collections as string[]);
      const found = await findDataset(registry, type, dataId, names, fromJson(args.timespan) as Timespan | undefined);
      return found === undefined ? null : expandRef(registry, found);
    }
    case 'expandDataId':
      return expand(registry, dataId);
    default:
      throw new Error(`no such call: ${op}`);
  }
}

/** The peer's newer calls refuse to give no rows unless told not to explain; ours must then have an explanation. */
async function refuseNothing(
  op: string,
  args: Record<string, unknown>,
  rows: unknown[],
  explain: () => Promise<string[]>,
): Promise<unknown[]> {
  if (rows.length > 0 || !op.includes('_') || args.explain === false || args.limit === 0) return rows;
  const reasons = await explain();
  if (reasons.length === 0) return rows;
  throw new SkymillError({ code: 'NO_ROWS', message: reasons.join(' '), next: '' });
}

function collectionNames(given: unknown): string[] | undefined {
  if (given === undefined || given === null) return undefined;
  if (typeof given === 'object' && 'all' in given) return ['*'];
  return [given].flat() as string[];
}

function typeName(given: unknown): string {
  return typeof given === 'string' ? given : (given as { datasetType: string }).datasetType;
}

function fullDataId(dataId: DataCoordinate): DataId {
  return Object.fromEntries(dataId.dimensions.names.map((name) => [name, dataId.get(name)]));
}

function plainRef(ref: DatasetRef): unknown {
  return { id: ref.id, datasetType: ref.datasetType.name, dataId: fullDataId(ref.dataId), run: ref.run };
}

async function expand(registry: Registry, dataId: DataId): Promise<DataId> {
  const group = registry.universe.conform(Object.keys(dataId));
  const [{ values }] = await expandDataIds(registry.records, registry.universe, group, [dataId], true);
  return Object.fromEntries(group.names.map((name) => [name, values[name]]));
}

async function expandRef(registry: Registry, ref: DatasetRef): Promise<unknown> {
  const { id, run, datasetType } = ref;
  const [{ values }] = await expandDataIds(
    registry.records,
    registry.universe,
    datasetType.dimensions,
    [ref.dataId.toDataId()],
    false,
  );
  return { id, datasetType: datasetType.name, dataId: values, run };
}

/** Values of the suites' JSON as this program has them. */
export function fromJson(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(fromJson);
  if (typeof value !== 'object' || value === null) return value;
  const object = value as Record<string, unknown>;
  if ('taiNs' in object) return { taiNs: BigInt(object.taiNs as string) };
  if ('timespan' in object) {
    const [begin, end] = object.timespan as (string | number | null)[];
    return { beginNs: begin === null ? undefined : BigInt(begin), endNs: end === null ? undefined : BigInt(end) };
  }
  if ('hex' in object) return decodeRegion(Buffer.from(object.hex as string, 'hex'));
  if ('uuid' in object) return object;
  return Object.fromEntries(Object.entries(object).map(([key, one]) => [key, fromJson(one)]));
}

function plainRecord(record: DimensionRecord): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(record).map(([name, value]) => {
      if (value instanceof Uint8Array) return [name, { hex: Buffer.from(value).toString('hex') }];
      if (typeof value === 'object' && value !== null) {
        return [name, { timespan: [value.beginNs, value.endNs].map((ns) => (ns === undefined ? null : String(ns))) }];
      }
      return [name, value];
    }),
  );
}

/** A row as text: keys sorted, regions by their bytes alone, timespan bounds as text. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value === 'object' && value !== null) {
    const object = value as Record<string, unknown>;
    if ('hex' in object) return `region ${object.hex}`;
    if ('timespan' in object && Array.isArray(object.timespan)) {
      return `timespan ${object.timespan.map((ns) => (ns === null ? '-' : String(ns))).join(' ')}`;
    }
    return `{${Object.keys(object)
      .sort()
      .map((key) => `${key}:${canonical(object[key])}`)
      .join()}}`;
  }
  return JSON.stringify(value);
}
