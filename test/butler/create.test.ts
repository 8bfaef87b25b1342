// SPDX-License-Identifier: BSD-3-Clause
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { dafButler8 } from '../../src/butler/dimensions/daf-butler-8.ts';
import { Butler, universeFromFile } from '../../src/butler/index.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'skymill-create-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function write(name: string, content: unknown): string {
  const file = join(dir, name);
  writeFileSync(file, stringify(content));
  return file;
}

async function created(seed: unknown, override?: boolean): Promise<{ butler: Butler; config: Record<string, never> }> {
  const root = join(dir, 'repo');
  const butler = await Butler.create(root, { seedConfig: write('seed.yaml', seed), override });
  return { butler, config: parse(readFileSync(join(root, 'butler.yaml'), 'utf8')) };
}

it('keeps the settings of a seed, and puts files and registry into the repository', async () => {
  const { butler, config } = await created({
    root: '/elsewhere',
    datastore: { root: '/elsewhere/files', templates: { default: '{run}/mine/{datasetType}_{instrument}_{detector}' } },
    registry: { db: 'sqlite:////elsewhere/registry.sqlite3' },
  });
  expect(config).toMatchObject({
    datastore: { root: '<butlerRoot>', templates: { default: '{run}/mine/{datasetType}_{instrument}_{detector}' } },
    registry: { db: 'sqlite:///<butlerRoot>/gen3.sqlite3', managers: { opaque: expect.stringMatching(/ByName/) } },
  });
  expect(config).not.toHaveProperty('root');
  await butler.insertRecords('instrument', [{ name: 'Cam', detector_max: 10 }]);
  await butler.insertRecords('detector', [{ instrument: 'Cam', id: 3, full_name: 'D3' }]);
  const type = butler.makeDatasetType('numbers', ['instrument', 'detector'], 'StructuredDataDict');
  await butler.registerDatasetTypes([type]);
  await butler.registerCollection('run', 'RUN');
  await butler.put({ one: 1 }, type, { instrument: 'Cam', detector: 3 }, 'run');
  await butler.close();
  expect(readdirSync(join(dir, 'repo', 'run', 'mine'))).toEqual([expect.stringMatching(/^numbers_Cam_3/)]);
});

it('keeps the places, too, where that is asked for', async () => {
  const { butler, config } = await created(
    { datastore: { root: join(dir, 'files') }, registry: { db: `sqlite:///${join(dir, 'registry.sqlite3')}` } },
    true,
  );
  expect(butler.datastoreRoot).toBe(join(dir, 'files'));
  expect(existsSync(join(dir, 'registry.sqlite3'))).toBe(true);
  expect(config).toMatchObject({ datastore: { root: join(dir, 'files') } });
  await butler.close();
});

it.each([
  [
    'another manager',
    { registry: { managers: { collections: 'x.NameKeyCollectionManager' } } },
    'managers.collections',
  ],
  ['further tables', { registry: { managers: { obscore: { cls: 'x.ObsCoreLiveTableManager' } } } }, 'managers.obscore'],
  ['a chain without leave', { datastore: { cls: 'x.ChainedDatastore', datastores: [{}] } }, '--override'],
])('refuses a seed with %s before anything is made', async (_what, seed, text) => {
  await expect(created(seed)).rejects.toMatchObject({
    code: 'BUTLER_BAD_CONFIG',
    message: expect.stringContaining(text),
  });
  expect(existsSync(join(dir, 'repo'))).toBe(false);
});

it('refuses a registry that is named twice', async () => {
  const options = {
    seedConfig: write('seed.yaml', { registry: { db: 'postgresql://h/d' } }),
    database: 'mariadb://h/d',
  };
  await expect(Butler.create(join(dir, 'repo'), options)).rejects.toMatchObject({ code: 'BUTLER_BAD_CONFIG' });
});

it('makes a repository with described dimensions', async () => {
  const { packers, ...spec } = structuredClone(dafButler8);
  const universe = await universeFromFile(write('dimensions.yaml', { ...spec, packers, version: 7 }));
  const butler = await Butler.create(join(dir, 'repo'), { universe });
  await butler.close();
  const again = await Butler.open(join(dir, 'repo'));
  expect(again.universe.version).toBe(7);
  await again.close();
});

const { elements } = dafButler8;
it.each([
  ['no version', { ...dafButler8, version: undefined }, 'version'],
  [
    'a type that is none',
    { ...dafButler8, elements: { ...elements, a: { keys: [{ name: 'n', type: 'text' }] } } },
    'elements.a.keys.0.type',
  ],
  [
    'a dimension that is not there',
    { ...dafButler8, elements: { ...elements, a: { requires: ['detectr'] } } },
    '"detectr"',
  ],
  ['no such level', { ...dafButler8, skypix: { ...dafButler8.skypix, common: 'pix7' } }, 'skypix.common'],
  ['dimensions of others', { ...dafButler8, namespace: 'mine' }, 'mine 8'],
])('refuses a description with %s', async (_what, description, text) => {
  await expect(universeFromFile(write('dimensions.yaml', description))).rejects.toThrow(text);
});
