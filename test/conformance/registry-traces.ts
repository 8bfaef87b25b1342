// SPDX-License-Identifier: BSD-3-Clause
// biome-ignore-all lint/suspicious/noExplicitAny: cases are JSON of many shapes
import { isDeepStrictEqual } from 'node:util';
import { newUuid, SkymillError } from '../../src/base/index.ts';
import { associations } from '../../src/butler/collections/associations.ts';
import { setChain } from '../../src/butler/collections/chains.ts';
import { settleDefaults } from '../../src/butler/collections/defaults.ts';
import { associate, certify, decertify, disassociate } from '../../src/butler/collections/members.ts';
import { datasetTypeNamed } from '../../src/butler/datasets/components.ts';
import { transaction } from '../../src/butler/datasets/transaction.ts';
import { expandDataIds } from '../../src/butler/registry/expand.ts';
import type { Registry } from '../../src/butler/registry/registry.ts';
import type {
  CollectionType,
  DataId,
  DatasetRef,
  DatasetType,
  DimensionRecord,
  Timespan,
} from '../../src/butler/types.ts';
import { emptyRegistry, load } from './registries.ts';
import { compareCall, fromJson } from './registry-queries.ts';
import type { Adapter, Case, Comparison, SuiteContext } from './suite.ts';
import { iterate } from './trace-iterations.ts';

/** Suite registry-traces: scenarios of the peer's own tests, call by call on one fresh registry, with each answer. */
export const registryTraces: Adapter = { run };

type Operation = Record<string, any> & { op: string };

class RolledBack extends Error {}

/** A scenario under way. */
interface Trace {
  registry: Registry;
  readonly root: string;
  readonly ops: readonly Operation[];
  next: number;
  /** Ids of the record -> ids given here. */
  readonly ids: Map<string, string>;
  readonly differences: { operation: number; op: string; actual: unknown; expected: unknown }[];
}

async function run(test: Case, context: SuiteContext): Promise<Comparison> {
  const registry = await emptyRegistry();
  try {
    const { root } = context;
    const trace: Trace = { registry, root, ops: test.ops, next: 0, ids: new Map(), differences: [] };
    await replay(trace);
    return { actual: trace.differences, expected: [] };
  } finally {
    await registry.db.close();
  }
}

/** Until the end of the scenario, or of the transaction under way. */
async function replay(trace: Trace): Promise<void> {
  while (trace.next < trace.ops.length) {
    const operation = trace.next++;
    const recorded = trace.ops[operation];
    switch (recorded.op) {
      case 'transaction:begin':
        await transaction(trace.registry.db, () => replay(trace)).catch((error) => {
          if (!(error instanceof RolledBack)) throw error;
        });
        continue;
      case 'transaction:commit':
        return;
      case 'transaction:rollback':
        throw new RolledBack();
    }
    const op = withOurIds(recorded, trace.ids);
    const { actual, expected } = await compare(trace, op);
    if (!isDeepStrictEqual(actual, expected)) trace.differences.push({ operation, op: op.op, actual, expected });
  }
}

function withOurIds(op: Operation, ids: ReadonlyMap<string, string>): Operation {
  const text = JSON.stringify(op).replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, (id) => ids.get(id) ?? id);
  return JSON.parse(text) as Operation;
}

async function compare(trace: Trace, op: Operation): Promise<Comparison> {
  const { registry } = trace;
  const args: Record<string, any> = op.args ?? {};
  if (op.op.startsWith('iterate:')) return iterate(trace.registry, op);
  if (/^query(?!DatasetAssociations)|^find|^expand/.test(op.op)) {
    const called: Record<string, any> = { ...args, collections: args.collections ?? registry.defaults.collections };
    if (args.datasets) called.datasets = [args.datasets].flat().map(nameOf);
    else if (args.datasets === null) called.datasets = undefined;
    // Of no type in particular.
    if (args.datasetType?.all) return compareCall(registry, 'query_all_datasets', { ...called, find_first: false }, op);
    // Arguments that our interface has no place for: collections without a dataset type.
    if (op.raises === 'ArgumentError') return { actual: called.datasets, expected: undefined };
    const expect = op.op.startsWith('query') || op.raises !== undefined ? op : { result: op.result ?? null };
    return compareCall(registry, op.op, called, expect);
  }
  let actual: unknown;
  try {
    actual = await act(trace, op, args);
  } catch (error) {
    if (!(error instanceof SkymillError)) throw error;
    const refused = `refused: ${error.code} ${error.message}`;
    return { actual: refused, expected: op.raises === undefined ? (op.result ?? op.rows ?? 'done') : refused };
  }
  if (op.raises !== undefined) return { actual, expected: `raises ${op.raises}` };
  return { actual, expected: await expectation(trace, op) };
}

