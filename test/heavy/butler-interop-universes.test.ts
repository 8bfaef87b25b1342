// SPDX-License-Identifier: BSD-3-Clause
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { UniverseSpec } from '../../src/butler/dimensions/spec.ts';
import { Butler, DimensionUniverse, makeTimespan } from '../../src/butler/index.ts';
import { describePeer } from '../support/peers.ts';
import { sharedPath } from '../support/shared.ts';

const versions = [0, 1, 2, 3, 4, 5, 6, 7, 8];
const begin = 1_577_836_900_000_000_000n;

describePeer('lsst.daf.butler', 'repositories of every version of the dimensions', (python) => {
  let dir: string;
  const definitions = sharedPath('conformance/gen3/data/daf_butler/python/lsst/daf/butler/configs/old_dimensions');
  const fileOf = (version: number): string => join(definitions!, `daf_butler_universe${version}.yaml`);

  beforeAll(() => {
    if (definitions === undefined) throw new Error('the older dimensions of the peer are absent');
    dir = mkdtempSync(join(tmpdir(), 'skymill-interop-universes-'));
    // One process for all versions: most of its time goes into starting.
    python(
      `
import sys
from lsst.daf.butler import Butler, DimensionConfig
for repo, dimensions in zip(sys.argv[1::2], sys.argv[2::2]): Butler.makeRepo(repo, dimensionConfig=DimensionConfig(dimensions))`,
      ...versions.flatMap((version) => [join(dir, `theirs-${version}`), fileOf(version)]),
    );
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  /** An exposure and a visit with what the version wants of them, and a dataset of each. */
  async function fill(butler: Butler): Promise<void> {
    const { universe } = butler;
    const separate = universe.hasElement('group');
    await butler.insertRecords(
      'instrument',
      [{ name: 'I', visit_max: 10, exposure_max: 10, detector_max: 10 }],
      'skip',
    );
    await butler.insertRecords('detector', [{ instrument: 'I', id: 1, full_name: 'D1' }], 'skip');
    await butler.insertRecords('physical_filter', [{ instrument: 'I', name: 'R', band: 'r' }], 'skip');
    const dated = { instrument: 'I', physical_filter: 'R', day_obs: 20200101 };
    const timespan = makeTimespan(begin, begin + 3_000_000_000n);
    if (separate) {
      await butler.insertRecords('group', [{ instrument: 'I', name: 'g' }]);
      await butler.insertRecords('day_obs', [{ instrument: 'I', id: 20200101 }]);
    }
    await butler.insertRecords('exposure', [
      { ...dated, id: 1, obs_id: 'o1', timespan, ...(separate ? { group: 'g' } : { group_name: 'g' }) },
    ]);
    const system =
      universe.element('visit').required.includes('visit_system') ||
      universe.element('visit').implied.includes('visit_system');
    if (system) await butler.insertRecords('visit_system', [{ instrument: 'I', id: 0, name: 'one-to-one' }]);
    await butler.insertRecords('visit', [
      { ...dated, id: 5, name: 'v5', timespan, ...(system ? { visit_system: 0 } : {}) },
    ]);
    await butler.registerCollection('run', 'RUN');
    await butler.registerDatasetTypes([
      butler.makeDatasetType('raw', ['exposure', 'detector'], 'StructuredDataDict'),
      butler.makeDatasetType('calexp', ['visit', 'detector'], 'StructuredDataDict'),
    ]);
    await butler.put({ raw: 1 }, 'raw', { instrument: 'I', exposure: 1, detector: 1 }, 'run');
    await butler.put({ calexp: 1 }, 'calexp', { instrument: 'I', visit: 5, detector: 1 }, 'run');
  }

  const answers = `
import json, sys
from lsst.daf.butler import Butler
when = "instrument = 'I' AND exposure.timespan OVERLAPS (T'2020-01-01', T'2020-01-02')"
def answer(repo):
    b = Butler.from_config(repo)
    return [b.dimensions.version,
        b.get('raw', instrument='I', exposure=1, detector=1, collections='run'),
        b.get('calexp', instrument='I', visit=5, detector=1, collections='run'),
        [r.run for r in b.query_datasets('raw', collections='run', where=when)],
        [[r.id, r.day_obs, r.timespan.begin.isot] for r in b.query_dimension_records('visit', instrument='I')]]
def answer_or_error(repo):
    try: return answer(repo)
    except Exception as error: return repr(error)
print(json.dumps({repo: answer_or_error(repo) for repo in sys.argv[1:]}))`;
  const expected = (version: number): unknown => [
    version,
    { raw: 1 },
    { calexp: 1 },
    ['run'],
    [[5, 20200101, '2020-01-01T00:01:40.000000']],
  ];
  const filled: { repo: string; version: number }[] = [];

  it.each(versions)('made there, filled here: version %i', async (version) => {
    const repo = join(dir, `theirs-${version}`);
    const butler = await Butler.open(repo, { writeable: true });
    try {
      expect(butler.universe).toMatchObject({ version, namespace: 'daf_butler' });
      await fill(butler);
      const query = butler
        .query()
        .where("instrument = 'I' AND exposure.timespan OVERLAPS (T'2020-01-01', T'2020-01-02')");
      const found = [];
      for await (const ref of query.datasets('raw', { collections: ['run'] })) found.push(await butler.get(ref));
      expect(found).toEqual([{ raw: 1 }]);
    } finally {
      await butler.close();
    }
    filled.push({ repo, version });
  });

  it.each(versions)('made and filled here: version %i', async (version) => {
    const repo = join(dir, `ours-${version}`);
    const spec = parse(readFileSync(fileOf(version), 'utf8')) as UniverseSpec;
    const butler = await Butler.create(repo, { universe: new DimensionUniverse(spec) });
    try {
      await fill(butler);
    } finally {
      await butler.close();
    }
    filled.push({ repo, version });
  });

  it('read there: all of them', () => {
    expect(filled).toHaveLength(2 * versions.length);
    const found = JSON.parse(python(answers, ...filled.map(({ repo }) => repo)));
    expect(found).toEqual(Object.fromEntries(filled.map(({ repo, version }) => [repo, expected(version)])));
  });
});
