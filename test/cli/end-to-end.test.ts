// SPDX-License-Identifier: BSD-3-Clause
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { skymill } from '../support/commands.ts';
import { surveyCopy } from '../support/survey.ts';

/** The verbs one after the other on a tiny survey, as an operator meets them: exit codes, JSON, what is changed and what is not. */
let place: ReturnType<typeof surveyCopy>;
beforeAll(() => {
  place = surveyCopy('raws');
});
afterAll(() => rmSync(place.folder, { recursive: true, force: true }));

const bias = ['pipelines/cp-bias.yaml', '-d', "instrument = 'SimCam' AND exposure.observation_type = 'bias'"];
const biasRun = () => [...bias, '-b', place.repo, '-i', 'SimCam/raw/all,SimCam/calib', '-o', 'SimCam/gen/bias'];

function json(words: readonly string[], status = 0) {
  const result = skymill([...words, '--json']);
  expect(result.status, result.stderr).toBe(status);
  return JSON.parse(result.stdout);
}
const runsOf = () =>
  existsSync(join(place.repo, '.skymill/runs')) ? readdirSync(join(place.repo, '.skymill/runs')) : [];

test('calibrations: graph, run, run again, certify, query, why, report, retrieve', () => {
  const { repo, folder } = place;
  expect(json(['write-curated-calibrations', repo, 'SimCam']).collection).toBe('SimCam/calib');

  const graphFile = join(folder, 'bias.qgraph');
  const dry = json(['graph', 'build', ...biasRun(), '-g', graphFile, '--dry-run']);
  expect(existsSync(graphFile)).toBe(false);
  expect(json(['graph', 'build', ...biasRun(), '-g', graphFile]).quanta).toBe(dry.quanta);
  expect(json(['graph', 'show', graphFile])).toMatchObject({ quanta: dry.quanta });

  const would = skymill(['run', ...biasRun(), '--dry-run']);
  expect(would.stdout).toContain(`Would run ${dry.quanta} quanta`);
  expect(runsOf()).toEqual([]);

  const run = json(['run', ...biasRun()]);
  expect(run.counts).toMatchObject({ done: dry.quanta, failed: 0 });
  const again = skymill(['run', ...biasRun()]);
  expect(again.status, again.stderr).toBe(0);
  expect(again.stdout).toContain('Continuing run');
  expect(runsOf()).toHaveLength(1);

  const certify = ['certify-calibrations', repo, 'SimCam/gen/bias', 'SimCam/calib', 'bias'];
  const backwards = skymill([...certify, '--begin-date', '2026-02-01', '--end-date', '2026-01-01']);
  expect(backwards.status).toBe(2);
  expect(backwards.stderr).toContain('2026-01-01');
  const month = ['--begin-date', '2026-01-01', '--end-date', '2026-02-01'];
  expect(json([...certify, ...month, '--dry-run']).certified).toBe(1);
  expect(json([...certify, ...month]).certified).toBe(1);
  expect(skymill([...certify, ...month]).stderr).toContain('BUTLER_VALIDITY_OVERLAP');

  const found = json(['query-datasets', repo, 'bias', '--collections', 'SimCam/calib', '--show-uri']);
  expect(found).toHaveLength(1);
  expect(json(['query-datasets', repo, 'bias', '--where', "instrument = 'SimCam' AND detector = 77"], 4)).toEqual([]);
  expect(json(['query-collections', repo, 'SimCam/gen/*', '--collection-type', 'CHAINED'])).toMatchObject([
    { name: 'SimCam/gen/bias' },
  ]);
  expect(json(['query-dataset-types', repo, 'bias'])).toMatchObject([{ name: 'bias', calibration: true }]);
  expect(json(['query-data-ids', repo, 'detector', '--where', "instrument = 'SimCam'"])).toHaveLength(1);

  const [story] = json(['why', repo, 'SimCam/gen/bias', 'bias', 'detector=0']);
  expect(story).toMatchObject({ label: 'cpBias', state: 'done' });
  const nothing = skymill(['why', repo, 'SimCam/gen/bias', 'cpBias', 'detector=9']);
  expect(nothing.status).toBe(4);
  expect(nothing.stderr).toContain('not with these values');

  expect(json(['report', repo])).toMatchObject([{ output: 'SimCam/gen/bias' }]);
  const page = join(folder, 'bias.html');
  expect(skymill(['report', repo, 'SimCam/gen/bias', '--html', page]).status).toBe(0);
  expect(readFileSync(page, 'utf8')).toContain('What it cost');

  const out = join(folder, 'out');
  const retrieve = ['retrieve-artifacts', repo, out, '-d', 'bias', '--collections', 'SimCam/gen/bias'];
  expect(json([...retrieve, '--dry-run']).files).toHaveLength(1);
  expect(existsSync(out)).toBe(false);
  expect(json(retrieve).files).toHaveLength(1);
  expect(readdirSync(out, { recursive: true }).join()).toContain('bias');
});

test('wrong words have the exit code and the form of all errors', () => {
  const usage = skymill(['run', 'pipelines/drp.yaml']);
  expect(usage.status).toBe(2);
  expect(usage.stderr).toMatch(/^error \[CLI_USAGE\] required option .*--repo.*\nnext: .*--help/);
  const [program] = [JSON.parse(skymill(['run', 'x.yaml', '-b', 'r', '-i', 'c', '-j', '0', '--json']).stderr)];
  expect(program.error).toMatchObject({ code: 'CLI_USAGE', message: expect.stringContaining('1 or more') });
  const type = skymill(['query-collections', place.repo, '--collection-type', 'CHAIN']);
  expect([type.status, type.stderr]).toEqual([2, expect.stringContaining('CHAINED')]);
  const map = skymill(['register-skymap', place.repo, '-C', join(place.folder, 'none.yaml')]);
  expect([map.status, map.stderr]).toEqual([2, expect.stringContaining('CLI_FILE_UNREADABLE')]);
  expect(map.stderr).not.toMatch(/^\s+at async/m);
  const empty = skymill(['run', ...biasRun().map((word) => word.replace("'bias'", "'biass'")), '--new-run']);
  expect([empty.status, empty.stderr]).toEqual([4, expect.stringContaining('GRAPH_EMPTY')]);
  const visits = skymill(['define-visits', place.repo, 'SimCam', '--where', 'exposure = 5']);
  expect([visits.status, visits.stderr]).toEqual([4, expect.stringContaining('no exposure of SimCam matches')]);
});

test('a dry run of an ingest and of visits says what is there already', () => {
  const raws = json(['ingest-raws', place.repo, join(place.folder, 'survey', 'raw'), '--dry-run']);
  expect(raws.skipped).toHaveLength(raws.files);
  const visits = json(['define-visits', place.repo, 'SimCam', '--dry-run']);
  expect(visits.visits).toBeGreaterThan(0);
  expect(visits.present).toBe(visits.visits);
});
