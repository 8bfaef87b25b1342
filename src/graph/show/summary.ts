// SPDX-License-Identifier: BSD-3-Clause

import type { BuildReport } from '../build/report.ts';
import type { ColumnGraph } from '../column-graph.ts';
import { presentCount } from '../derive/existing-writer.ts';
import { edgeCounts } from '../edge-counts.ts';
import type { GraphHeader } from '../quantum-graph.ts';

/** A graph in numbers, for `--json` and pages. Of a file only the index is read, whatever the size of the graph. */
export interface GraphSummary {
  id: string;
  header: GraphHeader;
  quanta: number;
  datasets: number;
  /** Datasets that exist already. */
  existing: number;
  /** Edges from datasets to the quanta that read them. */
  inputEdges: number;
  outputEdges: number;
  tasks: {
    label: string;
    dimensions: readonly string[];
    quanta: number;
    inputs: { connection: string; datasetType: string; edges: number }[];
    outputs: { connection: string; datasetType: string; edges: number }[];
  }[];
  /** Quanta by the dimensions of their tasks. */
  dimensions: { dimensions: readonly string[]; tasks: number; quanta: number }[];
  datasetTypes: { name: string; dimensions: readonly string[]; storageClass: string; datasets: number }[];
  report: BuildReport;
}

export function graphSummary(graph: ColumnGraph): GraphSummary {
  const [inputs, outputs] = [edgeCounts(graph, 'inputs'), edgeCounts(graph, 'outputs')];
  const byDimensions = new Map<string, GraphSummary['dimensions'][number]>();
  for (const { declaration, quantumCount } of graph.tasks) {
    const key = declaration.dimensions.join();
    const entry = byDimensions.get(key) ?? { dimensions: declaration.dimensions, tasks: 0, quanta: 0 };
    byDimensions.set(key, { ...entry, tasks: entry.tasks + 1, quanta: entry.quanta + quantumCount });
  }
  return {
    id: graph.id,
    header: graph.header,
    quanta: graph.quantumCount,
    datasets: graph.datasetCount,
    existing: sum(graph.index.datasetTypes.map((_, t) => presentCount(graph, t))),
    inputEdges: sum(inputs.flat()),
    outputEdges: sum(outputs.flat()),
    tasks: graph.index.tasks.map((task, t) => {
      const edges = (names: readonly string[], side: typeof task.inputs, counts: number[]) =>
        names.map((connection, k) => ({
          connection,
          datasetType: graph.datasetTypes[side[k].type].name,
          edges: counts[k],
        }));
      return {
        label: task.label,
        dimensions: task.declaration.dimensions,
        quanta: task.quantumCount,
        inputs: edges(task.inputNames, task.inputs, inputs[t]),
        outputs: edges(task.outputNames, task.outputs, outputs[t]),
      };
    }),
    dimensions: [...byDimensions.values()],
    datasetTypes: graph.datasetTypes.map((type) => ({
      name: type.name,
      dimensions: type.dimensions,
      storageClass: type.storageClass,
      datasets: type.datasetCount,
    })),
    report: graph.report,
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
