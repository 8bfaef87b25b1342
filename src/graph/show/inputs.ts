// SPDX-License-Identifier: BSD-3-Clause
import type { ColumnGraph } from '../column-graph.ts';
import { presentCount, presentNumbers } from '../derive/existing-writer.ts';

/** Datasets of one type that the graph takes from the repository. */
export interface InputCounts {
  datasetType: string;
  dimensions: readonly string[];
  datasets: number;
  /** By the run that holds them, most first. */
  runs: { run: string; datasets: number }[];
  files: number;
  /** Of files whose size is recorded. */
  sizeBytes: number;
  /** Tasks that read them, by connection. */
  readBy: { label: string; connection: string }[];
  /** Not there yet: other parts of a graph that was split make them. */
  pending: number;
}

/** What the graph reads that exists, by dataset type: runs and bytes from the columns of existing datasets. */
export function graphInputs(graph: ColumnGraph): InputCounts[] {
  const { index, parts } = graph;
  if (index.existingCount === 0) return [];
  const runs = parts.column('existing/runs');
  const files = parts.column('existing/fileOffsets');
  const sizes = parts.column('file/sizes');
  const elsewhere = new Set((graph.header.part?.needs ?? []).map((need) => need.run));
  const pendingRun = index.runs.map((run) => elsewhere.has(run));
  const counts: InputCounts[] = [];
  for (const [t, type] of index.datasetTypes.entries()) {
    if (presentCount(graph, t) === 0) continue;
    const present = presentNumbers(graph, t);
    const rows = graph.edges.datasetsOf(t);
    const byRun = new Uint32Array(index.runs.length);
    let [datasets, fileCount, sizeBytes] = [0, 0, 0];
    for (let row = 0; row < rows.size; row++) {
      const existing = present(row);
      if (existing === undefined) continue;
      datasets++;
      byRun[runs[existing]]++;
      for (let file = files[existing]; file < files[existing + 1]; file++) {
        fileCount++;
        if (Number.isFinite(sizes[file])) sizeBytes += sizes[file];
      }
    }
    counts.push({
      datasetType: type.name,
      dimensions: type.dimensions,
      datasets,
      runs: index.runs
        .map((run, r) => ({ run, datasets: byRun[r] }))
        .filter(({ datasets }) => datasets > 0)
        .sort((a, b) => b.datasets - a.datasets),
      files: fileCount,
      sizeBytes,
      readBy: readers(graph, t),
      pending: byRun.reduce((sum, count, r) => sum + (pendingRun[r] ? count : 0), 0),
    });
  }
  return counts;
}

function readers({ index }: ColumnGraph, type: number): InputCounts['readBy'] {
  return index.tasks.flatMap((task) => [
    ...task.inputs.flatMap((edges, k) =>
      edges.type === type ? [{ label: task.label, connection: task.inputNames[k] }] : [],
    ),
    ...Object.entries(task.initInputs).flatMap(([connection, row]) =>
      row === index.datasetTypes[type].firstDataset ? [{ label: task.label, connection }] : [],
    ),
  ]);
}
