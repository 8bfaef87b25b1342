// SPDX-License-Identifier: BSD-3-Clause
import type { DataId } from '../../butler/index.ts';
import { drawTasks } from '../../pipeline/index.ts';
import { explainReport } from '../build/explain.ts';
import type { ColumnGraph } from '../column-graph.ts';
import { graphErrors } from '../errors.ts';
import { findQuanta } from './find.ts';
import { nodesOf } from './mermaid.ts';
import { type Neighbourhood, neighbourhood } from './neighbourhood.ts';
import { graphSummary } from './summary.ts';

/** At most this many lines of a list; the rest is counted. */
const listed = 12;

/** A graph for a terminal: where it comes from, tasks with counts drawn in the order of the data, what was left out and why. */
export function graphText(graph: ColumnGraph): string {
  const { header, report } = graph;
  const reported = new Map(report.tasks.map((task) => [task.label, task]));
  const counts = new Map(graph.tasks.map((task) => [task.label, task.quantumCount]));
  const summary = graphSummary(graph);
  const lines = [
    `graph ${graph.id} of ${header.pipeline}`,
    `built ${header.createdAt} in ${report.wallSeconds.toFixed(2)} s, ${report.questions} questions to the repository`,
    `inputs ${header.inputs.join(', ')}; output run ${header.outputRun}`,
    ...(header.where === '' ? [] : [`where ${header.where}`]),
    ...partLines(graph),
    '',
    ...drawTasks(nodesOf(graph), (label) => {
      const task = reported.get(label);
      const notes = [
        `${counts.get(label)} quanta`,
        task !== undefined && task.skipped > 0 ? `${task.skipped} done` : '',
        task !== undefined && task.pruned > 0 ? `${task.pruned} left out` : '',
      ];
      return `[${notes.filter((text) => text !== '').join(', ')}]`;
    }),
    '',
    `${graph.quantumCount} quanta, ${graph.datasetCount} datasets (${summary.existing} exist), ${summary.inputEdges} input edges`,
  ];
  const reasons = explainReport(report);
  if (reasons.length > 0) lines.push('', 'left out:', ...reasons.map((reason) => `  ${reason}`));
  return lines.join('\n');
}

function partLines({ header }: ColumnGraph): string[] {
  if (header.part === undefined) return [];
  const { name, of, needs } = header.part;
  const first = needs.map((need) => `${need.part} (${need.datasets} datasets of ${need.run})`);
  return [`part ${name} of graph ${of}${first.length === 0 ? '' : `; run first: ${first.join(', ')}`}`];
}

/** One quantum with its neighbourhood: what it reads and writes, what it waits for, what waits for it. */
export function quantumText(graph: ColumnGraph, which: string | number): string {
  const [quantum] = findQuanta(graph, String(which), 1);
  if (quantum === undefined) throw graphErrors.UNKNOWN_QUANTUM({ quantum: String(which), count: graph.quantumCount });
  return neighbourhoodText(neighbourhood(graph, quantum));
}

export function neighbourhoodText(of: Neighbourhood): string {
  const dataset = ({ connection, datasetType, dataId, producer, run }: Neighbourhood['reads'][number]): string => {
    const where = producer === null ? `exists in ${run}` : `made by row ${producer}`;
    return `${connection}: ${datasetType} (${dataIdText(dataId)})  ${where}`;
  };
  const other = ({ label, dataId, quantum }: Neighbourhood['waitsFor'][number]): string =>
    `${label} (${dataIdText(dataId)})  row ${quantum}`;
  return [
    `${of.label} (${dataIdText(of.dataId)})`,
    `  id ${of.id}, row ${of.quantum}`,
    'reads:',
    ...shortened(of.reads, dataset),
    'writes:',
    ...shortened(of.writes, dataset),
    'waits for:',
    ...shortened(of.waitsFor, other),
    'is waited for by:',
    ...shortened(of.waitedForBy, other),
  ].join('\n');
}

function shortened<T>(items: readonly T[], text: (item: T) => string): string[] {
  if (items.length === 0) return ['  nothing'];
  const lines = items.slice(0, listed).map((item) => `  ${text(item)}`);
  return items.length <= listed ? lines : [...lines, `  … and ${items.length - listed} more of ${items.length}`];
}

export function dataIdText(dataId: DataId): string {
  return Object.entries(dataId)
    .map(([key, value]) => `${key}=${value}`)
    .join(' ');
}
