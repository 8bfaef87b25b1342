// SPDX-License-Identifier: BSD-3-Clause
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { groupRows } from '../../src/graph/columns/group.ts';
import { noRow } from '../../src/graph/columns/link.ts';
import { ByteColumn } from '../../src/graph/paged/bytes.ts';
import { PagedColumn } from '../../src/graph/paged/column.ts';
import { matchPaged, RowFinder } from '../../src/graph/paged/finder.ts';
import { gatherOne } from '../../src/graph/paged/gather.ts';
import { groupPaged } from '../../src/graph/paged/group.ts';
import { listsOf } from '../../src/graph/paged/lists.ts';
import { PagePool } from '../../src/graph/paged/pool.ts';
import { sortedBy } from '../../src/graph/paged/sort.ts';

/** Pages of 16 entries, of which 64 and some fit into memory; one step has room for 90 keys of the kind that take most. */
const tight = () => new PagePool({ limitBytes: 12_000, pageShift: 4 });

const numbers = fc.array(fc.nat(300), { minLength: 0, maxLength: 3000 });

describe('columns in pages', () => {
  test('hold what is written, whatever is asked in between', () => {
    const pool = tight();
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.nat(0xffffffff), { minLength: 700, maxLength: 900 }), { minLength: 3, maxLength: 4 }),
        fc.array(fc.tuple(fc.nat(3), fc.nat(899), fc.nat(1000)), { maxLength: 60 }),
        (lists, writes) => {
          const columns = lists.map((list, k) => {
            const column = new PagedColumn(pool);
            if (k % 2 === 0) column.append(Uint32Array.from(list));
            else for (const value of list) column.push(value);
            return column;
          });
          for (const [k, at, value] of writes) {
            if (at >= (lists[k]?.length ?? 0)) continue;
            lists[k][at] = value;
            columns[k].set(at, value);
          }
          for (const [k, list] of lists.entries()) {
            expect([...columns[k].flat()]).toEqual(list);
            expect(list.map((_, i) => columns[k].at(i))).toEqual(list);
            const part = new Uint32Array(40);
            const count = columns[k].read(Math.floor(list.length / 3), part);
            expect([...part.subarray(0, count)]).toEqual(
              list.slice(Math.floor(list.length / 3), Math.floor(list.length / 3) + 40),
            );
          }
          for (const column of columns) column.free();
        },
      ),
    );
    expect(pool.spilledBytes).toBeGreaterThan(0);
    pool.close();
  });

  test('places in the file are used again', () => {
    const pool = tight();
    const size = (): number => {
      const column = PagedColumn.filled(pool, 50_000, 7);
      for (let i = 0; i < column.length; i += 1000) expect(column.at(i)).toBe(7);
      column.free();
      return pool.fileBytes;
    };
    const first = size();
    expect(first).toBeGreaterThan(150_000);
    for (let k = 0; k < 5; k++) expect(size()).toBeLessThan(1.1 * first);
    pool.close();
  });

  test('what must stay in memory is refused where it leaves no room', () => {
    const pool = tight();
    expect(() => pool.reserve(9000)).toThrow(expect.objectContaining({ code: 'GRAPH_MEMORY' }));
  });

  test('a folder that cannot be written is named', () => {
    const pool = new PagePool({ limitBytes: 12_000, pageShift: 4, folder: '/proc/no-such-folder' });
    expect(() => PagedColumn.filled(pool, 50_000)).toThrow(
      expect.objectContaining({ code: 'GRAPH_SPILL', message: expect.stringContaining('/proc/no-such-folder') }),
    );
  });

  test('texts come back', () => {
    const texts = ['', 'abc', 'ä€𝄞', 'x'.repeat(40_000), 'last'];
    const bytes = new ByteColumn(tight());
    for (const text of texts) bytes.append(text);
    expect(bytes.length).toBe(Buffer.byteLength(texts.join('')));
    bytes.end();
    expect(Buffer.from(bytes.words.flat().buffer, 0, bytes.length).toString('utf8')).toBe(texts.join(''));
  });
});

