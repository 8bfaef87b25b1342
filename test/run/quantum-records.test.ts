// SPDX-License-Identifier: BSD-3-Clause
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ArchiveSeries } from '../../src/butler/datastore/growing-archive/archive-series.ts';
import { isFinished } from '../../src/butler/datastore/growing-archive/finish.ts';
import {
  Butler,
  type DatasetRef,
  examineRepository,
  exportDatasets,
  importRepository,
  ingestZip,
  repairRepository,
  retrieveArtifacts,
  retrieveZip,
  transferDatasets,
} from '../../src/butler/index.ts';
import type { QuantumGraph } from '../../src/graph/index.ts';
import {
  collectReport,
  type ExecuteOptions,
  execute,
  findInGraph,
  RunFolder,
  readAttemptLog,
  why,
} from '../../src/run/index.ts';
import { campaign, cell, testWorker } from '../support/run/campaign.ts';
import { checkRun } from '../support/run/integrity.ts';

let root: string;
let butler: Butler;
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'skymill-records-'));
  butler = await Butler.create(join(root, 'repo'));
});
afterEach(async () => {
  await butler.close();
  rmSync(root, { recursive: true });
});

const run = (graph: QuantumGraph, extra: Partial<ExecuteOptions> = {}) =>
  execute(graph, butler, { worker: testWorker, jobs: 2, scratchRoot: root, ...extra });
const folder = () => join(butler.root, 'test/run/quantum-records');
const archives = () => readdirSync(folder()).map((name) => join(folder(), name));
const find = async (type: string, i: number): Promise<DatasetRef> =>
  (await butler.findDataset(type, { htm7: cell(i) }, { collections: ['test/run'] }))!;
const refsOf = async (type: string): Promise<DatasetRef[]> => {
  const refs: DatasetRef[] = [];
  for await (const ref of butler.query().datasets(type, { collections: ['test/run'] })) refs.push(ref);
  return refs;
};

