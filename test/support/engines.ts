// SPDX-License-Identifier: BSD-3-Clause
import { afterAll, describe, it } from 'vitest';
import { type Engine, mariadbEngine, mariadbUrl, postgresEngine, postgresUrl, sqliteEngine } from './databases.ts';

/** A suite for every engine: on SQLite always, on PostgreSQL and MariaDB if there is a server; else it is skipped, and says so. */
export function describeEngines(title: string, body: (engine: Engine) => void): void {
  const run = (engine: Engine): void => {
    describe(`${title} (${engine.name})`, () => {
      body(engine);
      afterAll(() => engine.dropAll());
    });
  };
  run(sqliteEngine());
  describePostgres(title, run);
  onServer(title, 'MariaDB', 'SKYMILL_TEST_MARIADB', mariadbUrl() === undefined ? undefined : mariadbEngine, run);
}

/** A suite for PostgreSQL alone, under the same condition. */
export function describePostgres(title: string, run: (engine: Engine) => void): void {
  onServer(title, 'PostgreSQL', 'SKYMILL_TEST_POSTGRES', postgresUrl() === undefined ? undefined : postgresEngine, run);
}

function onServer(
  title: string,
  name: string,
  variable: string,
  engine: (() => Engine) | undefined,
  run: (engine: Engine) => void,
): void {
  if (engine !== undefined) {
    run(engine());
    return;
  }
  process.stderr.write(`\n*** SKIPPED: ${title} on ${name}: no server (set ${variable})\n`);
  describe.skip(`${title} (${name}, no server)`, () => {
    it('needs a server', () => {});
  });
}