describe('work on columns in little memory is that on arrays', () => {
  test('groups, by a table of all keys or by the keys that there are, past 2^53 too', () => {
    fc.assert(
      fc.property(
        fc.array(numbers, { minLength: 1, maxLength: 5 }),
        fc.constantFrom(301, 40_000, 3e9),
        (columns, cardinality) => {
          const rows = Math.min(...columns.map((one) => one.length));
          const values = columns.map((one) =>
            Uint32Array.from(one.slice(0, rows), (value) => Math.floor((value * cardinality) / 301)),
          );
          const plain = groupRows(
            values.map((one) => ({ values: one, cardinality })),
            rows,
          );
          const pool = tight();
          const paged = groupPaged(
            pool,
            values.map((one) => ({ values: PagedColumn.of(pool, one), cardinality })),
            rows,
          );
          expect(paged.count).toBe(plain.count);
          expect([...paged.of.flat()]).toEqual([...plain.of]);
          expect([...paged.first.flat()]).toEqual([...plain.first]);
          pool.close();
        },
      ),
      { numRuns: 60 },
    );
  });

  test('lists of pairs: sorted, distinct, in order, with one row that has nearly all', () => {
    const pair = fc.tuple(fc.oneof(fc.constant(5), fc.nat(199)), fc.nat(99));
    fc.assert(
      fc.property(fc.array(pair, { maxLength: 3000 }), fc.boolean(), fc.boolean(), (pairs, distinct, inOrder) => {
        const pool = tight();
        const column = (k: 0 | 1) =>
          PagedColumn.of(
            pool,
            pairs.map((one) => one[k]),
          );
        const asked = { distinct: distinct && !inOrder, inOrder };
        const { offsets, items } = listsOf(pool, { from: column(0), to: column(1) }, 200, asked);
        for (let row = 0; row < 200; row++) {
          let expected = pairs.filter(([from]) => from === row).map(([, to]) => to);
          if (!inOrder) expected.sort((a, b) => a - b);
          if (asked.distinct) expected = [...new Set(expected)];
          const found = Array.from({ length: offsets.at(row + 1) - offsets.at(row) }, (_, i) =>
            items.at(offsets.at(row) + i),
          );
          expect(found).toEqual(expected);
        }
        pool.close();
      }),
      { numRuns: 60 },
    );
  });

  test('picking, sorting, finding, matching', () => {
    fc.assert(
      fc.property(numbers, fc.array(fc.nat(400), { maxLength: 300 }), (list, wanted) => {
        const pool = tight();
        const column = PagedColumn.of(pool, list);
        if (list.length > 0) {
          const rows = wanted.map((one) => one % list.length);
          expect([...gatherOne(pool, column, PagedColumn.of(pool, rows)).flat()]).toEqual(rows.map((row) => list[row]));
        }
        const rows = PagedColumn.of(pool, [...list.keys()]);
        const order = sortedBy(pool, rows, (a, b) => list[a] - list[b] || a - b);
        expect([...order.flat()]).toEqual([...list.keys()].sort((a, b) => list[a] - list[b] || a - b));
        const distinct = [...new Set(list)].sort((a, b) => a - b);
        const finder = new RowFinder([{ values: PagedColumn.of(pool, distinct), cardinality: 301 }], distinct.length);
        for (const one of wanted) {
          const at = distinct.indexOf(one);
          expect(finder.find(() => one)).toBe(at < 0 ? noRow : at);
        }
        const right = PagedColumn.of(pool, wanted);
        const matched = matchPaged(pool, [{ values: column, cardinality: 301 }], list.length, [right], wanted.length);
        expect([...matched.flat()]).toEqual(wanted.map((one) => (list.includes(one) ? list.indexOf(one) : noRow)));
        pool.close();
      }),
      { numRuns: 60 },
    );
  });
});
