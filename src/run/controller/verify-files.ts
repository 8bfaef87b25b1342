// SPDX-License-Identifier: BSD-3-Clause
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { ButlerApi, FileRecord } from '../../butler/index.ts';

const AT_ONCE = 64;

/** Whether each file is there with the size its record says. */
export async function verifyFiles(butler: ButlerApi, records: readonly FileRecord[]): Promise<boolean[]> {
  const results = new Array<boolean>(records.length).fill(false);
  let next = 0;
  const worker = async () => {
    for (let i = next++; i < records.length; i = next++) {
      try {
        results[i] = (await stat(resolve(butler.datastoreRoot, records[i].path))).size === records[i].sizeBytes;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, records.length) }, worker));
  return results;
}
