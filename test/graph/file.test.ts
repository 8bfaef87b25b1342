// SPDX-License-Identifier: BSD-3-Clause
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SkymillError } from '../../src/base/index.ts';
import { buildGraph, type ColumnGraph, openGraph, writeGraph } from '../../src/graph/index.ts';
import { biases, raws, skyMap, surveyOptions, surveyPipeline, surveySource } from './survey.ts';

let dir: string;
let graph: ColumnGraph;
let path: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'graph-'));
  path = join(dir, 'survey.qg');
  ({ graph } = await buildGraph(
    await surveyPipeline(),
    surveySource([...raws(), ...biases(), skyMap()]),
    surveyOptions,
  ));
  await writeGraph(graph, path);
});
afterAll(() => rm(dir, { recursive: true }));

/** Everything that can be asked of a graph. */
function everything(one: ColumnGraph) {
  const quanta = Array.from({ length: one.quantumCount }, (_, q) => ({
    dataId: one.quantumDataId(q),
    uuid: one.quantumUuid(q),
    records: one.quantumRecords(q),
    task: one.taskOf(q),
  }));
  const datasets = Array.from({ length: one.datasetCount }, (_, row) => ({
    ...one.dataset(row),
    records: one.datasetRecords(row),
  }));
  const { inputOffsets, inputDatasets, inputConnections, outputOffsets, outputDatasets, outputConnections } = one;
  const edges = { inputOffsets, inputDatasets, inputConnections, outputOffsets, outputDatasets, outputConnections };
  return { index: one.index, quanta, datasets, edges, dependencies: one.dependencies(), dependents: one.dependents() };
}

describe('a graph on disk', () => {
  test('gives back everything, and leaves nothing else in the folder', async () => {
    expect(everything(await openGraph(path))).toEqual(everything(graph));
    expect(await readdir(dir)).toEqual(['survey.qg']);
  });

  test('cut anywhere, it is refused', async () => {
    const whole = await readFile(path);
    const broken = join(dir, 'cut.qg');
    const lengths = [
      0,
      5,
      8,
      15,
      16,
      40,
      47,
      48,
      ...Array.from({ length: 40 }, (_, i) => Math.floor((whole.length * (i + 1)) / 41)),
      whole.length - 1,
    ];
    for (const length of lengths) {
      await writeFile(broken, whole.subarray(0, length));
      const error = await openGraph(broken).then(
        () => undefined,
        (thrown) => thrown,
      );
      expect(error, `cut at ${length}`).toBeInstanceOf(SkymillError);
      expect(error.code).toBe(length < 8 ? 'GRAPH_FILE_NOT_GRAPH' : 'GRAPH_FILE_DAMAGED');
    }
    await rm(broken);
  });

  test('altered in any byte, it is refused or reads as written', async () => {
    const whole = await readFile(path);
    const expected = JSON.stringify(everything(graph), (_, value) =>
      typeof value === 'bigint' ? String(value) : value,
    );
    const broken = join(dir, 'altered.qg');
    let refused = 0;
    const step = Math.max(1, Math.floor(whole.length / 150));
    for (let at = 0; at < whole.length; at += step) {
      const copy = Buffer.from(whole);
      copy[at] ^= 0x41;
      await writeFile(broken, copy);
      try {
        const text = JSON.stringify(everything(await openGraph(broken)), (_, value) =>
          typeof value === 'bigint' ? String(value) : value,
        );
        expect(text, `byte ${at}`).toBe(expected);
      } catch (error) {
        expect(error, `byte ${at}: ${error}`).toBeInstanceOf(SkymillError);
        expect((error as SkymillError).code).toMatch(/^GRAPH_FILE_(DAMAGED|NOT_GRAPH|VERSION)$/);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(140);
    await rm(broken);
  });

  test('what cannot be opened or written is named', async () => {
    await expect(openGraph(join(dir, 'none.qg'))).rejects.toMatchObject({ code: 'GRAPH_FILE_UNREADABLE' });
    await expect(writeGraph(graph, join(dir, 'no', 'such.qg'))).rejects.toMatchObject({
      code: 'GRAPH_FILE_UNWRITABLE',
    });
    await writeFile(join(dir, 'text.qg'), 'description: not a graph, a pipeline perhaps\n');
    await expect(openGraph(join(dir, 'text.qg'))).rejects.toMatchObject({ code: 'GRAPH_FILE_NOT_GRAPH' });
  });
});
