// SPDX-License-Identifier: BSD-3-Clause
import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Butler } from '../../src/butler/index.ts';
import type { RerunPlan, RunReport } from '../../src/run/index.ts';
import { skymill } from '../support/commands.ts';
import { surveyCopy, tinySurvey } from '../support/survey.ts';

/** The whole production of a tiny survey, changed step by step: what its chain shows is what a production from nothing gives, byte for byte. */
let place: ReturnType<typeof surveyCopy>;
beforeAll(() => {
  place = surveyCopy('all');
});
afterAll(() => rmSync(place.folder, { recursive: true, force: true }));

const production = (chain: string, ...more: string[]): string[] => {
  const { words } = tinySurvey(place.folder).production;
  return [...words.map((word) => (word === 'u/demo/drp' ? chain : word)), ...more];
};

function json<T>(words: string[]): T {
  const { status, stdout, stderr } = skymill([...words, '--json']);
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout) as T;
}

/** Digests of what a chain shows, by type and data ID; logs and times of tasks apart. */
async function products(chain: string): Promise<Record<string, string | null>> {
  const butler = await Butler.open(place.repo);
  try {
    const found: Record<string, string | null> = {};
    const [{ children }] = await butler.listCollections([chain]);
    const runs = children!.filter((name) => name.startsWith(`${chain}/`));
    for (const { name } of await butler.listDatasetTypes()) {
      if (/_(metadata|log|config)$|^packages$/.test(name)) continue;
      for await (const ref of butler.query().datasets(name, { collections: runs, findFirst: true })) {
        const [records] = await butler.getFileRecords([ref.id]);
        found[`${name} ${ref.dataId.key}`] = records.map((record) => record.checksum).join();
      }
    }
    return found;
  } finally {
    await butler.close();
  }
}

const changes: [what: string, settings: string[], kept: string[], rerun: string[]][] = [
  [
    'a field of a late task',
    ['-c', 'detectCoaddSources:threshold=8'],
    ['isr', 'characterizeImage', 'calibrate', 'makeVisitSummary', 'makeWarp', 'assembleCoadd'],
    ['detectCoaddSources', 'mergeDetections', 'deblend', 'measure'],
  ],
  [
    'the field of another task besides',
    ['-c', 'detectCoaddSources:threshold=8', '-c', 'calibrate:connections.refCat=sim_stars', '-c', 'isr:doDark=false'],
    [],
    ['isr', 'makeWarp', 'assembleCoadd', 'measure'],
  ],
];

describe('a survey that is changed and given again', () => {
  it('gives what one from nothing gives, and keeps what does not depend on the change', async () => {
    json<RunReport>(production('u/changed'));
    const before = await products('u/changed');
    for (const [what, settings, kept, rerun] of changes) {
      const plan = json<RerunPlan>([...production('u/changed', ...settings), '--dry-run']);
      const of = (label: string) => plan.tasks.find((task) => task.label === label)!;
      for (const label of kept) expect(of(label), `${what}: ${label}`).toMatchObject({ rerun: 0 });
      for (const label of rerun) expect(of(label), `${what}: ${label}`).toMatchObject({ kept: 0 });
      const report = json<RunReport>(production('u/changed', ...settings));
      expect(report.quanta).toBeLessThanOrEqual(plan.rerun);
      json<RunReport>(production('u/nothing', '--new-run', ...settings));
      const [continued, anew] = [await products('u/changed'), await products('u/nothing')];
      expect(continued).toEqual(anew);
      expect(continued, what).not.toEqual(before);
    }
    // And back: again a new run, and again the first products.
    json<RunReport>(production('u/changed'));
    expect(await products('u/changed')).toEqual(before);
    const { status, stdout } = skymill(['doctor', place.repo]);
    expect(status, stdout).toBe(0);
  });
});