/** What is expected of operations that are not queries, in the form in which {@link act} answers. */
async function expectation({ registry }: Trace, op: Operation): Promise<unknown> {
  switch (op.op) {
    case 'queryDatasetAssociations':
      return op.rows.map((row: any) => line(row.ref.id, row.collection, row.validity)).sort();
    case 'insertDatasets':
      return op.result.length;
    case 'get_many_datasets':
      return op.result.map((row: any) => row.id).sort();
    case 'getDatasetType':
      return { ...op.result, dimensions: [...registry.universe.conform(op.result.dimensions).required] };
    case 'syncDimensionData':
      return typeof op.result === 'boolean' ? op.result : Object.keys(op.result).sort();
    default:
      return op.result ?? 'done';
  }
}

async function act(trace: Trace, op: Operation, args: Record<string, any>): Promise<unknown> {
  const { registry } = trace;
  switch (op.op) {
    case 'import_':
      await load(registry, trace.root, args.file);
      return 'done';
    case 'setDefaults':
      trace.registry = registry.withDefaults(
        await settleDefaults(registry, {
          collections: args.collections.length > 0 ? args.collections : undefined,
          dataId: args.dataId,
        }),
      );
      return 'done';
    case 'insertDimensionData':
      await registry.records.insert(
        args.element,
        args.data.map((row: any) => toRecord(row)),
        args.replace ? 'replace' : 'fail',
      );
      return 'done';
    case 'syncDimensionData':
      return sync(registry, args.element, toRecord(args.row), args.update ?? false);
    case 'registerRun':
      return registry.collections.register(args.name, 'RUN');
    case 'register':
      return registry.collections.register(args.name, (args.type ?? 'RUN') as CollectionType);
    case 'registerCollection':
      return registry.collections.register(args.name, (args.type ?? 'TAGGED') as CollectionType);
    case 'registerDatasetType':
      return (await registry.types.register([toType(registry, args.datasetType)])) > 0;
    case 'getDatasetType': {
      const { name, dimensions, storageClass, isCalibration } = await datasetTypeNamed(registry, args.name);
      return { datasetType: name, dimensions: [...dimensions.required], storageClass, isCalibration };
    }
    case 'removeDatasetType':
      await registry.types.remove([args.name]);
      return 'done';
    case 'insertDatasets':
      return insertDatasets(trace, op, args);
    case 'removeDatasets':
      await registry.datasets.remove(args.refs.map((ref: any) => ref.id));
      return 'done';
    case 'get_many_datasets': {
      const ids: string[] = (args.ids ?? op.result).map((one: any) => one.uuid ?? one.id ?? one);
      const found = (await registry.datasets.byIds(ids)).filter((ref) => ref !== undefined);
      return [...new Set(found.map((ref) => ref.id))].sort();
    }
    case 'associate':
      await associate(registry, args.collection, await toRefs(registry, args.refs));
      return 'done';
    case 'disassociate':
      await disassociate(registry, args.collection, await toRefs(registry, args.refs));
      return 'done';
    case 'certify': {
      const refs = await toRefs(registry, args.refs);
      await certify(registry, args.collection, refs, fromJson(args.timespan) as Timespan);
      return 'done';
    }
    case 'decertify': {
      const timespan = fromJson(args.timespan) as Timespan;
      await decertify(registry, args.collection, nameOf(args.datasetType), timespan, args.dataIds);
      return 'done';
    }
    case 'setCollectionChain':
      await setChain(registry, args.parent, [args.children].flat());
      return 'done';
    case 'redefine_chain':
      await setChain(registry, args.parent_collection_name, [args.child_collection_names].flat());
      return 'done';
    case 'queryDatasetAssociations': {
      const all = async (): Promise<string[]> => (await registry.collections.list()).map(({ name }) => name);
      const collections = args.collections?.all ? await all() : [args.collections].flat();
      const rows: string[] = [];
      // The peer looks into a chain that is named, whatever the flag says.
      for await (const one of associations(registry, nameOf(args.datasetType), { collections, flattenChains: true })) {
        const { timespan } = one;
        const bounds =
          timespan && [timespan.beginNs, timespan.endNs].map((ns) => (ns === undefined ? null : String(ns)));
        rows.push(line(one.ref.id, one.collection, bounds ? { timespan: bounds } : null));
      }
      return rows.sort();
    }
    default:
      throw new Error(`no such operation: ${op.op}`);
  }
}

