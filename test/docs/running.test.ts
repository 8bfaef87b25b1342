// SPDX-License-Identifier: BSD-3-Clause
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CAUSE_KINDS } from '../../src/run/index.ts';
import { RETRY_ACTIONS } from '../../src/run/scheduler/index.ts';

const project = join(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(join(project, file), 'utf8');
const words = (text: string) => new Set([...text.matchAll(/`(\w+)`/g)].map((m) => m[1]));

test('every event that --json prints is described, and no other', () => {
  const declared = [...read('src/run/progress/events.ts').matchAll(/type: '(\w+)'/g)].map((m) => m[1]);
  const section = read('docs/reports.md').split('With `--json`')[1].split('\n## ')[0];
  const [, ...rows] = section.split('\n').filter((line) => line.startsWith('| `')); // the first is the header
  const described = rows.flatMap((line) => [...words(line.split('|')[1])]);
  expect(declared.length).toBeGreaterThan(8);
  expect([...new Set(described)].sort()).toEqual([...new Set(declared)].sort());
});

test('every cause and action of retry rules is described', () => {
  const described = words(read('docs/running.md'));
  // No work and what the operator stopped are no failures.
  for (const kind of CAUSE_KINDS.filter((one) => one !== 'noWork' && one !== 'cancelled'))
    expect(described, kind).toContain(kind);
  for (const action of RETRY_ACTIONS) expect(described, action).toContain(action);
});

test('every kind of caveat is described', () => {
  const declared = [...read('src/run/outcomes/record.ts').matchAll(/kind: ((?:'\w+'(?: \| )?)+);\n {2}reason/g)][0][1];
  const described = words(read('docs/reports.md'));
  for (const [, kind] of declared.matchAll(/'(\w+)'/g)) expect(described, kind).toContain(kind);
});
