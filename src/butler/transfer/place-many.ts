// SPDX-License-Identifier: BSD-3-Clause
import type { Placement } from './place.ts';

/** Transfers under way at once. */
const parallelTransfers = 8;

/** Works on several items at once; after a failure begins no more, lets those under way end, and throws it. */
export async function atOnce<T>(
  items: readonly T[],
  work: (item: T, index: number) => Promise<void>,
  lanes = parallelTransfers,
): Promise<void> {
  let next = 0;
  let failed = false;
  const lane = async (): Promise<void> => {
    while (!failed && next < items.length) {
      const i = next++;
      try {
        await work(items[i], i);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const results = await Promise.allSettled(Array.from({ length: Math.min(lanes, items.length) }, lane));
  const failure = results.find((result) => result.status === 'rejected');
  if (failure !== undefined) throw failure.reason;
}

/** Prepares many transfers; if one fails, the others are taken back. */
export async function placeMany<T>(
  items: readonly T[],
  place: (item: T) => Promise<Placement>,
  onProgress?: (done: number) => void,
): Promise<Placement[]> {
  const placements: Placement[] = new Array(items.length);
  let done = 0;
  try {
    await atOnce(items, async (item, i) => {
      placements[i] = await place(item);
      onProgress?.(++done);
    });
  } catch (error) {
    await undoAll(placements);
    throw error;
  }
  return placements;
}

export async function commitAll(placements: readonly Placement[]): Promise<void> {
  await atOnce(placements, (placement) => placement.commit());
}

/** What failed before is what the caller must hear of: a file that cannot be taken back is found by `doctor`. */
export async function undoAll(placements: readonly (Placement | undefined)[]): Promise<void> {
  await Promise.allSettled(placements.map((placement) => placement?.undo()));
}
