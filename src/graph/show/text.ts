// SPDX-License-Identifier: BSD-3-Clause
import type { DataId } from '../../butler/index.ts';
import { drawTasks } from '../../pipeline/index.ts';
import { explainReport } from '../build/report.ts';
import type { ColumnGraph } from '../column-graph.ts';
import { graphErrors } from '../errors.ts';
import { nodesOf } from './mermaid.ts';

/** At most this many lines of a list; the rest is counted. */
const listed = 12;

/** A graph for a terminal: where it comes from, tasks with counts drawn in the order of the data, what was left out and why. */
export function graphText(graph: ColumnGraph): string {
  const { header, report } = graph;
  const counts = new Map(report.tasks.map((task) => [task.label, task]));
  const lines = [
    `graph ${graph.id} of ${header.pipeline}`,
    `built ${header.createdAt} in ${report.wallSeconds.toFixed(2)} s, ${report.questions} questions to the repository`,
    `inputs ${header.inputs.join(', ')}; output run ${header.outputRun}`,
    ...(header.where === '' ? [] : [`where ${header.where}`]),
    '',
    ...drawTasks(nodesOf(graph), (label) => {
      const task = counts.get(label);
      if (task === undefined) return undefined;
      const notes = [
        `${task.quanta} quanta`,
        task.skipped > 0 ? `${task.skipped} done` : '',
        task.pruned > 0 ? `${task.pruned} left out` : '',
      ];
      return `[${notes.filter((text) => text !== '').join(', ')}]`;
    }),
    '',
    `${graph.quantumCount} quanta, ${graph.datasetCount} datasets (${graph.index.existingCount} exist), ${graph.inputOffsets[graph.quantumCount]} input edges`,
  ];
  const reasons = explainReport(report);
  if (reasons.length > 0) lines.push('', 'left out:', ...reasons.map((reason) => `  ${reason}`));
  return lines.join('\n');
}

/** One quantum with its neighbourhood: what it reads and writes, what it waits for, what waits for it. */
export function quantumText(graph: ColumnGraph, which: string | number): string {
  const quantum = typeof which === 'string' && which.includes('-') ? graph.quantumByUuid(which) : Number(which);
  if (quantum === undefined || !Number.isInteger(quantum) || quantum < 0 || quantum >= graph.quantumCount) {
    throw graphErrors.UNKNOWN_QUANTUM({ quantum: String(which), count: graph.quantumCount });
  }
  const task = graph.tasks[graph.taskOf(quantum)];
  const lines = [`${nameOf(graph, quantum)}`, `  id ${graph.quantumUuid(quantum)}, row ${quantum}`];
  lines.push(
    'reads:',
    ...edges(graph, quantum, graph.inputOffsets, graph.inputDatasets, graph.inputConnections, task.inputNames),
  );
  lines.push(
    'writes:',
    ...edges(graph, quantum, graph.outputOffsets, graph.outputDatasets, graph.outputConnections, task.outputNames),
  );
  for (const [title, csr] of [
    ['waits for:', graph.dependencies()],
    ['is waited for by:', graph.dependents()],
  ] as const) {
    const neighbours = csr.quanta.subarray(csr.offsets[quantum], csr.offsets[quantum + 1]);
    lines.push(title, ...shortened([...neighbours], (other) => `${nameOf(graph, other)}  row ${other}`));
  }
  return lines.join('\n');
}

function edges(
  graph: ColumnGraph,
  quantum: number,
  offsets: Uint32Array,
  datasets: Uint32Array,
  connections: Uint8Array,
  names: readonly string[],
): string[] {
  const rows = Array.from({ length: offsets[quantum + 1] - offsets[quantum] }, (_, i) => offsets[quantum] + i);
  return shortened(rows, (i) => {
    const dataset = graph.dataset(datasets[i]);
    const where = dataset.producer === undefined ? `exists in ${dataset.run}` : `made by row ${dataset.producer}`;
    return `${names[connections[i]]}: ${dataset.datasetType} (${dataIdText(dataset.dataId)})  ${where}`;
  });
}

function shortened<T>(items: readonly T[], text: (item: T) => string): string[] {
  if (items.length === 0) return ['  nothing'];
  const lines = items.slice(0, listed).map((item) => `  ${text(item)}`);
  return items.length <= listed ? lines : [...lines, `  … and ${items.length - listed} more of ${items.length}`];
}

function nameOf(graph: ColumnGraph, quantum: number): string {
  return `${graph.tasks[graph.taskOf(quantum)].label} (${dataIdText(graph.quantumDataId(quantum))})`;
}

function dataIdText(dataId: DataId): string {
  return Object.entries(dataId)
    .map(([key, value]) => `${key}=${value}`)
    .join(' ');
}