describe('logs and metadata of quanta', () => {
  it('are members of one archive for each worker, and are read one by one', async () => {
    const graph = campaign(butler, { cells: 8 });
    await run(graph);
    expect(archives().length).toBeLessThanOrEqual(2);
    for (const archive of archives()) expect(await isFinished(archive)).toBe(true);
    for (const task of ['make', 'double', 'sum']) {
      const [logs, metadata] = [await refsOf(`${task}_log`), await refsOf(`${task}_metadata`)];
      expect(logs.length).toBe(task === 'sum' ? 2 : 8);
      for (const uri of await butler.getUris([...logs, ...metadata])) expect(uri).toMatch(/^file:.*\.zip#zip-path=\w+/);
      for (const ref of metadata) expect(await butler.get(ref)).toMatchObject({ quantum: { outcome: 'done' } });
      for (const ref of logs) expect(await butler.get(ref)).toBeInstanceOf(Array);
      expect((await butler.exists(logs, { checkFiles: true })).every(({ artifact }) => artifact)).toBe(true);
    }
    expect(JSON.stringify(await butler.get(await find('make_log', 3)))).toContain(`making the number of ${cell(3)}`);
    expect((await checkRun(butler.root, graph)).wrong).toEqual([]);
    expect((await examineRepository(butler, { checksums: true })).found).toEqual([]);
  });

  it('are retrieved as files of their own', async () => {
    await run(campaign(butler, { cells: 4 }));
    const refs = [...(await refsOf('make_log')), ...(await refsOf('make_metadata'))];
    for (const preservePath of [false, true]) {
      const destination = join(root, `out-${preservePath}`);
      const options = { transfer: 'auto', preservePath, clobber: false } as const;
      const { files, failed } = await retrieveArtifacts(butler, refs, destination, options);
      expect(failed).toEqual([]);
      expect(files.length).toBe(8);
      const log = files.find(({ path }) => path.includes(`make_log_${cell(2)}`))!;
      expect(readFileSync(log.path, 'utf8')).toContain(`making the number of ${cell(2)}`);
    }
  });

  it('are read by tasks of the same graph, also when the run goes on later', async () => {
    const markers = join(root, 'markers'); // a task throws while this is not there
    const config = { read: { killOnce: [cell(1)], markers } };
    const graph = campaign(butler, { cells: 4, readers: true, config });
    expect((await run(graph)).progress.counts).toMatchObject({ done: 12, failed: 1 });
    mkdirSync(markers);
    writeFileSync(join(markers, `kill-${cell(1)}`), '');
    expect((await run(graph)).progress.counts).toMatchObject({ done: 1, skipped: 12 });
    for (let i = 0; i < 4; i++) {
      const told = await butler.get(await find('told', i));
      expect(told).toMatchObject({ cell: cell(i), messages: [`making the number of ${cell(i)}`] });
    }
  });

  it('go to other repositories: with their archive, or exported as files', async () => {
    await run(campaign(butler, { cells: 4 }));
    const refs = [...(await refsOf('make_log')), ...(await refsOf('number'))];
    const other = await Butler.create(join(root, 'other'));
    await transferDatasets(butler, other, refs, { transfer: 'copy', registerDatasetTypes: true });
    expect(JSON.stringify(await other.get(refs[2]))).toContain('making the number');
    const copied = readdirSync(join(other.root, 'test/run/quantum-records'));
    expect(readdirSync(folder())).toEqual(expect.arrayContaining(copied));
    // The rest of the same archives comes later; they are there already.
    const [first] = copied.map((name) => join(other.root, 'test/run/quantum-records', name));
    const before = statSync(first).ino;
    const rest = [...(await refsOf('make_metadata')), ...(await refsOf('double_log'))];
    expect(await transferDatasets(butler, other, rest, { transfer: 'copy', registerDatasetTypes: true })).toMatchObject(
      {
        transferred: 8,
      },
    );
    expect(statSync(first).ino).toBe(before);
    for (const ref of [...refs, ...rest]) expect(await other.get(ref)).toEqual(await butler.get(ref));
    await other.removeDatasets(refs);
    for (const ref of rest) expect(await other.get(ref)).toEqual(await butler.get(ref));
    expect((await examineRepository(other)).found).toEqual([]);
    await other.close();

    const zip = (await retrieveZip(butler, refs, { destination: join(root, 'zipped') })).path;
    const second = await Butler.create(join(root, 'second'));
    await second.registerDatasetTypes([
      second.makeDatasetType('make_log', ['htm7'], 'ButlerLogRecords'),
      second.makeDatasetType('number', ['htm7'], 'StructuredDataDict'),
    ]);
    await ingestZip(second, zip, { transfer: 'copy' });
    for (const ref of refs) expect(await second.get(ref)).toEqual(await butler.get(ref));
    await second.close();

    const directory = join(root, 'exported');
    const report = await exportDatasets(butler, refs, { directory, transfer: 'copy' });
    expect(report).toMatchObject({ datasets: 8, files: 8 });
    const inPlace = exportDatasets(butler, refs, { directory, transfer: 'direct', overwrite: true });
    await expect(inPlace).rejects.toMatchObject({ code: 'TRANSFER_IN_ARCHIVE' });
    const third = await Butler.create(join(root, 'third'));
    await importRepository(third, { directory, transfer: 'copy' });
    for (const ref of refs) expect(await third.get(ref)).toEqual(await butler.get(ref));
    expect((await third.getUris(refs)).some((uri) => uri.includes('#'))).toBe(false);
    await third.close();
  });

  it('are files where that is asked for, and a run may change from one to the other', async () => {
    const markers = join(root, 'markers'); // a task throws while this is not there
    const graph = campaign(butler, { cells: 4, config: { double: { killOnce: [cell(1)], markers } } });
    await run(graph, { quantumRecords: 'files' });
    expect(await butler.getUris([await find('double_log', 0)])).toEqual([
      expect.stringMatching(/double_log_\w+\.json$/),
    ]);
    expect(readdirSync(join(butler.root, 'test/run'))).not.toContain('quantum-records');
    mkdirSync(markers);
    writeFileSync(join(markers, `kill-${cell(1)}`), '');
    expect((await run(graph)).progress.counts).toMatchObject({ done: 2, skipped: 7 });
    expect(await butler.getUris([await find('double_log', 1)])).toEqual([expect.stringContaining('.zip#')]);
    expect((await checkRun(butler.root, graph)).wrong).toEqual([]);
    expect((await run(graph, { quantumRecords: 'files' })).progress.counts).toMatchObject({ done: 0, skipped: 9 });
  });

  it('stay readable while the run goes on, and of a worker that is killed', async () => {
    const markers = join(root, 'markers');
    mkdirSync(markers);
    const graph = campaign(butler, { cells: 12, config: { double: { killOnce: [cell(7)], markers } } });
    const states: string[] = [];
    const { progress } = await run(graph, {
      jobs: 1, // so that the one who is killed has done something before
      onEvent: async (event) => {
        if (event.type !== 'attempt' || event.record.state !== 'done') return;
        for (const { file } of event.record.outputs.filter((output) => output.file.path.includes('#'))) {
          const [bytes] = await butler.datastore.sizes([file]);
          states.push(bytes === file.sizeBytes ? 'there' : `${file.path}: ${bytes}`);
        }
      },
    });
    expect(progress.counts.done).toBe(27);
    expect(new Set(states)).toEqual(new Set(['there']));
    expect(archives().length).toBeGreaterThan(1);
    expect((await checkRun(butler.root, graph)).wrong).toEqual([]);
    expect((await examineRepository(butler)).found).toEqual([]);
  });

  it('that were lost with a part of their archive make their quanta run again', async () => {
    const graph = campaign(butler, { cells: 8 });
    await run(graph, { jobs: 1 });
    const [archive] = archives();
    truncateSync(archive, Math.floor(statSync(archive).size / 3));
    const again = await run(graph, { jobs: 1 });
    expect(again.progress.counts.done).toBeGreaterThan(0);
    expect(again.progress.counts.skipped).toBeGreaterThan(0);
    expect(again.progress.counts.done + again.progress.counts.skipped).toBe(18);
    expect((await checkRun(butler.root, graph)).wrong).toEqual([]);
    expect((await examineRepository(butler, { checksums: true })).found).toEqual([]);
  });

  it('leave no archive behind of which nothing is recorded', async () => {
    const graph = campaign(butler, { cells: 2 });
    const series = new ArchiveSeries(folder());
    series.append('make_log', '.json', Buffer.from('[]'));
    await series.close();
    const [left] = archives();
    writeFileSync(join(folder(), 'torn-1-x-0.zip'), Buffer.alloc(50));
    await run(graph);
    expect(archives()).not.toContain(left);
    expect((await checkRun(butler.root, graph)).wrong).toEqual([]);
  });

  it('go with their archive when the last of them is removed', async () => {
    await run(campaign(butler, { cells: 4 }));
    const all = archives();
    const logs = (await Promise.all(['make', 'double', 'sum'].map((task) => refsOf(`${task}_log`)))).flat();
    const metadata = (await Promise.all(['make', 'double', 'sum'].map((task) => refsOf(`${task}_metadata`)))).flat();
    await butler.removeDatasets(logs);
    expect(archives()).toEqual(all);
    for (const ref of metadata) expect(await butler.get(ref)).toMatchObject({ quantum: { attempt: 1 } });
    expect((await examineRepository(butler)).found).toEqual([]);
    const { files } = await butler.pruneDatasets(metadata, { mode: 'purge', dryRun: true });
    expect(files).toBe(all.length);
    await butler.removeDatasets(metadata);
    expect(readdirSync(folder())).toEqual([]);
  });

  it('go with their run', async () => {
    await run(campaign(butler, { cells: 4 }));
    const before = archives().length;
    const report = await butler.removeRuns(['test/run'], { unlink: true, dryRun: true });
    expect(report.files).toBeGreaterThan(before);
    await butler.removeRuns(['test/run'], { unlink: true });
    expect(readdirSync(folder())).toEqual([]);
  });

  it('of a failed attempt are in the log of its worker, and the report says where', async () => {
    const graph = campaign(butler, { cells: 4, config: { double: { throw: [cell(1)] } } });
    await run(graph);
    const place = RunFolder.open(butler.root, 'test/run');
    const [{ quantum }] = findInGraph(graph, `double htm7=${cell(1)}`) as { quantum: number }[];
    const story = why(graph, place, quantum);
    const attempt = story.attempts.at(-1)!;
    expect(attempt.state).toBe('failed');
    expect(readAttemptLog(place, attempt)).toContain('ERROR');
    expect(collectReport(graph, place).failures.length).toBeGreaterThan(0);
  });
});

describe('the doctor', () => {
  const all = { minAgeSeconds: 0 };

  it('finds archives that were not finished, and finishes them', async () => {
    const graph = campaign(butler, { cells: 4 });
    await run(graph, { jobs: 1 });
    const [archive] = archives();
    const bytes = readFileSync(archive);
    writeFileSync(archive, bytes.subarray(0, bytes.lastIndexOf(Buffer.from('PK\x01\x02')))); // in the middle of its directory
    const { found } = await examineRepository(butler, all);
    expect(found).toMatchObject([{ name: 'unfinished-archive', count: 1 }]);
    expect((await repairRepository(butler, all)).sound).toBe(true);
    expect(await isFinished(archive)).toBe(true);
    expect((await examineRepository(butler, all)).found).toEqual([]);
    expect(readFileSync(archive).equals(bytes)).toBe(true);
  });

  it('finds members that are gone or damaged, and archives that are gone', async () => {
    const graph = campaign(butler, { cells: 4 });
    await run(graph, { jobs: 1 });
    const [archive] = archives();
    const bytes = readFileSync(archive);
    const [[record]] = await butler.getFileRecords([(await find('make_log', 2)).id]);
    const at = Number.parseInt(/\.([0-9a-f]{8})\.json$/.exec(record.path)![1], 16);
    const damaged = Buffer.from(bytes);
    damaged[bytes.indexOf('[{', at) + 3] ^= 1;
    writeFileSync(archive, damaged);
    expect((await examineRepository(butler, all)).found).toEqual([]);
    const looked = await examineRepository(butler, { ...all, checksums: true });
    expect(looked.found).toMatchObject([{ name: 'wrong-checksum', examples: [{ subject: record.path }] }]);
    damaged.fill(0, at, at + 30);
    writeFileSync(archive, damaged.subarray(0, -40));
    expect((await examineRepository(butler, all)).found).toMatchObject([
      { name: 'missing-file', examples: [{ subject: record.path }] },
      { name: 'unfinished-archive' },
    ]);
    rmSync(archive);
    const { found } = await examineRepository(butler, all);
    expect(found).toMatchObject([{ name: 'missing-file', count: 18 }]);
  });

  it('finds archives of which nothing is recorded', async () => {
    await run(campaign(butler, { cells: 2 }));
    const series = new ArchiveSeries(join(butler.root, 'elsewhere/quantum-records'));
    const { archive } = series.append('make_log', '.json', Buffer.from('[]'));
    await series.close();
    const found = await examineRepository(butler, all);
    expect(found.found).toMatchObject([{ name: 'file-without-record', count: 1 }]);
    await repairRepository(butler, { ...all, deleteFiles: true });
    expect(() => statSync(archive)).toThrow('ENOENT');
    expect(archives().length).toBeGreaterThan(0);
  });
});
