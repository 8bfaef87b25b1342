// SPDX-License-Identifier: BSD-3-Clause
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Butler } from '../../src/butler/index.ts';
import type { QuantumGraph } from '../../src/graph/index.ts';
import { execute, findInGraph, formatReplay, packageVersions, RunFolder, replay } from '../../src/run/index.ts';
import { differences } from '../../src/run/replay/differences.ts';
import { campaign, cell, testWorker } from '../support/run/campaign.ts';
import { snapshot } from '../support/run/folder-snapshot.ts';

let root: string;
let butler: Butler;
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'skymill-replay-test-'));
  butler = await Butler.create(join(root, 'repo'));
});
afterEach(async () => {
  await butler.close();
  rmSync(root, { recursive: true });
});

const run = (graph: QuantumGraph, env: Record<string, string> = {}) =>
  execute(graph, butler, { worker: { ...testWorker, env }, jobs: 2, scratchRoot: root });

async function replayOf(graph: QuantumGraph, text: string, extra: object = {}) {
  const [found] = findInGraph(graph, text);
  if (!('quantum' in found)) throw new Error(`${text} is no quantum`);
  const folder = RunFolder.open(butler.root, graph.header.outputRun);
  const before = snapshot(butler.root);
  const result = await replay(graph, butler, folder, found.quantum, {
    worker: testWorker,
    folder: join(root, `replay-${text.replace(/\W/g, '_')}`),
    ...extra,
  });
  expect(snapshot(butler.root)).toEqual(before); // nothing of the repository changes
  return result;
}

