// SPDX-License-Identifier: BSD-3-Clause
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Butler } from '../../src/butler/index.ts';
import { surveyReport } from '../../src/report/index.ts';
import { readRun } from '../../src/run/index.ts';
import { findBrowser, withPage } from '../support/browser.ts';
import { attempt, began, ended, failure, frames, writeRun } from '../support/run/written-run.ts';

const browser = findBrowser();
if (browser === undefined)
  process.stderr.write('\n*** SKIPPED: the page of a run in a browser: no Chromium (SKYMILL_CHROMIUM names one)\n');

describe.skipIf(browser === undefined)('the page of a run in a browser', () => {
  let root: string;
  let url: string;
  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'skymill-browser-page-'));
    const butler = await Butler.create(join(root, 'repo'));
    const graph = frames({ exposures: 20, detectors: 10, repositoryId: butler.repositoryId });
    const long = 'a message without an end '.repeat(20);
    const all = Array.from({ length: 200 }, (_, q) => attempt(graph, q, q % 10 === 7 ? failure(long) : {}));
    const folder = writeRun(butler.root, graph, [began(graph), ...all, ended()]);
    const view = { ...readRun(graph, folder), graph, folder, repo: 'repo' };
    const { html } = await surveyReport(butler, view);
    await butler.close();
    const file = join(root, 'page.html');
    writeFileSync(file, html);
    url = pathToFileURL(file).href;
  });
  afterAll(() => rmSync(root, { recursive: true }));

  it('fits a telephone and a wide screen, in light and dark, and unfolds what a number leads to', async () => {
    await withPage(browser!, async (page) => {
      const colours = new Set<unknown>();
      for (const width of [360, 800, 1600])
        for (const scheme of ['light', 'dark'] as const) {
          await page.open(url, { width, height: 900 }, scheme);
          expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), `${width}`).toBe(true);
          colours.add(await page.evaluate('getComputedStyle(document.body).backgroundColor'));
        }
      expect(colours.size).toBe(2);
      await page.open(url, { width: 1200, height: 900 }, 'light');
      const isOpen = (id: string) => page.evaluate(`document.getElementById('${id}').closest('details').open`);
      expect(await isOpen('list-isr-failed')).toBe(false);
      await page.evaluate(`document.querySelector('a[href="#list-isr-failed"]').click()`);
      expect(await isOpen('list-isr-failed')).toBe(true);
      expect(await page.evaluate('scrollY')).toBeGreaterThan(0);
    });
  });
});
