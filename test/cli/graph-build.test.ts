// SPDX-License-Identifier: BSD-3-Clause
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parquetWriteFile } from 'hyparquet-writer';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Butler } from '../../src/butler/index.ts';
import { openGraph } from '../../src/graph/index.ts';
import { listRuns } from '../../src/run/index.ts';
import { skymill } from '../support/commands.ts';

let dir: string;
let repo: string;
let pipeline: string;

const tasks = `
import { defineTask, input, output } from 'skymill/pipeline';
import { z } from 'zod';
const detector = ['instrument', 'detector'];
export const double = defineTask({
  name: 'double', dimensions: detector, config: z.strictObject({ by: z.number().default(2) }),
  connections: {
    number: input('number', { dimensions: detector, storage: 'StructuredDataDict' }),
    doubled: output('doubled', { dimensions: detector, storage: 'StructuredDataDict' }),
  },
  run: ({ number }, { config }) => ({ doubled: { value: number.value * config.by } }),
});
export const sum = defineTask({
  name: 'sum', dimensions: ['instrument'], config: z.strictObject({}),
  connections: {
    doubled: input('doubled', { dimensions: detector, storage: 'StructuredDataDict', multiple: true }),
    total: output('total', { dimensions: ['instrument'], storage: 'StructuredDataDict' }),
  },
  run: ({ doubled }) => ({ total: { value: doubled.reduce((n, one) => n + one.value, 0) } }),
});
`;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'graph-build-'));
  repo = join(dir, 'repo');
  writeFileSync(join(dir, 'tasks.ts'), tasks);

  pipeline = join(dir, 'sums.yaml');
  writeFileSync(
    pipeline,
    'description: sums\ninstrument: Cam\ntasks:\n  double: {class: "./tasks.ts#double"}\n  sum: {class: "./tasks.ts#sum"}\n',
  );
  const butler = await Butler.create(repo);
  const common = { class_name: 'x', detector_max: 9, exposure_max: 9, visit_max: 9 };
  await butler.insertRecords('instrument', [{ name: 'Cam', ...common }]);
  const ids = [0, 1, 2, 3];
  await butler.insertRecords(
    'detector',
    ids.map((id) => ({ instrument: 'Cam', id, full_name: `D${id}` })),
  );
  await butler.registerDatasetTypes([
    butler.makeDatasetType('number', ['instrument', 'detector'], 'StructuredDataDict'),
  ]);
  await butler.registerCollection('numbers', 'RUN');
  for (const detector of ids)
    await butler.put({ value: detector + 1 }, 'number', { instrument: 'Cam', detector }, 'numbers');
  await butler.close();
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

interface Built {
  quanta: number;
  file: string | null;
  report: {
    tasks: { label: string; quanta: number; skipped: number }[];
    skipped: { label: string; run: string; count: number }[];
    rerun: { label: string; datasetType: string; count: number }[];
    steps: { kind: string; what: string; rows: number }[];
    components: { joins: { what: string; rows: number }[] }[];
    warnings: string[];
  };
}

function build(...words: string[]): { status: number | null; stderr: string; built: Built } {
  const { status, stdout, stderr } = skymill(['graph', 'build', pipeline, '-b', repo, ...words, '--json']);
  return { status, stderr: `${stderr}${stdout}`, built: status === 0 ? JSON.parse(stdout) : (undefined as never) };
}

const counts = ({ report }: Built) => Object.fromEntries(report.tasks.map((task) => [task.label, task.quanta]));

