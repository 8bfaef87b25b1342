// SPDX-License-Identifier: BSD-3-Clause
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { type ButlerApi, type DatasetRef, FileLimitedButler, type FileRecord } from '../../butler/index.ts';
import { absoluteRecord, universeOf } from '../places.ts';
import { differences } from './differences.ts';

/** One output of a replay beside the one the run recorded. */
export interface ReplayedOutput {
  dataset: number;
  datasetType: string;
  dataId: Readonly<Record<string, string | number>>;
  /**
   * - `same`: the same bytes, or where the repository keeps no digests, the same content
   * - `differs`: `differences` says where
   * - `new`, `gone`: only the replay, only the run has made it
   * - `held`: in the run it was only in memory
   * - `timed`: log or metadata, which hold times and so are never the same
   */
  verdict: 'same' | 'differs' | 'new' | 'gone' | 'held' | 'timed';
  /** Absolute. */
  path?: string;
  sizeBytes?: number;
  checksum?: string;
  recorded?: { path: string; sizeBytes: number; checksum: string | null };
  differences?: string[];
}

/** Compares a file with the recorded one: by size and digest, and where these differ, by content. `file` has an absolute path. */
export async function compareOutput(
  butler: ButlerApi,
  ref: DatasetRef,
  file: FileRecord,
  recorded: FileRecord,
): Promise<Pick<ReplayedOutput, 'verdict' | 'differences'>> {
  const checksum = file.checksum ?? (recorded.checksum === null ? null : await digestOf(file.path));
  if (recorded.checksum !== null && file.sizeBytes === recorded.sizeBytes && checksum === recorded.checksum)
    return { verdict: 'same' };
  const read = async (record: FileRecord): Promise<unknown> => {
    const { root, datastoreRoot } = butler;
    const datasets = [{ id: ref.id, records: [record] }];
    return new FileLimitedButler({ root, datastoreRoot, universe: universeOf(butler), datasets }).get(ref);
  };
  let was: unknown;
  try {
    was = await read(absoluteRecord(butler, recorded));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const what = `${recorded.sizeBytes} bytes with digest ${recorded.checksum ?? 'unknown'} became ${file.sizeBytes} bytes with digest ${checksum ?? 'unknown'}`;
    return { verdict: 'differs', differences: [`${what}; the recorded file cannot be read to say more: ${why}`] };
  }
  const found = differences(was, await read(file));
  if (found.length > 0) return { verdict: 'differs', differences: found };
  // Without a recorded digest, what is read back decides.
  if (recorded.checksum === null) return { verdict: 'same' };
  return { verdict: 'differs', differences: ['the bytes differ, but what is read back is the same'] };
}

/** As the datastore makes its digests. */
export async function digestOf(path: string): Promise<string> {
  const hash = createHash('blake2b512');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
