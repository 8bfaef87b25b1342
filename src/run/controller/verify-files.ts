// SPDX-License-Identifier: BSD-3-Clause
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type ButlerApi, type FileRecord, memberStates } from '../../butler/index.ts';

/** What a file may be: as recorded; `altered`: there with another size or, where that was asked for, other bytes; `missing`. */
export type FileState = 'whole' | 'missing' | 'altered';

/** `size` asks the file system; `checksum` reads every file. */
export type VerifyMode = 'size' | 'checksum';

const STATS_AT_ONCE = 64;
const READS_AT_ONCE = 4;

/** How the files of these records stand. Without a recorded checksum the size decides. */
export async function verifyFiles(
  butler: Pick<ButlerApi, 'datastoreRoot'>,
  records: readonly FileRecord[],
  mode: VerifyMode = 'size',
): Promise<FileState[]> {
  const states = new Array<FileState>(records.length).fill('missing');
  const { datastoreRoot } = butler;
  const [members, files] = [true, false].map((wanted) =>
    [...records.keys()].filter((i) => records[i].path.includes('#') === wanted),
  );
  const some = members.map((i) => records[i]);
  for (const [at, state] of (await memberStates(datastoreRoot, some, mode === 'checksum')).entries())
    states[members[at]] = state;
  let next = 0;
  const worker = async () => {
    for (let i = files[next++]; i !== undefined; i = files[next++])
      states[i] = await stateOf(resolve(datastoreRoot, records[i].path), records[i], mode);
  };
  const atOnce = mode === 'size' ? STATS_AT_ONCE : READS_AT_ONCE;
  await Promise.all(Array.from({ length: Math.min(atOnce, files.length) }, worker));
  return states;
}

async function stateOf(path: string, { sizeBytes, checksum }: FileRecord, mode: VerifyMode): Promise<FileState> {
  try {
    if ((await stat(path)).size !== sizeBytes) return 'altered';
    if (mode === 'size' || checksum === null) return 'whole';
    return (await digestOf(path)) === checksum ? 'whole' : 'altered';
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'missing';
    throw error;
  }
}

/** BLAKE2b with 512 bits in hexadecimal digits, as file records have it. */
async function digestOf(path: string): Promise<string> {
  const hash = createHash('blake2b512');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}
