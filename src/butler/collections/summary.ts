// SPDX-License-Identifier: BSD-3-Clause
import type { CollectionSummary } from '../contract.ts';
import type { Registry } from '../registry/registry.ts';

/** See `ButlerApi.collectionSummary`: a query for the types and one for each governor dimension. */
export async function collectionSummary(registry: Registry, name: string): Promise<CollectionSummary> {
  const { db, universe } = registry;
  const { dialect } = db;
  const members = await registry.collections.resolve([name]);
  const within = `collection_id IN (SELECT value FROM ${dialect.listSource(dialect.placeholder(0), 'int')})`;
  const params = [dialect.listParam(members.map((row) => row.id))];
  const types = await db.rows(
    `SELECT DISTINCT t.name FROM collection_summary_dataset_type s JOIN dataset_type t ON t.id = s.dataset_type_id
     WHERE s.${within} ORDER BY t.name`,
    params,
  );
  const governors: Record<string, string[]> = {};
  for (const governor of universe.dimensionNames) {
    if (!universe.element(governor).governor) continue;
    const values = await db.rows(
      `SELECT DISTINCT ${governor} FROM collection_summary_${governor} WHERE ${within} ORDER BY ${governor}`,
      params,
    );
    if (values.length > 0) governors[governor] = values.map(([value]) => value as string);
  }
  return { datasetTypes: types.map(([type]) => type as string), governors };
}
