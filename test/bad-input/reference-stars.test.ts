// SPDX-License-Identifier: BSD-3-Clause
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { skymill } from '../support/commands.ts';
import { surveyCopy } from '../support/survey.ts';
import { pipelines, stateOf } from './expect.ts';

// Each command is a process of its own, and machines may be busy.
vi.setConfig({ testTimeout: 120_000 });

let place: ReturnType<typeof surveyCopy>;
beforeAll(() => {
  place = surveyCopy('raws');
}, 120_000);
afterAll(() => rmSync(place.folder, { recursive: true, force: true }));

test('no reference star in the field: what needs one fails with the reason, the rest is made, nothing is half-made', async () => {
  // The field of the survey is at RA 150.1, Dec 2.2: one catalogue is a degree away, within a shard of the field; one is on the other side of the sky.
  for (const [name, ra] of [
    ['near_stars', 150.6],
    ['far_stars', 330.1],
  ] as const) {
    const file = join(place.folder, `${name}.csv`);
    const rows = Array.from({ length: 50 }, (_, i) => `${ra + 0.001 * i},${2.2 + 0.0007 * i},${15 + 0.1 * i},0.01`);
    writeFileSync(file, `ra,dec,r,r_err\n${rows.join('\n')}\n`);
    const ingested = skymill(['ingest-refcat', place.repo, name, file, '--mag', 'r=r', '--mag-err', 'r=r_err']);
    expect(ingested.status, ingested.stderr).toBe(0);

    const result = skymill([
      ...['run', `${join(pipelines, 'drp.yaml')}#isr..calibrate`, '-b', place.repo],
      ...['-i', 'SimCam/raw/all,refcats', '--output-run', `u/${name}`],
      ...['-d', "instrument = 'SimCam' AND exposure.observation_type = 'science'"],
      ...['doBias', 'doDark', 'doFlat', 'doDefects'].flatMap((field) => ['-c', `isr:${field}=false`]),
      ...['-c', `calibrate:connections.refCat=${name}`, '--json'],
    ]);
    expect(result.status, result.stderr).toBe(3);
    const report = JSON.parse(result.stdout);
    expect(report.counts).toMatchObject({ done: 6, failed: 3, blocked: 0 });
    expect(report.failures).toHaveLength(1);
    expect(report.failures[0]).toMatchObject({ count: 3 });
    const said = JSON.stringify(report.failures);
    expect(said).toContain('CALIBRATE_NO_REFERENCE_STARS');
    expect(said).toMatch(/field centre \(RA 150\.\d+, Dec 2\.\d+/);
    expect(said).toContain('Ingest a reference catalogue that covers the field');
    expect(said).toMatch(
      name === 'near_stars' ? /catalogue near_stars lies.*nearest shard/ : /no shard of the catalogue/,
    );

    const { seen } = await stateOf(place.repo);
    expect(seen.wrong).toEqual([]);
    const count = (type: string) => seen.datasets.filter((text) => text.startsWith(`${type} u/${name} `)).length;
    expect([count('postISRCCD'), count('icExp'), count('calexp'), count('src'), count('srcMatch')]).toEqual([
      3, 3, 0, 0, 0,
    ]);
  }
}, 120_000);
