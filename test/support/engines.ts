// SPDX-License-Identifier: BSD-3-Clause
import { afterAll, describe, it } from 'vitest';
import { type Engine, postgresEngine, postgresUrl, sqliteEngine } from './databases.ts';

/** A suite for every engine: on SQLite always, on PostgreSQL if there is a server; else it is skipped, and says so. */
export function describeEngines(title: string, body: (engine: Engine) => void): void {
  const run = (engine: Engine): void => {
    describe(`${title} (${engine.name})`, () => {
      body(engine);
      afterAll(() => engine.dropAll());
    });
  };
  run(sqliteEngine());
  describePostgres(title, run);
}

/** A suite for PostgreSQL alone, under the same condition. */
export function describePostgres(title: string, body: (engine: Engine) => void): void {
  if (postgresUrl() !== undefined) {
    body(postgresEngine());
    return;
  }
  process.stderr.write(`\n*** SKIPPED: ${title} on PostgreSQL: no server (set SKYMILL_TEST_POSTGRES)\n`);
  describe.skip(`${title} (postgresql, no server)`, () => {
    it('needs a server', () => {});
  });
}
