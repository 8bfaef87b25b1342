// SPDX-License-Identifier: BSD-3-Clause
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Butler } from '../../src/butler/index.ts';
import { createButler, testEngine } from '../support/databases.ts';
import { addCamera } from './camera.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'skymill-processes-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function start(...args: string[]): { child: ChildProcess; done: Promise<string> } {
  const script = join(import.meta.dirname, 'writer-process.ts');
  const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'inherit', 'pipe'] });
  let complaint = '';
  child.stderr!.on('data', (chunk) => {
    complaint += chunk;
  });
  const done = new Promise<string>((resolve) => {
    child.on('close', (code, signal) => resolve(code === 0 ? 'done' : `${signal ?? code}: ${complaint}`));
  });
  return { child, done };
}

describe('many processes', () => {
  it('write at once and lose nothing, while others read', async () => {
    const root = join(dir, 'repo');
    const butler = await createButler(root);
    await addCamera(butler);
    await butler.close();
    const [writers, each] = [8, 5];
    const started = [
      ...Array.from({ length: writers }, (_, i) => start('writer', root, `w${i}`, String(each))),
      start('reader', root, String(writers * each)),
      start('reader', root, String(writers * each)),
    ];
    expect(await Promise.all(started.map(({ done }) => done))).toEqual(started.map(() => 'done'));
    const reader = await Butler.open(root);
    const chain = (await reader.getCollection('everything')).children!;
    expect(new Set(chain).size).toBe(writers * each);
    const names = Array.from({ length: writers }, (_, i) => `w${i}`);
    const last = names.map((name) => `run/${name}/${each - 1}`);
    expect([...(await reader.getCollection('last')).children!].sort()).toEqual(last);
    expect((await reader.collectionSummary('latest')).datasetTypes).toEqual(names.map((name) => `data_${name}`));
    for (const name of names) {
      const tagged: string[] = [];
      for await (const { ref } of reader.associations(`data_${name}`, { collections: ['latest'] }))
        tagged.push(ref.run);
      expect(tagged).toEqual([`run/${name}/${each - 1}`]);
    }
    const count = await reader.registry.db.rows(
      'SELECT count(*), count(DISTINCT dataset_id) FROM file_datastore_records',
    );
    expect(count).toEqual([[writers * each, writers * each]]);
    await reader.close();
  }, 60_000);

  it('killed in the middle of writing leave a repository that works', async () => {
    const root = join(dir, 'repo');
    const butler = await createButler(root);
    await addCamera(butler);
    await butler.close();
    for (const delayMs of [150, 300, 450]) {
      const { child, done } = start('writer', root, `k${delayMs}`, '1000');
      await new Promise((resolve) => setTimeout(resolve, delayMs + 200));
      child.kill('SIGKILL');
      expect(await done).toMatch(/^SIGKILL/);
      const after = await Butler.open(root, { writeable: true });
      if (testEngine() === 'sqlite') {
        expect(await after.registry.db.rows('PRAGMA integrity_check')).toEqual([['ok']]);
        expect(await after.registry.db.rows('PRAGMA foreign_key_check')).toEqual([]);
      }
      const rows = await after.registry.db.rows('SELECT dataset_id FROM file_datastore_records');
      for (const ref of await after.getDatasets(rows.map(([id]) => String(id)))) {
        expect(await after.get(ref!)).toHaveProperty('name');
      }
      await after.close();
    }
  }, 60_000);
});

/** A small file system of memory; only where this user may mount one. */
const small = mkdtempSync(join(tmpdir(), 'skymill-small-'));
const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', small]).status === 0;
if (mounted) spawnSync('umount', [small]);
else process.stderr.write('\n*** SKIPPED: a full disk: this user cannot mount a small file system\n');
rmSync(small, { recursive: true, force: true });

describe('bad places', () => {
  it.skipIf(!mounted)('a full disk: a clear error, nothing half-written, nothing registered', async () => {
    const mount = join(dir, 'small');
    mkdirSync(mount);
    expect(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', mount]).status).toBe(0);
    try {
      const butler = await createButler(join(mount, 'repo'));
      await addCamera(butler);
      await butler.registerCollection('run', 'RUN');
      await butler.registerDatasetTypes([butler.makeDatasetType('blob', ['detector'], 'Bytes')]);
      const put = (detector: number, size: number) =>
        butler.put(new Uint8Array(size), 'blob', { instrument: 'Cam', detector }, 'run');
      await put(1, 1000);
      await expect(put(2, 8 << 20)).rejects.toMatchObject({ code: 'BUTLER_DISK_FULL' });
      const left = readdirSync(join(mount, 'repo/run'), { recursive: true }).filter((name) =>
        String(name).includes('.'),
      );
      expect(left).toEqual(['blob/blob_Cam_Aa_run.bin']);
      expect(
        await butler.findDataset('blob', { instrument: 'Cam', detector: 2 }, { collections: ['run'] }),
      ).toBeUndefined();
      await put(2, 1000);
      await butler.close();
    } finally {
      spawnSync('umount', [mount]);
    }
  });

  it.skipIf(!mounted)('a read-only file system: reading works, writing says why not', async () => {
    const mount = join(dir, 'small');
    mkdirSync(mount);
    expect(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', mount]).status).toBe(0);
    try {
      const root = join(mount, 'repo');
      const butler = await createButler(root);
      await addCamera(butler);
      await butler.registerCollection('run', 'RUN');
      await butler.registerDatasetTypes([butler.makeDatasetType('dict', ['detector'], 'StructuredDataDict')]);
      const { ref } = await butler.put({ a: 1 }, 'dict', { instrument: 'Cam', detector: 1 }, 'run');
      await butler.close();
      expect(spawnSync('mount', ['-o', 'remount,ro', mount]).status).toBe(0);
      const reader = await Butler.open(root);
      expect(await reader.get(ref)).toEqual({ a: 1 });
      await reader.close();
      await expect(Butler.open(root, { writeable: true })).rejects.toMatchObject({
        code: 'BUTLER_NOT_WRITEABLE',
        message: expect.stringContaining('read-only'),
      });
    } finally {
      spawnSync('umount', [mount]);
    }
  });

  it.skipIf(process.getuid?.() === 0)('a folder without permission', async () => {
    const root = join(dir, 'closed');
    mkdirSync(root);
    chmodSync(root, 0o555);
    await expect(createButler(join(root, 'repo'))).rejects.toMatchObject({ code: 'BUTLER_NOT_WRITEABLE' });
  });

  it.skipIf(testEngine() !== 'sqlite')('a database that is none', async () => {
    const root = join(dir, 'repo');
    const butler = await createButler(root);
    await butler.close();
    const { writeFileSync } = await import('node:fs');
    writeFileSync(join(root, 'gen3.sqlite3'), 'this is not a database at all, but a text of some length '.repeat(40));
    await expect(Butler.open(root)).rejects.toMatchObject({ code: 'BUTLER_BAD_DATABASE' });
    writeFileSync(join(root, 'butler.yaml'), 'datastore: [');
    await expect(Butler.open(root)).rejects.toMatchObject({ code: 'BUTLER_BAD_CONFIG' });
  });
});
