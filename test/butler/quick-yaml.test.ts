// SPDX-License-Identifier: BSD-3-Clause
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { NotPlain, quickYaml } from '../../src/butler/transfer/quick-yaml.ts';
import { yamlNumber, yamlText } from '../../src/butler/transfer/yaml-text.ts';
import { describeShared } from '../support/shared.ts';

const options = { version: '1.1', logLevel: 'error' } as const;
const slow = (text: string): unknown => parse(text, options);
const quick = (text: string): unknown => quickYaml(text, slow);

/** Written as exports are: block maps and lists. */
function write(value: unknown, indent: string): string {
  if (typeof value === 'string') return ` ${yamlText(value)}\n`;
  if (typeof value === 'number') return ` ${yamlNumber(value)}\n`;
  if (Array.isArray(value)) {
    if (value.length === 0) return ' []\n';
    return `\n${value.map((one) => `${indent}- a:${write(one, `${indent}  `)}`).join('')}`;
  }
  const entries = Object.entries(value as object);
  if (entries.length === 0) return ' {}\n';
  return `\n${entries.map(([key, one]) => `${indent}  ${key}:${write(one, `${indent}  `)}`).join('')}`;
}

it('reads what exports write as a full reader does', () => {
  const key = fc.stringMatching(/^[a-z_][a-z0-9_]{0,5}$/).map((name) => `k${name}`);
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      fc.string({ unit: 'binary' }),
      fc.constantFrom('yes', '08', '1e5', '12:30:00', '~', '0_29', 'a b', 'y', '-1', '.5', '2020-01-01', ''),
      fc.integer(),
      fc.double({ noNaN: true }),
      fc.array(tie('tree'), { maxLength: 4 }),
      fc.dictionary(key, tie('tree'), { maxKeys: 4, noNullPrototype: true }),
    ),
  }));
  fc.assert(
    fc.property(fc.dictionary(key, tree, { minKeys: 1, maxKeys: 4, noNullPrototype: true }), (value) => {
      const text = write(value, '').slice(1).replace(/^ {2}/gm, '');
      expect(quick(text)).toEqual(slow(text));
    }),
  );
});

it.each([
  ['anchors', 'a: &x 1\nb: *x\n'],
  ['tabs', 'a:\n\t- b: 1\n'],
  ['several documents', 'a: 1\n---\nb: 2\n'],
  ['a key twice', 'a: 1\na: 2\n'],
  ['wrong indentation', 'a:\n  - b: 1\n c: 2\n'],
  ['complex keys', '? a\n: 1\n'],
])('leaves %s to others', (_what, text) => {
  expect(() => quick(text)).toThrow(NotPlain);
});

it.each([
  'a: [1, 2]\nb: {c: d, e: 5}\n',
  'a: one\n  two three\nb: 2\n',
  'a: "one\n  two"\nb:\n- c: 1\n  d: |\n    text\n     more\n\n    end\n- c: 2\n',
  "# head\na:\n  # inside\n  -\n    b: 1\nc: 'it''s' # after\n",
  'a:\n- b\n- c\nd:\n  e:\n  f: null\n',
  'x: 56.0\ny: -1.5e-07\nz: 0x10\nw: 010\nv: 1_000\n',
])('reads or leaves %j', (text) => {
  let got: unknown;
  try {
    got = quick(text);
  } catch (error) {
    expect(error).toBeInstanceOf(NotPlain);
    return;
  }
  expect(got).toEqual(slow(text));
});

describeShared(
  'conformance/gen3/data/daf_butler/python/lsst/daf/butler/tests/registry_data',
  'exports of others',
  (dir) => {
    it.each(readdirSync(dir).filter((name) => name.endsWith('.yaml')))('%s', (name) => {
      // Tags of the format come as what stands under them.
      const text = readFileSync(join(dir, name), 'utf8').replace(/!(?:uuid|butler_time\/tai\/iso|<[^>]*>) ?/g, '');
      expect(quick(text)).toEqual(slow(text));
    });
  },
);
