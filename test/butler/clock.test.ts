// SPDX-License-Identifier: BSD-3-Clause
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { newUuid } from '../../src/base/index.ts';
import { createButler } from '../support/databases.ts';
import { addCamera } from './camera.ts';

afterEach(() => vi.useRealTimers());

it('ids rise, also when the clock goes back', () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  const ids: string[] = [];
  for (const time of ['2026-05-02T00:00:00Z', '2026-05-01T00:00:00Z', '2020-01-01T00:00:00Z', '2026-05-02T00:00:01Z']) {
    vi.setSystemTime(new Date(time));
    for (let i = 0; i < 1000; i++) ids.push(newUuid());
  }
  expect(ids).toEqual([...ids].sort());
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.every((id) => /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id))).toBe(
    true,
  );
});

it('a repository is written and read on while the clock goes back', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'skymill-clock-'));
  const butler = await createButler(join(dir, 'repo'));
  await addCamera(butler);
  await butler.registerDatasetTypes([butler.makeDatasetType('thing', ['detector'], 'StructuredDataDict')]);
  await butler.registerCollection('run', 'RUN');
  vi.useFakeTimers({ toFake: ['Date'] });
  const refs = [];
  for (const [i, time] of ['2026-05-02T00:00:00Z', '2026-05-01T00:00:00Z', '2000-01-01T00:00:00Z'].entries()) {
    vi.setSystemTime(new Date(time));
    refs.push((await butler.put({ i }, 'thing', { instrument: 'Cam', detector: i + 1 }, 'run')).ref);
  }
  expect(await Promise.all(refs.map((ref) => butler.get(ref)))).toEqual([{ i: 0 }, { i: 1 }, { i: 2 }]);
  vi.useRealTimers();
  await butler.close();
  rmSync(dir, { recursive: true, force: true });
});
