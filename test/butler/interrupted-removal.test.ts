// SPDX-License-Identifier: BSD-3-Clause
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Butler, verifyRepository } from '../../src/butler/index.ts';
import { describeEngines } from '../support/engines.ts';
import { addCamera } from './camera.ts';

/** Runs the remover until it ends; `killAfterMs`: kills it so long after it has begun. */
function remove(args: readonly string[], killAfterMs?: number): Promise<string> {
  const script = join(import.meta.dirname, 'remover-process.ts');
  const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let complaint = '';
  child.stderr.on('data', (chunk) => {
    complaint += chunk;
  });
  if (killAfterMs !== undefined) child.stdout.once('data', () => setTimeout(() => child.kill('SIGKILL'), killAfterMs));
  return new Promise((resolve) => {
    child.on('close', (code, signal) => resolve(signal ?? (code === 0 ? 'done' : complaint)));
  });
}

describeEngines('a removal that is killed', (engine) => {
  const files = 200;
  let dir: string;
  let butler: Butler;
  let paths: string[];

  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'skymill-killed-'));
    butler = await engine.createButler(join(dir, 'repo'));
    await addCamera(butler);
    await butler.insertRecords(
      'detector',
      Array.from({ length: files }, (_, i) => ({ instrument: 'Cam', id: 100 + i, full_name: `D${i}` })),
    );
    await butler.registerDatasetTypes([butler.makeDatasetType('thing', ['detector'], 'StructuredDataDict')]);
    for (const run of ['gone', 'kept']) {
      await butler.registerCollection(run, 'RUN');
      const objects = Array.from({ length: files }, (_, i) => ({
        object: { i },
        dataId: { instrument: 'Cam', detector: 100 + i },
      }));
      const stored = await butler.putMany(objects, 'thing', run);
      if (run === 'gone') paths = await Promise.all(stored.map(({ ref }) => butler.getPath(ref)));
    }
    await butler.extendChain('all', ['gone', 'kept']);
  });
  afterEach(async () => {
    await butler.close();
    rmSync(dir, { recursive: true, force: true });
  });

  async function expectWhole(): Promise<void> {
    const report = await verifyRepository(butler);
    expect(report).toMatchObject({ problems: [], orphans: [], scratch: [], trash: 0 });
    const present = (await butler.listCollections(['gone'])).length > 0;
    expect(report.files).toBe(present ? 2 * files : files);
    expect(paths.filter((path) => existsSync(path))).toHaveLength(present ? files : 0);
    expect((await butler.getCollection('all')).children).toEqual(present ? ['gone', 'kept'] : ['kept']);
  }

  it.each([0, 1, 100, files - 1])('at file %i is ended by the next one', async (at) => {
    expect(await remove([butler.root, 'gone', String(at)])).toBe('SIGKILL');
    expect(await butler.listCollections(['gone'])).toEqual([]);
    expect(await butler.registry.trash.count()).toBe(files);
    await butler.removeDatasets([]);
    await expectWhole();
  });

  it('at any moment leaves all or nothing', async () => {
    for (const delayMs of [0, 5, 10, 20, 40]) {
      if (delayMs > 0 && (await butler.listCollections(['gone'])).length === 0) break;
      await remove([butler.root, 'gone'], delayMs);
      await butler.removeDatasets([]);
      await expectWhole();
    }
  });

  it('does not take the file that comes into the place of a removed one', async () => {
    expect(await remove([butler.root, 'gone', '100'])).toBe('SIGKILL');
    await butler.registerCollection('gone', 'RUN');
    const { ref } = await butler.put({ again: 1 }, 'thing', { instrument: 'Cam', detector: 100 }, 'gone');
    expect(paths).toContain(await butler.getPath(ref));
    await butler.removeDatasets([]);
    expect(await butler.get(ref)).toEqual({ again: 1 });
    expect(await butler.registry.trash.count()).toBe(0);
    expect(paths.filter((path) => existsSync(path))).toEqual([await butler.getPath(ref)]);
  });
});
