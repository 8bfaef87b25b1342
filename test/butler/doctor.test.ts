// SPDX-License-Identifier: BSD-3-Clause
import { createHash } from 'node:crypto';
import {
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ZipFile } from 'yazl';
import { uuidHex } from '../../src/base/index.ts';
import { type DoctorReport, examineRepository, hotJournal, repairRepository } from '../../src/butler/doctor/index.ts';
import type { Butler, DatasetRef } from '../../src/butler/index.ts';
import { encodeRegion, polygonFromLonLat } from '../../src/sky/index.ts';
import { createButler, tamperWith } from '../support/databases.ts';
import { addCamera } from './camera.ts';

let dir: string;
let root: string;
let butler: Butler;
let refs: DatasetRef[];

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'skymill-doctor-'));
  root = join(dir, 'repo');
  butler = await createButler(root);
  await addCamera(butler);
  await butler.registerCollection('run', 'RUN');
  await butler.registerCollection('tag', 'TAGGED');
  await butler.registerDatasetTypes([
    butler.makeDatasetType('d', ['detector'], 'StructuredDataDict', { isCalibration: true }),
  ]);
  refs = [];
  for (let detector = 1; detector <= 4; detector++) {
    refs.push((await butler.put({ detector }, 'd', { instrument: 'Cam', detector }, 'run')).ref);
  }
  await butler.associate('tag', refs.slice(0, 2));
});
afterEach(async () => {
  await butler.close();
  rmSync(dir, { recursive: true, force: true });
});

/** Changes the database behind the butler's back, and without the rules that the schema keeps. */
const tamper = (sql: string, ...params: (string | number | bigint)[]): Promise<void> => tamperWith(root, sql, params);

async function zipOf(path: string, members: Record<string, string>): Promise<string> {
  const zip = new ZipFile();
  for (const [name, text] of Object.entries(members)) zip.addBuffer(Buffer.from(text), name);
  zip.end();
  await pipeline(zip.outputStream, createWriteStream(path));
  return path;
}

const counts = (report: DoctorReport) => Object.fromEntries(report.found.map((kind) => [kind.name, kind.count]));

/** What is found, that the repair takes all of it, and that nothing is found then (but for notes). */
async function cures(expected: Record<string, number>, after: Record<string, number> = {}): Promise<DoctorReport> {
  const options = { checksums: true, minAgeSeconds: 0 };
  const before = await examineRepository(butler, options);
  expect(counts(before)).toEqual(expected);
  expect(before.sound).toBe(false);
  const repaired = await repairRepository(butler, { ...options, damaged: 'quarantine' });
  expect(repaired.sound).toBe(true);
  const healed = await examineRepository(butler, options);
  expect(counts(healed)).toEqual(after);
  expect(healed.sound).toBe(true);
  return repaired;
}

it('finds nothing in a sound repository, with few statements', async () => {
  const before = butler.registry.db.statementCount;
  expect(await examineRepository(butler, { checksums: true, minAgeSeconds: 0 })).toEqual({ found: [], sound: true });
  expect(butler.registry.db.statementCount - before).toBeLessThan(50);
});

