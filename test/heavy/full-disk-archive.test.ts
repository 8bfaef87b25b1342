// SPDX-License-Identifier: BSD-3-Clause
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { ArchiveSeries } from '../../src/butler/datastore/growing-archive/archive-series.ts';
import { finishArchives, isFinished } from '../../src/butler/datastore/growing-archive/finish.ts';
import { PosixStore } from '../../src/butler/datastore/posix/posix-store.ts';
import { readDirectory, readMember } from '../../src/butler/datastore/zip/archive.ts';
import { findMember } from '../../src/butler/datastore/zip/find-members.ts';
import { fillDisk, smallDisk } from '../support/mounts.ts';

const title = 'archives on a full disk';
const place = smallDisk(4, title);
afterAll(() => place?.release());

it.skipIf(place === undefined)('a full disk costs an archive what was not synced, and nothing else', async () => {
  const disk = place!.path;
  const folder = join(disk, 'quantum-records');
  const noise = (bytes: number) => Buffer.from(crypto.getRandomValues(new Uint8Array(bytes)));
  const series = new ArchiveSeries(folder);
  const kept = Array.from({ length: 5 }, (_, i) => ({ content: noise(300 + i), i }));
  const members = kept.map(({ content, i }) => series.append(`kept${i}`, '.bin', content));
  await series.sync();
  const free = fillDisk(disk, 8192);

  const lost = series.append('lost', '.bin', noise(60_000));
  const synced = series.sync();
  const later = series.append('later', '.bin', noise(100)); // while the sync is under way: to the archive that is given up
  await expect(synced).rejects.toMatchObject({ code: 'BUTLER_DISK_FULL' });
  expect(() => series.assertKept(lost)).toThrow(/no space/i);
  for (const member of members) series.assertKept(member);
  await series.sync().catch(() => {});
  expect(() => series.assertKept(later)).toThrow(/no space/i);

  free();
  const content = noise(5000);
  const next = series.append('next', '.bin', content);
  await series.sync();
  series.assertKept(next);
  expect(next.archive).not.toBe(members[0].archive);
  await series.close();
  const store = new PosixStore();
  const read = async ({ archive, member }: { archive: string; member: string }) =>
    Buffer.from(await readMember(store, archive, (await findMember(archive, member))!));
  expect((await read(next)).equals(content)).toBe(true);
  // The archive that was given up is finished by whoever comes later.
  expect(await isFinished(members[0].archive)).toBe(false);
  expect(await finishArchives(folder)).toMatchObject([{ path: members[0].archive, how: 'finished', members: 5 }]);
  expect((await readDirectory(members[0].archive)).size).toBe(5);
  for (const [i, member] of members.entries()) expect((await read(member)).equals(kept[i].content)).toBe(true);
  expect(readFileSync(next.archive).length).toBeGreaterThan(5000);
});
