// SPDX-License-Identifier: BSD-3-Clause
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readPlainYaml, writePlainYaml } from '../../src/butler/formatters/plain-yaml.ts';
import { readYaml, writeYaml } from '../../src/butler/formatters/structured.ts';

const words = [
  'yes',
  'Off',
  'null',
  '~',
  '1e5',
  '012',
  '0x1f',
  '1_000',
  '1:30',
  '2020-01-01',
  '.inf',
  '<<',
  '=',
  '-',
  '- a',
  'a: b',
  'a #b',
];
const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(...words),
  fc.stringMatching(/^[\w ./,:<>@+'"-]{0,12}$/),
);
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.oneof(text, fc.integer(), fc.double({ noNaN: true }), fc.boolean(), fc.constant(null)),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(text, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
}));

describe('the quick reader of YAML', () => {
  it('gives what the whole parser gives, or nothing', () => {
    let read = 0;
    fc.assert(
      fc.property(value, (object) => {
        const written = writeYaml(object);
        const quick = readPlainYaml(written);
        if (quick === undefined) return;
        read++;
        expect(quick).toEqual(readYaml(written, false));
      }),
      { numRuns: 2000 },
    );
    expect(read).toBeGreaterThan(50);
  });

  it('does so for lines that nobody wrote with care', () => {
    const line = fc
      .tuple(
        fc.nat(3),
        fc.constantFrom('', '- ', '- - ', '-', '? ', '&a '),
        fc.constantFrom('a', 'b', 'a:', 'b: ', 'c: ', 'a:b', '"q": ', ''),
        fc.oneof(
          text,
          fc.constantFrom('1', '1.5', "'x'", '"y"', '{}', '[]', '[1]', '', '# c', '|', '>', 'true', "'it''s'"),
        ),
      )
      .map(([n, item, key, rest]) => `${' '.repeat(n)}${item}${key}${rest}`);
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 6 }), (lines) => {
        const written = `${lines.join('\n')}\n`;
        const quick = readPlainYaml(written);
        if (quick !== undefined) expect(quick).toEqual(readYaml(written, false));
      }),
      { numRuns: 10_000 },
    );
  });

  it('reads what dumpers write', () => {
    expect(readPlainYaml('a: 1\nb:\n- x\n- size: 2.5\n  z: null\nc:\n  - - 1\n    - 2\nd:\ne: {}\n')).toEqual({
      a: 1,
      b: ['x', { size: 2.5, z: null }],
      c: [[1, 2]],
      d: null,
      e: {},
    });
    for (const beyond of [
      'a: b # c\n',
      'a: [1]\n',
      'a: 1\na: 2\n',
      'a: x\n  y\n',
      'a: "\\n"\n',
      'a: 0x10\n',
      '- \n',
      'a\n',
    ])
      expect(readPlainYaml(beyond)).toBeUndefined();
  });
});

describe('the quick writer of YAML', () => {
  it('writes what the whole writer writes, or nothing', () => {
    let wrote = 0;
    const plain = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.oneof(fc.stringMatching(/^[a-z][a-z0-9 ._-]{0,8}$/), fc.integer(), fc.double({ noNaN: true }), fc.boolean()),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(fc.stringMatching(/^[a-z_]{1,6}$/), tie('value'), { maxKeys: 4, noNullPrototype: true }),
      ),
    })).value;
    fc.assert(
      fc.property(fc.oneof(value, plain), (object) => {
        const quick = writePlainYaml(object);
        if (quick === undefined) return;
        wrote++;
        expect(quick).toBe(writeYaml(object, false));
      }),
      { numRuns: 4000 },
    );
    expect(wrote).toBeGreaterThan(150);
  });
});
