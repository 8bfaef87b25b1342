// SPDX-License-Identifier: BSD-3-Clause
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  Butler,
  type DatasetRef,
  examineRepository,
  exportDatasets,
  repairRepository,
  retrieveZip,
  selectDatasets,
} from '../../src/butler/index.ts';
import { randomFrom } from '../support/random.ts';
import { digest, filesBelow, surveyCopy } from '../support/survey.ts';

/**
 * Commands that change a repository, killed with SIGKILL at random moments. Afterwards the doctor finds nothing wrong, or only scratch;
 * and the same command again gives what an undisturbed one does, whether the doctor has cleaned up in between or not.
 *
 * How many kills of each command: SKYMILL_KILLS (default 3; a hundred take an hour). From which seed: SKYMILL_KILL_SEED.
 */
const KILLS = Number(process.env['SKYMILL_KILLS'] ?? 3);
const SEED = Number(process.env['SKYMILL_KILL_SEED'] ?? 20_261_121);
const bin = resolve(import.meta.dirname, '../../bin/skymill.js');
const work = resolve(import.meta.dirname, '../support/repository-work.ts');
const random = randomFrom(SEED);
const datasets = 600;

let base: string;
let repo: string;
let survey: ReturnType<typeof surveyCopy>;
let zip: string;

beforeAll(async () => {
  base = mkdtempSync(join(tmpdir(), 'skymill-kill-repository-'));
  repo = join(base, 'repo');
  mkdirSync(join(base, 'tmp'));
  survey = surveyCopy('raws');
  await makeRepository(join(base, 'full'));
  await makeEmpty(join(base, 'empty'));
  await makeLuggage();
});
afterAll(() => {
  rmSync(base, { recursive: true, force: true });
  rmSync(survey.folder, { recursive: true, force: true });
});

describe(`kill -9 at ${KILLS} random moments of each command (seed ${SEED})`, () => {
  const limit = KILLS * 30_000 + 60_000;
  const full = (): void => cpSync(join(base, 'full'), repo, { recursive: true });

  it(
    'raw ingest',
    async () => {
      const fresh = (): void => {
        cpSync(join(base, 'instrument'), repo, { recursive: true });
      };
      await makeInstrument(join(base, 'instrument'));
      const words = ['ingest-raws', repo, join(survey.survey, 'raw'), '-t', 'copy', '--on-conflict', 'skip'];
      await survive(fresh, [bin, ...words]);
    },
    limit,
  );

  it(
    'transfer between repositories',
    async () => {
      const fresh = (): void => cpSync(join(base, 'empty'), repo, { recursive: true });
      await survive(fresh, [work, 'transfer', join(base, 'full'), repo]);
    },
    limit,
  );

  it.each(['copy', 'move'])(
    'import of an export, by %s',
    async (transfer) => {
      const folder = join(base, 'import');
      const fresh = (): void => {
        cpSync(join(base, 'empty'), repo, { recursive: true });
        cpSync(join(base, 'export'), folder, { recursive: true });
      };
      await survive(fresh, [bin, 'import', repo, folder, '-t', transfer]);
    },
    limit,
  );

  it(
    'ingest of the files of a table',
    async () => {
      const fresh = (): void => cpSync(join(base, 'ready'), repo, { recursive: true });
      const words = [
        'ingest-files',
        repo,
        'd',
        'run/t',
        join(base, 'table.csv'),
        '--id-generation-mode',
        'DATAID_TYPE',
      ];
      await survive(fresh, [bin, ...words, '--on-conflict', 'skip'], [0, 3]);
    },
    limit,
  );

  it(
    'ingest of an archive',
    async () => {
      const fresh = (): void => cpSync(join(base, 'ready'), repo, { recursive: true });
      await survive(fresh, [bin, 'ingest-zip', repo, zip, '--transfer-dimensions', '--skip-existing']);
    },
    limit,
  );

  it(
    'prune: files of datasets that stay in the registry',
    async () => {
      await survive(full, [
        bin,
        'prune-datasets',
        repo,
        'run/1',
        'run/2',
        '--datasets',
        'd',
        '--unstore',
        '--no-confirm',
      ]);
    },
    limit,
  );

  it(
    'prune: datasets for good',
    async () => {
      await survive(
        full,
        [bin, 'prune-datasets', repo, 'run/*', '--find-all', '--purge', 'run/1', '--no-confirm'],
        [0, 4],
      );
    },
    limit,
  );

  it(
    'removal of runs',
    async () => {
      await survive(full, [bin, 'remove-runs', repo, 'run/*', '--no-confirm', '--force'], [0, 4]);
    },
    limit,
  );

  it(
    'chain edits',
    async () => {
      await survive(full, [work, 'chains', repo, '7']);
    },
    limit,
  );
});