function line(id: string, collection: string, validity: unknown): string {
  return `${id} ${collection} ${JSON.stringify(validity)}`;
}

/** Inserts the record if there is none, updates it if asked to; answers as the peer: whether it was new, or the names of what changed. */
async function sync(registry: Registry, element: string, record: DimensionRecord, update: boolean): Promise<unknown> {
  const { codec } = { codec: registry.records.codec(element) };
  const key = codec.keys.map((name) => record[name] as string | number);
  const [old] = [...(await registry.records.fetch(element, [key])).values()];
  const written = await registry.records.insert(element, [record], update ? 'replace' : 'fail');
  if (old === undefined) return true;
  if (written === 0) return false;
  return Object.keys(record)
    .filter((name) => !isDeepStrictEqual(asBytes(record[name]), asBytes(old[name])))
    .sort();
}

function asBytes(value: unknown): unknown {
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value;
}

/** Inserts datasets of given data IDs under new ids, and keeps which id of the record each stands for. */
async function insertDatasets(trace: Trace, op: Operation, args: Record<string, any>): Promise<number> {
  const { registry } = trace;
  const type = await registry.types.get(nameOf(args.datasetType));
  const { dimensions } = type.type;
  const run = await registry.collections.get(args.run, ['RUN']);
  const dataIds = args.dataIds as DataId[];
  const expanded = await expandDataIds(registry.records, registry.universe, dimensions, dataIds, true);
  const refs = expanded.map(({ values }): DatasetRef => {
    const dataId = registry.universe.coordinate(dimensions, values);
    return { id: newUuid(), datasetType: type.type, dataId, run: run.name };
  });
  await registry.datasets.insert(type, run, refs);
  refs.forEach((ref, i) => {
    const recorded = op.result[i];
    for (const name of dimensions.required) {
      if (recorded.dataId[name] !== ref.dataId.get(name)) throw new Error(`datasets of ${op.op} come in another order`);
    }
    trace.ids.set(recorded.id, ref.id);
  });
  return refs.length;
}

function nameOf(type: string | { datasetType: string }): string {
  return typeof type === 'string' ? type : type.datasetType;
}

function toType(registry: Registry, given: any): DatasetType {
  const { datasetType: name, dimensions, storageClass, isCalibration } = given;
  return { name, dimensions: registry.universe.conform(dimensions), storageClass, isCalibration };
}

async function toRefs(registry: Registry, given: readonly any[]): Promise<DatasetRef[]> {
  return Promise.all(
    given.map(async (row) => {
      const { type } = await registry.types.get(row.datasetType);
      return {
        id: row.id,
        datasetType: type,
        dataId: registry.universe.coordinate(type.dimensions, row.dataId),
        run: row.run,
      };
    }),
  );
}

/** Regions of records stay as they are encoded. */
function toRecord(row: Record<string, any>): DimensionRecord {
  const value = (given: any): any =>
    typeof given === 'object' && given !== null && 'hex' in given
      ? new Uint8Array(Buffer.from(given.hex, 'hex'))
      : typeof given === 'object' && given !== null && 'bytesHex' in given
        ? new Uint8Array(Buffer.from(given.bytesHex, 'hex'))
        : fromJson(given);
  return Object.fromEntries(Object.entries(row).map(([name, given]) => [name, value(given)]));
}
