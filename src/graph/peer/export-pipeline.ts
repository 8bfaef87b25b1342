// SPDX-License-Identifier: BSD-3-Clause
import type { DimensionUniverse } from '../../butler/index.ts';
import { packagesDatasetType, splitComponent } from '../../pipeline/index.ts';
import type { ColumnGraph } from '../column-graph.ts';
import type { PeerDatasetType, PeerPipelineGraph } from './format.ts';
import { isDeferred, numberNodes, peerTask } from './pipeline-graph.ts';

/** The tasks and dataset types of a graph as a pipeline graph. */
export function peerPipeline(graph: ColumnGraph, universe: DimensionUniverse): PeerPipelineGraph {
  const close = (names: readonly string[]): string[] => [...universe.conform(names).names];
  const prerequisites = new Set<string>();
  const others = new Set<string>();
  const deferred = new Set<string>();
  const init = new Set<string>();
  for (const { declaration } of graph.tasks) {
    for (const connection of Object.values(declaration.connections)) {
      const { kind, datasetType } = connection;
      const { parent } = splitComponent(datasetType);
      if (kind === 'prerequisite') prerequisites.add(parent);
      else if (kind === 'initInput' || kind === 'initOutput') init.add(parent);
      else others.add(parent);
      if (isDeferred(connection)) deferred.add(parent);
    }
  }
  const types = graph.index.datasetTypes.filter(({ name }) => name !== packagesDatasetType);
  const entries = types.map((type): [string, PeerDatasetType] => {
    const isPrerequisite = prerequisites.has(type.name) && !others.has(type.name);
    const isInput = type.producer === undefined && !init.has(type.name) && !isPrerequisite;
    return [
      type.name,
      {
        dimensions: close(type.dimensions),
        storage_class: type.storageClass,
        is_calibration: type.isCalibration,
        is_initial_query_constraint: isInput && !deferred.has(type.name),
        is_prerequisite: isPrerequisite,
        index: null,
      },
    ];
  });
  const pipeline: PeerPipelineGraph = {
    version: '0.0.1',
    description: graph.header.description,
    tasks: Object.fromEntries(graph.tasks.map((task) => [task.label, peerTask(task.declaration, close)])),
    dataset_types: Object.fromEntries(entries),
    task_subsets: {},
    dimensions: JSON.parse(universe.toJson()),
    data_id: {},
    step_labels: [],
    steps_verified: false,
  };
  numberNodes(pipeline);
  return pipeline;
}
