// SPDX-License-Identifier: BSD-3-Clause
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formatValue } from '../../src/butler/datastore/format-value.ts';
import { extensionOf, relativeTo, resolveRecordPath } from '../../src/butler/datastore/paths.ts';
import { isScratchName, PosixStore } from '../../src/butler/datastore/posix/posix-store.ts';
import { answer as idAnswer } from '../conformance/dataset-ids.ts';
import { answer, type FileTemplateCase } from '../conformance/file-templates.ts';
import { describeShared } from '../support/shared.ts';

describeShared('conformance/gen3/cases', 'file names and ids of Gen3', (dir) => {
  const load = (suite: string) => JSON.parse(readFileSync(join(dir, `${suite}.json`), 'utf8')).cases;

  it('formats every template', () => {
    const cases: (FileTemplateCase & { id: string; expect: object })[] = load('file-templates');
    expect(cases.length).toBeGreaterThan(10);
    for (const testCase of cases) {
      const got = answer(testCase);
      if ('error' in testCase.expect) expect(got, testCase.id).toHaveProperty('error');
      else expect(got, testCase.id).toEqual(testCase.expect);
    }
  });

  it('computes every reproducible id', () => {
    const cases = load('dataset-ids');
    expect(cases.length).toBeGreaterThan(5);
    for (const testCase of cases) expect(idAnswer(testCase), testCase.id).toBe(testCase.expect);
  });
});

describe('paths', () => {
  it('know compound extensions', () => {
    expect(['a/b.fits', 'a/b.fits.gz', 'x.fit.fz', 'frame-r-1.fits.bz2', 'README'].map(extensionOf)).toEqual([
      '.fits',
      '.fits.gz',
      '.fit.fz',
      '.fits.bz2',
      '',
    ]);
  });
  it('stay inside the datastore unless they are absolute', () => {
    expect(resolveRecordPath('/r', 'a/b')).toBe('/r/a/b');
    expect(resolveRecordPath('/r', 'file:///data/x%20y.fits')).toBe('/data/x y.fits');
    expect(() => resolveRecordPath('/r', '../x')).toThrow(/leads out/);
    expect(() => resolveRecordPath('/r', 's3://bucket/x')).toThrow(/s3/);
    expect(relativeTo('/r', '/r/..x')).toBe('..x');
    expect(relativeTo('/r', '/rx/a')).toBeUndefined();
  });
  it('format as Python does', () => {
    const cases: [string | number, string, string][] = [
      [52, '05d', '00052'],
      [-5, '05', '-0005'],
      [255, '04x', '00ff'],
      ['ab', '>5', '   ab'],
      ['ab', '*^6s', '**ab**'],
      ['abcdef', '.3', 'abc'],
      [7, '+d', '+7'],
    ];
    for (const [value, spec, text] of cases) expect(formatValue(value, spec)).toBe(text);
    expect(() => formatValue('x', '05d')).toThrow();
  });
});

describe('files appear whole or not at all', () => {
  let dir: string;
  const store = new PosixStore();
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'skymill-store-'));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  it('counts and hashes what it writes', async () => {
    const path = join(dir, 'a/b/c.bin');
    const report = await store.writeAtomic(path, (sink) => {
      for (let i = 0; i < 300; i++) sink.write(new Uint8Array(10_000).fill(i));
    });
    expect(report.sizeBytes).toBe(3_000_000);
    const { createHash } = await import('node:crypto');
    expect(report.checksum).toBe(createHash('blake2b512').update(readFileSync(path)).digest('hex'));
    expect(await store.stat(path)).toEqual({ sizeBytes: 3_000_000 });
    expect([...(await store.read(path, { start: 9_999, end: 10_001 }))]).toEqual([0, 1]);
    expect(readdirSync(join(dir, 'a/b'))).toEqual(['c.bin']);
  });

  it('leaves nothing when writing fails half-way', async () => {
    const path = join(dir, 'x.bin');
    const failing = store.writeAtomic(path, (sink) => {
      sink.write(new Uint8Array(2_000_000));
      throw new Error('kernel refused');
    });
    await expect(failing).rejects.toThrow('kernel refused');
    expect(readdirSync(dir)).toEqual([]);
  });

  it('shows nothing before the commit, and the scratch file is known by its name', async () => {
    const path = join(dir, 'x.bin');
    const staged = await store.stage(path, (sink) => sink.write(new Uint8Array(3)));
    const names = readdirSync(dir);
    expect(names).toHaveLength(1);
    expect(isScratchName(names[0])).toBe(true);
    await staged.commit();
    expect(readdirSync(dir)).toEqual(['x.bin']);
  });

  it('says clearly why a file cannot be read or written', async () => {
    await expect(store.read(join(dir, 'none'))).rejects.toMatchObject({ code: 'BUTLER_FILE_UNREADABLE' });
    await store.writeAtomic(join(dir, 'file'), () => {});
    await expect(store.writeAtomic(join(dir, 'file/x'), () => {})).rejects.toMatchObject({
      code: 'BUTLER_NOT_WRITEABLE',
    });
    expect(await store.remove(join(dir, 'none'))).toBe(false);
  });
});