describe('replaying a quantum', () => {
  it('gives the same products from the same inputs, and says where everything is', async () => {
    const graph = campaign(butler, { cells: 8 });
    await run(graph);
    const result = await replayOf(graph, `sum htm7=${cell(4)}`);
    expect(result).toMatchObject({
      outcome: 'done',
      same: true,
      label: 'sum',
      recorded: { attempt: 1, state: 'done' },
    });
    expect(result.inputs.map((i) => i.dataId.htm7)).toEqual([cell(4), cell(5), cell(6), cell(7)]);
    const sum = result.outputs.find((o) => o.datasetType === 'sum')!;
    expect(sum.verdict).toBe('same');
    expect(sum.checksum).toBe(sum.recorded!.checksum);
    expect(readFileSync(sum.path!)).toEqual(readFileSync(sum.recorded!.path));
    expect(sum.path).toContain(result.folder);
    expect(existsSync(result.metadataFile!)).toBe(true);
    expect(result.outputs.filter((o) => o.verdict === 'timed')).toHaveLength(2);
    expect(existsSync(join(result.folder, 'scratch'))).toBe(false);
    const make = await replayOf(graph, `make htm7=${cell(1)}`);
    expect(readFileSync(make.logFile, 'utf8')).toContain(`making the number of ${cell(1)}`);
    expect(formatReplay(make)).toContain('It ended as recorded.');
  });

  it('says what differs where the recorded product was another', async () => {
    // The products depend on the configuration, so another graph of the same run stands for changed code.
    const graph = campaign(butler, { cells: 4, config: { make: { bytes: 5 } } });
    await run(graph);
    const changed = campaign(butler, { cells: 4, config: { make: { bytes: 6 } } });
    const result = await replayOf(changed, `make htm7=${cell(2)}`);
    expect(result).toMatchObject({ outcome: 'done', same: false });
    const extra = result.outputs.find((o) => o.datasetType === 'extra')!;
    expect(extra).toMatchObject({ verdict: 'differs', differences: ['padding: "xxxxx" became "xxxxxx"'] });
    expect(result.outputs.find((o) => o.datasetType === 'number')!.verdict).toBe('same');
    expect(formatReplay(result)).toContain('padding: "xxxxx" became "xxxxxx"');
  });

  it('repeats a failure, and a death of the worker', async () => {
    const graph = campaign(butler, { cells: 4, config: { make: { throw: [cell(1)], exit: [cell(2)] } } });
    await run(graph);
    const thrown = await replayOf(graph, `make htm7=${cell(1)}`);
    expect(thrown).toMatchObject({ outcome: 'failed', same: true, cause: { kind: 'exception' }, outputs: [] });
    const died = await replayOf(graph, `make htm7=${cell(2)}`);
    expect(died).toMatchObject({ outcome: 'failed', same: true, cause: { kind: 'crashed', exitCode: 7 } });
    expect(died.recorded!.attempt).toBe(2);
    await expect(replayOf(graph, `double htm7=${cell(1)}`)).rejects.toMatchObject({
      code: 'RUN_REPLAY_INPUT',
      message: expect.stringContaining('nothing of the run has made it'),
    });
  });

  it('gives what the run gave: no input that had no work, and none that has changed since', async () => {
    const graph = campaign(butler, { cells: 4, config: { make: { half: [cell(0)], noWork: [cell(1)] } } });
    await run(graph);
    const half = await replayOf(graph, `double htm7=${cell(0)}`);
    expect(half).toMatchObject({ outcome: 'done', same: true });
    expect(half.inputs.map((i) => i.datasetType)).toEqual(['number']);
    const whole = await replayOf(graph, `sum htm7=${cell(0)}`);
    expect(whole).toMatchObject({ outcome: 'done', same: true });
    expect(whole.inputs).toHaveLength(3);
    writeFileSync(whole.inputs[0].path, '{}');
    await expect(replayOf(graph, `sum htm7=${cell(0)}`, { folder: join(root, 'again') })).rejects.toMatchObject({
      code: 'RUN_REPLAY_INPUT',
      message: expect.stringMatching(/has 2 bytes, not the \d+ it had/),
    });
  });

  it('sets back the variables of the run, compares versions, and refuses a folder with something in it', async () => {
    const graph = campaign(butler, { cells: 1 });
    await run(graph, { TZ: 'Pacific/Chatham', SKYMILL_ODD: 'yes', SKYMILL_API_KEY: 'hidden' });
    const log = readFileSync(RunFolder.open(butler.root, 'test/run').outcomesPath, 'utf8');
    expect(log).toContain('Pacific/Chatham');
    expect(log).not.toContain('hidden');
    const result = await replayOf(graph, `make htm7=${cell(0)}`, { packages: packageVersions() });
    expect(result.environment.variables).toContainEqual({ name: 'TZ', was: 'Pacific/Chatham', is: process.env.TZ });
    expect(result.environment.variables).toContainEqual({ name: 'SKYMILL_ODD', was: 'yes', is: undefined });
    await expect(replayOf(graph, `make htm7=${cell(0)}`)).rejects.toMatchObject({ code: 'RUN_REPLAY_FOLDER' });
  });
});

describe('differences of two values', () => {
  it('are named by place; numbers are compared as arrays, NaN equals NaN', () => {
    expect(differences({ a: [1, { b: 2 }], c: 3 }, { a: [1, { b: 2 }], c: 3 })).toEqual([]);
    expect(differences({ a: [1, { b: 2 }], c: 3 }, { a: [1, { b: 4 }], d: 5 })).toEqual([
      'a[1].b: 2 became 4',
      'c: 3 is gone',
      'd: 5 is new',
    ]);
    const was = Float32Array.of(1, Number.NaN, 3, 4);
    expect(differences({ pixels: was }, { pixels: was.slice() })).toEqual([]);
    expect(differences({ pixels: was }, { pixels: Float32Array.of(1, Number.NaN, 3.5, 2) })).toEqual([
      'pixels: 2 of 4 elements differ, by 2 at most; the first is [2]: 3 became 3.5',
    ]);
    const many = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`k${i}`, i]));
    expect(differences(many, {})).toHaveLength(20);
  });
});
