// SPDX-License-Identifier: BSD-3-Clause
import { join } from 'node:path';
import type { Figure } from '../figure.ts';
import { against, quick, rounds } from './measure.ts';
import { peer } from './peer.ts';
import { DETECTORS, dataIds, surveyRepository } from './survey.ts';

/** A collection of a million datasets, read row by row; the memory of both processes at their highest. */
export async function* rows(dir: string): AsyncGenerator<Figure> {
  const exposures = quick ? 1000 : 10_000;
  const root = join(dir, 'rows');
  const butler = await surveyRepository(root, exposures);
  await butler.registerCollection('million', 'RUN');
  await butler.registry.db.deferIndexes(['dataset', (await butler.registry.types.get('raw')).tagsTable], async () => {
    for (let from = 1; from <= exposures; from += 500)
      await butler.registerDatasets('raw', dataIds(butler, from, Math.min(from + 500, exposures + 1)), 'million');
  });
  const ours: number[] = [];
  const theirs: number[] = [];
  let grown = 0;
  let theirPeak = 0;
  for (let round = 0; round < rounds; round++) {
    globalThis.gc?.();
    const before = process.memoryUsage.rss();
    let peak = before;
    let count = 0;
    const started = performance.now();
    for await (const ref of butler.query().datasets('raw', { collections: ['million'], findFirst: false })) {
      if (ref.id === '') throw new Error('a dataset without id');
      if (++count % 50_000 === 0) peak = Math.max(peak, process.memoryUsage.rss());
    }
    ours.push(count / ((performance.now() - started) / 1000));
    if (count !== exposures * DETECTORS) throw new Error(`${count} rows instead of ${exposures * DETECTORS}`);
    grown = Math.max(grown, peak - before);
    const measured = peer<{ rows: number; seconds: number; peakBytes: number }>('query', root, 'raw', 'million', 0);
    theirs.push(measured.rows / measured.seconds);
    theirPeak = measured.peakBytes;
  }
  await butler.close();
  const n = exposures * DETECTORS;
  yield against(`query-datasets, ${n} rows streamed`, 'rows/s', ours, theirs, 10);
  yield {
    figure: `memory that grows while ${n} rows stream by`,
    value: grown / 1e6,
    unit: 'MB',
    peer: `${(theirPeak / 1e6).toFixed(0)} (whole process)`,
    goal: '< 100',
    ok: grown < 100e6,
  };
}
