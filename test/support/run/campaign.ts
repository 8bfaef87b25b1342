// SPDX-License-Identifier: BSD-3-Clause
import { join } from 'node:path';
import type { Butler, DataId } from '../../../src/butler/index.ts';
import type { QuantumGraph } from '../../../src/graph/index.ts';
import type { TaskDeclaration, TaskDefinition } from '../../../src/pipeline/index.ts';
import type { WorkerCommand } from '../../../src/run/index.ts';
import { graphByHand, type HandQuantum } from '../graphs.ts';
import { doubleNumber, makeNumber, readRecords, sumNumbers } from './tasks.ts';

export const testWorker: WorkerCommand = { file: process.execPath, args: [join(import.meta.dirname, 'worker.ts')] };

export interface CampaignOptions {
  cells: number;
  /** Cells a sum takes together. */
  group?: number;
  run?: string;
  config?: { make?: object; double?: object; sum?: object; read?: object };
  resources?: TaskDeclaration['resources'];
  /** Log and metadata datasets, as pipelines have them. Default true. */
  automatic?: boolean;
  /** A further task that reads logs and metadata of the first. */
  readers?: boolean;
}

const FIRST_CELL = 131072; // of HTM level 7

export function cell(i: number): number {
  return FIRST_CELL + i;
}

/** make -> double -> sum over cells of the sky: a graph with fan-in, an optional input and init outputs. */
export function campaign(butler: Butler, options: CampaignOptions): QuantumGraph {
  const { cells, group = 4, config = {}, automatic = true } = options;
  const declare = (label: string, definition: unknown, given: object | undefined): TaskDeclaration => {
    const task = definition as TaskDefinition;
    const { dimensions } = task;
    const connections = { ...task.connections };
    if (automatic) {
      connections._config = { kind: 'initOutput', datasetType: `${label}_config`, storage: 'StructuredDataDict' };
      connections._metadata = { kind: 'output', datasetType: `${label}_metadata`, storage: 'TaskMetadata', dimensions };
      connections._log = { kind: 'output', datasetType: `${label}_log`, storage: 'ButlerLogRecords', dimensions };
    }
    const full = task.config.parse(given ?? {}) as Record<string, unknown>;
    const resources = options.resources ?? { memoryBytes: 1e8 };
    return { label, taskClass: task.name, runner: 'typescript', dimensions, connections, config: full, resources };
  };
  const all = Array.from({ length: cells }, (_, i): DataId => ({ htm7: cell(i) }));
  const quantum = (dataId: DataId, inputs: HandQuantum['inputs'], outputs: string[]): HandQuantum => ({
    dataId,
    inputs,
    outputs: Object.fromEntries(
      [...outputs, ...(automatic ? ['_metadata', '_log'] : [])].map((name) => [name, [dataId]]),
    ),
  });
  const groups = Array.from({ length: Math.ceil(cells / group) }, (_, g) => all.slice(g * group, (g + 1) * group));
  return graphByHand(
    { inputs: [], output: 'test/out', outputRun: options.run ?? 'test/run', repositoryId: butler.repositoryId },
    [
      {
        declaration: declare('make', makeNumber, config.make),
        quanta: all.map((id) => quantum(id, {}, ['number', 'extra'])),
      },
      {
        declaration: declare('double', doubleNumber, config.double),
        quanta: all.map((id) => quantum(id, { number: [id], extra: [id] }, ['doubled'])),
      },
      {
        declaration: declare('sum', sumNumbers, config.sum),
        quanta: groups.map((ids) => quantum(ids[0], { doubled: ids }, ['sum'])),
      },
      ...(options.readers === true
        ? [
            {
              declaration: declare('read', readRecords, config.read),
              quanta: all.map((id) => quantum(id, { metadata: [id], log: [id] }, ['told'])),
            },
          ]
        : []),
    ],
  );
}
