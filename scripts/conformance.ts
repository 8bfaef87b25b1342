// SPDX-License-Identifier: BSD-3-Clause
/**
 * Runs suites of outside cases (a folder with cases/<suite>.json) through this implementation:
 *
 *   npm run conformance -- --cases DIR [--suite NAME]… [--only TEXT] [--show N] [--engine sqlite|postgres|mariadb]
 *
 * Prints `suite: passed/total` and the first differences; exits with 1 if any case differs, 2 on wrong usage.
 */
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { inspect, parseArgs } from 'node:util';
import { runSuite } from '../test/conformance/suite.ts';
import { SUITES } from '../test/conformance/suites.ts';
import { sharedEngine } from '../test/support/databases.ts';
import { startServer } from '../test/support/servers.ts';

const { values } = parseArgs({
  options: {
    cases: { type: 'string' },
    suite: { type: 'string', multiple: true },
    only: { type: 'string' },
    show: { type: 'string', default: '3' },
    engine: { type: 'string', default: 'sqlite' },
  },
});

function usage(message: string): never {
  process.stderr.write(
    `${message}\nUsage: conformance --cases DIR [--suite NAME] [--only TEXT] [--show N] [--engine sqlite|postgres|mariadb]\n`,
  );
  process.exit(2);
}

if (values.cases === undefined) usage('--cases is needed: the folder with the case files.');
const engine = values.engine === 'postgres' ? 'postgresql' : values.engine;
if (engine !== 'sqlite' && engine !== 'postgresql' && engine !== 'mariadb') {
  usage(`There is no engine "${values.engine}"; there are sqlite, postgres and mariadb.`);
}
process.env['SKYMILL_TEST_ENGINE'] = engine;
// Without SKYMILL_TEST_POSTGRES (or …_MARIADB) a server is started, and stopped at the end.
const stopServers = engine === 'sqlite' ? undefined : await startServer(engine);
// Both the folder with cases/ inside and cases/ itself will do.
const given = resolve(values.cases);
const root = existsSync(join(given, 'cases')) ? given : dirname(given);
const names = values.suite ?? Object.keys(SUITES);
let differing = 0;
for (const name of names) {
  if (SUITES[name] === undefined) usage(`There is no suite "${name}"; there are ${Object.keys(SUITES).join(', ')}.`);
  if (SUITES[name].cases === undefined && !existsSync(join(root, 'cases', `${name}.json`)))
    usage(`There is no ${join(root, 'cases', `${name}.json`)}.`);
  const started = performance.now();
  const result = await runSuite(name, SUITES[name], root, engine, values.only);
  differing += result.failures.length;
  console.log(`${name}: ${result.passed}/${result.total} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
  for (const failure of result.failures.slice(0, Number(values.show))) {
    const show = (value: unknown): string =>
      inspect(value, { depth: 8, maxStringLength: 300, maxArrayLength: 12, breakLength: 160 });
    console.log(`  ${failure.id}`);
    if (failure.error !== undefined) console.log(`    threw    ${show(failure.error)}`);
    else console.log(`    actual   ${show(failure.actual)}`);
    console.log(`    expected ${show(failure.expected)}`);
  }
}
await sharedEngine().dropAll();
stopServers?.();
process.exitCode = differing === 0 ? 0 : 1;
