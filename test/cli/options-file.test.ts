// SPDX-License-Identifier: BSD-3-Clause
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { withOptionsFile } from '../../src/cli/options-file.ts';
import type { Verb } from '../../src/cli/verb.ts';

let dir: string;
let file: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'skymill-options-'));
  file = join(dir, 'site.yaml');
  writeFileSync(
    file,
    `
create: {seed-config: site-butler.yaml, override: true}
graph:
  build:
    i: [HSC/raw/all, "HSC/calib,refcats"]
    jobs: 3
    confirm: false
    explain: false
    where: "visit = 42"
broken: [1]
`,
  );
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const build: Verb = {
  name: 'graph build',
  group: 'Produce',
  summary: '',
  options: [
    { flags: '-i, --input <names>', description: '', list: true },
    { flags: '-j, --jobs <n>', description: '' },
    { flags: '--no-confirm', description: '' },
    { flags: '--explain', description: '' },
    { flags: '-d, --where <text>', description: '' },
  ],
  examples: [],
  action: async () => 0,
};

test('options come from the file, and what the command line says goes first', () => {
  const words = ['graph', 'build', 'p.yaml', '-@', file, '-d', 'visit = 1'];
  const lists = ['--input=HSC/raw/all', '--input=HSC/calib,refcats'];
  const added = [...lists, '--jobs=3', '--no-confirm', '--no-explain'];
  expect(withOptionsFile(words, build)).toEqual(['graph', 'build', ...added, 'p.yaml', '-d', 'visit = 1']);
});

test('a line without a file, or after --, stays as it is', () => {
  for (const words of [
    ['graph', 'build', 'p'],
    ['graph', 'build', '--', '-@', 'x'],
  ])
    expect(withOptionsFile(words, build)).toEqual(words);
});

test.each([
  ['an option that is none', { flags: '--inputs <x>' }, '"i" is no option'],
  ['no file', undefined, 'no file is named'],
])('%s is refused', (_what, only, text) => {
  const verb = only === undefined ? build : { ...build, options: [{ ...only, description: '' }] };
  const words = only === undefined ? ['graph', 'build', '-@'] : ['graph', 'build', `--options-file=${file}`];
  expect(() => withOptionsFile(words, verb)).toThrow(text);
});

test('values and sections of the wrong kind are refused', () => {
  const verb = (name: string, flags: string): Verb => ({ ...build, name, options: [{ flags, description: '' }] });
  expect(() => withOptionsFile(['broken', '-@', file], verb('broken', '--x'))).toThrow('no mapping');
  expect(() => withOptionsFile(['graph', '-@', file], verb('graph', '--build <x>'))).toThrow('no value');
  writeFileSync(join(dir, 'switch.yaml'), 'x: {quiet: maybe}');
  expect(() => withOptionsFile(['x', '-@', join(dir, 'switch.yaml')], verb('x', '--quiet'))).toThrow('switch');
});

test('the command reads it', () => {
  const bin = join(import.meta.dirname, '../../bin/skymill.js');
  const run = (...words: string[]) => spawnSync(process.execPath, [bin, ...words], { encoding: 'utf8', cwd: dir });
  const made = run('create', 'repo', '-@', file);
  expect(made.stderr).toContain('site-butler.yaml');
  expect(made.status).toBe(2);
  const missing = run('create', 'repo', '-@', 'absent.yaml');
  expect(missing.stderr).toContain('[CLI_OPTIONS_FILE] Options file absent.yaml: ENOENT');
  expect(missing.status).toBe(2);
});
