// SPDX-License-Identifier: BSD-3-Clause
import { cpSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Butler } from '../../src/butler/index.ts';
import {
  buildGraph,
  type ColumnGraph,
  candidateSource,
  exportPeerGraph,
  importPeerGraph,
} from '../../src/graph/index.ts';
import { expandPipeline, pythonDescriber, type TaskDescriber } from '../../src/pipeline/index.ts';
import { describePeer, peerPython } from '../support/peers.ts';
import { sharedPath } from '../support/shared.ts';

const packages = resolve(import.meta.dirname, '../support/python');
const scratch = mkdtempSync(join(tmpdir(), 'skymill-graph-peers-'));
const repositories = ['spatial', 'hsc-rc2'] as const;
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

/** A describer with a cache of its own that counts how often Python is started. */
function describer(folder = join(scratch, 'descriptions')): { describe: TaskDescriber; started: number[] } {
  const started: number[] = [];
  return {
    describe: pythonDescriber({ python: peerPython, folder, onPython: (tasks) => started.push(tasks) }),
    started,
  };
}

describePeer('lsst.pipe.base', 'tasks that are Python classes', (python) => {
  const call = (code: string, ...args: string[]): string =>
    python(`import sys; sys.path.insert(0, ${JSON.stringify(packages)})\nfrom peer_graphs import *\n${code}`, ...args);

  it('are described once, and again when their files change', async () => {
    const folder = join(scratch, 'once');
    cpSync(packages, join(scratch, 'copy'), { recursive: true });
    process.env.PYTHONPATH = join(scratch, 'copy');
    const pipeline = join(scratch, 'copy', 'survey.yaml');
    const resolveIt = async () => {
      const { describe: describeTasks, started } = describer(folder);
      const { tasks } = await expandPipeline(pipeline, async () => undefined, { describe: describeTasks });
      return { started, tasks: tasks.map(({ declaration }) => declaration) };
    };
    try {
      const first = await resolveIt();
      expect(first.started).toEqual([3]);
      const second = await resolveIt();
      expect(second.started).toEqual([]);
      expect(second.tasks).toEqual(first.tasks);
      const config = join(scratch, 'copy', 'calibrate.py');
      writeFileSync(config, readFileSync(config, 'utf8').replace('4.0', '3.25'));
      expect((await resolveIt()).tasks[0].config).toMatchObject({ threshold: 3.25 });
      const source = join(scratch, 'copy', 'survey_tasks', '__init__.py');
      utimesSync(source, new Date(), new Date(Date.now() + 60_000));
      expect((await resolveIt()).started).toEqual([3]);
      expect((await resolveIt()).started).toEqual([]);
    } finally {
      process.env.PYTHONPATH = packages;
    }
  });

  it('have configuration and connections as Python finds them', async () => {
    const { tasks } = await expandPipeline(join(packages, 'survey.yaml'), async () => undefined, describer());
    const declarations = tasks.map(({ declaration }) => declaration);
    // Kept for the tests that do without Python; SKYMILL_UPDATE=1 writes it anew.
    const kept = resolve(import.meta.dirname, '../pipeline/described-survey.json');
    if (process.env.SKYMILL_UPDATE === '1') writeFileSync(kept, `${JSON.stringify(await answers(), null, 1)}\n`);
    const stored = JSON.parse(readFileSync(kept, 'utf8')) as { label: string; connections: object; config: object }[];
    for (const declaration of declarations) {
      const one = stored.find(({ label }) => label === declaration.label);
      expect(declaration.connections).toMatchObject(one?.connections ?? {});
      expect(declaration.config).toEqual(one?.config);
    }
  });

  it.each([
    ['survey_tasks.CalibrateTaks', [], 'PIPELINE_PYTHON_CLASS', /has no CalibrateTaks/],
    ['survey_taks.CalibrateTask', [], 'PIPELINE_PYTHON_CLASS', /no module survey_taks/],
    ['survey_tasks.MeasureConfig', [], 'PIPELINE_PYTHON_CLASS', /not a PipelineTask/],
    ['survey_tasks.broken.Task', [], 'PIPELINE_PYTHON_IMPORT', /the detector is on fire.*broken\.py, line 4/],
    ['survey_tasks.CalibrateTask', ['treshold: 3'], 'PIPELINE_UNKNOWN_FIELD', /treshold/],
    ['survey_tasks.CalibrateTask', ['measure.radios: 3'], 'PIPELINE_UNKNOWN_FIELD', /measure.radios/],
    ['survey_tasks.CalibrateTask', ['threshold: [1]'], 'PIPELINE_PYTHON_CONFIG', /threshold/],
    ['survey_tasks.CalibrateTask', ['python: config.x['], 'PIPELINE_PYTHON_CONFIG', /SyntaxError/],
  ])('%s with %j is refused: %s', async (taskClass, config, code, message) => {
    const file = join(scratch, 'refused.yaml');
    const lines = ['description: x', 'tasks:', '  t:', `    class: ${taskClass}`];
    if (config.length > 0) lines.push('    config:', ...config.map((line) => `      ${line}`));
    writeFileSync(file, `${lines.join('\n')}\n`);
    const error = await expandPipeline(file, async () => undefined, describer()).catch((caught) => caught);
    expect(error).toMatchObject({ code });
    expect(error.message).toMatch(message);
    expect(error.place).toMatchObject({ file, line: config.length > 0 ? 6 : 3 });
  });

  describe.each(repositories)('graphs over the repository %s', (name) => {
    const repo = join(scratch, name);
    const theirs = join(scratch, `${name}-theirs.qg`);
    const ours = join(scratch, `${name}-ours.qg`);
    let graph: ColumnGraph;

    beforeAll(async () => {
      const original = sharedPath(`conformance/gen3/repos/${name}`);
      if (original === undefined) throw new Error(`there is no repository ${name} beside the project`);
      cpSync(original, repo, { recursive: true });
      python(`import os,sys\nfor f in os.listdir(sys.argv[1]): os.chmod(os.path.join(sys.argv[1], f), 0o644)`, repo);
      call('add_raws(sys.argv[1], "raws")', repo);
      const pipelineFile = join(packages, 'survey.yaml');
      call('build(*sys.argv[1:])', repo, pipelineFile, 'raws', 'u/both/run', theirs);
      const butler = await Butler.open(repo, { writeable: false });
      try {
        const pipeline = await expandPipeline(pipelineFile, async () => undefined, {
          ...describer(),
          universe: butler.universe,
        });
        const source = candidateSource(butler);
        ({ graph } = await buildGraph(pipeline, source, {
          inputs: ['raws'],
          output: 'u/both',
          outputRun: 'u/both/run',
        }));
        await exportPeerGraph(graph, ours, {
          repository: { universe: butler.universe, fetch: (element, within) => source.records(element, within) },
        });
      } finally {
        await butler.close();
      }
    });

    it('built here and written for the peer are what the peer builds', () => {
      const facts = (file: string): string[] => JSON.parse(call('facts(sys.argv[1], False)', file));
      const expected = facts(theirs);
      expect(expected.length).toBeGreaterThan(100);
      expect(facts(ours)).toEqual(expected);
    });

    it('of the peer, imported and exported, are the same to the last id', async () => {
      const imported = await importPeerGraph(theirs);
      expect(imported.quantumCount).toBe(graph.quantumCount);
      expect(imported.datasetCount).toBe(graph.datasetCount);
      const again = join(scratch, `${name}-again.qg`);
      await exportPeerGraph(imported, again);
      const facts = (file: string): string => call('facts(sys.argv[1], True)', file);
      expect(facts(again)).toBe(facts(theirs));
    });

    it('are found quantum by quantum by the peer', () => {
      const answer = call(
        `with PredictedQuantumGraph.open(sys.argv[1], import_mode=TaskImportMode.DO_NOT_IMPORT) as reader:
    reader.read_quantum_datasets([__import__("uuid").UUID(sys.argv[2])])
    [found] = reader.components.quantum_datasets.values()
    print(found.quantum_id, found.task_label)`,
        ours,
        graph.quantumUuid(graph.quantumCount - 1),
      );
      expect(answer.trim()).toBe(`${graph.quantumUuid(graph.quantumCount - 1)} coadd`);
    });
  });
});

/** What Python answers about the survey, without what depends on the machine. */
async function answers() {
  let kept: Awaited<ReturnType<TaskDescriber>>['tasks'] = [];
  const { describe: describeTasks } = describer();
  await expandPipeline(join(packages, 'survey.yaml'), async () => undefined, {
    describe: async (request) => {
      const answer = await describeTasks(request);
      kept = answer.tasks;
      return answer;
    },
  });
  return kept.map((task) => ({ ...task, pythonConfig: '', files: [], packages: {} }));
}
