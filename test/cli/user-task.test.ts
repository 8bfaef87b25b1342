// SPDX-License-Identifier: BSD-3-Clause
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Butler } from '../../src/butler/index.ts';
import { skymill } from '../support/commands.ts';
import { surveyCopy } from '../support/survey.ts';

const example = resolve(import.meta.dirname, '../../examples/star-counts');
let place: ReturnType<typeof surveyCopy>;
/** A folder outside the project, with a copy of the example. */
let site: string;

beforeAll(() => {
  place = surveyCopy('raws');
  site = mkdtempSync(join(tmpdir(), 'skymill-site-'));
  cpSync(example, site, { recursive: true });
});
afterAll(() => {
  for (const folder of [place.folder, site]) rmSync(folder, { recursive: true, force: true });
});

/** Catalogues as the production leaves them: visit n has n sources at 100, 200, … counts. */
async function putCatalogues(): Promise<{ visit: number; rows: number }[]> {
  const butler = await Butler.open(place.repo, { writeable: true });
  try {
    await butler.registerCollection('u/test/src', 'RUN');
    await butler.registerDatasetTypes([
      butler.makeDatasetType('src', ['instrument', 'visit', 'detector'], 'ArrowAstropy'),
    ]);
    const put: { visit: number; rows: number }[] = [];
    const ids = [];
    for await (const id of butler.query().where("instrument = 'SimCam'").dataIds(['visit', 'detector'])) ids.push(id);
    for (const id of ids) {
      const rows = 10 + put.length;
      const flux = Float64Array.from({ length: rows }, (_, i) => 100 * (i + 1));
      const [instrument, visit, detector] = [id.get('instrument'), id.get('visit'), id.get('detector')];
      const table = { rows, columns: { base_PsfFlux_instFlux: flux } };
      await butler.put(table, 'src', { instrument, visit, detector }, 'u/test/src');
      put.push({ visit: Number(visit), rows });
    }
    return put;
  } finally {
    await butler.close();
  }
}

test('the example runs from anywhere, in workers too, and writes what its configuration asks for', async () => {
  const put = await putCatalogues();
  expect(put.length).toBeGreaterThan(1);
  const words = ['-b', place.repo, '-i', 'u/test/src', '-o', 'u/test/counts', '-d', "instrument = 'SimCam'"];
  const { status, stderr } = skymill([
    'run',
    join(site, 'star-counts.yaml'),
    ...words,
    '-c',
    'starCounts:minimumFlux=450',
  ]);
  expect(status, stderr).toBe(0);
  expect(stderr).not.toContain('Warning');
  const butler = await Butler.open(place.repo);
  try {
    const found: { visit: number; counts: unknown }[] = [];
    for await (const ref of butler.query().datasets('starCounts', { collections: ['u/test/counts'], findFirst: true }))
      found.push({ visit: Number(ref.dataId.get('visit')), counts: await butler.get(ref) });
    found.sort((a, b) => a.visit - b.visit);
    put.sort((a, b) => a.visit - b.visit);
    expect(found).toEqual(put.map(({ visit, rows }) => ({ visit, counts: { bright: rows - 4, all: rows } })));
  } finally {
    await butler.close();
  }
});

test('docs/writing-a-task.md shows the example as it is', () => {
  const page = readFileSync(resolve(import.meta.dirname, '../../docs/writing-a-task.md'), 'utf8');
  const blocks = [...page.matchAll(/^```(?:ts|yaml)\n([\s\S]*?)^```$/gm)].map((m) => m[1]);
  for (const name of ['star-counts.ts', 'star-counts.yaml']) {
    const text = readFileSync(join(example, name), 'utf8').replace(/^\/\/ SPDX.*\n/, '');
    expect(blocks).toContain(text);
  }
});

describe('a module that is no task is refused with its place in the pipeline', () => {
  const modules: [what: string, text: string, taskClass: string, code: string, message: RegExp][] = [
    ['is absent', '', './nowhere.ts', 'TASKS_NO_MODULE', /no module .*\/nowhere\.ts/],
    ['does not parse', 'export const a = 1;\nconst b = ;\n', './m.ts', 'TASKS_NOT_LOADED', /\(line 2: const b = ;\)/],
    ['throws', 'throw new Error("no licence");\n', './m.ts', 'TASKS_NOT_LOADED', /no licence/],
    ['asks for what is not ours', 'import "skymill/nothing";\n', './m.ts', 'TASKS_NOT_LOADED', /skymill\/|nothing/],
    ['has another export', 'export const mine = 1;\n', './m.ts', 'TASKS_NO_EXPORT', /"default".*exports mine/],
    ['exports something else', 'export const mine = {};\n', './m.ts#mine', 'TASKS_NOT_A_TASK', /"mine".*has no name/],
  ];
  test.each(modules)('that %s', (_what, text, taskClass, code, message) => {
    writeFileSync(join(site, 'm.ts'), text);
    writeFileSync(join(site, 'wrong.yaml'), `description: wrong\ntasks:\n  mine:\n    class: "${taskClass}"\n`);
    const { status, stderr } = skymill(['pipeline', 'show', join(site, 'wrong.yaml'), '--json']);
    expect(status).toBe(2);
    const { error } = JSON.parse(stderr);
    expect(error).toMatchObject({ code, place: { file: join(site, 'wrong.yaml'), line: 3 } });
    expect(error.message).toMatch(message);
  });
});
