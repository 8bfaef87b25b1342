// SPDX-License-Identifier: BSD-3-Clause
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { DataId } from '../../src/butler/index.ts';
import {
  buildGraph,
  type ColumnGraph,
  type EarlierRun,
  judge,
  quantumFinder,
  verdictNames,
} from '../../src/graph/index.ts';
import { input, loadPipelineText, output, resolvePipeline, type TaskDefinition } from '../../src/pipeline/index.ts';
import { type MemoryDataset, MemorySource, universe, uuid } from './memory-source.ts';

/**
 * Productions that are changed again and again, executed by a model: a dataset's content is a digest of the task (configuration and code)
 * and of the contents it was made from. Whatever was kept, the chain must show what a production from nothing would give.
 */
const detector = ['visit', 'detector'];
const storage = 'StructuredDataDict';
const run = () => ({});
const config = z.object({ v: z.number().default(0) });
const tasks: Record<string, TaskDefinition> = {
  a: {
    name: 'a',
    dimensions: detector,
    config,
    run,
    connections: {
      raw: input('raw', { dimensions: detector, storage }),
      x: output('x', { dimensions: detector, storage }),
    },
  },
  b: {
    name: 'b',
    dimensions: detector,
    config,
    run,
    connections: {
      x: input('x', { dimensions: detector, storage }),
      y: output('y', { dimensions: detector, storage }),
    },
  },
  c: {
    name: 'c',
    dimensions: ['visit'],
    config,
    run,
    connections: {
      y: input('y', { dimensions: detector, storage, multiple: true }),
      z: output('z', { dimensions: ['visit'], storage }),
    },
  },
  d: {
    name: 'd',
    dimensions: ['instrument'],
    config,
    run,
    connections: {
      z: input('z', { dimensions: ['visit'], storage, multiple: true }),
      x: input('x', { dimensions: detector, storage, multiple: true, minimum: 0 }),
      w: output('w', { dimensions: ['instrument'], storage }),
    },
  },
};
const labels = Object.keys(tasks);
const cells = [1, 2, 3].flatMap((visit) => [0, 1].map((one) => ({ visit, detector: one })));
const rows = cells.map(
  ({ visit, detector: one }): DataId => ({
    instrument: 'Cam',
    visit,
    detector: one,
    band: 'r',
    physical_filter: 'r1',
    day_obs: 1,
  }),
);
const records = { visit: [1, 2, 3].map((id) => ({ instrument: 'Cam', id })) };

const digest = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 12);

/** One change of a production, and which quanta fail in it. */
const change = fc.record({
  what: fc.constantFrom('config', 'code', 'replaceRaw', 'removeRaw', 'addRaw', 'nothing'),
  task: fc.nat(labels.length - 1),
  cell: fc.nat(cells.length - 1),
  value: fc.nat(2),
  fails: fc.array(fc.record({ task: fc.nat(labels.length - 1), cell: fc.nat(cells.length - 1) }), { maxLength: 2 }),
});

class World {
  readonly configs = labels.map(() => 0);
  readonly codes = labels.map(() => 0);
  readonly raws = new Map<number, MemoryDataset>();
  readonly stored: MemoryDataset[] = [];
  readonly contents = new Map<string, string>();
  /** Newest first. */
  readonly earlier: (EarlierRun & { name: string; identities: string[] })[] = [];

  putRaw(cell: number): void {
    const id = uuid();
    this.raws.set(cell, { id, type: 'raw', dataId: { instrument: 'Cam', ...cells[cell] }, collection: 'raws' });
    this.contents.set(id, digest(id));
  }
  source(): MemorySource {
    // The type is known even where nothing of it is left.
    const known = {
      id: uuid(),
      type: 'raw',
      dataId: { instrument: 'Cam', visit: 99, detector: 9 },
      collection: 'other',
    };
    return new MemorySource(rows, [...this.raws.values(), known, ...this.stored], { records });
  }
  identity(label: string): string {
    const at = labels.indexOf(label);
    return `${label} ${this.configs[at]} ${this.codes[at]}`;
  }
  async pipeline() {
    const entries = labels.map((label, i) => [label, { class: label, config: { v: this.configs[i] } }]);
    const text = JSON.stringify({ description: 'd', tasks: Object.fromEntries(entries) });
    return resolvePipeline(await loadPipelineText(text), async (name) => tasks[name], { universe });
  }
  /** What the chain shows, by type and data ID. */
  shown(): Map<string, string> {
    const found = new Map<string, string>();
    for (const { name } of this.earlier)
      for (const { type, dataId, collection, id } of this.stored) {
        const key = `${type} ${JSON.stringify(dataId)}`;
        if (collection === name && !found.has(key)) found.set(key, this.contents.get(id)!);
      }
    return found;
  }
}

