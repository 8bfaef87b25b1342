// SPDX-License-Identifier: BSD-3-Clause
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Butler } from '../../src/butler/index.ts';
import { makeSource } from '../butler/transfer-fixture.ts';
import { skymill } from '../support/commands.ts';
import { snapshot } from '../support/repository-snapshot.ts';

/** Datasets on their way out of a repository and into others, by the commands that an operator types. */
let dir: string;
let source: string;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'skymill-cli-transfer-'));
  source = join(dir, 'source');
  await (await makeSource(source)).butler.close();
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function json(words: readonly string[], status = 0) {
  const result = skymill([...words, '--json']);
  expect(result.status, result.stderr).toBe(status);
  return JSON.parse(result.stdout);
}
async function contents(root: string) {
  const butler = await Butler.open(root);
  try {
    return await snapshot(butler, { objects: true });
  } finally {
    await butler.close();
  }
}

test('export and import', async () => {
  const out = join(dir, 'out');
  const words = ['export', source, out, '--save-collections', 'all'];
  expect(json([...words, '--dry-run'])).toMatchObject({ datasets: 5 });
  expect(existsSync(out)).toBe(false);
  expect(json(words)).toMatchObject({ datasets: 5, files: 5 });
  const repo = join(dir, 'imported');
  expect(json(['import', repo, out, '--dry-run'])).toMatchObject({ datasets: 5 });
  expect(existsSync(repo)).toBe(false);
  expect(json(['import', repo, out])).toMatchObject({ datasets: 5, present: 0 });
  expect(json(['import', repo, out])).toMatchObject({ datasets: 0, present: 5 });
  expect((await contents(repo)).associations).toEqual((await contents(source)).associations);
  writeFileSync(
    join(out, 'export.yaml'),
    readFileSync(join(out, 'export.yaml'), 'utf8')
      .replace('- type: run', '- tipe: x')
      .replace('element: detector', 'element: [detector'),
  );
  const bad = skymill(['import', join(dir, 'bad'), out]);
  expect(bad.status).toBe(2);
  expect(bad.stderr).toMatch(/export\.yaml:\d+:\d+/);
});

test('export-calibs', () => {
  const out = join(dir, 'calibs');
  const report = json(['export-calibs', source, out, 'all']);
  expect(report.calibrations).toEqual([
    { calibrationType: 'bias', run: 'run/b', instrument: 'Cam', detector: 1 },
    { calibrationType: 'bias', run: 'run/b', instrument: 'Cam', detector: 2 },
  ]);
  expect(skymill(['export-calibs', source, out]).status).toBe(2);
  expect(json(['import', join(dir, 'calibrated'), out])).toMatchObject({
    datasets: 2,
    collections: expect.arrayContaining(['all', 'inner', 'calib']),
  });
});

test('transfer-datasets', async () => {
  const dest = join(dir, 'dest');
  expect(skymill(['create', dest]).status).toBe(0);
  const words = ['transfer-datasets', source, dest, '--collections', 'run/*', '--save-collections', 'all'];
  const refused = skymill(words);
  expect(refused.status).toBe(2);
  expect(refused.stderr).toContain('--register-dataset-types');
  expect(json([...words, '--register-dataset-types', '--dry-run'])).toMatchObject({ transferred: 5, present: 0 });
  expect(json(['query-collections', dest], 4)).toEqual([]);
  expect(json([...words, '--register-dataset-types'])).toMatchObject({ transferred: 5, present: 0, missing: [] });
  expect(json(words)).toMatchObject({ transferred: 0, present: 5 });
  const [here, there] = [await contents(dest), await contents(source)];
  expect({ ...here, records: {} }).toEqual({ ...there, records: {} });
  const labels = { DAF_BUTLER_REPOSITORIES: JSON.stringify({ main: source, scratch: dest }) };
  expect(skymill(['transfer-datasets', 'main', 'scratch', '-d', 'bias'], { env: labels }).stdout).toContain(
    '2 are there',
  );
  const unknown = skymill(['query-collections', 'scrach'], { env: labels });
  expect(unknown.status).toBe(2);
  expect(unknown.stderr).toMatch(/Did you mean "scratch"\? Known labels: main, scratch/);
});

test('retrieve-artifacts, also into an archive, and ingest-zip', () => {
  const files = join(dir, 'files');
  expect(json(['retrieve-artifacts', source, files, '-d', 'bias', '--no-preserve-path']).files).toHaveLength(2);
  expect(readdirSync(files)).toHaveLength(2);
  expect(skymill(['retrieve-artifacts', source, files, '-d', 'bias', '--no-preserve-path']).status).toBe(3);
  expect(skymill(['retrieve-artifacts', source, files, '-d', 'bias', '--no-preserve-path', '--clobber']).status).toBe(
    0,
  );
  expect(skymill(['retrieve-artifacts', source, files, '--where', "instrument = 'None'"]).status).toBe(4);
  const { path } = json(['retrieve-artifacts', source, files, '--zip']);
  const repo = join(dir, 'zipped');
  expect(skymill(['create', repo]).status).toBe(0);
  expect(skymill(['ingest-zip', repo, path]).stderr).toContain('not registered');
  expect(skymill(['transfer-datasets', source, repo, '-d', 'config', '--register-dataset-types']).status).toBe(0);
});

test('ingest-files', () => {
  const repo = join(dir, 'tables');
  const words = ['ingest-files', repo, 'config_like', 'run/t', join(dir, 'table.csv'), '--data-id', 'instrument=Cam'];
  expect(skymill(['create', repo]).status).toBe(0);
  const registered = skymill([
    'register-dataset-type',
    repo,
    'config_like',
    'StructuredDataDict',
    'instrument',
    'detector',
  ]);
  expect(registered.status, registered.stderr).toBe(0);
  json(['transfer-datasets', source, repo, '-d', 'bias', '--register-dataset-types']);
  for (const n of [1, 2]) writeFileSync(join(dir, `f${n}.yaml`), `n: ${n}\n`);
  writeFileSync(join(dir, 'table.csv'), 'filename,detector\nf1.yaml,1\nf2.yaml,2\n');
  expect(skymill(words).stderr).toContain('f1.yaml');
  expect(json([...words, '--prefix', dir, '--dry-run'])).toMatchObject({ datasets: 2, ingested: [] });
  expect(json([...words, '--prefix', dir]).ingested).toHaveLength(2);
  expect(skymill([...words, '--prefix', dir]).status).toBe(2);
  expect(json([...words, '--prefix', dir, '--on-conflict', 'skip'], 3).skipped).toHaveLength(2);
});