describe('files', () => {
  it('lost, cut and altered ones, strays and unfinished writes', async () => {
    const paths = await Promise.all(refs.map((ref) => butler.getPath(ref)));
    rmSync(paths[0]);
    writeFileSync(paths[1], '');
    const bytes = readFileSync(paths[2]);
    bytes[0] ^= 1;
    writeFileSync(paths[2], bytes);
    writeFileSync(join(root, 'run/stray.txt'), 'x');
    writeFileSync(join(root, 'run/.a.yaml.999999999-3.part'), 'x');
    const expected = {
      'missing-file': 1,
      'wrong-size': 1,
      'wrong-checksum': 1,
      'file-without-record': 1,
      'unfinished-write': 1,
    };
    const { asideFolder } = await cures(expected, { unstored: 3 });
    // Nothing that had bytes is gone.
    expect(readFileSync(join(asideFolder!, 'run/stray.txt'), 'utf8')).toBe('x');
    for (const path of paths.slice(1, 3))
      expect(existsSync(join(asideFolder!, path.slice(root.length + 1)))).toBe(true);
    expect(existsSync(join(root, 'run/.a.yaml.999999999-3.part'))).toBe(false);
    expect(await butler.get(refs[3])).toEqual({ detector: 4 });
    // The datasets are still in the registry, and can be made again.
    expect((await butler.getDatasets(refs.map((ref) => ref.id))).every((ref) => ref !== undefined)).toBe(true);
  });

  it('accepts altered files when told so, and leaves them alone when not', async () => {
    const path = await butler.getPath(refs[0]);
    writeFileSync(path, 'detector: 100\n');
    const left = await repairRepository(butler, { minAgeSeconds: 0 });
    expect([counts(left), left.sound]).toEqual([{ 'wrong-size': 1 }, false]);
    await repairRepository(butler, { damaged: 'accept', minAgeSeconds: 0 });
    expect((await examineRepository(butler, { checksums: true })).found).toEqual([]);
    expect(await butler.get(refs[0])).toEqual({ detector: 100 });
  });

  it('deletes strays only when told so', async () => {
    writeFileSync(join(root, 'run/stray.txt'), 'x');
    const { asideFolder } = await repairRepository(butler, { minAgeSeconds: 0, deleteFiles: true });
    expect(asideFolder).toBeUndefined();
    expect(existsSync(join(root, 'run/stray.txt'))).toBe(false);
    expect(existsSync(join(root, '.skymill/aside'))).toBe(false);
  });

  it('leaves alone what may be somebody’s work under way', async () => {
    writeFileSync(join(root, 'run/stray.txt'), 'x');
    writeFileSync(join(root, `run/.b.yaml.${process.ppid}-1.part`), 'x');
    const young = await repairRepository(butler);
    expect([counts(young), young.sound]).toEqual([{ 'young-file': 1 }, true]);
    const underway = new Map([['run', 'its production is not over']]);
    const kept = await repairRepository(butler, { minAgeSeconds: 0, underway });
    expect(counts(kept)).toEqual({ 'unregistered-output': 1 });
    expect(existsSync(join(root, 'run/stray.txt'))).toBe(true);
    expect(existsSync(join(root, `run/.b.yaml.${process.ppid}-1.part`))).toBe(true);
  });

  it('a file that a record names in another way belongs to its dataset', async () => {
    const path = await butler.getPath(refs[0]);
    const set = 'UPDATE file_datastore_records SET path = ? WHERE dataset_id = ?';
    await tamper(set, `file://${path}`, uuidHex(refs[0].id));
    await tamper(set, `run/../${(await butler.getPath(refs[1])).slice(root.length + 1)}`, uuidHex(refs[1].id));
    expect((await examineRepository(butler, { minAgeSeconds: 0 })).found).toEqual([]);
  });

  it('members of an archive: the archive belongs to them, and each has its own size', async () => {
    const archive = await zipOf(join(root, 'run/all.zip'), { 'a.yaml': 'a: 1\n', 'b.yaml': 'b: 22\n' });
    const set = 'UPDATE file_datastore_records SET path = ?, file_size = ?, checksum = ? WHERE dataset_id = ?';
    const checksum = createHash('blake2b512').update('a: 1\n').digest('hex');
    for (const [i, member] of ['a', 'b', 'c'].entries()) {
      rmSync(await butler.getPath(refs[i]));
      await tamper(set, `run/all.zip#zip-path=${member}.yaml`, 5, checksum, uuidHex(refs[i].id));
    }
    const report = await examineRepository(butler, { minAgeSeconds: 0, checksums: true });
    expect(report.found).toMatchObject([
      { name: 'wrong-size', examples: [{ subject: 'run/all.zip#zip-path=b.yaml', detail: '6 bytes, 5 are recorded' }] },
      { name: 'missing-file', examples: [{ subject: 'run/all.zip#zip-path=c.yaml' }] },
    ]);
    // The archive stays where it is: a sound member is in it.
    await repairRepository(butler, { minAgeSeconds: 0, damaged: 'quarantine' });
    expect(existsSync(archive)).toBe(true);
    expect(counts(await examineRepository(butler, { minAgeSeconds: 0 }))).toEqual({ unstored: 2 });
    rmSync(archive);
    expect(counts(await examineRepository(butler))).toEqual({ unstored: 2, 'missing-file': 1 });
  });

  it('files outside of the datastore, and links that lead nowhere', async () => {
    const path = await butler.getPath(refs[0]);
    renameSync(path, join(dir, 'outside.yaml'));
    await tamper(
      'UPDATE file_datastore_records SET path = ? WHERE dataset_id = ?',
      `file://${dir}/outside.yaml`,
      uuidHex(refs[0].id),
    );
    const link = await butler.getPath(refs[1]);
    rmSync(link);
    symlinkSync(join(dir, 'nowhere'), link);
    const report = await examineRepository(butler, { minAgeSeconds: 0 });
    expect(report.found).toMatchObject([{ name: 'missing-file', count: 1 }]);
    expect(report.found[0].examples[0].detail).toMatch(/link/);
    rmSync(join(dir, 'outside.yaml'));
    expect(counts(await examineRepository(butler))).toEqual({ 'missing-file': 2 });
  });

  it('one file of several datasets', async () => {
    const path = (await butler.getPath(refs[0])).slice(root.length + 1);
    const other = await butler.getPath(refs[1]);
    await tamper('UPDATE file_datastore_records SET path = ? WHERE dataset_id = ?', path, uuidHex(refs[1].id));
    rmSync(other);
    expect((await examineRepository(butler, { checksums: true })).found).toEqual([]);
    rmSync(join(root, path));
    await cures({ 'missing-file': 2 }, { unstored: 2 });
  });

  it('refuses to forget the files of a storage that is not there', async () => {
    const id = (i: number) => i + 5;
    await butler.insertRecords(
      'detector',
      Array.from({ length: 8 }, (_, i) => ({ instrument: 'Cam', id: id(i), full_name: `D${i}`, purpose: 'SCIENCE' })),
    );
    for (let detector = 5; detector <= 12; detector++) {
      refs.push((await butler.put({ detector }, 'd', { instrument: 'Cam', detector }, 'run')).ref);
    }
    renameSync(join(root, 'run'), join(dir, 'away'));
    await expect(repairRepository(butler)).rejects.toMatchObject({ code: 'DOCTOR_MOST_FILES_MISSING' });
    renameSync(join(dir, 'away'), join(root, 'run'));
    expect((await examineRepository(butler)).found).toEqual([]);
  });
});

