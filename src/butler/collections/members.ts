// SPDX-License-Identifier: BSD-3-Clause
import { uuidHex } from '../../base/index.ts';
import type { CollectionRow } from '../registry/collections.ts';
import type { DatasetTypeRow } from '../registry/dataset-types.ts';
import type { Registry } from '../registry/registry.ts';
import type { DataId, DatasetRef, Timespan } from '../types.ts';

/** Ids in one statement. */
const idChunk = 20_000;

export async function associate(registry: Registry, tagged: string, refs: readonly DatasetRef[]): Promise<void> {
  const collection = await registry.collections.get(tagged, ['TAGGED']);
  const groups = await byType(registry, refs);
  const tagAll = async (): Promise<void> => {
    for (const [type, group] of groups) await registry.datasets.tag(type, collection, group);
  };
  await registry.db.transaction(tagAll, { repeatable: true });
}

export async function disassociate(registry: Registry, tagged: string, refs: readonly DatasetRef[]): Promise<void> {
  const collection = await registry.collections.get(tagged, ['TAGGED']);
  await removeMembers(registry, [collection], refs);
}

export async function certify(
  registry: Registry,
  calibration: string,
  refs: readonly DatasetRef[],
  timespan: Timespan,
): Promise<void> {
  const collection = await registry.collections.get(calibration, ['CALIBRATION']);
  const groups = await byType(registry, refs);
  const certifyAll = async (): Promise<void> => {
    for (const [type, group] of groups) await registry.calibrations.certify(type, collection, group, timespan);
  };
  const lock = [...new Set(groups.map(([type]) => type.calibsTable).filter((table) => table !== undefined))];
  await registry.db.transaction(certifyAll, { repeatable: true, lock });
}

export async function decertify(
  registry: Registry,
  calibration: string,
  datasetType: string,
  timespan: Timespan,
  dataIds: readonly DataId[] | undefined,
): Promise<number> {
  const collection = await registry.collections.get(calibration, ['CALIBRATION']);
  const type = await registry.types.get(datasetType);
  const coordinates = dataIds?.map((dataId) => registry.universe.coordinate(type.type.dimensions, dataId));
  return registry.calibrations.decertify(type, collection, timespan, coordinates);
}

/** Takes datasets out of TAGGED and (with all their validity ranges) CALIBRATION collections. */
export async function removeMembers(
  registry: Registry,
  collections: readonly CollectionRow[],
  refs: readonly DatasetRef[],
): Promise<void> {
  const groups = await byType(registry, refs);
  await registry.db.transaction(async () => {
    for (const { table, members, ids } of memberships(groups, collections)) {
      for (let at = 0; at < ids.length; at += idChunk) {
        const { from, params } = membersOf(registry, table, members, ids.slice(at, at + idChunk));
        await registry.db.run(`DELETE ${from}`, params);
      }
    }
  });
}

/** Which of these collections hold some of the datasets. */
export async function collectionsHolding(
  registry: Registry,
  collections: readonly CollectionRow[],
  refs: readonly DatasetRef[],
): Promise<CollectionRow[]> {
  const found = new Set<number>();
  for (const { table, members, ids } of memberships(await byType(registry, refs), collections)) {
    for (let at = 0; at < ids.length; at += idChunk) {
      const { from, params } = membersOf(registry, table, members, ids.slice(at, at + idChunk));
      for (const [id] of await registry.db.rows(`SELECT DISTINCT collection_id ${from}`, params))
        found.add(id as number);
    }
  }
  return collections.filter((row) => found.has(row.id));
}

export async function byType(
  registry: Registry,
  refs: readonly DatasetRef[],
): Promise<[DatasetTypeRow, DatasetRef[]][]> {
  const groups = Map.groupBy(refs, (ref) => ref.datasetType.name);
  const types = await Promise.all([...groups.keys()].map((name) => registry.types.get(name)));
  return [...groups.values()].map((group, i) => [types[i], group]);
}

interface Membership {
  table: string;
  members: CollectionRow[];
  ids: string[];
}

/** Types of the same dimensions share their tables: one entry for each table. */
function memberships(
  groups: readonly (readonly [DatasetTypeRow, readonly DatasetRef[]])[],
  collections: readonly CollectionRow[],
): Membership[] {
  const calibrations = collections.filter((row) => row.type === 'CALIBRATION');
  const tagged = collections.filter((row) => row.type === 'TAGGED');
  const out = new Map<string, Membership>();
  const add = (table: string | undefined, members: CollectionRow[], refs: readonly DatasetRef[]): void => {
    if (table === undefined || members.length === 0) return;
    const entry = out.get(table) ?? { table, members, ids: [] };
    for (const ref of refs) entry.ids.push(ref.id);
    out.set(table, entry);
  };
  for (const [type, refs] of groups) {
    add(type.tagsTable, tagged, refs);
    add(type.calibsTable, calibrations, refs);
  }
  return [...out.values()];
}

function membersOf({ db }: Registry, table: string, members: readonly CollectionRow[], ids: readonly string[]) {
  const { dialect } = db;
  const from = `FROM ${table} WHERE collection_id IN (SELECT value FROM ${dialect.listSource(dialect.placeholder(0), 'int')})
    AND dataset_id IN (SELECT value FROM ${dialect.listSource(dialect.placeholder(1), 'uuid')})`;
  return { from, params: [dialect.listParam(members.map((row) => row.id)), dialect.listParam(ids.map(uuidHex))] };
}
