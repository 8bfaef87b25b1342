// SPDX-License-Identifier: BSD-3-Clause
import type { QuantumGraph } from '../../graph/index.ts';

/** What somebody means by a text: a quantum, or a dataset of the graph. */
export type Found = { quantum: number } | { dataset: number };

/**
 * Understands a quantum's row or UUID, a dataset's UUID, or a task label or dataset type followed by data-ID values
 * (`isr visit=42 detector=3`). All that match, up to `limit`.
 */
export function findInGraph(graph: QuantumGraph, text: string, limit = 20): Found[] {
  const trimmed = text.trim();
  if (/^\d+$/.test(trimmed)) return Number(trimmed) < graph.quantumCount ? [{ quantum: Number(trimmed) }] : [];
  if (/^[0-9a-f]{8}-[0-9a-f-]{27}$/i.test(trimmed)) return findUuid(graph, trimmed.toLowerCase());
  const [name, ...pairs] = trimmed.split(/[\s,]+/);
  const wanted = pairs.map((pair) => pair.split('=') as [string, string]);
  const matches = (dataId: Readonly<Record<string, string | number>>) =>
    wanted.every(([key, value]) => key in dataId && String(dataId[key]) === value);
  const found: Found[] = [];
  const task = graph.tasks.find((t) => t.label === name);
  if (task !== undefined)
    for (let q = task.firstQuantum; q < task.firstQuantum + task.quantumCount && found.length < limit; q++)
      if (matches(graph.quantumDataId(q))) found.push({ quantum: q });
  const type = graph.datasetTypes.find((t) => t.name === name);
  if (type !== undefined)
    for (let row = type.firstDataset; row < type.firstDataset + type.datasetCount && found.length < limit; row++)
      if (matches(graph.dataset(row).dataId)) found.push({ dataset: row });
  return found;
}

function findUuid(graph: QuantumGraph, uuid: string): Found[] {
  const quantum = graph.quantumByUuid(uuid);
  if (quantum !== undefined) return [{ quantum }];
  for (let row = 0; row < graph.datasetCount; row++) if (graph.dataset(row).id === uuid) return [{ dataset: row }];
  return [];
}
