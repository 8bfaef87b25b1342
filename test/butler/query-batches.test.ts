// SPDX-License-Identifier: BSD-3-Clause
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { columnRows, isAscending } from '../../src/butler/query/columns.ts';
import type { Registry } from '../../src/butler/registry/registry.ts';
import { addDatasets, queryOf, surveyRegistry } from './query-fixture.ts';

/** More than fit into one batch. */
const visits = Array.from({ length: Math.ceil(columnRows / 2) + 10 }, (_, i) => {
  return { id: 10 + i, filter: 'f-g', raDeg: 10, decDeg: 0, startHours: i, exposureTime: 30 } as const;
});
const ids = visits.flatMap(({ id }) => [0, 1].map((detector) => ({ instrument: 'Cam', exposure: id, detector })));

let registry: Registry;
beforeAll(async () => {
  registry = await surveyRegistry(visits, []);
  await addDatasets(registry, 'raws/a', 'raw', ids.slice(0, -5));
  await addDatasets(registry, 'raws/b', 'raw', ids.slice(-8));
});
afterAll(() => registry.db.close());

describe('columns in batches', () => {
  test('are together the whole answer, with the run of each dataset', async () => {
    for (const collections of [['raws/a'], ['raws/b', 'raws/a']]) {
      const whole = await queryOf(registry).datasetColumns('raw', { collections });
      const found: string[] = [];
      let batches = 0;
      for await (const batch of queryOf(registry).datasetColumnBatches('raw', { collections })) {
        batches++;
        expect(batch.rows).toBeLessThanOrEqual(columnRows);
        for (let i = 0; i < batch.rows; i++)
          found.push([batch.columns['exposure'][i], batch.columns['detector'][i], batch.ids[i], batch.runs[i]].join());
      }
      expect(batches).toBe(2);
      const all = whole.ids.map((id, i) =>
        [whole.columns['exposure'][i], whole.columns['detector'][i], id, whole.runs[i]].join(),
      );
      expect(found.sort()).toEqual(all.sort());
      const fromB = collections.length === 1 ? 0 : 8;
      expect(whole.runs.filter((run) => run === 'raws/b')).toHaveLength(fromB);
      expect(whole.rows).toBe(collections.length === 1 ? ids.length - 5 : ids.length);
    }
  });

  test('have implied dimensions only where they are asked for', async () => {
    for await (const batch of queryOf(registry).dataIdColumnBatches(['visit'])) {
      expect(Object.keys(batch.columns)).toContain('physical_filter');
      break;
    }
    let rows = 0;
    for await (const batch of queryOf(registry).dataIdColumnBatches(['visit'], { implied: false })) {
      expect(Object.keys(batch.columns)).toEqual(['instrument', 'visit']);
      rows += batch.rows;
    }
    expect(rows).toBe(visits.length);
  });
});

describe('given data IDs', () => {
  const table = (values: readonly number[]) => ({
    rows: values.length,
    dimensions: ['instrument', 'visit'],
    columns: { instrument: values.map(() => 'Cam'), visit: values },
  });

  test('may come in any order and repeat: the answer is the same', async () => {
    const inOrder = visits.map(({ id }) => id).filter((id) => id % 3 === 0);
    const shuffled = [...inOrder.toReversed(), ...inOrder.slice(0, 50)];
    expect(isAscending(table(inOrder))).toBe(true);
    expect(isAscending(table(shuffled))).toBe(false);
    expect(isAscending(table([1, 1]))).toBe(false);
    const answers = [inOrder, shuffled].map(async (values) => {
      const { columns } = await queryOf(registry).joinDataIds(table(values)).dataIdColumns(['visit', 'detector']);
      return columns['visit'].map((visit, i) => `${visit},${columns['detector'][i]}`).sort();
    });
    const [one, other] = await Promise.all(answers);
    expect(one).toHaveLength(2 * inOrder.length);
    expect(other).toEqual(one);
  });
});
