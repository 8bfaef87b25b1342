// SPDX-License-Identifier: BSD-3-Clause
import { graphErrors } from '../errors.ts';
import type { PoolOptions } from '../paged/pool.ts';

/**
 * What a process takes besides columns: the program, and the answers of the repository until they are taken in. Measured as the largest
 * resident set of builds from 10⁵ to 6·10⁷ quanta less their columns.
 */
const programBytes = 400e6;
/** The rest is for what comes and goes. */
const columnShare = 0.95;
/** With less for columns, a build would do nothing but read and write pages. */
const leastColumnBytes = 40e6;

/** The least limit for a build of which so many bytes have to stay in memory. */
export function leastMemory(fixedBytes: number): number {
  return (programBytes + leastColumnBytes + 1.6 * fixedBytes) / columnShare;
}

/** The memory of columns within that of the process. Refuses what could not work for any build. */
export function columnMemory(memoryBytes: number | undefined, spillFolder: string | undefined): PoolOptions {
  if (memoryBytes === undefined) return {};
  const limitBytes = columnShare * memoryBytes - programBytes;
  if (limitBytes < leastColumnBytes)
    throw graphErrors.MEMORY({
      limit: gigabytes(memoryBytes),
      needed: gigabytes(leastMemory(0)),
    });
  return { limitBytes, processBytes: memoryBytes, folder: spillFolder };
}

function gigabytes(bytes: number): string {
  return `${(Math.ceil(bytes / 1e7) / 100).toFixed(2)} GB`;
}
