// SPDX-License-Identifier: BSD-3-Clause
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import {
  Butler,
  formatDatasetUri,
  openDatasetUri,
  parseDatasetUri,
  readRepositoryIndex,
  resolveRepository,
} from '../../src/butler/index.ts';
import { addCamera } from './camera.ts';

let dir: string;
let repo: string;
let id: string;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'skymill-index-'));
  repo = join(dir, 'repo');
  const butler = await Butler.create(repo);
  await addCamera(butler);
  await butler.registerCollection('run', 'RUN');
  await butler.registerDatasetTypes([butler.makeDatasetType('d', ['detector'], 'StructuredDataDict')]);
  id = (await butler.put({ a: 1 }, 'd', { instrument: 'Cam', detector: 2 }, 'run')).ref.id;
  await butler.close();
});
afterEach(() => vi.unstubAllEnvs());
afterAll(() => rmSync(dir, { recursive: true, force: true }));

it('opens repositories by label, from text or a file', async () => {
  vi.stubEnv('DAF_BUTLER_REPOSITORIES', JSON.stringify({ main: repo, uri: pathToFileURL(repo).href }));
  for (const label of ['main', 'uri', repo]) await (await Butler.open(label)).close();
  vi.unstubAllEnvs();
  const file = join(dir, 'index.yaml');
  writeFileSync(file, `main: ${repo}\n`);
  expect(resolveRepository('main', { DAF_BUTLER_REPOSITORY_INDEX: file })).toBe(repo);
  expect(resolveRepository('main', { DAF_BUTLER_REPOSITORY_INDEX: pathToFileURL(file).href })).toBe(repo);
});

it('lists the labels for one that is unknown', () => {
  const environment = { DAF_BUTLER_REPOSITORIES: '{main: /repo/main, dp1: /repo/dp1}' };
  expect(() => resolveRepository('mian', environment)).toThrow(/Did you mean "main"\?.*dp1, main/);
  expect(resolveRepository('some/where', environment)).toBe('some/where');
  expect(resolveRepository('plain', {})).toBe('plain');
});

it('says what is wrong with an index, to those who may need it', () => {
  const both = { DAF_BUTLER_REPOSITORIES: '{a: /b}', DAF_BUTLER_REPOSITORY_INDEX: '/x' };
  expect(() => readRepositoryIndex(both)).toThrow(/is set too/);
  expect(() => resolveRepository('main', { DAF_BUTLER_REPOSITORY_INDEX: join(dir, 'none.yaml') })).toThrow(/none.yaml/);
  expect(() => resolveRepository('main', { DAF_BUTLER_REPOSITORIES: '[1, 2]' })).toThrow(/not a map/);
  expect(() => resolveRepository('main', { DAF_BUTLER_REPOSITORIES: '{a: 1}' })).toThrow(/"a"/);
  expect(resolveRepository(repo, { DAF_BUTLER_REPOSITORIES: '[1, 2]' })).toBe(repo);
});

it('reads dataset URIs of both kinds', () => {
  const uuid = '1afa2c0e-9a6a-4b4b-8d0c-0ac1e53a1b2c';
  const parsed = { label: 'dp1', id: uuid };
  expect(parseDatasetUri(`butler://dp1/${uuid}`)).toEqual(parsed);
  expect(parseDatasetUri(`butler://dp1/${uuid.replaceAll('-', '').toUpperCase()}`)).toEqual(parsed);
  expect(parseDatasetUri(`ivo://org.rubinobs/usdac/x?repo=dp1&id=${uuid}`)).toEqual(parsed);
  expect(parseDatasetUri(`IVO://o/x?id=${uuid}&repo=/repo/main`).label).toBe('/repo/main');
  expect(parseDatasetUri(formatDatasetUri(parsed))).toEqual(parsed);
  for (const bad of [
    `ivo://o/x?repo=a&repo=b&id=${uuid}`,
    `ivo://o/x?id=${uuid}`,
    'butler://dp1/12',
    `butler:///${uuid}`,
    `http://dp1/${uuid}`,
  ]) {
    expect(() => parseDatasetUri(bad), bad).toThrow(/does not name a dataset/);
  }
});

it('opens the repository of a dataset URI', async () => {
  vi.stubEnv('DAF_BUTLER_REPOSITORIES', JSON.stringify({ main: repo }));
  const { butler, ref } = await openDatasetUri(`butler://main/${id}`);
  expect(await butler.get(ref)).toEqual({ a: 1 });
  await butler.close();
  const unknown = '1afa2c0e-9a6a-4b4b-8d0c-0ac1e53a1b2c';
  await expect(openDatasetUri(`ivo://x/y?repo=main&id=${unknown}`)).rejects.toThrow(/no dataset 1afa2c0e/);
});
