// SPDX-License-Identifier: BSD-3-Clause
import { leastMemory } from '../build/memory.ts';

/** What building and keeping a graph takes. */
export interface GraphCost {
  /** Memory of the process that builds, at its peak, without a limit. */
  buildMemoryBytes: number;
  /** The least limit that would do, and what would then wait on disk. */
  leastMemoryBytes: number;
  spillBytes: number;
  /** Time of the build, on one core of 2024. */
  buildSeconds: number;
  fileBytes: number;
}

/** Of each quantum, flags of it and its datasets. */
const bitBytes = 1.5;

/**
 * Measured: 60 million quanta of seven tasks over 12 dimensions took 2.6 GB and a minute, and the file 2 bytes a quantum; an existing
 * dataset costs its random id (16 bytes) and, compressed, about as much for its path and numbers; the index of a small graph 12 kB.
 */
export function costOf(graph: { quanta: number; existing: number; rows: number; dimensions: number }): GraphCost {
  const { quanta, existing, rows, dimensions } = graph;
  const columnBytes = rows * (4 * dimensions + 40) + 12 * quanta + 60 * existing;
  return {
    buildMemoryBytes: 200e6 + columnBytes,
    leastMemoryBytes: leastMemory(bitBytes * quanta),
    spillBytes: columnBytes,
    buildSeconds: 0.05 + 0.8e-6 * quanta + 0.4e-6 * rows + 3e-6 * existing,
    fileBytes: Math.round(12_000 + 2 * quanta + 34 * existing),
  };
}