/** Executes a graph as runs do. `fails` says which quanta fail; nothing is registered without `into`. */
function execute(world: World, graph: ColumnGraph, fails: (label: string, dataId: DataId) => boolean, into?: string) {
  const whole = new Uint8Array(graph.quantumCount);
  const made = new Uint8Array(graph.datasetCount);
  const failed = new Uint8Array(graph.quantumCount);
  const contents = new Map<number, string>();
  const results = new Map<string, string>();
  for (let q = 0; q < graph.quantumCount; q++) {
    const task = graph.tasks[graph.taskOf(q)];
    const edges = graph.quantumInputs(q).map(({ dataset, connection }) => ({ ...graph.dataset(dataset), connection }));
    if (edges.some(({ producer }) => producer !== undefined && failed[producer] === 1)) failed[q] = 1;
    if (fails(task.label, graph.quantumDataId(q))) failed[q] = 1;
    if (failed[q] === 1) continue;
    const given = edges.flatMap(({ producer, id, row, connection, datasetType, dataId }) => {
      const content = producer === undefined ? world.contents.get(id) : contents.get(row);
      return content === undefined ? [] : [{ connection, text: `${datasetType} ${JSON.stringify(dataId)} ${content}` }];
    });
    const enough = task.inputNames.every((name, connection) => {
      const minimum = task.declaration.connections[name].minimum ?? 1;
      const wanted = edges.some((edge) => edge.connection === connection);
      return !wanted || given.filter((one) => one.connection === connection).length >= minimum;
    });
    if (!enough) {
      continue;
    }
    whole[q] = 1;
    const content = digest(
      `${world.identity(task.label)} ${given
        .map(({ text }) => text)
        .sort()
        .join()}`,
    );
    const noWork = /^[ab]/.test(task.label) && Number.parseInt(content.slice(0, 4), 16) % 5 === 0;
    for (const { dataset, connection } of graph.quantumOutputs(q)) {
      const { id, datasetType, dataId, row } = graph.dataset(dataset);
      const isMetadata = task.outputNames[connection] === '_metadata';
      if (noWork && !isMetadata) continue;
      made[row] = 1;
      contents.set(row, content);
      if (!isMetadata && task.outputNames[connection] !== '_log')
        results.set(`${datasetType} ${JSON.stringify(dataId)}`, content);
      if (into === undefined) continue;
      world.contents.set(id, content);
      world.stored.push({ id, type: datasetType, dataId, collection: into });
    }
  }
  return { whole, made, results };
}

async function produce(world: World, fails: (label: string, dataId: DataId) => boolean) {
  const name = `chain/${world.earlier.length}`;
  const pipeline = await world.pipeline();
  const source = world.source();
  const options = { inputs: ['raws'], outputRun: name, allowEmpty: true };
  const { graph: full } = await buildGraph(pipeline, source, options);
  const { verdicts } = judge(
    full,
    world.earlier,
    (label, r) => world.earlier[r].identities[labels.indexOf(label)] !== world.identity(label),
  );
  const kept = verdicts.filter((verdict) => verdictNames[verdict] === 'kept').length;
  const idle = verdicts.filter((verdict) => verdictNames[verdict] === 'lacking').length;
  let graph = full;
  if (kept > 0 && kept + idle < full.quantumCount) {
    const find = quantumFinder(full);
    const isDone = (label: string, dataId: DataId) => {
      const quantum = find(label, dataId);
      return quantum !== undefined && verdictNames[verdicts[quantum]] === 'kept';
    };
    const skipExistingIn = world.earlier.map((run) => run.name);
    ({ graph } = await buildGraph(pipeline, source, { ...options, skipExistingIn, isDone }));
  }
  const oracle = execute(world, full, () => false);
  if (kept + idle < full.quantumCount || full.quantumCount === 0) {
    const { whole, made } = execute(world, graph, fails, name);
    world.earlier.unshift({ graph, whole, made, name, identities: labels.map((label) => world.identity(label)) });
  }
  return { full, graph, kept, idle, oracle };
}

describe('productions that are changed and continued', () => {
  it('show what one from nothing would give, and make nothing twice', async () => {
    const seen = { kept: 0, partly: 0, noWork: 0, failed: 0 };
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 6 }), fc.nat(1000), async (changes, salt) => {
        const world = new World();
        world.codes[0] = salt; // other contents, and so other quanta without work
        for (let cell = 0; cell < cells.length; cell++) world.putRaw(cell);
        for (const { what, task, cell, value, fails } of changes) {
          await produce(world, (label, dataId) => {
            const failing = fails.some(
              (one) =>
                labels[one.task] === label &&
                Object.entries(cells[one.cell]).every(([k, v]) => !(k in dataId) || dataId[k] === v),
            );
            if (failing) seen.failed++;
            return failing;
          });
          if (what === 'config') world.configs[task] = value;
          if (what === 'code') world.codes[task] = value;
          if (what === 'removeRaw') world.raws.delete(cell);
          if (what === 'replaceRaw' || (what === 'addRaw' && !world.raws.has(cell))) world.putRaw(cell);
        }
        const last = await produce(world, () => false);
        const shown = world.shown();
        for (const [key, content] of last.oracle.results) expect(shown.get(key), key).toBe(content);
        // Again, and all that can be done is done.
        const again = await produce(world, () => false);
        expect(again.idle + again.kept).toBe(again.full.quantumCount);
        if (last.kept > 0) seen.kept++;
        if (last.kept > 0 && last.graph.quantumCount > 0) seen.partly++;
        if (last.oracle.results.size < 2 * cells.length) seen.noWork++;
      }),
      { numRuns: 60 },
    );
    for (const [what, count] of Object.entries(seen)) expect(count, what).toBeGreaterThan(5);
  }, 60_000);
});
