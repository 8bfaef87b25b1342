// SPDX-License-Identifier: BSD-3-Clause
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Butler } from '../../src/butler/index.ts';
import { surveyReport } from '../../src/report/index.ts';
import { type OutcomeRecord, readRun } from '../../src/run/index.ts';
import { attempt, began, ended, failure, frames, startUnixMs, writeRun } from '../support/run/written-run.ts';

let root: string;
let butler: Butler;
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'skymill-page-'));
  butler = await Butler.create(join(root, 'repo'));
});
afterEach(async () => {
  await butler.close();
  rmSync(root, { recursive: true });
});

async function page(records: (graph: ReturnType<typeof frames>) => OutcomeRecord[], log = '') {
  const graph = frames({ exposures: 30, detectors: 10, repositoryId: butler.repositoryId });
  const folder = writeRun(butler.root, graph, records(graph));
  writeFileSync(join(folder.logFolder, 'worker-1-0.log'), log);
  const { html, problem } = await surveyReport(butler, { ...readRun(graph, folder), graph, folder, repo: 'repo' });
  return { html, problem };
}

/** What links lead to that is not on the page. */
function dangling(html: string): string[] {
  const ids = new Set([...html.matchAll(/ id="([^"]+)"/g)].map((m) => m[1]));
  return [...html.matchAll(/href="#([^"]+)"/g)].map((m) => m[1]).filter((id) => !ids.has(id));
}

describe('the page of a run', () => {
  it('leads from every number to its list, and from every failure to its cause, stack and log', async () => {
    const log = 'reading the overscan\n<b>saturated</b>\n';
    const cause = {
      kind: 'exception' as const,
      message: 'level <1204> & more',
      signature: 'Error: level <n> & more',
      stack: 'Error: level <1204> & more\n    at isr (isr.ts:12)',
    };
    const { html, problem } = await page(
      (graph) => [
        began(graph),
        ...Array.from({ length: 300 }, (_, q) => q).flatMap((q) => {
          if (q % 10 === 7)
            return [
              attempt(graph, q, {
                ...failure('x'),
                cause,
                log: { file: 'logs/worker-1-0.log', offset: 0, length: 99 },
              }),
            ];
          if (q === 11) {
            const lost = failure('lost', { decision: 'retry', rule: 'again', action: 'retry' });
            return [attempt(graph, q, lost), attempt(graph, q, { attempt: 2 })];
          }
          const half = [{ kind: 'partialOutputs' as const, reason: 'half' }];
          return [attempt(graph, q, q === 12 ? { state: 'doneWithCaveat', caveats: half } : {})];
        }),
        { type: 'blocked', quanta: [300, 301], by: 7, reason: 'upstreamFailed', unixMs: startUnixMs },
        ended(),
      ],
      log,
    );
    expect(problem).toBeUndefined();
    expect(dangling(html)).toEqual([]);
    const links = [...html.matchAll(/<a href="#([^"]+)">([^<]*)<\/a>/g)].map((m) => [m[1], m[2]]);
    for (const link of [
      ['list-isr-done', '269'],
      ['list-isr-doneWithCaveat', '1'],
      ['list-isr-failed', '30'],
      ['list-summarise-blocked', '2'],
      ['missing-image', '30'],
      ['list-isr-slowest', '1.00 s'],
      ['list-isr-largest', '200 MB'],
      ['what-was-tried-again', '1'],
    ])
      expect(links).toContainEqual(link);
    expect(html).toContain('All with detector 7 (10 % of what was tried; all of these failed).');
    expect(html).toContain('at isr (isr.ts:12)');
    expect(html).toContain('&lt;b&gt;saturated&lt;/b&gt;');
    expect(html).not.toContain('<b>saturated</b>');
    expect(html).toContain('<a href="#failure-1">isr instrument=Cam exposure=100 detector=7</a>');
    expect(html).toContain('skymill why repo test/run isr instrument=Cam exposure=100 detector=7');
    // A list that is cut says where the rest is.
    expect(html).toContain('69 more: skymill report repo test/run --list isr:done');
    expect(html).not.toMatch(/<script|src="http|href="http/);
  });

  it('is made of a run in progress, and of one of which nothing ran', async () => {
    const going = await page((graph) => [began(graph), attempt(graph, 0)]);
    expect(going.html).toContain('its controller is gone without a word');
    expect(going.html).toContain('<a href="#list-isr-unfinished">299</a>');
    expect(dangling(going.html)).toEqual([]);
    rmSync(join(butler.root, '.skymill', 'runs'), { recursive: true });
    const none = await page(() => []);
    expect(none.html).toContain('not run');
    expect(none.html).not.toContain('What it cost');
  });

  it('is made though the products cannot be read, and says so', async () => {
    const graph = frames({ exposures: 2, detectors: 2, repositoryId: butler.repositoryId });
    const folder = writeRun(butler.root, graph, [began(graph), attempt(graph, 0)]);
    const view = { ...readRun(graph, folder), graph, folder, repo: 'repo' };
    await butler.close();
    const { html, problem } = await surveyReport(butler, view);
    expect(problem).toBeTruthy();
    expect(html).toContain('No pictures: the products of the run cannot be read');
    expect(html).toContain('list-isr-done');
    butler = await Butler.open(join(root, 'repo'));
  });
});
