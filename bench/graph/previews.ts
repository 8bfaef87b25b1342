// SPDX-License-Identifier: BSD-3-Clause
import type { Figure } from '../figure.ts';
import { runScript } from './run-built.ts';

/** What preview.ts prints. */
interface Preview {
  quanta: number;
  buildSeconds: number;
  buildCpuSeconds: number;
  spilledBytes: number;
  columnsDigest: string;
  writeSeconds: number;
  peakBytes: number;
  sizeBytes: number;
  openSeconds: number;
  sliceSeconds: number;
  findSeconds: number;
}

/** A data preview of 20 000 exposures, and smaller ones to see how time and memory grow. */
export async function* previews(): AsyncGenerator<Figure> {
  const made: Preview[] = [];
  for (const [exposures, tracts] of [
    [60, 14],
    [300, 28],
    [2000, 157],
    [20_000, 157],
  ]) {
    const one = await runScript<Preview>('preview.ts', [String(exposures), String(tracts)]);
    made.push(one);
    const name = `data preview, ${(one.quanta / 1e6).toFixed(2)} million quanta:`;
    yield { figure: `${name} build`, value: one.buildSeconds, unit: 's', goal: '<= 900', ok: one.buildSeconds <= 900 };
    const peakGb = one.peakBytes / 1e9;
    yield { figure: `${name} peak memory`, value: peakGb, unit: 'GB', peer: '500', goal: '<= 8', ok: peakGb <= 8 };
  }
  const large = made.at(-1) as Preview;
  const limitGb = 1.5;
  const bound = await runScript<Preview>('preview.ts', ['20000', '157', String(limitGb)]);
  if (bound.columnsDigest !== large.columnsDigest)
    throw new Error('the graph that was built in little memory is another');
  const peakGb = bound.peakBytes / 1e9;
  const ratio = bound.buildCpuSeconds / large.buildCpuSeconds;
  yield {
    figure: 'the largest within --memory 1.5: peak memory',
    value: peakGb,
    unit: 'GB',
    goal: `<= ${limitGb}`,
    ok: peakGb <= limitGb,
  };
  yield { figure: '  build', value: bound.buildSeconds, unit: 's' };
  yield { figure: '  processor time against no limit', value: ratio, unit: '×', goal: '<= 2', ok: ratio <= 2 };
  yield { figure: '  waited on disk', value: bound.spilledBytes / 1e9, unit: 'GB' };
  const perQuantum = (one: Preview): number => one.buildSeconds / one.quanta;
  const growth = perQuantum(large) / perQuantum(made[1]);
  const seconds = (figure: string, value: number, goal: number, peer?: string): Figure => {
    return { figure, value, unit: 's', peer, goal: `<= ${goal}`, ok: value <= goal };
  };
  yield {
    figure: 'time a quantum, largest against 0.7 million',
    value: growth,
    unit: '×',
    goal: '<= 1.3',
    ok: growth <= 1.3,
  };
  const size = large.sizeBytes / large.quanta;
  yield { figure: 'its file', value: size, unit: 'B/quantum', peer: 245, goal: '<= 40', ok: size <= 40 };
  yield { figure: 'writing it', value: large.writeSeconds, unit: 's' };
  yield seconds('opening it', large.openSeconds, 0.05, '24 for 10⁵');
  yield seconds('slice of a job of 100 quanta', large.sliceSeconds, 0.05);
  yield seconds('finding a dataset by its id', large.findSeconds, 0.01);
}
