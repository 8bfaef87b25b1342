// SPDX-License-Identifier: BSD-3-Clause
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Butler } from '../../src/butler/index.ts';
import { describeEngines } from '../support/engines.ts';
import { addCamera } from './camera.ts';

/** 2^53 + 1: as a number it is 2^53. */
const large = 9_007_199_254_740_993n;

describeEngines('integers from 2^53 on', (engine) => {
  let dir: string;
  let butler: Butler;
  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'skymill-large-'));
    butler = await engine.createButler(join(dir, 'repo'));
    await addCamera(butler);
    await butler.registerDatasetTypes([butler.makeDatasetType('thing', ['detector'], 'StructuredDataDict')]);
    await butler.registerCollection('run', 'RUN');
  });
  afterEach(async () => {
    await butler.close();
    rmSync(dir, { recursive: true, force: true });
  });

  it('are refused where they are given', async () => {
    const given = Number(large);
    const record = { instrument: 'Cam', id: given, full_name: 'L' };
    await expect(butler.insertRecords('detector', [record])).rejects.toMatchObject({ code: 'BUTLER_BAD_RECORD_FIELD' });
    await expect(butler.put({}, 'thing', { instrument: 'Cam', detector: given }, 'run')).rejects.toMatchObject({
      code: 'BUTLER_BAD_KEY_TYPE',
    });
  });

  it('are refused where they are read, never rounded', async () => {
    const { ref } = await butler.put({}, 'thing', { instrument: 'Cam', detector: 1 }, 'run');
    const { db, types } = butler.registry;
    const { tagsTable } = await types.get('thing');
    await db.run("INSERT INTO detector (instrument, id, full_name) VALUES ('Cam', ?, 'L')", [large]);
    await db.run(`UPDATE ${tagsTable} SET detector = ?`, [large]);
    const refused = { code: 'BUTLER_INTEGER_TOO_LARGE' };
    const all = async (rows: AsyncIterable<unknown>): Promise<number> => {
      let count = 0;
      for await (const _ of rows) count++;
      return count;
    };
    const query = butler.query();
    await expect(butler.getDatasets([ref.id])).rejects.toMatchObject({
      ...refused,
      message: expect.stringMatching(/90071992547409\d\d for detector/),
    });
    await expect(all(query.datasets('thing', { collections: ['run'] }))).rejects.toMatchObject(refused);
    await expect(all(query.dataIds(['detector']))).rejects.toMatchObject(refused);
    await expect(all(query.dimensionRecords('detector'))).rejects.toMatchObject(refused);
    await expect(all(butler.associations('thing', { collections: ['run'] }))).rejects.toMatchObject(refused);
    expect(await all(query.where("instrument = 'Cam' and detector < 3").dataIds(['detector']))).toBe(2);
  });
});
