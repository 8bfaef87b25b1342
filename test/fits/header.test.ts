// SPDX-License-Identifier: BSD-3-Clause
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CardValue, Header } from '../../src/fits/index.ts';

const card = (text: string): string => text.padEnd(80);
const parse = (...cards: string[]): Header => Header.parse(Buffer.from([...cards, 'END'].map(card).join(''), 'latin1'));

describe('reading cards', () => {
  it.for<[string, CardValue, string]>([
    ["KEY     = 'it''s'             / don't", "it's", "don't"],
    ["KEY     = 'a / b'", 'a / b', ''],
    ["KEY     = '  lead and trail  '", '  lead and trail', ''],
    ["KEY     = ''", '', ''],
    ['KEY     =', undefined, ''],
    ['KEY     =                      / only a comment', undefined, 'only a comment'],
    ['KEY     =                    T / yes', true, 'yes'],
    ['KEY     = F', false, ''],
    ['KEY     = -0042', -42, ''],
    ['KEY     = 1.5D-3', 1.5e-3, ''],
    ['KEY     = .5E+2/no blanks', 50, 'no blanks'],
    ['KEY     = 123456789012345678901', 123456789012345678901n, ''],
    ['KEY     = (1.0, -2.5) / complex', { re: 1, im: -2.5 }, 'complex'],
    ['HIERARCH ESO DET CHIP1 ID = 7 / hierarch', 7, 'hierarch'],
  ])('%s', ([text, value, comment]) => {
    const header = parse(text);
    expect(header.cards).toHaveLength(1);
    expect(header.cards[0].value).toEqual(value);
    expect(header.cards[0].comment).toBe(comment);
    expect(header.warnings).toEqual([]);
  });

  it('joins CONTINUE records and their comments', () => {
    const header = parse("LONG    = 'one &' / first", "CONTINUE  'two &'", "CONTINUE  'three' / last", 'NEXT    = 1');
    expect(header.get('LONG')).toBe('one two three');
    expect(header.card('LONG')?.comment).toBe('first last');
    expect(header.get('NEXT')).toBe(1);
    expect(header.cards).toHaveLength(2);
  });

  it('leaves an ampersand that nothing continues, and a CONTINUE that continues nothing', () => {
    const header = parse("A       = 'this & that &'", 'B       = 2', "CONTINUE  'stray'");
    expect(header.get('A')).toBe('this & that &');
    expect(header.cards).toHaveLength(3);
    expect(header.cards[2].isCommentary).toBe(true);
  });

  it('takes the first of duplicates, and gives all', () => {
    const header = parse('A       = 1', 'A       = 2', 'HISTORY x', 'HISTORY y');
    expect(header.get('a')).toBe(1);
    expect(header.getAll('A')).toEqual([1, 2]);
    expect(header.getAll('HISTORY')).toEqual(['x', 'y']);
    expect(header.toCards()).toEqual({ A: 1 });
  });

  it.for([
    ["BAD     = 'no closing quote", 'closing quote'],
    ['BAD     = 12abc', '12abc'],
    ['BAD     = NaN', 'NaN'],
    ['HISTORY caf\xe9', 'printable'],
  ])('keeps the bad card %s and warns', ([text, problem]) => {
    const header = parse('GOOD    = 1', text);
    expect(header.warnings).toHaveLength(1);
    expect(header.warnings[0].code).toBe('FITS_BAD_CARD');
    expect(header.warnings[0].message).toContain(problem);
    expect(header.toBytes().toString('latin1')).toContain(card(text));
    expect(header.getNumber('GOOD')).toBe(1);
  });

  it('says what is missing or of the wrong type', () => {
    const header = parse('EXPTIME = 30.5', "FILTER  = 'r'");
    expect(() => header.getNumber('EXPTME')).toThrow(/no card EXPTME.*Did you mean "EXPTIME"/);
    expect(() => header.getNumber('FILTER')).toThrow(/FILTER is "r" where a number/);
    expect(() => header.getInteger('EXPTIME')).toThrow(/integer/);
    expect(header.getNumber('GAIN', 1.5)).toBe(1.5);
  });
});

describe('writing cards', () => {
  it('writes what was read byte for byte, except for the card that changed', () => {
    const texts = [
      'COMMENT one',
      'A       = 1.50E+00 / kept',
      'COMMENT two',
      'B       =   2',
      '',
      'HISTORY h',
      "C='odd'",
    ];
    const header = parse(...texts);
    header.set('B', 3);
    const lines = header.toBytes().toString('latin1').match(/.{80}/g)!;
    expect(lines.slice(0, 7)).toEqual(
      texts.map((text) => card(text === texts[3] ? 'B       =                    3' : text)),
    );
    expect(lines[7]).toBe(card('END'));
    expect(header.toBytes().length).toBe(2880);
  });

  it('refuses what FITS cannot hold', () => {
    const header = new Header();
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, 'caf\xe9', 'two\nlines'])
      expect(() => header.set('X', value)).toThrow(/FITS|printable/);
    expect(() => header.set('END', 1)).toThrow(/not allowed/);
    expect(() => header.set('K'.repeat(75), 123456)).toThrow(/do not fit/);
  });

  it('deletes and adds', () => {
    const header = parse('A       = 1', 'B       = 2', 'A       = 3');
    expect(header.delete('A')).toBe(true);
    expect(header.delete('A')).toBe(false);
    header.add('C', 'x', 'note').add('HISTORY', 'long '.repeat(30));
    expect(header.cards.map((c) => c.keyword)).toEqual(['B', 'C', 'HISTORY']);
    expect(Header.parse(header.toBytes()).getAll('HISTORY').join('')).toBe('long '.repeat(30).trimEnd());
  });

  const text = fc.string({
    unit: fc.integer({ min: 32, max: 126 }).map((c) => String.fromCharCode(c)),
    maxLength: 300,
  });
  const value: fc.Arbitrary<CardValue> = fc.oneof(
    text.map((t) => t.trimEnd()),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer(),
    fc.boolean(),
    fc.bigInt({ min: 2n ** 60n, max: 2n ** 63n - 1n }),
    fc.constant(undefined),
    fc.record({ re: fc.integer().map((n) => n / 8), im: fc.integer().map((n) => n / 8) }),
  );
  const keyword = fc.oneof(fc.stringMatching(/^[A-Z0-9_-]{1,8}$/), fc.stringMatching(/^[A-Z]{1,8} [A-Z0-9]{1,10}$/));
  it('reads back every value it writes', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(keyword, value), { maxLength: 20 }), (entries) => {
        const usable = entries.filter(([key]) => !/^(END|COMMENT|HISTORY|CONTINUE|HIERARCH)$/.test(key.split(' ')[0]));
        const header = new Header();
        for (const [key, v] of usable) header.add(key, v);
        const back = Header.parse(header.toBytes());
        for (const [key] of usable) expect(back.get(key)).toEqual(header.get(key)); // before the cards are split
        expect(back.warnings).toEqual([]);
        expect(back.cards.map((c) => [c.keyword, c.value])).toEqual(usable.map(([key, v]) => [key, v]));
      }),
      { numRuns: 300 },
    );
  });
});