describe('registry', () => {
  const id = (i: number) => uuidHex(refs[i].id);

  it('file records, locations and datasets that miss each other', async () => {
    await tamper('DELETE FROM dataset_location WHERE dataset_id = ?', id(0));
    const path = await butler.getPath(refs[1]);
    await tamper('DELETE FROM file_datastore_records WHERE dataset_id = ?', id(1));
    await tamper('DELETE FROM dataset WHERE id = ?', id(2));
    await tamper('DELETE FROM dataset_location WHERE dataset_id = ?', id(2));
    rmSync(path);
    const [[table]] = await butler.registry.db.rows('SELECT tag_association_table FROM dataset_type');
    await tamper(`DELETE FROM ${table} WHERE dataset_id = ?`, id(2));
    const options = { minAgeSeconds: 0 };
    const expected = { 'record-without-dataset': 1, 'record-without-location': 1, 'location-without-record': 1 };
    expect(counts(await examineRepository(butler, options))).toEqual(expected);
    // The file of the dataset that is gone belongs to nobody once its record is forgotten.
    const repaired = await repairRepository(butler, options);
    expect(counts(repaired)).toEqual({ ...expected, unstored: 1, 'file-without-record': 1 });
    expect(repaired.sound).toBe(true);
    expect(counts(await examineRepository(butler, options))).toEqual({ unstored: 1 });
    expect(await butler.get(refs[0])).toEqual({ detector: 1 });
  });

  it('a removal that was interrupted', async () => {
    const path = (await butler.getFileRecords([refs[3].id]))[0][0].path;
    await tamper(
      'INSERT INTO dataset_location_trash SELECT dataset_id, datastore_name FROM dataset_location WHERE dataset_id = ?',
      id(3),
    );
    await tamper('DELETE FROM dataset_location WHERE dataset_id = ?', id(3));
    await cures({ 'interrupted-removal': 1 }, { unstored: 1 });
    expect(existsSync(join(root, path))).toBe(false);
  });

  it('entries and validity ranges of datasets that are gone', async () => {
    await butler.registerCollection('calib', 'CALIBRATION');
    await butler.certify('calib', refs.slice(0, 1), { beginNs: undefined, endNs: undefined });
    await tamper('DELETE FROM file_datastore_records WHERE dataset_id = ?', id(0));
    await tamper('DELETE FROM dataset_location WHERE dataset_id = ?', id(0));
    const path = (await butler.getFileRecords([refs[1].id]))[0][0].path;
    await tamper('DELETE FROM dataset WHERE id = ?', id(0));
    const report = await cures({
      'tag-of-absent-dataset': 1,
      'validity-of-absent-dataset': 1,
      'file-without-record': 1,
    });
    expect(report.asideFolder).toBeDefined();
    expect(existsSync(join(root, path))).toBe(true);
  });

  it('a dataset that its run does not list, which nobody can put right', async () => {
    const [[table]] = await butler.registry.db.rows('SELECT tag_association_table FROM dataset_type');
    await tamper(`DELETE FROM ${table} WHERE dataset_id = ?`, id(3));
    const report = await repairRepository(butler, { minAgeSeconds: 0 });
    expect(report).toMatchObject({ sound: false, found: [{ name: 'dataset-without-data-id', count: 1, repaired: 0 }] });
  });

  it('chains with members that are gone, and circles', async () => {
    for (const name of ['a', 'b', 'c']) await butler.registerCollection(name, 'CHAINED');
    await butler.setChain('a', ['b', 'run']);
    await butler.setChain('b', ['c', 'tag']);
    const number = async (name: string) => (await butler.registry.collections.get(name)).id;
    await tamper(
      'INSERT INTO collection_chain (parent, position, child) VALUES (?, 7, ?)',
      await number('c'),
      await number('a'),
    );
    await tamper('INSERT INTO collection_chain (parent, position, child) VALUES (?, 9, 4711)', await number('a'));
    await tamper('DELETE FROM run WHERE collection_id = ?', await number('run'));
    const before = await examineRepository(butler);
    expect(before.found.find((kind) => kind.name === 'chain-cycle')!.examples).toEqual([
      { subject: 'c', detail: 'a > b > c > a' },
    ]);
    await cures({ 'run-without-row': 1, 'dangling-chain': 1, 'chain-cycle': 1 });
    expect((await butler.getCollection('a')).children).toEqual(['b', 'run']);
    expect((await butler.getCollection('b')).children).toEqual(['c', 'tag']);
    expect((await butler.getCollection('c')).children).toEqual([]);
  });

  it('summaries that miss a type or an instrument: queries find the datasets again', async () => {
    await tamper('DELETE FROM collection_summary_dataset_type');
    await tamper('DELETE FROM collection_summary_instrument');
    await cures({ 'incomplete-summary': 4 });
    const found = [];
    for await (const ref of butler.query().datasets('d', { collections: ['tag'] })) found.push(ref.id);
    expect(found.sort()).toEqual([refs[0].id, refs[1].id].sort());
  });

  it('dataset types without their tables', async () => {
    const [[calibs]] = await butler.registry.db.rows('SELECT calibration_association_table FROM dataset_type');
    await tamper(`DROP TABLE ${calibs}`);
    await cures({ 'type-without-table': 1 });
    await butler.registerCollection('calib', 'CALIBRATION');
    await butler.certify('calib', refs.slice(0, 1), { beginNs: undefined, endNs: undefined });
  });

  it('regions that the index of the sky misses', async () => {
    const region = polygonFromLonLat([
      [10, 10],
      [11, 10],
      [11, 11],
      [10, 11],
    ]);
    await butler.insertRecords('skymap', [
      { name: 's', hash: new Uint8Array(20), tract_max: 1, patch_nx_max: 1, patch_ny_max: 1 },
    ]);
    await butler.insertRecords('tract', [{ skymap: 's', id: 0, region: encodeRegion(region) }]);
    const rows = async () => butler.registry.db.rows('SELECT * FROM tract_skypix_overlap ORDER BY skypix_index');
    const before = await rows();
    expect(before.length).toBeGreaterThan(0);
    await tamper('DELETE FROM tract_skypix_overlap');
    await cures({ 'region-not-indexed': 1 });
    expect(await rows()).toEqual(before);
  });
});

it('only what is asked for, and no kind that there is not', async () => {
  writeFileSync(join(root, 'run/stray.txt'), 'x');
  rmSync(await butler.getPath(refs[0]));
  const report = await examineRepository(butler, { only: ['missing-file'], minAgeSeconds: 0 });
  expect(counts(report)).toEqual({ 'missing-file': 1 });
  await expect(examineRepository(butler, { only: ['missing-fil'] })).rejects.toMatchObject({
    code: 'DOCTOR_UNKNOWN_KIND',
    message: expect.stringContaining('Did you mean "missing-file"?'),
  });
});

it('a journal that must be rolled back is known by its first bytes', () => {
  mkdirSync(join(dir, 'db'));
  const file = join(dir, 'db/a.sqlite3');
  expect(hotJournal(file)).toBeUndefined();
  writeFileSync(`${file}-journal`, Buffer.alloc(512));
  expect(hotJournal(file)).toBeUndefined();
  writeFileSync(`${file}-journal`, Buffer.from('d9d505f920a163d700000001', 'hex'));
  expect(hotJournal(file)).toEqual({ path: `${file}-journal`, sizeBytes: 12 });
});
