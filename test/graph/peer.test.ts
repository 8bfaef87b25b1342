// SPDX-License-Identifier: BSD-3-Clause
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { openPromise } from 'yauzl';
import { ZipFile } from 'yazl';
import type { DataId } from '../../src/butler/index.ts';
import {
  type ColumnGraph,
  exportPeerGraph,
  graphInputs,
  graphSummary,
  importPeerGraph,
  mergeGraphs,
  openGraph,
  queryGraph,
  writeGraph,
} from '../../src/graph/index.ts';
import { RowTable } from '../../src/graph/peer/row-table.ts';
import { describeShared } from '../support/shared.ts';

const scratch = mkdtempSync(join(tmpdir(), 'skymill-peer-'));
afterAll(() => rmSync(scratch, { recursive: true }));

describeShared('conformance/gen3/repos/three-tasks.qg', 'graphs of Gen3 middleware', (sample) => {
  const expected = JSON.parse(readFileSync(sample.replace('.qg', '.expected.json'), 'utf8')) as {
    tasks: Record<string, { id: string; dataId: DataId }[]>;
    edges: [string, string][];
  };

  it('are imported with their quanta, data IDs and edges', async () => {
    const graph = await importPeerGraph(sample);
    expect(Object.fromEntries(graph.tasks.map(({ label, quantumCount }) => [label, quantumCount]))).toEqual({
      calibrate: 8,
      warp: 10,
      coadd: 10,
    });
    for (const [label, quanta] of Object.entries(expected.tasks)) {
      for (const { id, dataId } of quanta) {
        const quantum = graph.quantumByUuid(id) as number;
        expect(graph.quantumUuid(quantum)).toBe(id);
        expect(graph.tasks[graph.taskOf(quantum)].label).toBe(label);
        expect(graph.quantumDataId(quantum)).toMatchObject(dataId);
      }
    }
    expect(edgesOf(graph)).toEqual(expected.edges.map(([from, to]) => `${from} ${to}`).sort());
    expect(graph.quantumByUuid('01a1fddf-0000-7000-8000-000000000000')).toBeUndefined();
  });

  it('come with file records, dimension records and configuration', async () => {
    const graph = await importPeerGraph(sample);
    const [{ dataset }] = graph.quantumInputs(0);
    const raw = graph.dataset(dataset);
    expect(raw).toMatchObject({ datasetType: 'raw_like', run: 'input_run', producer: undefined });
    expect(raw.files).toMatchObject([
      { formatter: 'lsst.daf.butler.formatters.json.JsonFormatter', sizeBytes: 489, component: null, checksum: null },
    ]);
    expect(graph.datasetByUuid(raw.id)).toBe(dataset);
    const records = graph.quantumRecords(0);
    expect(records['visit']).toMatchObject({ name: '2', exposure_time: 45, zenith_angle: 10 });
    expect(records['visit']['timespan']).toEqual({
      beginNs: 1_631_156_520_000_000_000n,
      endNs: 1_631_156_580_000_000_000n,
    });
    const { taskClass, runner, pythonConfig } = graph.tasks[0].declaration;
    expect([taskClass, runner]).toEqual(['lsst.pipe.base.tests.mocks.DynamicTestPipelineTask', 'python']);
    expect(pythonConfig).toContain("config.inputs['raw'].dataset_type_name='raw_like'");
  });

  it('keep everything through a graph file and back', async () => {
    const first = await importPeerGraph(sample);
    const file = join(scratch, 'three.qgraph');
    await writeGraph(first, file);
    const opened = await openGraph(file);
    expect(snapshot(opened)).toEqual(snapshot(first));
    const exported = join(scratch, 'three.qg');
    await exportPeerGraph(opened, exported);
    const second = await importPeerGraph(exported);
    expect(snapshot(second)).toEqual(snapshot(first));
    expect(second.header.origin).toEqual(first.header.origin);
    expect(await readdir(scratch)).not.toContainEqual(expect.stringMatching(/tmp$/));
  });

  it('are refused when damaged, cut short or of another kind', async () => {
    const bytes = readFileSync(sample);
    const broken = join(scratch, 'broken.qg');
    const code = async (content: Uint8Array): Promise<string> => {
      writeFileSync(broken, content);
      return importPeerGraph(broken).then(
        () => 'imported',
        (error) => error.code,
      );
    };
    expect(await code(bytes.subarray(0, 9000))).toBe('GRAPH_PEER_NOT_GRAPH');
    expect(await code(Buffer.from('SKYGRAPH'))).toBe('GRAPH_PEER_NOT_GRAPH');
    for (const at of [60, 3000, 12_000, 19_000]) {
      const altered = Buffer.from(bytes);
      altered[at] ^= 0x55;
      expect(await code(altered), `byte ${at}`).toBe('GRAPH_FILE_DAMAGED');
    }
    await expect(importPeerGraph(join(scratch, 'none.qg'))).rejects.toMatchObject({ code: 'GRAPH_FILE_UNREADABLE' });
  });

  it('are refused with the place where a member with a right checksum is wrong', async () => {
    const members = await membersOf(sample);
    const dictionary = members.get('compression_dict');
    const text = (name: string) => zstdDecompressSync(members.get(name) as Buffer, { dictionary }).toString('utf8');
    const message = async (changed: Record<string, Buffer | string>): Promise<string> => {
      const file = join(scratch, 'wrong.qg');
      const all = new Map<string, Buffer | string>([...members, ...Object.entries(changed)]);
      await writeMembers(file, all, dictionary);
      return importPeerGraph(file).then(
        () => 'imported',
        (error) => `${error.code} ${error.message}`,
      );
    };
    expect(await message({})).toBe('imported');
    const header = JSON.parse(text('header.json.zst'));
    expect(await message({ 'header.json.zst': '{"version": 1,' })).toMatch(
      /^GRAPH_FILE_DAMAGED .*wrong\.qg.*header\.json\.zst is no JSON/,
    );
    expect(await message({ 'header.json.zst': JSON.stringify({ ...header, inputs: 'raw' }) })).toMatch(
      /^GRAPH_FILE_DAMAGED .*header\.json\.zst does not hold what it should \(inputs: /,
    );
    const pipeline = JSON.parse(text('pipeline_graph.json.zst'));
    for (const [change, place] of [
      [{ tasks: null }, /pipeline_graph\.json\.zst does not hold what it should \(tasks: /],
      [{ dimensions: { version: 8 } }, /its dimensions cannot be understood/],
    ] as const)
      expect(await message({ 'pipeline_graph.json.zst': JSON.stringify({ ...pipeline, ...change }) })).toMatch(place);
    const records = JSON.parse(text('dimension_data.json.zst'));
    for (const [change, place] of [
      [{ nonsense: [[1]] }, /records of "nonsense", which is no dimension/],
      [{ visit: 7 }, /dimension_data\.json\.zst does not hold what it should \(visit: /],
    ] as const)
      expect(await message({ 'dimension_data.json.zst': JSON.stringify({ ...records, ...change }) })).toMatch(place);
    for (const [block, place] of [
      ['{', /quantum_datasets\.mb, quantum 0 is no JSON/],
      ['{"quantum_id": "x"}', /quantum_datasets\.mb, quantum 0 does not hold what it should \(quantum_id: no UUID\)/],
    ] as const) {
      const frame = zstdCompressSync(block, { dictionary });
      const length = Buffer.alloc(header.int_size);
      length.writeUIntBE(frame.length, header.int_size - 4, 4);
      expect(await message({ 'quantum_datasets.mb': Buffer.concat([length, frame]) })).toMatch(place);
    }
  });

  it('tell what exists from what will be made', async () => {
    const graph = await importPeerGraph(sample);
    const inputs = graphInputs(graph);
    expect(inputs.map(({ datasetType, datasets, files }) => [datasetType, datasets, files])).toEqual([
      ['raw_like', 8, 8],
    ]);
    expect(graphSummary(graph).existing).toBe(8);
    const query = `select type, exists_already, count(*) n from datasets group by 1, 2 order by 1`;
    expect([...(await queryGraph(graph, query)).rows].filter(([, exists]) => exists === 1)).toEqual([
      ['raw_like', 1, 8],
    ]);
  });

  it('are merged with the ids they have', async () => {
    const members = await membersOf(sample);
    const dictionary = members.get('compression_dict');
    const header = JSON.parse(
      zstdDecompressSync(members.get('header.json.zst') as Buffer, { dictionary }).toString('utf8'),
    );
    const blocks: Buffer[] = [];
    const all = members.get('quantum_datasets.mb') as Buffer;
    for (let at = 0; at < all.length; ) {
      const end = at + header.int_size + all.readUIntBE(at + header.int_size - 4, 4);
      blocks.push(all.subarray(at, end));
      at = end;
    }
    const half = async (which: number): Promise<ColumnGraph> => {
      const picked = blocks.filter((_, i) => i % 2 === which);
      const file = join(scratch, `half-${which}.qg`);
      const changed = new Map<string, Buffer | string>(members);
      changed.set('quantum_datasets.mb', Buffer.concat(picked));
      changed.set('header.json.zst', JSON.stringify({ ...header, n_quanta: picked.length }));
      await writeMembers(file, changed, dictionary);
      return importPeerGraph(file);
    };
    const halves = [await half(0), await half(1)];
    const [whole, merged] = [await importPeerGraph(sample), mergeGraphs(halves)];
    expect(merged.id).not.toBe(whole.id);
    const { header: mergedHeader, ...content } = snapshot(merged);
    expect(content).toEqual(withoutHeader(whole));
    expect(mergedHeader.origin).toEqual(whole.header.origin);
    expect(edgesOf(merged)).toEqual(edgesOf(whole));
    expect(graphSummary(merged).existing).toBe(8);
    const id = whole.quantumUuid(3);
    expect(merged.quantumUuid(merged.quantumByUuid(id) as number)).toBe(id);
    const file = join(scratch, 'merged.qgraph');
    await writeGraph(merged, file);
    expect(withoutHeader(await openGraph(file))).toEqual(content);
  });

  it('leave nothing behind where they cannot be written', async () => {
    const graph = await importPeerGraph(sample);
    await expect(exportPeerGraph(graph, join(scratch, 'none', 'x.qg'))).rejects.toMatchObject({
      code: 'GRAPH_FILE_UNWRITABLE',
    });
  });
});

describe('a table of rows', () => {
  it('numbers rows as a map of their texts would', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(40), fc.nat(40), fc.constantFrom(0, 1, 0xffffffff))), (rows) => {
        const table = new RowTable(3);
        const known = new Map<string, number>();
        for (const row of rows) {
          const key = row.join();
          if (!known.has(key)) known.set(key, known.size);
          expect(table.intern(row)).toBe(known.get(key));
        }
        expect(table.size).toBe(known.size);
        expect(table.find([99, 0, 0])).toBeUndefined();
      }),
    );
  });
  it('grows', () => {
    const table = new RowTable(1);
    for (let i = 0; i < 10_000; i++) table.intern([Math.imul(i, 0x9e3779b1) >>> 0]);
    for (let i = 0; i < 10_000; i++) expect(table.find([Math.imul(i, 0x9e3779b1) >>> 0])).toBe(i);
  });
});

