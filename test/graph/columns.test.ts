// SPDX-License-Identifier: BSD-3-Clause

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { uuidHex, writeUuid } from '../../src/base/index.ts';
import { Link, noRow } from '../../src/graph/columns/link.ts';
import { RowSet } from '../../src/graph/columns/row-set.ts';

describe('sets of rows', () => {
  test('rank and select are each other’s inverse', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1), { maxLength: 3000 }), (flags) => {
        const set = RowSet.of(Uint8Array.from(flags));
        const members = [...flags.keys()].filter((row) => flags[row] === 1);
        expect(set.count).toBe(members.length);
        expect([...set.rows()]).toEqual(members);
        for (const [place, row] of members.entries()) {
          expect(set.rank(row)).toBe(place);
          expect(set.select(place)).toBe(row);
        }
        for (const row of flags.keys()) expect(set.has(row)).toBe(flags[row] === 1);
        expect(set.bits === undefined).toBe(members.length === flags.length);
      }),
    );
  });

  test('a row outside is no member', () => {
    expect(new RowSet(0).has(0)).toBe(false);
    expect(new RowSet(5).has(5)).toBe(false);
  });
});

describe('links', () => {
  const lists = fc.array(fc.array(fc.nat(50), { maxLength: 4 }), { minLength: 1, maxLength: 30 });
  const made = (rows: readonly (readonly number[])[]): Link => {
    const offsets = new Uint32Array(rows.length + 1);
    for (const [r, row] of rows.entries()) offsets[r + 1] = offsets[r] + row.length;
    return Link.lists(offsets, Uint32Array.from(rows.flat()));
  };
  const read = (link: Link, rows: number): number[][] =>
    Array.from({ length: rows }, (_, row) => {
      const found: number[] = [];
      for (let i = link.begin(row); i < link.end(row); i++) found.push(link.at(i));
      return found;
    });

  test('taken rows keep their entries, changed ones are changed', () => {
    fc.assert(
      fc.property(lists, fc.infiniteStream(fc.nat()), (rows, dice) => {
        const link = made(rows);
        expect(read(link, rows.length)).toEqual(rows);
        const picked = Uint32Array.from({ length: rows.length }, () => (dice.next().value as number) % rows.length);
        expect(read(link.taken(picked), picked.length)).toEqual([...picked].map((row) => rows[row]));
        const doubled = link.mapped(rows.length, (item) => 2 * item);
        expect(read(doubled, rows.length)).toEqual(rows.map((row) => row.map((item) => 2 * item)));
        expect(read(link.sorted(), rows.length)).toEqual(rows.map((row) => row.toSorted((a, b) => a - b)));
      }),
    );
  });

  test('the same row, and maps with places that are empty', () => {
    expect(read(Link.same, 3)).toEqual([[0], [1], [2]]);
    expect(read(Link.same.taken(Uint32Array.of(2, 0)), 2)).toEqual([[2], [0]]);
    const map = Link.map(Uint32Array.of(4, noRow, 1));
    expect(
      read(
        map.mapped(3, (item) => item + 1),
        3,
      ),
    ).toEqual([[5], [noRow], [2]]);
  });
});

test('the bytes of an id, from any of its usual texts', () => {
  const id = '019a3f5c-7B2d-7e01-8fa9-00c0ffee1234';
  const bytes = new Uint8Array(34);
  writeUuid(id, bytes, 1);
  writeUuid(id.replaceAll('-', ''), bytes, 17);
  expect(Buffer.from(bytes).toString('hex')).toBe(`00${uuidHex(id)}${uuidHex(id)}00`);
  expect(() => writeUuid('019a3f5c-7b2d', bytes, 0)).toThrow('is no UUID');
});
