// SPDX-License-Identifier: BSD-3-Clause
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parse, stringify } from 'yaml';
import { readConfig } from '../../src/butler/datastore/config.ts';
import { Butler, type DatasetRef, type ImagePlane } from '../../src/butler/index.ts';
import { addCamera } from './camera.ts';

const base = mkdtempSync(join(tmpdir(), 'skymill-datastore-config-'));
let root: string;
let open: Butler[] = [];

beforeEach(() => {
  root = mkdtempSync(join(base, 'repo-'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const butler of open) await butler.close();
  open = [];
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

type Tree = Record<string, unknown>;

/** A repository with a camera and a run, whose datastore section has these entries too. */
async function repository(datastore: Tree, others: Tree = {}): Promise<Butler> {
  const made = await Butler.create(root);
  await addCamera(made);
  await made.registerCollection('run', 'RUN');
  await made.close();
  configure(datastore, others);
  return reopen();
}

function configure(datastore: Tree, others: Tree = {}): void {
  const path = join(root, 'butler.yaml');
  const config = parse(readFileSync(path, 'utf8'));
  writeFileSync(path, stringify({ ...config, ...others, datastore: { ...config.datastore, ...datastore } }));
}

async function reopen(writeable = true): Promise<Butler> {
  const butler = await Butler.open(root, { writeable });
  open.push(butler);
  return butler;
}

async function put(
  butler: Butler,
  object: unknown,
  name: string,
  storageClass = 'StructuredDataDict',
): Promise<DatasetRef> {
  await butler.registerDatasetTypes([butler.makeDatasetType(name, ['detector'], storageClass)]);
  return (await butler.put(object, name, { instrument: 'Cam', detector: 1 }, 'run')).ref;
}

async function paths(butler: Butler, ref: DatasetRef): Promise<string[]> {
  return (await butler.getFileRecords([ref.id]))[0].map((record) => record.path);
}

function write(name: string, content: unknown): string {
  const path = join(root, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, typeof content === 'string' ? content : stringify(content));
  return path;
}

describe('configuration files', () => {
  it('include others, whose entries give way', async () => {
    await (await repository({})).close();
    open = [];
    write('parts/templates.yaml', { metrics: '{run:/}/{datasetType}/{detector}', default: '{run}_{id}' });
    write('parts/more.yaml', {
      datastore: { checksum: false, templates: { metrics: 'lost/{run}_{id}' }, trust_get_request: true },
    });
    write('parts/most.yaml', 'includeConfigs: more.yaml\ndatastore: { trust_get_request: false }');
    const text = readFileSync(join(root, 'butler.yaml'), 'utf8');
    vi.stubEnv('PARTS', 'parts');
    write(
      'butler.yaml',
      text.replace(
        'datastore:\n',
        'includeConfigs: [$PARTS/most.yaml]\ndatastore:\n  templates: !include parts/templates.yaml\n',
      ),
    );
    const { datastore } = readConfig(root);
    expect(datastore).toMatchObject({ checksum: false, trust: false });
    expect(datastore.templates).toEqual({ metrics: '{run:/}/{datasetType}/{detector}', default: '{run}_{id}' });
    const butler = await reopen();
    expect(await paths(butler, await put(butler, {}, 'metrics'))).toEqual(['run/metrics/1.yaml']);
  });

  it('have defaults in the folders of DAF_BUTLER_CONFIG_PATH, the first before the second', async () => {
    await (await repository({})).close();
    open = [];
    write('a/datastore.yaml', { datastore: { templates: { a: 'a/{run}_{id}' }, checksum: false } });
    write('b/datastore.yaml', { templates: { a: 'b/{run}_{id}', b: 'b/{run}_{id}' }, checksum: true });
    vi.stubEnv('DAF_BUTLER_CONFIG_PATH', `${join(root, 'a')}:${join(root, 'b')}:/nowhere`);
    const { datastore } = readConfig(root);
    expect(datastore.templates).toEqual({ a: 'a/{run}_{id}', b: 'b/{run}_{id}' });
    expect(datastore.checksum).toBe(false);
  });

  it('name the file that is at fault', async () => {
    await (await repository({})).close();
    open = [];
    const text = readFileSync(join(root, 'butler.yaml'), 'utf8');
    const refused = (change: string, problem: RegExp): void => {
      write('butler.yaml', `${text}${change}`);
      expect(() => readConfig(root)).toThrow(problem);
    };
    refused('x: !include gone.yaml\n', /gone\.yaml cannot be used/);
    refused('includeConfigs: gone.yaml\n', /the file gone\.yaml that it includes is not there/);
    refused('includeConfigs: butler.yaml\n', /included in itself/);
    refused('x: [1\n', /butler\.yaml cannot be used/);
    refused('cls: lsst.daf.butler.remote_butler.RemoteButler\n', /RemoteButler/);
  });
});

describe('the datastore section', () => {
  it('puts files into a folder elsewhere', async () => {
    const files = mkdtempSync(join(base, 'files-'));
    const butler = await repository({ root: pathToFileURL(files).href });
    const ref = await put(butler, { a: 1 }, 'metrics');
    expect(existsSync(join(files, (await paths(butler, ref))[0]))).toBe(true);
    expect(await butler.get(ref)).toEqual({ a: 1 });
  });

  it('leaves digests out when told so', async () => {
    const butler = await repository({ checksum: false });
    const ref = await put(butler, {}, 'metrics');
    expect((await butler.getFileRecords([ref.id]))[0][0].checksum).toBeNull();
  });

  it('takes and refuses datasets by name, storage class and instrument', async () => {
    const reject = ['secret', 'Text', { 'instrument<Cam>': ['detector+'] }];
    const butler = await repository({ constraints: { accept: ['metrics'], reject } });
    await expect(put(butler, {}, 'metrics')).resolves.toBeDefined();
    for (const [name, storageClass] of [['secret'], ['note', 'Text'], ['other']]) {
      await expect(put(butler, 'x', name, storageClass), name).rejects.toMatchObject({ code: 'BUTLER_NOT_ACCEPTED' });
    }
    configure({ constraints: { reject: ['all'], accept: ['Text'] } });
    const again = await reopen();
    await expect(put(again, 'x', 'note2', 'Text')).resolves.toBeDefined();
    await expect(put(again, {}, 'metrics2')).rejects.toMatchObject({ code: 'BUTLER_NOT_ACCEPTED' });
    configure({ constraints: { reject: ['all'], accept: ['all'] } });
    expect(() => readConfig(root)).toThrow(/accept all and reject all/);
  });

  it('chooses formatters, and writes by another where the chosen one is none of ours', async () => {
    const formatters = {
      metrics: 'lsst.daf.butler.formatters.json.JsonFormatter',
      'instrument<Cam>': { special: { formatter: 'lsst.daf.butler.formatters.json.JsonFormatter' } },
      Config: 'lsst.pipe.base.formatters.pexConfig.PexConfigFormatter',
      default: { 'lsst.obs.base.formatters.fitsExposure.FitsImageFormatter': { recipe: 'lossless' } },
    };
    const butler = await repository({ formatters });
    expect(await paths(butler, await put(butler, {}, 'metrics'))).toEqual([expect.stringMatching(/\.json$/)]);
    expect(await paths(butler, await put(butler, {}, 'special'))).toEqual([expect.stringMatching(/\.json$/)]);
    expect(await paths(butler, await put(butler, {}, 'other'))).toEqual([expect.stringMatching(/\.yaml$/)]);
    const config = await put(butler, { a: 1 }, 'isr_config', 'Config');
    expect((await butler.getFileRecords([config.id]))[0][0].formatter).toBe('skymill.formatters.Yaml');
    await expect(put(butler, {}, 'nothing', 'Nothing')).rejects.toMatchObject({ code: 'BUTLER_NO_WRITER' });
  });

  it('says how images are compressed', async () => {
    const cls = 'lsst.obs.base.formatters.fitsExposure.FitsImageFormatter';
    const image: ImagePlane = { width: 100, height: 80, x0: 0, y0: 0, data: new Float32Array(8000).fill(7) };
    const sizes: Record<string, number> = {};
    const formatters = {
      ...Object.fromEntries(
        ['noCompression', 'lossless', 'mine'].map((recipe) => [recipe, { formatter: cls, parameters: { recipe } }]),
      ),
      wrong: { formatter: cls, parameters: { recipe: 'losless' } },
      write_recipes: { [cls]: { mine: { image: { algorithm: 'RICE_1', quantization: { level: 16 } } } } },
    };
    const butler = await repository({ formatters });
    for (const recipe of ['noCompression', 'lossless', 'mine']) {
      const ref = await put(butler, image, recipe, 'ImageF');
      sizes[recipe] = (await butler.getFileRecords([ref.id]))[0][0].sizeBytes;
      const read = (await butler.get(ref)) as ImagePlane;
      expect(read.data, recipe).toEqual(image.data);
    }
    expect(sizes['lossless']).toBeLessThan(sizes['noCompression'] / 2);
    expect(sizes['mine']).toBeLessThan(sizes['noCompression'] / 2);
    await expect(put(butler, image, 'wrong', 'ImageF')).rejects.toThrow(/no recipe "losless"/);
  });

  it('writes composites in parts, which are read one by one and together', async () => {
    const composites = { disassembled: { MaskedImageF: true, Summary: true, whole: false } };
    const storageClasses = {
      Summary: { components: { numbers: 'StructuredDataDict', list: 'StructuredDataList' } },
      SubSummary: { inheritsFrom: 'Summary' },
    };
    const butler = await repository(
      {
        composites,
        formatters: {
          Summary: 'lsst.daf.butler.formatters.yaml.YamlFormatter',
          SubSummary: 'lsst.daf.butler.formatters.json.JsonFormatter',
        },
      },
      { storageClasses },
    );
    const summary = { numbers: { a: 1 }, list: [1, 2] };
    const ref = await put(butler, summary, 'summary', 'Summary');
    expect(
      (await butler.getFileRecords([ref.id]))[0].map(({ component, storageClass }) => [component, storageClass]).sort(),
    ).toEqual([
      ['list', 'StructuredDataList'],
      ['numbers', 'StructuredDataDict'],
    ]);
    expect(new Set(await paths(butler, ref)).size).toBe(2);
    expect(await butler.get(ref)).toEqual(summary);
    expect(await butler.get(ref, { component: 'list' })).toEqual([1, 2]);
    await expect(butler.get(ref, { component: 'lst' })).rejects.toThrow(/did you mean "list"/i);
    // Whole files of the same storage class have the same components.
    for (const [name, storageClass] of [
      ['whole', 'Summary'],
      ['sub', 'SubSummary'],
    ]) {
      const one = await put(butler, summary, name, storageClass);
      expect(await paths(butler, one)).toHaveLength(1);
      expect(await butler.get(one, { component: 'numbers' })).toEqual({ a: 1 });
    }
    const n = 6;
    const planes = {
      image: new Float32Array(n).fill(1),
      mask: new Int32Array(n),
      variance: new Float32Array(n).fill(2),
    };
    const masked = { width: 3, height: 2, x0: 10, y0: 20, ...planes };
    const image = await put(butler, masked, 'masked', 'MaskedImageF');
    expect(await paths(butler, image)).toHaveLength(3);
    expect(await butler.get(image)).toEqual(masked);
    expect(await butler.get(image, { component: 'mask' })).toMatchObject({ x0: 10, data: masked.mask });
    expect(await butler.get(image, { component: 'bbox' })).toEqual({ x0: 10, y0: 20, x1: 13, y1: 22 });
    await butler.removeDatasets([image]);
    expect((await butler.getFileRecords([image.id]))[0]).toEqual([]);
  });

  it('trusts what lies where the templates say, if it is told to', async () => {
    const butler = await repository({ trust_get_request: true });
    const ref = await put(butler, { a: 1 }, 'metrics');
    await butler.registry.db.run('DELETE FROM file_datastore_records');
    expect(await butler.get(ref)).toEqual({ a: 1 });
    configure({ trust_get_request: false });
    await expect((await reopen()).get(ref)).rejects.toMatchObject({ code: 'BUTLER_NOT_STORED' });
  });
});

describe('a chain of datastores', () => {
  const file = 'lsst.daf.butler.datastores.fileDatastore.FileDatastore';
  const chain = 'lsst.daf.butler.datastores.chainedDatastore.ChainedDatastore';
  const memory = { cls: 'lsst.daf.butler.datastores.inMemoryDatastore.InMemoryDatastore' };
  const first = { cls: file, root: '<butlerRoot>', records: { table: 'file_datastore_records' } };

  it('with one that keeps files is as that one, within the limits of both', async () => {
    await (await repository({})).close();
    open = [];
    const limits = [{}, { constraints: { reject: ['secret'] } }];
    configure({
      cls: chain,
      datastores: [memory, { datastore: first }],
      datastore_constraints: limits,
      root: undefined,
      records: undefined,
    });
    const butler = await reopen();
    expect(readConfig(root).datastore).toMatchObject({
      name: 'FileDatastore@<butlerRoot>',
      warnings: [expect.stringContaining('memory')],
    });
    expect(await butler.get(await put(butler, { a: 1 }, 'metrics'))).toEqual({ a: 1 });
    await expect(put(butler, {}, 'secret')).rejects.toMatchObject({ code: 'BUTLER_NOT_ACCEPTED' });
  });

  it('with several is read, each where those before it have nothing', async () => {
    const butler = await repository({});
    const here = await put(butler, { here: 1 }, 'here');
    const there = await put(butler, { there: 1 }, 'there');
    const { db } = butler.registry;
    await db.run('CREATE TABLE other_records AS SELECT * FROM file_datastore_records WHERE dataset_id = ?', [
      there.id.replaceAll('-', ''),
    ]);
    await db.run('DELETE FROM file_datastore_records WHERE dataset_id = ?', [there.id.replaceAll('-', '')]);
    expect(await paths(butler, there)).toEqual([]);
    const [[stored]] = (await db.rows('SELECT path FROM other_records')) as [[string]];
    mkdirSync(join(root, 'second', dirname(stored)), { recursive: true });
    renameSync(join(root, stored), join(root, 'second', stored));
    const second = { cls: file, root: '<butlerRoot>/second', records: { table: 'other_records' } };
    configure({ cls: chain, datastores: [first, second], root: undefined, records: undefined });
    const read = await reopen(false);
    expect(await read.get(here)).toEqual({ here: 1 });
    expect(await read.get(there)).toEqual({ there: 1 });
    expect(await read.getUris([there])).toEqual([pathToFileURL(join(root, 'second', stored)).href]);
    await expect(Butler.open(root, { writeable: true })).rejects.toMatchObject({ code: 'BUTLER_UNSUPPORTED' });
  });
});
