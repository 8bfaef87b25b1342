// SPDX-License-Identifier: BSD-3-Clause
import { createHash } from 'node:crypto';
import { SkymillError } from '../../src/base/index.ts';
import { Query } from '../../src/butler/query/index.ts';
import type { Registry } from '../../src/butler/registry/registry.ts';
import { LoadedRegistries } from './registries.ts';
import type { Adapter, Case, Comparison, SuiteContext } from './suite.ts';

type Row = Record<string, unknown> | string;

const registries = new LoadedRegistries();

/** Suite registry-oracle: rows of required values (many: count and digest), in order where the case has one. */
export const registryOracle: Adapter = { run, close: () => registries.close() };

async function run(test: Case, { root }: SuiteContext): Promise<Comparison> {
  const { expect } = test;
  const registry = await registries.get(root, test.load);
  let rows: Row[];
  try {
    rows = await answer(registry, test);
  } catch (error) {
    if (!(error instanceof SkymillError)) throw error;
    return { actual: 'refused', expected: expect.raises === undefined ? expect : 'refused' };
  }
  if (expect.raises !== undefined) return { actual: rows, expected: expect };
  const lines = rows.map(canonical);
  const sorted = [...lines].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const actual: Record<string, unknown> = { count: rows.length, sha256: digest(expect.ordered ? lines : sorted) };
  const expected: Record<string, unknown> = { count: expect.count, sha256: expect.sha256 };
  if (expect.rows !== undefined) {
    actual.rows = expect.ordered ? lines : sorted;
    const wanted = (expect.rows as Row[]).map(canonical);
    expected.rows = expect.ordered ? wanted : wanted.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  }
  return { actual, expected };
}

async function answer(registry: Registry, { kind, args }: Case): Promise<Row[]> {
  let query = new Query(registry);
  if (args.where !== undefined) query = query.where(args.where, args.bind ?? {});
  if (args.order_by !== undefined) query = query.orderBy(...args.order_by);
  if (args.limit !== undefined) query = query.limit(args.limit);
  const rows: Row[] = [];
  switch (kind) {
    case 'data_ids':
      for await (const dataId of query.dataIds(args.dimensions)) rows.push({ ...dataId.toDataId() });
      return rows;
    case 'dimension_records': {
      const { required, primaryKey } = registry.universe.element(args.element);
      for await (const record of query.dimensionRecords(args.element)) {
        const value = (name: string): unknown => record[name === args.element ? primaryKey!.name : name];
        rows.push(Object.fromEntries(required.map((name) => [name, value(name)])));
      }
      return rows;
    }
    case 'datasets': {
      const collections = [args.collections].flat();
      const options = { collections, findFirst: args.find_first };
      for await (const ref of query.datasets(args.dataset_type, options))
        rows.push({ ...ref.dataId.toDataId(), id: ref.id });
      return rows;
    }
    case 'collections':
      return (await registry.collections.list([args.expression].flat())).map((collection) => collection.name);
    default:
      throw new Error(`no such kind of case: ${kind}`);
  }
}

/** As Python's json.dumps(row, sort_keys=True) writes it. */
function canonical(row: Row): string {
  const text = (value: unknown): string =>
    JSON.stringify(value).replaceAll(/[\u0080-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
  if (typeof row === 'string') return text(row);
  return `{${Object.keys(row)
    .sort()
    .map((key) => `${text(key)}: ${text(row[key])}`)
    .join(', ')}}`;
}

function digest(lines: readonly string[]): string {
  return createHash('sha256').update(lines.join('\n')).digest('hex');
}
