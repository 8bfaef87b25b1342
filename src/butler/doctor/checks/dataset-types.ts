// SPDX-License-Identifier: BSD-3-Clause
import { calibsTable, tagsTable } from '../../registry/dataset-tables.ts';
import type { Registry } from '../../registry/registry.ts';
import type { DimensionGroup } from '../../types.ts';
import type { Check, Finding } from '../model.ts';

export interface TypeTables {
  id: number;
  name: string;
  key: number;
  /** Undefined where the stored definition of the dimensions is gone. */
  dimensions: DimensionGroup | undefined;
  tags: string;
  calibs: string | undefined;
}

/** The registered dataset types as they are stored, whatever is the matter with them. */
export async function typeTables({ db, universe }: Registry): Promise<TypeTables[]> {
  const names = new Map<number, string[]>([[0, []]]);
  for (const [id, name] of await db.rows('SELECT dimension_graph_id, dimension_name FROM dimension_graph_definition')) {
    const list = names.get(id as number);
    if (list === undefined) names.set(id as number, [name as string]);
    else list.push(name as string);
  }
  const rows = await db.rows(
    `SELECT id, name, dimensions_key, tag_association_table, calibration_association_table
     FROM dataset_type ORDER BY name`,
  );
  return rows.map(([id, name, key, tags, calibs]) => {
    const dimensions = names.get(key as number);
    return {
      id: id as number,
      name: name as string,
      key: key as number,
      dimensions: dimensions === undefined ? undefined : universe.conform(dimensions),
      tags: tags as string,
      calibs: (calibs as string | null) ?? undefined,
    };
  });
}

/** Tables of members that exist: those of tags, or of calibrations, each with the types that share it. */
export async function memberTables(
  registry: Registry,
  which: 'tags' | 'calibs',
): Promise<{ table: string; dimensions: DimensionGroup }[]> {
  const out = new Map<string, DimensionGroup>();
  for (const type of await typeTables(registry)) {
    const table = type[which];
    if (table !== undefined && type.dimensions !== undefined) out.set(table, type.dimensions);
  }
  const found: { table: string; dimensions: DimensionGroup }[] = [];
  for (const [table, dimensions] of out) if (await hasTable(registry, table)) found.push({ table, dimensions });
  return found;
}

async function hasTable({ db }: Registry, table: string): Promise<boolean> {
  try {
    await db.rows(`SELECT 1 FROM ${db.dialect.quote(table)} WHERE 1 = 0`);
    return true;
  } catch {
    // Either it is not there, or the database does not answer at all, which the next statement tells.
    await db.rows('SELECT 1 FROM dataset_type WHERE 1 = 0');
    return false;
  }
}

/** Dataset types whose tables or dimensions are gone. */
export const datasetTypes: Check = {
  name: 'dataset types',
  kinds: [
    {
      name: 'type-without-table',
      title: 'dataset types without their tables',
      severity: 'wrong',
      repair: 'makes the table anew, empty',
    },
    {
      name: 'type-without-dimensions',
      title: 'dataset types whose dimensions are not stored',
      severity: 'wrong',
      advice: 'restore the database from a backup: the definition of the type is lost',
    },
  ],
  async *find({ butler }) {
    const { registry } = butler;
    const findings: Finding[] = [];
    for (const type of await typeTables(registry)) {
      if (type.dimensions === undefined) {
        const detail = `there are no dimensions with key ${type.key}`;
        findings.push({ kind: 'type-without-dimensions', subject: type.name, detail });
        continue;
      }
      for (const table of [type.tags, type.calibs]) {
        if (table === undefined || (await hasTable(registry, table))) continue;
        const detail = `there is no table ${table}`;
        findings.push({ kind: 'type-without-table', subject: type.name, detail, data: { type, table } });
      }
    }
    yield findings;
  },
  async repair({ butler }, _kind, findings) {
    const { db, universe } = butler.registry;
    for (const { data } of findings) {
      const { type, table } = data as { type: TypeTables; table: string };
      const make = table === type.tags ? tagsTable : calibsTable;
      await db.createTables([{ ...make(universe, type.dimensions!, type.key), name: table }]);
    }
    return findings.length;
  },
};
