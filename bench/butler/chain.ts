// SPDX-License-Identifier: BSD-3-Clause
import { join } from 'node:path';
import type { Butler } from '../../src/butler/index.ts';
import type { Database } from '../../src/butler/registry/database.ts';
import { below, type Figure } from '../figure.ts';
import { median, quick, seconds } from './measure.ts';
import { DETECTORS, dataIds, fillSurvey } from './survey.ts';

const RUNS = 200;

/** Ten million datasets in 200 runs of one chain: finding one that every run has, and one that only the last run has. */
export async function* chain(
  dir: string,
  engine: string,
  create: (root: string) => Promise<Butler>,
): AsyncGenerator<Figure> {
  const exposures = quick ? 20 : 500;
  const butler = await create(join(dir, `chain-${engine}`));
  await fillSurvey(butler, exposures + 1);
  const runs = Array.from({ length: RUNS }, (_, i) => `run/${String(i).padStart(3, '0')}`);
  for (const run of runs) await butler.registerCollection(run, 'RUN');
  await butler.registerCollection('chain', 'CHAINED');
  await butler.setChain('chain', runs);
  const { tagsTable } = await butler.registry.types.get('raw');
  const { db } = butler.registry;
  const ids = dataIds(butler, 1, exposures + 1);
  const last = dataIds(butler, exposures + 1, exposures + 2);
  const total = RUNS * ids.length + last.length;
  const wall = await seconds(() =>
    db.deferIndexes(['dataset', tagsTable], async () => {
      for (const run of runs) await butler.registerDatasets('raw', ids, run);
      await butler.registerDatasets('raw', last, runs.at(-1)!);
    }),
  );
  yield { figure: `filling a registry with ${total} datasets, ${engine}`, value: total / wall, unit: 'datasets/s' };
  const find = async (exposure: number, i: number, run: string): Promise<number> => {
    const dataId = { instrument: 'Cam', exposure, detector: i % DETECTORS };
    return seconds(async () => {
      const ref = await butler.findDataset('raw', dataId, { collections: ['chain'] });
      if (ref?.run !== run) throw new Error(`found in ${ref?.run}`);
    });
  };
  const plan = await planOf(db, () => find(1, 0, runs[0]));
  const searched = /(?:USING (?:COVERING )?INDEX|Index (?:Only )?Scan using) \S*(?:unq|autoindex_dataset_tags)/.test(
    plan,
  );
  if (!searched || /SCAN t\b|Seq Scan on dataset/.test(plan)) throw new Error(`not by the unique index:\n${plan}`);
  for (const [where, exposure, run] of [
    ['every run', (i: number) => 1 + ((i * 37) % exposures), runs[0]],
    ['the last run alone', () => exposures + 1, runs.at(-1)!],
  ] as const) {
    const times: number[] = [];
    for (let i = 0; i < 101; i++) times.push(await find(exposure(i), i, run));
    yield {
      figure: `find one of ${total} through a chain of ${RUNS} runs, in ${where}, ${engine}`,
      unit: 'ms',
      ...below(1000 * median(times), 5),
    };
  }
  await butler.close();
}

/** The engine's plan of the last statement that reads rows in `action`. */
async function planOf(db: Database, action: () => Promise<unknown>): Promise<string> {
  const rows = db.rows.bind(db);
  let last: Parameters<Database['rows']> = [''];
  db.rows = (...statement) => {
    last = statement;
    return rows(...statement);
  };
  try {
    await action();
  } finally {
    db.rows = rows;
  }
  const [sql, params] = last;
  const explain = db.dialect.name === 'sqlite' ? 'EXPLAIN QUERY PLAN' : 'EXPLAIN';
  return (await rows(`${explain} ${sql}`, params)).map((row) => row.join(' ')).join('\n');
}