describe('graph build', () => {
  test('a plan with counts and steps is printed and nothing is written', () => {
    const words = ['graph', 'build', pipeline, '-b', repo, '-i', 'numbers', '-d', 'detector IN (1..2)'];
    const { status, stdout } = skymill([...words, '--dry-run', '--explain', '-g', join(dir, 'none.qgraph')]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/data IDs of double, sum over \{instrument, detector\}: 2/);
    expect(stdout).toMatch(/2 where detector IN \(1\.\.2\); 2 with number in numbers/);
    expect(stdout).toMatch(/double\s+2\s+2/);
    expect(existsSync(join(dir, 'none.qgraph'))).toBe(false);
  });

  test('only the data IDs of a table, as text or Parquet', () => {
    const [csv, ecsv, parquet] = ['csv', 'ecsv', 'parquet'].map((kind) => join(dir, `ids.${kind}`));
    writeFileSync(csv, 'instrument,detector\nCam,3\nCam,0\nCam,3\n');
    writeFileSync(
      ecsv,
      '# %ECSV 1.0\n# ---\n# datatype:\n# - {name: instrument, datatype: string}\n# - {name: detector, datatype: int64}\ninstrument detector\nCam 3\nCam 0\n',
    );
    parquetWriteFile({
      filename: parquet,
      columnData: [
        { name: 'instrument', data: ['Cam', 'Cam'], type: 'STRING' },
        { name: 'detector', data: [3n, 0n], type: 'INT64' },
      ],
    });
    for (const file of [csv, ecsv, parquet]) {
      const { status, stderr, built } = build('-i', 'numbers', '--data-id-table', file, '--dry-run');
      expect(status, stderr).toBe(0);
      expect(counts(built)).toEqual({ double: 2, sum: 1 });
    }
    writeFileSync(csv, 'instrument,detectr\nCam,3\n');
    const wrong = build('-i', 'numbers', '--data-id-table', csv, '--dry-run');
    expect(wrong.status).toBe(2);
    expect(wrong.stderr).toMatch(/column \\?"detectr\\?" is no dimension\. Did you mean \\?"detector\\?"/);
  });

  test('in parts', async () => {
    const file = join(dir, 'parts', 'sums.qgraph');
    const words = ['graph', 'build', `${pipeline}#double`, '-b', repo, '-i', 'numbers', '--partition', 'detector'];
    const { status, stderr } = skymill([...words, '-g', file]);
    expect(status, stderr).toBe(0);
    const files = readdirSync(join(dir, 'parts'));
    expect(files).toHaveLength(4);
    for (const one of files) expect((await openGraph(join(dir, 'parts', one))).quantumCount).toBe(1);
  });

  test('a limit of memory refuses before anything is read', () => {
    const { status, stderr } = build('-i', 'numbers', '--memory', '0.0000001', '--dry-run');
    expect(status).toBe(2);
    expect(stderr).toMatch(/GRAPH_MEMORY/);
    expect(build('-i', 'numbers', '--memory', '1', '--dry-run').status).toBe(0);
  });

  test('an empty graph: which constraint took the last, and what there is', () => {
    const { status, stderr } = build('-i', 'numbers', '-d', 'detector = 7', '--dry-run');
    expect(status).toBe(4);
    expect(stderr).toMatch(/no detector 7/);
    expect(stderr).toMatch(/Data IDs left: 0 where detector = 7/);
  });

  test('names that do not fit are refused with a suggestion', () => {
    const refused = (...words: string[]) => {
      const { status, stderr } = build(...words, '--dry-run');
      expect(status).toBe(2);
      return stderr;
    };
    expect(refused('-i', 'numbers', '--dataset-query-constraint', 'numbr')).toMatch(/Did you mean \\?"number/);
    expect(refused('-i', 'numbers', '--prune-unanchored-quanta', 'double:summ')).toMatch(/Did you mean \\?"sum/);
    expect(refused('-i', 'numbers', '--retained-dataset-types', join(dir, 'nowhere.txt'))).toMatch(/no such file/);
    expect(refused('-i', 'nmbers')).toMatch(/Did you mean \\?"numbers/);
    expect(refused('-o', 'u/none')).toMatch(/Input collections are needed/);
    expect(refused('-i', 'numbers', '-o', 'u/none', '--extend-run')).toMatch(/no run in \\?"u\/none\\?" to extend/);
  });
});

describe('going on where a run ended', () => {
  const chain = 'u/me/sums';
  beforeAll(() => {
    const words = ['run', `${pipeline}#double`, '-b', repo, '-i', 'numbers', '-o', chain, '-d', 'detector < 3'];
    const { status, stderr } = skymill([...words, '-j', '2', '-q']);
    expect(status, stderr).toBe(0);
  });

  test('what is done is skipped, and it is said where it is', () => {
    const { status, stderr, built } = build('-o', chain, '-i', 'numbers', '--skip-existing-in', chain, '--dry-run');
    expect(status, stderr).toBe(0);
    expect(counts(built)).toEqual({ double: 1, sum: 1 });
    expect(built.report.skipped).toMatchObject([{ label: 'double', count: 3 }]);
    expect(built.report.skipped[0].run.startsWith(`${chain}/`)).toBe(true);
  });

  test('what is not kept is made again', () => {
    const kept = join(dir, 'kept.txt');
    writeFileSync(kept, '# only these\n*_metadata\nnothing_such\n');
    const words = ['-i', 'numbers', '--skip-existing-in', chain, '--retained-dataset-types', kept, '--dry-run'];
    const { status, stderr, built } = build('-o', chain, ...words);
    expect(status, stderr).toBe(0);
    expect(counts(built)).toEqual({ double: 4, sum: 1 });
    expect(built.report.rerun).toMatchObject([{ label: 'double', datasetType: 'doubled', count: 3 }]);
    expect(built.report.warnings).toEqual([expect.stringContaining('nothing_such')]);
  });

  test('the newest run of the chain is extended, without naming the inputs again', async () => {
    const { status, stderr } = skymill(['run', pipeline, '-b', repo, '-o', chain, '--extend-run', '-j', '2', '-q']);
    expect(status, stderr).toBe(0);
    const butler = await Butler.open(repo);
    try {
      const runs = (await butler.listCollections([`${chain}/*`])).map((info) => info.name);
      expect(runs).toHaveLength(1);
      for await (const total of butler.query().datasets('total', { collections: runs }))
        expect(await butler.get(total)).toEqual({ value: 20 });
      expect(await butler.query().countDatasets('total', { collections: runs })).toBe(1);
      expect(await butler.query().countDatasets('doubled', { collections: runs })).toBe(4);
    } finally {
      await butler.close();
    }
  });

  test('a run that exists is not written over, nor extended with another configuration', () => {
    const run = listRuns(repo)[0].run;
    const again = build('-i', 'numbers', '--output-run', run, '--dry-run');
    expect(again.status).toBe(2);
    expect(again.stderr).toMatch(/GRAPH_OUTPUTS_EXIST.*holds 4 doubled/);
    const over = build('-i', 'numbers', '--output-run', run, '--clobber-outputs', '--dry-run');
    expect(counts(over.built)).toEqual({ double: 4, sum: 1 });
    const done = build('-o', chain, '--extend-run', '--dry-run');
    expect(done.status).toBe(4);
    expect(done.stderr).toMatch(/GRAPH_NOTHING_LEFT.*5 quanta were skipped/);
    const other = build('-o', chain, '--extend-run', '-c', 'double:by=3', '--dry-run');
    expect(other.status).toBe(2);
    expect(other.stderr).toMatch(/CLI_RUN_CONFIG/);
    expect(other.stderr).toMatch(/task \\?"double\\?": by is 2 there and 3 here/);
  });
});
