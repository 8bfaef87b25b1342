// SPDX-License-Identifier: BSD-3-Clause
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunEvent } from '../../src/run/index.ts';
import { skymill } from '../support/commands.ts';
import { surveyCopy } from '../support/survey.ts';

/** Two runs of one chain, the second with a quantum that fails and is accepted by a rule; what reports print of them. */
let place: ReturnType<typeof surveyCopy>;
let runs: string[];
let events: RunEvent[];
const chain = 'u/test/isr';

beforeAll(() => {
  place = surveyCopy('raws');
  const { repo, folder } = place;
  expect(skymill(['write-curated-calibrations', repo, 'SimCam']).status).toBe(0);
  const run = (...more: string[]) =>
    skymill([
      ...['run', 'pipelines/drp.yaml#isr', '-b', repo, '-i', 'SimCam/raw/all,SimCam/calib', '-o', chain, '-j', '1'],
      ...['-d', "instrument = 'SimCam' AND exposure.observation_type = 'science'", '--new-run', ...more],
    ]);
  const options = ['doBias', 'doDark', 'doFlat', 'doDefects'].flatMap((name) => ['-c', `isr:${name}=false`]);
  const first = run(...options, '-q');
  expect(first.status, first.stderr).toBe(0);
  const rules = join(folder, 'rules.yaml');
  writeFileSync(rules, 'rules:\n  - name: let go\n    when: {cause: exception}\n    then: giveUp\n');
  const second = run(...options, '--retry-rules', rules, '--json');
  events = second.stderr
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(second.status, second.stderr).toBe(0);
  runs = json(['report', repo]).map((r: { run: string }) => r.run);
}, 120_000);
afterAll(() => rmSync(place.folder, { recursive: true, force: true }));

function json(words: readonly string[], status = 0) {
  const result = skymill([...words, '--json']);
  expect(result.status, result.stderr).toBe(status);
  return JSON.parse(result.stdout);
}

test('events of a run for programs, one a line', () => {
  expect(events[0]).toMatchObject({ type: 'started', jobs: 1 });
  expect(events.at(-1)).toMatchObject({ type: 'ended', how: 'complete', exitCode: 0 });
  const { quanta } = events[0] as Extract<RunEvent, { type: 'started' }>;
  expect(events.filter(({ type }) => type === 'attempt')).toHaveLength(quanta);
  const { progress } = events.at(-1) as Extract<RunEvent, { type: 'ended' }>;
  expect(progress).toMatchObject({ total: quanta, counts: { done: quanta }, cores: 1, memory: { requestedBytes: 0 } });
  expect(progress.tasks[0]).toMatchObject({ label: 'isr', total: quanta, cores: 1 });
  expect(progress.tasks[0].cpuEfficiency).toBeGreaterThan(0);
});

test('lists of quanta and of missing outputs', () => {
  const { repo } = place;
  const { counts, records } = json(['report', repo, chain]);
  expect(counts.done).toBeGreaterThan(0);
  expect(records).toBeGreaterThan(counts.done);
  const done = json(['report', repo, chain, '--list', 'isr:done']);
  expect(done).toHaveLength(counts.done);
  expect(done[0]).toMatchObject({ task: 'isr', state: 'done', dataId: { instrument: 'SimCam' } });
  const table = skymill(['report', repo, chain, '--list', 'done']);
  expect(table.stdout.split('\n')[0]).toMatch(/^task .*exposure.*state/);
  expect(json(['report', repo, chain, '--list', 'failed'], 4)).toEqual([]);
  expect(json(['report', repo, chain, '--list', 'postISRCCD'], 4)).toEqual([]);
  const wrong = skymill(['report', repo, chain, '--list', 'faild']);
  expect(wrong.status).toBe(2);
  expect(wrong.stderr).toContain('failed');
});

test('all runs of a chain, with sums', () => {
  const { repo } = place;
  const campaign = json(['report', repo, '--chain', chain]);
  expect(campaign.runs.map((r: { run: string }) => r.run)).toEqual([...runs].reverse());
  const [task] = campaign.tasks;
  expect(task).toMatchObject({ label: 'isr', runs: 2, quanta: campaign.quanta });
  expect(campaign.quanta).toBe(2 * json(['report', repo, chain]).quanta);
  const text = skymill(['report', repo, '--chain', chain]).stdout;
  expect(text).toContain(`Runs of ${chain}: 2, with`);
  expect(text.split('\n').filter((line) => line.length > 100)).toEqual([]);
  const none = skymill(['report', repo, '--chain', 'u/test/irs']);
  expect(none.status).toBe(4);
  expect(none.stderr).toContain(chain);
});

test('two runs beside each other, in the terminal and as a page', () => {
  const { repo, folder } = place;
  const [newer, older] = runs;
  const comparison = json(['report', repo, older, newer]);
  expect(comparison).toMatchObject({ a: { run: older }, b: { run: newer }, newlyFailed: [], newlySucceeded: [] });
  const page = join(folder, 'diff.html');
  const shown = skymill(['report', repo, older, newer, '--html', page]);
  expect(shown.status, shown.stderr).toBe(0);
  expect(shown.stdout).toContain('No quantum failed in one and not in the other.');
  const html = readFileSync(page, 'utf8');
  expect(html).toContain(older);
  expect(html).toContain('<h2>Tasks</h2>');
});

test('options that do not go together are refused', () => {
  const { repo } = place;
  for (const words of [
    ['--chain', chain, '--list', 'done'],
    ['--html', 'x.html'],
    [chain, '--list', 'done', '--html', 'x.html'],
    [chain, runs[0], '--list', 'done'],
  ])
    expect(skymill(['report', repo, ...words]).status, words.join(' ')).toBe(2);
  const nowhere = skymill(['report', repo, chain, '--html', join(place.folder, 'no', 'such', 'x.html')]);
  expect(nowhere.status).toBe(2);
  expect(nowhere.stderr).toContain('x.html');
});
