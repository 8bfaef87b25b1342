// SPDX-License-Identifier: BSD-3-Clause
import type { QuantumGraph } from '../../graph/index.ts';
import { formatBytes, formatCount } from '../report/format.ts';
import { type Column, fittedTable } from '../report/layout.ts';
import type { TaskRequest } from './request-table.ts';

/** Quanta of a task that are asked for a preview. */
const sampled = 500;

/** Where a request comes from, in words. */
export function requestOrigin({ source, from }: Pick<TaskRequest, 'source' | 'from'>): string {
  return {
    learned: `learned from ${from}`,
    inputs: 'by the task, from its inputs',
    declared: 'by the task',
    default: 'not stated, the default',
  }[source];
}

/** What quanta will ask for, for a terminal; tasks without quanta are left out. Where quanta differ, some of them are asked. */
export function formatRequests(graph: QuantumGraph, requests: readonly TaskRequest[], width = 100): string {
  const rows = graph.tasks.flatMap(({ quantumCount, firstQuantum }, t) =>
    quantumCount === 0 ? [] : [{ request: requests[t], quantumCount, firstQuantum }],
  );
  const columns: Column<(typeof rows)[number]>[] = [
    { head: 'task', cell: (r) => r.request.label, align: 'left', least: 12 },
    { head: 'quanta', cell: (r) => formatCount(r.quantumCount) },
    { head: 'cores', cell: (r) => String(r.request.cores) },
    { head: 'memory', cell: (r) => memoryRange(r.request, r.firstQuantum, r.quantumCount) },
    { head: 'requested', cell: (r) => requestOrigin(r.request), align: 'left', least: 20 },
  ];
  return fittedTable(columns, rows, width);
}

function memoryRange({ memoryBytes, memoryOf }: TaskRequest, first: number, count: number): string {
  if (memoryOf === undefined) return formatBytes(memoryBytes);
  const step = Math.max(1, Math.floor(count / sampled));
  let [low, high] = [Number.POSITIVE_INFINITY, 0];
  for (let quantum = first; quantum < first + count; quantum += step) {
    const bytes = memoryOf(quantum);
    [low, high] = [Math.min(low, bytes), Math.max(high, bytes)];
  }
  const [from, to] = [formatBytes(low), formatBytes(high)];
  return from === to ? from : `${from} to ${to}`;
}
