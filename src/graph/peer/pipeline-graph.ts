// SPDX-License-Identifier: BSD-3-Clause
import {
  automaticConnections,
  type Connection,
  type ConnectionKind,
  splitComponent,
  type TaskDeclaration,
} from '../../pipeline/index.ts';
import type { PeerDatasetType, PeerEdge, PeerPipelineGraph, PeerTask } from './format.ts';

/** What a pipeline graph says of one task, in our words. How many datasets a connection takes is not in the file. */
export function declarationOf(label: string, task: PeerTask): TaskDeclaration {
  const connections: Record<string, Connection> = {};
  const add = (kind: ConnectionKind, edges: Record<string, PeerEdge>): void => {
    for (const [name, edge] of Object.entries(edges)) connections[name] = connectionOf(kind, edge, task.dimensions);
  };
  add('initInput', task.init.inputs);
  add('prerequisite', task.prerequisite_inputs);
  add('input', task.inputs);
  add('output', task.outputs);
  add('initOutput', task.init.outputs);
  add('initOutput', { [automaticConnections.config]: task.init.config_output });
  add('output', { [automaticConnections.metadata]: task.metadata_output });
  if (task.log_output !== null) add('output', { [automaticConnections.log]: task.log_output });
  return {
    label,
    taskClass: task.task_class,
    runner: 'python',
    dimensions: task.dimensions,
    connections,
    config: {},
    pythonConfig: task.config_str,
    resources: {},
  };
}

function connectionOf(kind: ConnectionKind, edge: PeerEdge, taskDimensions: readonly string[]): Connection {
  const foreign = edge.raw_dimensions.some((dimension) => !taskDimensions.includes(dimension));
  return {
    kind,
    datasetType: edge.dataset_type_name,
    storage: edge.storage_class,
    ...(kind === 'initInput' || kind === 'initOutput' ? {} : { dimensions: edge.raw_dimensions }),
    ...(foreign ? { multiple: true } : {}),
    ...(edge.is_calibration ? { isCalibration: true } : {}),
    ...(edge.defer_query_constraint ? { deferGraphConstraint: true } : {}),
  };
}

/** Task with its connections as the file wants it. `dimensions` closes a set of them; lists are in alphabetical order there. */
export function peerTask(declaration: TaskDeclaration, dimensions: (names: readonly string[]) => string[]): PeerTask {
  const automatic: readonly string[] = Object.values(automaticConnections);
  const edges = (kind: ConnectionKind): Record<string, PeerEdge> =>
    Object.fromEntries(
      Object.entries(declaration.connections)
        .filter(([name, connection]) => connection.kind === kind && !automatic.includes(name))
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, connection]) => [name, peerEdge(connection)]),
    );
  const { config, metadata, log } = automaticConnections;
  const logConnection = declaration.connections[log];
  return {
    task_class: declaration.taskClass,
    init: {
      inputs: edges('initInput'),
      outputs: edges('initOutput'),
      config_output: peerEdge(declaration.connections[config]),
      index: null,
    },
    config_str: declaration.pythonConfig ?? '',
    prerequisite_inputs: edges('prerequisite'),
    inputs: edges('input'),
    outputs: edges('output'),
    metadata_output: peerEdge(declaration.connections[metadata]),
    log_output: logConnection === undefined ? null : peerEdge(logConnection),
    dimensions: dimensions(declaration.dimensions).sort(),
    index: null,
  };
}

/** Whether data IDs may lack the input: where a task says so, and where it can do without any. */
export function isDeferred({ deferGraphConstraint, minimum }: Connection): boolean {
  return deferGraphConstraint === true || minimum === 0;
}

function peerEdge(connection: Connection): PeerEdge {
  return {
    dataset_type_name: connection.datasetType,
    storage_class: connection.storage,
    raw_dimensions: [...(connection.dimensions ?? [])].sort(),
    is_calibration: connection.isCalibration ?? false,
    defer_query_constraint: isDeferred(connection),
  };
}

/** Tasks and dataset types numbered so that each comes after what it needs: of a task first its init part, then what that writes. */
export function numberNodes(graph: Pick<PeerPipelineGraph, 'tasks' | 'dataset_types'>): void {
  const done = new Set<string>();
  const producers = new Map<string, string>();
  let next = 0;
  const parent = (edge: PeerEdge): string => splitComponent(edge.dataset_type_name).parent;
  for (const [label, task] of Object.entries(graph.tasks)) {
    for (const edge of [...Object.values(task.init.outputs), task.init.config_output])
      producers.set(parent(edge), `${label} init`);
    for (const edge of outputs(task)) producers.set(parent(edge), label);
  }
  const type = (name: string): void => {
    if (done.has(name)) return;
    done.add(name);
    const producer = producers.get(name);
    if (producer?.endsWith(' init')) init(producer.slice(0, -' init'.length));
    else if (producer !== undefined) task(producer);
    const node = graph.dataset_types[name] as PeerDatasetType;
    if (node.index === null) node.index = next++;
  };
  const init = (label: string): void => {
    const node = graph.tasks[label].init;
    if (node.index !== null) return;
    for (const edge of Object.values(node.inputs)) type(parent(edge));
    node.index = next++;
  };
  const task = (label: string): void => {
    const node = graph.tasks[label];
    if (node.index !== null) return;
    init(label);
    for (const edge of [...Object.values(node.prerequisite_inputs), ...Object.values(node.inputs)]) type(parent(edge));
    node.index = next++;
  };
  for (const label of Object.keys(graph.tasks)) task(label);
  for (const name of Object.keys(graph.dataset_types)) type(name);
}

export function outputs(task: PeerTask): PeerEdge[] {
  return [...Object.values(task.outputs), task.metadata_output, ...(task.log_output === null ? [] : [task.log_output])];
}
