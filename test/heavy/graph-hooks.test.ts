// SPDX-License-Identifier: BSD-3-Clause
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Butler } from '../../src/butler/index.ts';
import { type BuiltGraph, buildGraph, candidateSource, exportPeerGraph } from '../../src/graph/index.ts';
import { expandPipeline, pythonDescriber } from '../../src/pipeline/index.ts';
import { describePeer, peerPython } from '../support/peers.ts';
import { sharedPath } from '../support/shared.ts';

const packages = resolve(import.meta.dirname, '../support/python');
const pipelineFile = join(packages, 'hooks.yaml');
const scratch = mkdtempSync(join(tmpdir(), 'skymill-graph-hooks-'));
const pythonPath = process.env.PYTHONPATH;

beforeAll(() => {
  process.env.PYTHONPATH = packages;
  process.env.PYTHONDONTWRITEBYTECODE = '1';
});
afterAll(() => {
  if (pythonPath === undefined) delete process.env.PYTHONPATH;
  else process.env.PYTHONPATH = pythonPath;
  rmSync(scratch, { recursive: true });
});

interface How {
  overrides?: string[];
  /** null: Python is not asked. */
  program?: string | null;
  missingPrerequisites?: 'prune' | 'fail';
}

async function buildHere(
  repo: string,
  { overrides = [], program = peerPython, missingPrerequisites }: How,
  save?: string,
): Promise<BuiltGraph> {
  const butler = await Butler.open(repo, { writeable: false });
  try {
    const { universe } = butler;
    const describeTasks = pythonDescriber({ python: peerPython, folder: join(scratch, 'descriptions') });
    const pipeline = await expandPipeline(pipelineFile, async () => undefined, {
      describe: describeTasks,
      universe,
      overrides,
    });
    const source = candidateSource(butler);
    const built = await buildGraph(pipeline, source, {
      inputs: ['raws'],
      output: 'u/both',
      outputRun: 'u/both/run',
      missingPrerequisites,
      python: program === null ? undefined : { program, repository: butler.root, universe },
    });
    if (save !== undefined) {
      const fetch = source.records.bind(source);
      await exportPeerGraph(built.graph, save, { repository: { universe, fetch } });
    }
    return built;
  } finally {
    await butler.close();
  }
}

describePeer('lsst.pipe.base', 'Python tasks that have a say when graphs are built', (python) => {
  const call = (code: string, ...args: string[]): string =>
    python(`import sys; sys.path.insert(0, ${JSON.stringify(packages)})\nfrom peer_graphs import *\n${code}`, ...args);

  describe.each(['spatial', 'hsc-rc2'])('over the repository %s', (name) => {
    const repo = join(scratch, name);
    const theirs = join(scratch, `${name}-theirs.qg`);
    const ours = join(scratch, `${name}-ours.qg`);
    let built: BuiltGraph;

    beforeAll(async () => {
      const original = sharedPath(`conformance/gen3/repos/${name}`);
      if (original === undefined) throw new Error(`there is no repository ${name} beside the project`);
      cpSync(original, repo, { recursive: true });
      python(`import os,sys\nfor f in os.listdir(sys.argv[1]): os.chmod(os.path.join(sys.argv[1], f), 0o644)`, repo);
      call('add_raws(sys.argv[1], "raws")\nadd_catalogues(sys.argv[1], "raws")', repo);
      call('build(*sys.argv[1:])', repo, pipelineFile, 'raws', 'u/both/run', theirs);
      built = await buildHere(repo, {}, ours);
    });

    it('get the quanta and edges that the peer builds', () => {
      const facts = (file: string): string[] => JSON.parse(call('facts(sys.argv[1], False)', file));
      const expected = facts(theirs);
      expect(expected.length).toBeGreaterThan(100);
      expect(facts(ours)).toEqual(expected);
    });

    it('are told of with what they left out, and not asked where that is not wanted', async () => {
      const { report } = built;
      expect(report.pruned.find(({ message }) => /detector 3 is dark/.test(message))).toMatchObject({
        label: 'select',
        constraint: 'noWork',
      });
      expect(report.steps.filter(({ kind }) => kind === 'python').map(({ what }) => what)).toEqual([
        'adjustQuantum of select in Python',
        'adjust_all_quanta of group in Python',
        'adjustQuantum of warp in Python',
      ]);
      const without = await buildHere(repo, { program: null });
      expect(without.graph.quantumCount).toBeGreaterThan(built.graph.quantumCount);
      expect(without.report.warnings).toEqual(
        expect.arrayContaining([
          'Task select has a say when graphs are built and was not asked: adjustQuantum, the look-up function of catalogue.',
          'Task group has a say when graphs are built and was not asked: adjust_all_quanta.',
          'Task warp has a say when graphs are built and was not asked: adjustQuantum.',
        ]),
      );
    });

    it('end the build with their exception, its place, task and data ID', async () => {
      const error = await buildHere(repo, { overrides: ['select:failOn=1'] }).catch((caught) => caught);
      expect(error).toMatchObject({ code: 'GRAPH_HOOK_FAILED', params: { label: 'select', what: 'adjustQuantum' } });
      expect(error.message).toMatch(/\(instrument: '\w+', detector: 1, visit: \d+\)/);
      expect(error.message).toMatch(/RuntimeError: detector 1 is not to be had/);
      expect(error.message).toMatch(/hook_tasks\/__init__\.py", line \d+, in adjustQuantum/);
    });

    it('may do without a prerequisite or not', async () => {
      const overrides = ['select:needsCatalogue=true'];
      const { report } = await buildHere(repo, { overrides });
      const reason = report.pruned.find(({ constraint }) => constraint === 'missingPrerequisite');
      expect(reason).toMatchObject({
        label: 'select',
        message: expect.stringMatching(/^no catalogue for detector \d+$/),
      });
      const error = await buildHere(repo, { overrides, missingPrerequisites: 'fail' }).catch((caught) => caught);
      expect(error).toMatchObject({ code: 'GRAPH_HOOK_FAILED', params: { label: 'select', problem: reason?.message } });
    });

    it('end the build where their process ends', async () => {
      const error = await buildHere(repo, { overrides: ['select:dieOn=1'] }).catch((caught) => caught);
      expect(error).toMatchObject({
        code: 'GRAPH_HOOK_UNAVAILABLE',
        params: { label: 'select', hook: 'adjustQuantum' },
      });
      expect(error.message).toMatch(/it ended with exit code 9.*out of memory, as it were/s);
    });

    it('are named where there is no Python to ask', async () => {
      const error = await buildHere(repo, { program: join(scratch, 'no-python') }).catch((caught) => caught);
      expect(error).toMatchObject({ code: 'GRAPH_HOOK_UNAVAILABLE', params: { label: 'select' } });
      expect(error.message).toMatch(/no-python/);
    });
  });
});
