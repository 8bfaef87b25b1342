// SPDX-License-Identifier: BSD-3-Clause
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Butler } from '../../src/butler/index.ts';
import { type AttemptRecord, type ExecuteOptions, execute, RunFolder, readOutcomeLog } from '../../src/run/index.ts';
import { testWorker } from '../../test/support/run/campaign.ts';
import { imageCampaign } from '../../test/support/run/image-campaign.ts';
import { below, type Figure } from '../figure.ts';

const cells = 3;
/** With its variance an image of this side has 64 MB. */
const side = 2828;
const megabytes = (8 * side * side) / 1e6;

interface Measured {
  attempts: AttemptRecord[];
  /** Of files of the images that quanta hand on. */
  imageBytes: number;
  calibBytes: number;
  workers: number;
}

/** Images handed from quantum to quantum, through files, from memory with files, and only in memory; by the butler's own counts of bytes. */
export async function* handOver(): AsyncGenerator<Figure> {
  const images = `${megabytes.toFixed(0)} MB image between quanta of a worker`;
  const files = await measure({ jobs: 1, cacheBytes: 0 });
  const kept = await measure({ jobs: 1 });
  const memory = await measure({ jobs: 1, inMemory: ['image', 'blurred'] });
  yield {
    figure: `${images}, only in memory: on disk`,
    unit: 'B',
    value: memory.imageBytes,
    goal: '0',
    ok: memory.imageBytes === 0,
  };
  const readBack = sum(kept.attempts, ({ label, usage }) => (label === 'makeImage' ? 0 : usage.bytesRead));
  yield { figure: `${images}, written: read back`, unit: 'B', value: readBack, goal: '0', ok: readBack === 0 };
  for (const [how, one] of [
    ['through a file', files],
    ['written, read from memory', kept],
    ['only in memory', memory],
  ] as const) {
    const mean = (label: string, seconds: (usage: AttemptRecord['usage']) => number): number => {
      const mine = one.attempts.filter((attempt) => attempt.label === label);
      return sum(mine, ({ usage }) => seconds(usage)) / mine.length;
    };
    yield {
      figure: `${images}, ${how}: giving it away`,
      unit: 's',
      value: mean('blurImage', (usage) => usage.writeSeconds),
    };
    const commit = mean('blurImage', ({ commitSeconds = 0 }) => commitSeconds);
    yield { figure: `${images}, ${how}: until it is safe on disk, beside computing`, unit: 's', value: commit };
    yield {
      figure: `${images}, ${how}: taking it`,
      unit: 's',
      value: mean('measureImage', (usage) => usage.readSeconds),
    };
  }
  const two = await measure({ jobs: 2 });
  const reads = sum(two.attempts, ({ label, usage }) => (label === 'makeImage' ? usage.bytesRead : 0));
  yield {
    figure: 'calibration read by many quanta: bytes read by each worker, of its size',
    unit: '',
    ...below(reads / two.workers / two.calibBytes, 1.001),
  };
}

async function measure(options: Partial<ExecuteOptions>): Promise<Measured> {
  const root = await mkdtemp(join(tmpdir(), 'skymill-bench-'));
  try {
    const butler = await Butler.create(join(root, 'repo'));
    const graph = await imageCampaign(butler, { cells, size: side, memoryBytes: 1e9 });
    const { exitCode } = await execute(graph, butler, {
      worker: testWorker,
      scratchRoot: root,
      memoryBytes: 16e9,
      ...options,
    });
    if (exitCode !== 0) throw new Error(`the run ended with ${exitCode}`);
    const log = [...readOutcomeLog(RunFolder.open(butler.root, graph.header.outputRun).outcomesPath)];
    const attempts = log.filter((record) => record.type === 'attempt');
    const calib = await butler.findDataset('calib', {}, { collections: ['calib'] });
    const [[{ sizeBytes: calibBytes }]] = await butler.getFileRecords([calib!.id]);
    await butler.close();
    let imageBytes = 0;
    for (const name of await readdir(join(root, 'repo'), { recursive: true }))
      if (/(^|\/)(image|blurred)\/.*\.fits/.test(name)) imageBytes += (await stat(join(root, 'repo', name))).size;
    if (options.inMemory === undefined && imageBytes < 2 * cells * megabytes * 1e6)
      throw new Error(`of the images there are only ${imageBytes} B`);
    return { attempts, imageBytes, calibBytes, workers: new Set(attempts.map(({ workerPid }) => workerPid)).size };
  } finally {
    await rm(root, { recursive: true });
  }
}

function sum(attempts: readonly AttemptRecord[], of: (attempt: AttemptRecord) => number): number {
  return attempts.reduce((total, attempt) => total + of(attempt), 0);
}
