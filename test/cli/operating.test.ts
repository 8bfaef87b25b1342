// SPDX-License-Identifier: BSD-3-Clause
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Butler } from '../../src/butler/index.ts';
import { expectOneError } from '../bad-input/expect.ts';
import { addCamera } from '../butler/camera.ts';
import { skymill } from '../support/commands.ts';

let dir: string;
let repo: string;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'skymill-operating-'));
  const butler = await Butler.create(join(dir, 'original'));
  await addCamera(butler);
  await butler.registerDatasetTypes([
    butler.makeDatasetType('d', ['detector'], 'StructuredDataDict'),
    butler.makeDatasetType('bias', ['detector'], 'StructuredDataDict', { isCalibration: true }),
    butler.makeDatasetType('unused', ['exposure'], 'StructuredDataDict'),
  ]);
  for (const run of ['run/1', 'run/2']) {
    await butler.registerCollection(run, 'RUN');
    for (let detector = 1; detector <= 4; detector++) {
      for (const type of ['d', 'bias']) await butler.put({ run }, type, { instrument: 'Cam', detector }, run);
    }
  }
  await butler.registerCollection('chain/inner', 'CHAINED');
  await butler.setChain('chain/inner', ['run/2']);
  await butler.registerCollection('chain/all', 'CHAINED');
  await butler.setChain('chain/all', ['chain/inner', 'run/1']);
  await butler.close();
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));
beforeEach(() => {
  repo = join(dir, 'repo');
  rmSync(repo, { recursive: true, force: true });
  cpSync(join(dir, 'original'), repo, { recursive: true });
});

/** Runs a verb on the repository that must end with 0, and gives what it prints as JSON. */
// biome-ignore lint/suspicious/noExplicitAny: JSON of many verbs
function json(verb: string, ...words: string[]): any {
  const result = skymill([verb, '--json', repo, ...words]);
  expect(result.status, result.stderr).toBe(0);
  return JSON.parse(result.stdout);
}
const refuse = (verb: string, words: string[], code: string | RegExp, ...text: (string | RegExp)[]): void =>
  expectOneError(skymill([verb, repo, ...words]), code, ...text);
const members = (chain: string): string[] =>
  json('query-collections', chain).find((c: { name: string }) => c.name === chain).children;

describe('configuration and dataset types', () => {
  it('config-dump: whole, in part, to a file, without passwords', () => {
    expect(json('config-dump', '--subset', '/datastore/root')).toBe('<butlerRoot>');
    expect(json('config-dump').datastore.templates.default).toContain('{run:/}');
    const file = join(dir, 'config.yaml');
    expect(skymill(['config-dump', repo, '--file', file]).status).toBe(0);
    expect(readFileSync(file, 'utf8')).toContain('datastore:');
    const config = join(repo, 'butler.yaml');
    const secret = readFileSync(config, 'utf8').replace(/db: .*/, 'db: postgresql://me:swordfish@host/db');
    writeFileSync(config, secret);
    const dumped = skymill(['config-dump', repo]);
    expect(dumped.stdout + dumped.stderr).not.toContain('swordfish');
    refuse('config-dump', ['-s', '.datastore.rot'], 'BUTLER_CONFIG_NO_KEY', 'Did you mean "root"');
  });

  it('config-validate: keys that choose nothing, fields that there are not, paths that coincide', () => {
    expect(json('config-validate')).toEqual({ checked: ['bias', 'd', 'unused'], problems: [], notes: [] });
    const config = join(repo, 'butler.yaml');
    const templates = [
      '  templates:',
      "    d: '{run:/}/{datasetType}_{instrument}'",
      "    biass: '{run}/{detectr}'",
      "    visitt+detector: '{run}/{detector}'",
    ];
    const text = readFileSync(config, 'utf8').replace('datastore:', ['datastore:', ...templates].join('\n'));
    writeFileSync(config, text);
    const result = skymill(['config-validate', repo, '--json']);
    expect(result.status).toBe(2);
    const problems: { where: string; problem: string }[] = JSON.parse(result.stdout).problems;
    const of = (where: string) =>
      problems
        .filter((one) => one.where === where)
        .map((one) => one.problem)
        .join('; ');
    expect(of('templates.biass')).toMatch(/neither a dataset type.*"bias".*no field "detectr"/);
    expect(of('templates.visitt+detector')).toMatch(/"visitt" is not a dimension.*"visit"/);
    expect(of('d')).toMatch(/do not depend on detector/);
  });

  it('register-dataset-type, remove-dataset-type', () => {
    const made = json('register-dataset-type', 'flat', 'ExposureF', 'detector,', 'physical_filter', '--is-calibration');
    expect(made).toMatchObject({
      dimensions: ['instrument', 'detector', 'physical_filter'],
      isCalibration: true,
      registered: true,
    });
    expect(json('register-dataset-type', 'unused', 'StructuredDataDict', 'exposure').registered).toBe(false);
    refuse('register-dataset-type', ['d', 'ExposureF', 'detector'], 'BUTLER_DATASET_TYPE_CONFLICT', 'storage class');
    refuse('register-dataset-type', ['e', 'ExposureF', 'detectr'], 'BUTLER_UNKNOWN_DIMENSION', '"detector"');
    refuse('register-dataset-type', ['d.wcs', 'Wcs', 'detector'], /BAD_DATASET_TYPE_NAME/, 'd.wcs');
    refuse('remove-dataset-type', ['unused'], 'CLI_NOT_CONFIRMED');
    expect(json('remove-dataset-type', 'unused', 'flat', '--no-confirm').datasetTypes).toEqual(['flat', 'unused']);
    refuse('remove-dataset-type', ['d', '--no-confirm'], 'BUTLER_DATASET_TYPE_IN_USE', 'd');
    refuse('remove-dataset-type', ['unused', '--no-confirm'], 'BUTLER_NO_DATASET_TYPE');
  });
});

