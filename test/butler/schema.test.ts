// SPDX-License-Identifier: BSD-3-Clause
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { DimensionUniverse } from '../../src/butler/dimensions/universe.ts';
import { calibsTable, tagsTable } from '../../src/butler/registry/dataset-tables.ts';
import { dimensionTables } from '../../src/butler/registry/dimension-tables.ts';
import { createTableSql } from '../../src/butler/registry/sqlite/ddl.ts';
import { staticTables } from '../../src/butler/registry/static-tables.ts';
import { describeShared } from '../support/shared.ts';

describeShared('conformance/gen3/repos', 'the SQLite schema', (dir) => {
  it('is that of Gen3, statement by statement', () => {
    const universe = new DimensionUniverse();
    const flat = universe.conform(['detector', 'physical_filter']);
    const bias = universe.conform(['detector']);
    const tables = [
      ...staticTables(universe),
      ...dimensionTables(universe),
      tagsTable(universe, flat, 1),
      calibsTable(universe, flat, 1),
      tagsTable(universe, bias, 2),
      calibsTable(universe, bias, 2),
      tagsTable(universe, universe.conform(['instrument']), 3),
    ];
    const ours = tables.flatMap(createTableSql).sort();
    const theirs = readFileSync(join(dir, 'schema.sqlite.sql'), 'utf8')
      .split(';\n')
      .map((statement) => statement.trim().replace(/;$/, ''))
      .filter((statement) => statement !== '')
      .sort();
    expect(theirs.length).toBeGreaterThan(170);
    expect(ours.filter((statement) => !theirs.includes(statement))).toEqual([]);
    expect(theirs.filter((statement) => !ours.includes(statement))).toEqual([]);
    expect(ours).toEqual(theirs);
  });
});
