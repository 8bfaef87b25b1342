// SPDX-License-Identifier: BSD-3-Clause
import { createHash } from 'node:crypto';
import { SkymillError } from '../../../base/index.ts';
import type { FileRecord } from '../../types.ts';
import { resolveRecordPath } from '../paths.ts';
import { PosixStore } from '../posix/posix-store.ts';
import { type Member, readMember, splitMember } from './archive.ts';
import { findMembers } from './find-members.ts';

/** `altered`: of another size than recorded, or with other bytes where they were looked at. */
export type MemberState = 'whole' | 'missing' | 'altered';

type Recorded = Pick<FileRecord, 'path' | 'sizeBytes' | 'checksum'>;

/** {@link findMembers} for the file records of members: every archive is opened once. In the order of the records. */
export async function findRecorded(
  root: string,
  records: readonly { path: string }[],
): Promise<{ archive: string; member: Member | undefined }[]> {
  const places = records.map(({ path }) => ({
    archive: resolveRecordPath(root, path),
    name: splitMember(path).member!,
  }));
  const out = new Array<{ archive: string; member: Member | undefined }>(records.length);
  for (const [archive, indices] of Map.groupBy(places.keys(), (i) => places[i].archive)) {
    const members = await findOrNone(
      archive,
      indices.map((i) => places[i].name),
    );
    indices.forEach((i, at) => {
      out[i] = { archive, member: members[at] };
    });
  }
  return out;
}

/** Nothing is in what is no archive any more. */
async function findOrNone(archive: string, names: readonly string[]): Promise<(Member | undefined)[]> {
  try {
    return await findMembers(archive, names);
  } catch (error) {
    if (error instanceof SkymillError && error.code === 'BUTLER_BAD_FILE') return names.map(() => undefined);
    throw error;
  }
}

/** How recorded members stand, by their sizes; with `contents`, by their bytes too. */
export async function memberStates(
  root: string,
  records: readonly Recorded[],
  contents: boolean,
): Promise<MemberState[]> {
  const found = await findRecorded(root, records);
  const states: MemberState[] = [];
  for (const [i, { archive, member }] of found.entries()) {
    const { sizeBytes, checksum } = records[i];
    if (member === undefined) states.push('missing');
    else if (sizeBytes !== null && sizeBytes >= 0 && member.sizeBytes !== sizeBytes) states.push('altered');
    else states.push(!contents || (await isIntact(archive, member, checksum)) ? 'whole' : 'altered');
  }
  return states;
}

/** By its own checksum, and the recorded one where there is one. */
export async function isIntact(archive: string, member: Member, checksum: string | null): Promise<boolean> {
  try {
    const content = await readMember(new PosixStore(), archive, member);
    return checksum === null || createHash('blake2b512').update(content).digest('hex') === checksum;
  } catch (error) {
    if (error instanceof SkymillError && error.code === 'BUTLER_BAD_FILE') return false;
    throw error;
  }
}