describe('collections', () => {
  it('collection-chain in every mode', () => {
    const chain = (...words: string[]): string[] => json('collection-chain', ...words).children;
    expect(chain('new', 'run/1,run/2', '--doc', 'what for', '--dry-run')).toEqual(['run/1', 'run/2']);
    expect(chain('new', 'run/1,run/2', '--doc', 'what for')).toEqual(['run/1', 'run/2']);
    expect(json('query-collections', 'new')[0].doc).toBe('what for');
    expect(chain('new', 'run/2', '--mode', 'prepend')).toEqual(['run/2', 'run/1']);
    expect(chain('new', 'run/2', '--mode', 'extend')).toEqual(['run/1', 'run/2']);
    expect(chain('new', '--mode', 'pop')).toEqual(['run/2']);
    expect(chain('new', 'chain/all', '--flatten')).toEqual(['run/2', 'run/1']);
    expect(chain('new', '--mode', 'pop', '--', '-1')).toEqual(['run/2']);
    expect(chain('new', 'run/2', '--mode', 'remove')).toEqual([]);
    refuse('collection-chain', ['new', '--mode', 'pop'], 'CLI_OPTIONS', 'has 0 members');
    refuse('collection-chain', ['new', 'first', '--mode', 'pop'], 'CLI_OPTIONS', '"first" is not a position');
    refuse('collection-chain', ['new'], 'CLI_OPTIONS', 'needs children');
    refuse('collection-chain', ['new', 'run/1', '--mode', 'remove', '--flatten'], 'CLI_OPTIONS', '--flatten');
    refuse('collection-chain', ['new', 'run/1', '--mode', 'remove'], 'BUTLER_NOT_IN_CHAIN', 'run/1');
    refuse('collection-chain', ['nw', 'run/1', '--mode', 'remove'], 'BUTLER_NO_COLLECTION', 'Did you mean "new"');
    refuse('collection-chain', ['chain/inner', 'chain/all'], 'BUTLER_CHAIN_CYCLE', 'chain/all');
    refuse('collection-chain', ['newer', 'run/3'], 'BUTLER_NO_COLLECTION', 'run/3');
    refuse('collection-chain', ['run/1', 'run/2'], 'BUTLER_COLLECTION_TYPE', 'RUN');
    // A refused change leaves no half-made chain.
    expect(json('query-collections').map((c: { name: string }) => c.name)).not.toContain('newer');
  });

  it('associate and certify-calibrations', () => {
    const words = ['good', '-d', 'd', '--collections', 'chain/all', '--where', "instrument = 'Cam' AND detector < 3"];
    expect(json('associate', ...words, '--find-first', '--dry-run').total).toBe(2);
    expect(json('associate', ...words, '--find-first').datasets).toEqual({ d: 2 });
    expect(json('query-datasets', 'd', '--collections', 'good').map((r: { run: string }) => r.run)).toEqual([
      'run/2',
      'run/2',
    ]);
    refuse('associate', ['run/1', '-d', 'd'], 'BUTLER_COLLECTION_TYPE', 'TAGGED');
    refuse('associate', ['good', '-d', 'dd'], 'BUTLER_NO_DATASET_TYPE', '"dd"');
    refuse('associate', ['good', '--find-first', '--collections', 'run/*'], 'CLI_OPTIONS', 'pattern');
    // The first member of a chain, unless all are asked for.
    expect(json('certify-calibrations', 'chain/all', 'calib', 'bias', '--begin-date', '2026-01-01').certified).toBe(4);
    refuse(
      'certify-calibrations',
      ['chain/all', 'calib', 'bias', '--end-date', '2027-01-01'],
      'BUTLER_VALIDITY_OVERLAP',
    );
    refuse('certify-calibrations', ['run/1', 'calib', 'd'], 'BUTLER_NOT_CALIBRATION', 'd');
  });

  it('remove-collections', () => {
    json('associate', 'good', '-d', 'd', '--collections', 'run/1');
    refuse('remove-collections', ['chain/inner', '--no-confirm'], 'BUTLER_COLLECTION_IN_CHAIN', 'chain/all');
    expect(json('remove-collections', 'good', 'run/*', '--dry-run')).toEqual({
      collections: ['good'],
      unlinkedFrom: [],
      runs: ['run/1', 'run/2'],
      dryRun: true,
    });
    refuse('remove-collections', ['good'], 'CLI_NOT_CONFIRMED', 'nothing was changed');
    // Both go: the one does not hold the other back.
    expect(json('remove-collections', 'chain/*', 'good', '--no-confirm').collections.sort()).toEqual([
      'chain/all',
      'chain/inner',
      'good',
    ]);
    expect(json('query-collections').map((c: { name: string }) => c.name)).toEqual(['run/1', 'run/2']);
    expect(skymill(['remove-collections', repo, 'nothing*', '--no-confirm']).status).toBe(4);
    refuse('remove-collections', ['nothing', '--no-confirm'], 'BUTLER_NO_COLLECTION');
  });

  it('remove-collections --remove-from-parents', () => {
    expect(json('remove-collections', 'chain/inner', '--no-confirm', '--remove-from-parents').unlinkedFrom).toEqual([
      'chain/all',
    ]);
    expect(members('chain/all')).toEqual(['run/1']);
  });

  it('remove-runs', () => {
    const preview = json('remove-runs', 'run/1', '--dry-run');
    expect(preview).toMatchObject({
      datasets: { bias: 4, d: 4 },
      files: 8,
      collections: ['run/1'],
      unlinkedFrom: ['chain/all'],
    });
    expect(existsSync(join(repo, 'run/1'))).toBe(true);
    refuse('remove-runs', ['run/1', '--no-confirm'], 'BUTLER_COLLECTION_IN_CHAIN', 'chain/all');
    refuse('remove-runs', ['chain/all', '--no-confirm'], 'CLI_OPTIONS', 'remove-collections');
    expect(json('remove-runs', 'run/1', '--no-confirm', '--force')).toMatchObject({
      files: 8,
      unlinkedFrom: ['chain/all'],
    });
    expect(members('chain/all')).toEqual(['chain/inner']);
    expect(json('doctor', '--min-age', '0', '--checksums').found).toEqual([]);
    expect(skymill(['remove-runs', repo, 'run/7*', '--no-confirm']).status).toBe(4);
  });
});

