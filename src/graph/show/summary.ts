// SPDX-License-Identifier: BSD-3-Clause

import type { BuildReport } from '../build/report.ts';
import type { ColumnGraph } from '../column-graph.ts';
import type { GraphHeader } from '../quantum-graph.ts';

/** A graph in numbers, for `--json` and pages. */
export interface GraphSummary {
  id: string;
  header: GraphHeader;
  quanta: number;
  datasets: number;
  /** Datasets that exist already. */
  existing: number;
  /** Edges from datasets to the quanta that read them. */
  inputEdges: number;
  tasks: { label: string; dimensions: readonly string[]; quanta: number }[];
  datasetTypes: { name: string; dimensions: readonly string[]; storageClass: string; datasets: number }[];
  report: BuildReport;
}

export function graphSummary(graph: ColumnGraph): GraphSummary {
  return {
    id: graph.id,
    header: graph.header,
    quanta: graph.quantumCount,
    datasets: graph.datasetCount,
    existing: graph.index.existingCount,
    inputEdges: graph.inputOffsets[graph.quantumCount],
    tasks: graph.tasks.map((task) => ({
      label: task.label,
      dimensions: task.declaration.dimensions,
      quanta: task.quantumCount,
    })),
    datasetTypes: graph.datasetTypes.map((type) => ({
      name: type.name,
      dimensions: type.dimensions,
      storageClass: type.storageClass,
      datasets: type.datasetCount,
    })),
    report: graph.report,
  };
}
