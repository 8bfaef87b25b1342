// SPDX-License-Identifier: BSD-3-Clause
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { Butler } from '../../src/butler/index.ts';
import { verbs } from '../../src/cli/verbs/index.ts';
import { verbsFor } from '../../src/cli/verbs-for.ts';

const folder = mkdtempSync(join(tmpdir(), 'skymill-start-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('the file of a verb is called like the verb, so that a start imports no other', async () => {
  for (const verb of verbs) expect(await verbsFor([...verb.name.split(' '), 'x']), verb.name).toEqual([verb]);
  expect(await verbsFor(['no-such-verb'])).toEqual(verbs);
  expect(await verbsFor(['../verb'])).toEqual(verbs);
});

test('listing collections loads no code of images, tables, YAML, other engines, the doctor or other verbs', async () => {
  const root = join(folder, 'repo');
  await (await Butler.create(root)).close();
  const project = resolve(import.meta.dirname, '../..');
  const hook = `import { registerHooks } from 'node:module';
    const seen = [];
    registerHooks({ load: (url, context, next) => (seen.push(url), next(url, context)) });
    process.on('exit', () => process.stderr.write('\\nLOADED ' + JSON.stringify(seen)));`;
  const { stderr } = spawnSync(
    process.execPath,
    [
      '--import',
      `data:text/javascript,${encodeURIComponent(hook)}`,
      join(project, 'bin/skymill.js'),
      'query-collections',
      root,
    ],
    { encoding: 'utf8' },
  );
  const loaded: string[] = JSON.parse(stderr.slice(stderr.indexOf('LOADED ') + 7));
  const rooms = ['fits', 'pixels', 'instruments', 'run', 'graph', 'tasks', 'pipeline', 'butler/doctor/checks'].map(
    (room) => `/src/${room}/`,
  );
  const packages = ['zod', 'hyparquet', 'pg', 'mysql2', 'yazl', 'yauzl', '@bomb.sh', 'yaml'].map(
    (n) => `/node_modules/${n}/`,
  );
  expect(loaded.length).toBeGreaterThan(50);
  expect(loaded.filter((url) => [...rooms, ...packages].some((part) => url.includes(part)))).toEqual([]);
  expect(loaded.filter((url) => url.includes('/cli/verbs/'))).toEqual([
    expect.stringContaining('/query-collections.ts'),
  ]);
});