describe('prune-datasets', () => {
  const stored = (collection: string): number =>
    json('query-datasets', 'd', '--collections', collection, '--show-uri').filter(
      (r: { path: string }) => r.path !== '',
    ).length;

  it('removes files, and leaves the registry as it is', () => {
    const words = ['run/1', '--datasets', 'd', '--where', "instrument = 'Cam' AND detector IN (1, 2)"];
    const preview = json('prune-datasets', ...words, '--dry-run');
    expect(preview.reports).toMatchObject([{ mode: 'unstore', datasets: { d: 2 }, files: 2 }]);
    expect(stored('run/1')).toBe(4);
    refuse('prune-datasets', words, 'CLI_NOT_CONFIRMED', 'Remove the files of 2 datasets');
    json('prune-datasets', ...words, '--no-confirm');
    expect(stored('run/1')).toBe(2);
    expect(json('query-datasets', 'd', '--collections', 'run/1')).toHaveLength(4);
    expect(json('doctor', '--min-age', '0').found.map((kind: { name: string }) => kind.name)).toEqual(['unstored']);
  });

  it('purges: of a chain the first found, or all', () => {
    const words = ['chain/all', '--datasets', 'd', '--purge', 'run/1', '--no-confirm'];
    expect(json('prune-datasets', ...words).reports[0].datasets).toEqual({ d: 4 });
    // Find-first met those of run/2 alone.
    expect(json('query-datasets', 'd', '--collections', 'run/1')).toHaveLength(4);
    expect(json('prune-datasets', ...words, '--find-all').reports[0].datasets).toEqual({ d: 4 });
    expect(skymill(['query-datasets', repo, 'd', '--collections', 'run/1']).status).toBe(4);
    expect(json('doctor', '--min-age', '0').found).toEqual([]);
  });

  it('disassociates, and refuses what makes no sense', () => {
    json('associate', 'good', '-d', 'd', '--collections', 'run/1');
    json(
      'prune-datasets',
      'run/1',
      '--disassociate',
      'good',
      '--where',
      "instrument = 'Cam' AND detector = 1",
      '--no-confirm',
    );
    expect(json('query-datasets', 'd', '--collections', 'good')).toHaveLength(3);
    expect(stored('run/1')).toBe(4);
    refuse('prune-datasets', ['run/1', '--purge', 'run/1', '--disassociate', 'good'], 'CLI_OPTIONS', '--purge');
    refuse('prune-datasets', ['run/1', '--purge', 'good'], 'CLI_OPTIONS', '"good" is a TAGGED');
    refuse('prune-datasets', ['run/*'], 'CLI_OPTIONS', 'pattern');
    refuse('prune-datasets', ['--unstore'], 'CLI_OPTIONS', 'needs collections');
    refuse('prune-datasets', ['run/1', '--quiet', '--dry-run'], 'CLI_OPTIONS', 'exclude');
    refuse('prune-datasets', ['run/1', '--where', 'detectr = 1', '--dry-run'], /QUERY_/, 'detectr');
    expect(skymill(['prune-datasets', repo, 'run/1', '--datasets', 'unused', '--dry-run']).status).toBe(4);
  });
});

describe('doctor', () => {
  it('reports, asks, repairs; exit codes', () => {
    writeFileSync(join(repo, 'run/1/stray'), 'x');
    const found = skymill(['doctor', repo, '--min-age', '0']);
    expect(found.status).toBe(3);
    expect(found.stdout).toMatch(/1 files that belong to no dataset .*\n +run\/1\/stray: no dataset has it/);
    refuse('doctor', ['--fix', '--min-age', '0'], 'CLI_NOT_CONFIRMED', 'Repair 1 findings');
    const fixed = json('doctor', '--fix', '--min-age', '0', '--no-confirm');
    expect(fixed).toMatchObject({ sound: true, found: [{ name: 'file-without-record', count: 1, repaired: 1 }] });
    expect(existsSync(join(fixed.asideFolder, 'run/1/stray'))).toBe(true);
    expect(skymill(['doctor', repo, '--min-age', '0']).stdout).toBe('Nothing is wrong.\n');
    refuse('doctor', ['--only', 'stray-files'], 'DOCTOR_UNKNOWN_KIND', 'file-without-record');
  });
});
