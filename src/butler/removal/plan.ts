// SPDX-License-Identifier: BSD-3-Clause
import type { RemovalReport } from '../contract.ts';
import type { FileDatastore } from '../datastore/file-datastore.ts';
import type { CollectionRow } from '../registry/collections.ts';
import type { Registry } from '../registry/registry.ts';
import type { DatasetRef } from '../types.ts';
import { recordedMembers } from './archive-members.ts';
import { fileOf, isOwn } from './trash.ts';

export const emptyReport: RemovalReport = Object.freeze({
  datasets: {},
  files: 0,
  sizeBytes: 0,
  collections: [],
  unlinkedFrom: [],
  disassociatedFrom: [],
});

export function countByType(refs: readonly DatasetRef[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const ref of refs) counts[ref.datasetType.name] = (counts[ref.datasetType.name] ?? 0) + 1;
  return sorted(counts);
}

/** The files that go with datasets: those of the datastore which no dataset outside of `ids` uses. */
export async function filesOf(
  registry: Registry,
  datastore: FileDatastore,
  ids: readonly string[],
): Promise<{ files: number; sizeBytes: number }> {
  const records = (await registry.files.get(ids)).flat().filter((record) => isOwn(record.path));
  const sizes = new Map<string, number>();
  for (const record of records) {
    const file = fileOf(record);
    // Each member of an archive has its own size; other datasets of one file repeat the file's.
    const known = file === record.path ? 0 : (sizes.get(file) ?? 0);
    sizes.set(file, known + Math.max(0, record.sizeBytes));
  }
  const options = { membersOf: recordedMembers(datastore), except: new Set(ids) };
  for (const file of await registry.trash.inUse([...sizes.keys()], options)) sizes.delete(file);
  let sizeBytes = 0;
  for (const size of sizes.values()) sizeBytes += size;
  return { files: sizes.size, sizeBytes };
}

/** As {@link countByType} and {@link filesOf} for whole runs, counted by the database. */
export async function contentsOfRuns(
  registry: Registry,
  runs: readonly CollectionRow[],
): Promise<{ datasets: Record<string, number>; files: number; sizeBytes: number }> {
  const { db } = registry;
  const { dialect } = db;
  const list = `(SELECT value FROM ${dialect.listSource('?', 'int')})`;
  const param = dialect.listParam(runs.map((run) => run.id));
  const counts = await db.rows(
    `SELECT t.name, count(*) FROM dataset d JOIN dataset_type t ON t.id = d.dataset_type_id
     WHERE d.run_id IN ${list} GROUP BY t.name ORDER BY t.name`,
    [param],
  );
  const [[files, sizeBytes]] = await db.rows(
    `SELECT count(*), sum(size) FROM (
       SELECT r.path AS path, max(r.file_size) AS size FROM file_datastore_records r JOIN dataset d ON d.id = r.dataset_id
       WHERE d.run_id IN ${list} AND r.path NOT LIKE '%://%' AND r.path NOT LIKE '/%' AND r.path NOT LIKE '%#%'
       AND NOT EXISTS (
         SELECT 1 FROM file_datastore_records o JOIN dataset od ON od.id = o.dataset_id
         WHERE o.path = r.path AND od.run_id NOT IN ${list})
       GROUP BY r.path) own`,
    [param, param],
  );
  const archives = await archivesOfRuns(registry, runs);
  return {
    datasets: Object.fromEntries(counts.map(([name, count]) => [name as string, Number(count)])),
    files: Number(files) + archives.files,
    sizeBytes: Number(sizeBytes ?? 0) + archives.sizeBytes,
  };
}

/** The archives all of whose members are datasets of these runs, and the size of these members. */
async function archivesOfRuns(
  { db }: Registry,
  runs: readonly CollectionRow[],
): Promise<{ files: number; sizeBytes: number }> {
  const list = `(SELECT value FROM ${db.dialect.listSource('?', 'int')})`;
  const param = db.dialect.listParam(runs.map((run) => run.id));
  const members = (condition: string): string =>
    `SELECT r.path, r.file_size FROM file_datastore_records r JOIN dataset d ON d.id = r.dataset_id
     WHERE r.path LIKE '%#%' AND d.run_id ${condition} ${list}`;
  const sizes = new Map<string, number>();
  await db.each(members('IN'), [param], ([path, size]) => {
    const file = fileOf({ path: path as string });
    if (isOwn(file)) sizes.set(file, (sizes.get(file) ?? 0) + Math.max(0, Number(size)));
  });
  if (sizes.size > 0) {
    await db.each(members('NOT IN'), [param], ([path]) => void sizes.delete(fileOf({ path: path as string })));
  }
  let sizeBytes = 0;
  for (const size of sizes.values()) sizeBytes += size;
  return { files: sizes.size, sizeBytes };
}

/** TAGGED and CALIBRATION collections with members from these runs: one query for each table of members. */
export async function holdersOfRuns(registry: Registry, runs: readonly CollectionRow[]): Promise<string[]> {
  const { db } = registry;
  const { dialect } = db;
  const list = `(SELECT value FROM ${dialect.listSource('?', 'int')})`;
  const param = dialect.listParam(runs.map((run) => run.id));
  const types = await db.rows(
    `SELECT DISTINCT t.tag_association_table, t.calibration_association_table FROM dataset_type t
     JOIN collection_summary_dataset_type s ON s.dataset_type_id = t.id WHERE s.collection_id IN ${list}`,
    [param],
  );
  const tables = new Set(types.flat().filter((table) => table !== null));
  const names = new Set<string>();
  for (const table of tables) {
    const rows = await db.rows(
      `SELECT DISTINCT c.name FROM ${table} m JOIN dataset d ON d.id = m.dataset_id
       JOIN collection c ON c.collection_id = m.collection_id
       WHERE d.run_id IN ${list} AND m.collection_id <> d.run_id`,
      [param],
    );
    for (const [name] of rows) names.add(name as string);
  }
  return [...names].sort();
}

function sorted(counts: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)));
}