/** Kills the command, then lets it run to its end; `allowed`: how it may end when there is nothing left to do. */
async function survive(fresh: () => void, command: readonly string[], allowed: readonly number[] = [0]): Promise<void> {
  const begin = (): void => {
    rmSync(repo, { recursive: true, force: true });
    fresh();
  };
  begin();
  const from = performance.now();
  const undisturbed = start(command);
  expect((await undisturbed.over).status, undisturbed.said()).toBe(0);
  let spanMs = performance.now() - from;
  const expected = await seen();
  expect(expected.findings).toEqual([]);
  const failures: string[] = [];
  const tally = { clean: 0, scratch: 0 };
  for (let i = 1; i <= KILLS; ) {
    begin();
    const began = performance.now();
    // Not while the process starts, in which nothing can happen.
    const atMs = (0.2 + 0.8 * random()) * spanMs;
    const killed = start(command);
    await Promise.race([sleep(atMs), killed.over]);
    killed.child.kill('SIGKILL');
    if ((await killed.over).status !== 'SIGKILL') {
      // It ended before its time: moments are chosen from a shorter span.
      spanMs = Math.min(spanMs, performance.now() - began);
      continue;
    }
    const problems: string[] = [];
    const cleanFirst = i % 2 === 0;
    const found = await examine();
    for (const kind of found)
      if (kind.severity === 'wrong') problems.push(`wrong: ${kind.name}: ${JSON.stringify(kind.examples)}`);
    tally[found.length === 0 ? 'clean' : 'scratch']++;
    if (cleanFirst) await clean();
    const again = start(command);
    const { status } = await again.over;
    if (!allowed.includes(status as number)) problems.push(`the command again ended with ${status}: ${again.said()}`);
    else {
      await clean();
      const { findings, ...state } = await seen();
      const { findings: _none, ...wanted } = expected;
      problems.push(...findings, ...differences(state, wanted));
    }
    if (problems.length > 0) {
      failures.push(
        `kill ${i} at ${Math.round(atMs)} of ${Math.round(spanMs)} ms${cleanFirst ? ', cleaned' : ''}: ${problems.slice(0, 5).join('\n  ')}`,
      );
      process.stderr.write(`${failures.at(-1)}\n`);
    }
    i++;
  }
  process.stderr.write(
    `kills of ${command.slice(1, 2)}: ${JSON.stringify({ kills: KILLS, ...tally, spanMs: Math.round(spanMs) })}\n`,
  );
  expect(failures).toEqual([]);
}

/** Findings that are no notes. */
async function examine() {
  const butler = await Butler.open(repo);
  try {
    const { found } = await examineRepository(butler, { minAgeSeconds: 0, checksums: true });
    return found.filter((kind) => kind.severity !== 'note');
  } finally {
    await butler.close();
  }
}

async function clean(): Promise<void> {
  const butler = await Butler.open(repo, { writeable: true });
  try {
    await repairRepository(butler, { minAgeSeconds: 0, deleteFiles: true });
  } finally {
    await butler.close();
  }
}

interface Seen {
  datasets: Record<string, string>;
  collections: Record<string, string>;
  files: Record<string, string>;
}

/** What is to be seen of the repository: the same after any history. */
async function seen(): Promise<Seen & { findings: string[] }> {
  const findings = (await examine()).map((kind) => `${kind.name}: ${JSON.stringify(kind.examples)}`);
  const butler = await Butler.open(repo);
  try {
    const collections: Seen['collections'] = {};
    for (const { name, type, children } of await butler.listCollections()) {
      collections[name] = `${type} ${children?.join(',') ?? ''}`;
    }
    const runs = (await butler.listCollections(undefined, ['RUN', 'TAGGED'])).map(({ name }) => name);
    const datasets: Seen['datasets'] = {};
    for (const { name } of await butler.listDatasetTypes()) {
      const {
        rows,
        ids,
        runs: of,
      } = await butler.query().datasetColumns(name, { collections: runs, findFirst: false });
      const records = await butler.getFileRecords(ids);
      for (let i = 0; i < rows; i++) datasets[`${name} ${of[i]} ${records[i].map((r) => r.path).join()}`] = 'there';
      datasets[name] = String(rows);
    }
    const files = Object.keys(filesBelow(repo)).filter(
      (path) => !/^(butler\.yaml|gen3\.sqlite3|\.?skymill\/)/.test(path),
    );
    return {
      findings,
      datasets,
      collections,
      files: Object.fromEntries(files.map((path) => [path, digest(join(repo, path))])),
    };
  } finally {
    await butler.close();
  }
}

