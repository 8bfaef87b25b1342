// SPDX-License-Identifier: BSD-3-Clause
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findFormatter } from '../../src/butler/formatters/index.ts';

/** Texts that careless writing turns into something else. */
const words = [
  ...['y', 'n', 'yes', 'no', 'on', 'off', 'true', 'null', '~', '', 'Null', 'TRUE', '.inf', '.nan', '=', '<<', '...'],
  ...['1e5', '1.5e3', '0x1F', '017', '0b1', '1_000', '12:30:00', '2020-01-01', '-0', '+.5', '0o7', '190:20:30.15'],
  ...[
    '!tag',
    '&a',
    '*a',
    '- a',
    'a: b',
    '#c',
    'a #b',
    '%x',
    '@at',
    '`b',
    '"q"',
    "'s'",
    '|',
    '>',
    '?',
    '-',
    '{',
    ',',
    '\\',
  ],
  ...['a\nb', 'a\n', '\n', ' lead', 'trail ', '\ttab', '\u2028', '\u0007', '\u0085', '\ufeff', '\u007f', 'é', '😀'],
];
const text = fc.oneof(fc.constantFrom(...words), fc.string(), fc.string({ unit: 'grapheme' }));
const key = text.filter((name) => name !== '__proto__');
const { plain } = fc.letrec((tie) => ({
  plain: fc.oneof(
    { depthSize: 'small' },
    text,
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('plain'), { maxLength: 4 }),
    fc.dictionary(key, tie('plain'), { maxKeys: 4, noNullPrototype: true }),
  ),
}));

async function roundTrip(name: string, object: unknown): Promise<unknown> {
  const formatter = findFormatter(name, 'StructuredDataDict')!;
  const parts: Uint8Array[] = [];
  const context = { ref: undefined as never, storageClass: 'StructuredDataDict' };
  await formatter.write!(object, { write: (bytes) => void parts.push(bytes.slice()) }, context);
  const bytes = Buffer.concat(parts);
  const file = { path: 'x', sizeBytes: bytes.length, read: async () => bytes, countRead: () => {} };
  return formatter.read(file, { ...context, root: '', parameters: {} });
}

describe('plain data', () => {
  for (const kind of ['json.Json', 'yaml.Yaml']) {
    it(`comes back from ${kind} as it was`, async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.dictionary(key, plain as fc.Arbitrary<unknown>, { maxKeys: 5, noNullPrototype: true }),
          async (object) => {
            const expected = JSON.parse(JSON.stringify(object));
            expect(await roundTrip(`lsst.daf.butler.formatters.${kind}Formatter`, object)).toEqual(expected);
          },
        ),
        { numRuns: 400 },
      );
    });
  }
});
