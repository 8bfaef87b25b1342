// SPDX-License-Identifier: BSD-3-Clause
import type { Butler, DataId } from '../../../src/butler/index.ts';
import type { QuantumGraph } from '../../../src/graph/index.ts';
import type { TaskDeclaration, TaskDefinition } from '../../../src/pipeline/index.ts';
import type { Exposure } from '../../../src/pixels/index.ts';
import { graphByHand } from '../graphs.ts';
import { cell } from './campaign.ts';
import { imageTasks } from './image-tasks.ts';

export interface ImageCampaignOptions {
  cells: number;
  run?: string;
  config?: { makeImage?: object; blurImage?: object; measureImage?: object };
  /** Pixels along a side of the images; of the calibration half as many. */
  size?: number;
  memoryBytes?: number;
}

/** A chain of three quanta a cell, with one calibration that exists and is read by two of them. */
export async function imageCampaign(butler: Butler, options: ImageCampaignOptions): Promise<QuantumGraph> {
  const { cells, run = 'test/images', config = {}, size = 64, memoryBytes = 1e8 } = options;
  const calib = await calibration(butler, size / 2);
  const tasks = imageTasks.map((task) => {
    const label = task.name.slice('test.'.length);
    const given = { size, ...config[label as keyof typeof config] };
    const names = (kinds: string[]) =>
      Object.entries(task.connections).filter(([, connection]) => kinds.includes(connection.kind));
    return {
      declaration: declarationOf(task, label, given, memoryBytes),
      quanta: Array.from({ length: cells }, (_, i) => {
        const dataId: DataId = { htm7: cell(i) };
        return {
          dataId,
          inputs: Object.fromEntries(
            names(['input', 'prerequisite']).map(([name]) => [name, [name === 'calib' ? {} : dataId]]),
          ),
          outputs: Object.fromEntries(
            [...names(['output']).map(([name]) => name), '_log', '_metadata'].map((n) => [n, [dataId]]),
          ),
        };
      }),
    };
  });
  return graphByHand({ inputs: ['calib'], outputRun: run, repositoryId: butler.repositoryId }, tasks, [calib]);
}

function declarationOf(task: TaskDefinition, label: string, given: object, memoryBytes: number): TaskDeclaration {
  const { dimensions } = task;
  return {
    label,
    taskClass: task.name,
    runner: 'typescript',
    dimensions,
    connections: {
      ...task.connections,
      _log: { kind: 'output', datasetType: `${label}_log`, storage: 'ButlerLogRecords', dimensions },
      _metadata: { kind: 'output', datasetType: `${label}_metadata`, storage: 'TaskMetadata', dimensions },
    },
    config: task.config.parse(given) as Record<string, unknown>,
    resources: { memoryBytes },
  };
}

async function calibration(butler: Butler, size: number) {
  await butler.registerCollection('calib', 'RUN');
  const type = butler.makeDatasetType('calib', [], 'ExposureF');
  await butler.registerDatasetTypes([type]);
  const n = size * size;
  const object: Exposure = {
    width: size,
    height: size,
    x0: 0,
    y0: 0,
    image: Float32Array.from({ length: n }, (_, i) => 1 + i),
    variance: new Float32Array(n).fill(1),
    mask: new Int32Array(n),
    metadata: {},
  };
  const found = await butler.findDataset('calib', {}, { collections: ['calib'] });
  const ref = found ?? (await butler.put(object, 'calib', {}, 'calib')).ref;
  const [files] = await butler.getFileRecords([ref.id]);
  return { datasetType: 'calib', dataId: {}, id: ref.id, run: 'calib', files };
}