function differences(state: Seen, expected: Seen): string[] {
  const problems: string[] = [];
  for (const part of ['datasets', 'collections', 'files'] as const) {
    for (const name of new Set([...Object.keys(state[part]), ...Object.keys(expected[part])])) {
      const [is, should] = [state[part][name], expected[part][name]];
      if (is !== should) problems.push(`${part}: ${name} is ${is}, not ${should}`);
    }
  }
  return problems;
}

function start(command: readonly string[]) {
  const child = spawn(process.execPath, command, {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, CI: 'true', TMPDIR: join(base, 'tmp') },
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString('utf8')).slice(-4000);
  });
  const over = new Promise<{ status: number | NodeJS.Signals | null }>((done) => {
    child.on('exit', (code, signal) => done({ status: code ?? signal }));
  });
  return { child, over, said: () => said };
}

/** What the full repository holds as an export, as an archive and as a table of files; and a repository ready for the last two. */
async function makeLuggage(): Promise<void> {
  const source = await Butler.open(join(base, 'full'));
  const refs: DatasetRef[] = [];
  for await (const ref of selectDatasets(source, { collections: ['run/*'] })) refs.push(ref);
  await exportDatasets(source, refs, {
    directory: join(base, 'export'),
    transfer: 'copy',
    collections: ['chain', 'tag'],
  });
  zip = (await retrieveZip(source, refs, { destination: base })).path;
  const lines = ['file,instrument,detector'];
  for (const ref of refs.filter((one) => one.datasetType.name === 'd' && one.run === 'run/1')) {
    lines.push(`${await source.getPath(ref)},Cam,${ref.dataId.get('detector')}`);
  }
  writeFileSync(join(base, 'table.csv'), `${lines.join('\n')}\n`);
  const ready = await Butler.create(join(base, 'ready'));
  for (const element of ['instrument', 'detector']) {
    const rows = [];
    for await (const row of source.query().dimensionRecords(element)) rows.push(row);
    await ready.insertRecords(element, rows);
  }
  await ready.registerDatasetTypes(await source.listDatasetTypes());
  for (const butler of [ready, source]) await butler.close();
}

async function makeEmpty(root: string): Promise<void> {
  await (await Butler.create(root)).close();
}

async function makeInstrument(root: string): Promise<void> {
  await makeEmpty(root);
  const register = start([bin, 'register-instrument', root, 'SimCam']);
  expect((await register.over).status, register.said()).toBe(0);
}

/** Two runs of small datasets, a tag, a calibration collection and a chain. */
async function makeRepository(root: string): Promise<void> {
  const butler = await Butler.create(root);
  const instrument = 'Cam';
  await butler.insertRecords('instrument', [
    { name: instrument, visit_max: 1, exposure_max: 1, detector_max: datasets, visit_system: 0, class_name: 'x' },
  ]);
  const detectors = Array.from({ length: datasets / 2 }, (_, id) => ({
    instrument,
    id,
    full_name: `d${id}`,
    purpose: 'SCIENCE',
  }));
  await butler.insertRecords('detector', detectors);
  await butler.registerDatasetTypes([
    butler.makeDatasetType('d', ['detector'], 'StructuredDataDict'),
    butler.makeDatasetType('bias', ['detector'], 'StructuredDataDict', { isCalibration: true }),
  ]);
  for (const run of ['run/1', 'run/2']) {
    await butler.registerCollection(run, 'RUN');
    for (const { id } of detectors) {
      const type = id % 2 === 0 ? 'd' : 'bias';
      await butler.put({ id, run }, type, { instrument, detector: id }, run);
    }
  }
  for (const [name, type] of [
    ['tag', 'TAGGED'],
    ['calib', 'CALIBRATION'],
    ['chain', 'CHAINED'],
  ] as const) {
    await butler.registerCollection(name, type);
  }
  for (const [type, into] of [
    ['d', 'tag'],
    ['bias', 'calib'],
  ] as const) {
    const refs = [];
    for await (const ref of butler.query().datasets(type, { collections: ['run/1'] })) refs.push(ref);
    if (into === 'tag') await butler.associate('tag', refs);
    else await butler.certify('calib', refs, { beginNs: undefined, endNs: undefined });
  }
  await butler.setChain('chain', ['run/2', 'run/1']);
  await butler.close();
}