function edgesOf(graph: ColumnGraph): string[] {
  const { offsets, quanta } = graph.dependencies();
  const edges: string[] = [];
  for (let quantum = 0; quantum < graph.quantumCount; quantum++)
    for (let i = offsets[quantum]; i < offsets[quantum + 1]; i++)
      edges.push(`${graph.quantumUuid(quanta[i])} ${graph.quantumUuid(quantum)}`);
  return edges.sort();
}

function withoutHeader(graph: ColumnGraph) {
  const { header: _, ...content } = snapshot(graph);
  return content;
}

/** Members of a `.qg` file as they stand in it. */
async function membersOf(file: string): Promise<Map<string, Buffer>> {
  const zip = await openPromise(file, { autoClose: false });
  const members = new Map<string, Buffer>();
  for await (const entry of zip.eachEntry())
    members.set(entry.fileName, await buffer(await zip.openReadStreamPromise(entry)));
  zip.close();
  return members;
}

/** Texts become members of JSON. */
async function writeMembers(file: string, members: Map<string, Buffer | string>, dictionary: Buffer | undefined) {
  const zip = new ZipFile();
  for (const [name, content] of members) {
    const bytes = typeof content === 'string' ? zstdCompressSync(content, { dictionary }) : content;
    zip.addBuffer(bytes, name, { compress: false });
  }
  zip.end();
  writeFileSync(file, await buffer(zip.outputStream));
}

/** All that a graph says, by id. */
function snapshot(graph: ColumnGraph) {
  const dataset = (row: number) => {
    const { row: _, producer, ...rest } = graph.dataset(row);
    return { ...rest, producer: producer === undefined ? undefined : graph.quantumUuid(producer) };
  };
  const quanta = Array.from({ length: graph.quantumCount }, (_, quantum) => ({
    id: graph.quantumUuid(quantum),
    task: graph.tasks[graph.taskOf(quantum)].label,
    dataId: graph.quantumDataId(quantum),
    records: graph.quantumRecords(quantum),
    inputs: graph.quantumInputs(quantum).map((edge) => [edge.connection, dataset(edge.dataset)]),
    outputs: graph.quantumOutputs(quantum).map((edge) => [edge.connection, dataset(edge.dataset)]),
  }));
  return {
    header: { ...graph.header, pipeline: '' },
    tasks: graph.tasks.map(({ declaration }) => declaration),
    init: graph.tasks.map((task) => Object.values(task.initOutputs).map(dataset)),
    quanta: quanta.sort((a, b) => (a.id < b.id ? -1 : 1)),
    edges: edgesOf(graph),
  };
}
