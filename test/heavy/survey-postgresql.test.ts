// SPDX-License-Identifier: BSD-3-Clause
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { asAdmin, postgresUrl } from '../support/databases.ts';
import { describePostgres } from '../support/engines.ts';
import { runSteps, snapshot, tinySurvey } from '../support/survey.ts';

describePostgres('a survey from simulation to coadds', () => {
  const folder = mkdtempSync(join(tmpdir(), 'skymill-survey-engines-'));
  const namespace = `survey_${process.pid}_${randomBytes(4).toString('hex')}`;
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    await asAdmin(`DROP SCHEMA IF EXISTS ${namespace} CASCADE`);
  });

  test('gives the same products with the registry in PostgreSQL as in SQLite', async () => {
    const make = async (name: string, database: readonly string[]) => {
      const home = join(folder, name);
      const { before, production } = tinySurvey(home);
      runSteps(
        [...before, production].map(({ words }) => ({
          words: words[0] === 'create' ? [...words, ...database] : words,
        })),
      );
      return snapshot(join(home, 'repo'));
    };
    const sqlite = await make('sqlite', []);
    const postgresql = await make('postgresql', ['--database', postgresUrl()!, '--namespace', namespace]);
    expect(sqlite.wrong).toEqual([]);
    expect(postgresql.wrong).toEqual([]);
    expect(sqlite.datasets.length).toBeGreaterThan(50);
    expect(sqlite.datasets.some((one) => one.startsWith('deepCoadd '))).toBe(true);
    expect(postgresql.datasets).toEqual(sqlite.datasets);
    expect(postgresql.collections).toEqual(sqlite.collections);
    expect(postgresql.files).toEqual(sqlite.files);
    const tables = await asAdmin(`SELECT count(*) FROM information_schema.tables WHERE table_schema = '${namespace}'`);
    expect(Number(tables[0][0])).toBeGreaterThan(30);
  });
});
