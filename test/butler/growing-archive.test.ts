// SPDX-License-Identifier: BSD-3-Clause
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AppendedMember, ArchiveSeries } from '../../src/butler/datastore/growing-archive/archive-series.ts';
import { finishArchive, isFinished } from '../../src/butler/datastore/growing-archive/finish.ts';
import { PosixStore } from '../../src/butler/datastore/posix/posix-store.ts';
import { readDirectory, readMember } from '../../src/butler/datastore/zip/archive.ts';
import { findMember, findMembers } from '../../src/butler/datastore/zip/find-members.ts';

const store = new PosixStore();
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'growing-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const text = (n: number, length: number): Buffer => Buffer.from(`${n}:`.padEnd(length, `member ${n} `));

async function content({ archive, member }: Pick<AppendedMember, 'archive' | 'member'>): Promise<string | undefined> {
  const found = await findMember(archive, member);
  return found && Buffer.from(await readMember(store, archive, found)).toString();
}

describe('an archive that is written member by member', () => {
  it('gives every member that is synced, while it grows and when it is closed', async () => {
    const series = new ArchiveSeries(join(folder, 'a', 'b'));
    const members = [];
    for (let n = 0; n < 40; n++) {
      members.push(series.append(`m${n}`, '.json', text(n, n * 37)));
      if (n % 7 === 0) await series.sync();
    }
    await series.sync();
    const [{ archive }] = members;
    expect(await isFinished(archive)).toBe(false);
    for (const [n, member] of members.entries()) expect(await content(member)).toBe(text(n, n * 37).toString());
    // Who has only the names reads it through.
    expect([...(await readDirectory(archive)).keys()]).toEqual(members.map(({ member }) => member));
    await series.close();
    expect(await isFinished(archive)).toBe(true);
    expect((await readDirectory(archive)).size).toBe(40);
    for (const [n, member] of members.entries()) expect(await content(member)).toBe(text(n, n * 37).toString());
  });

  it('deflates what gains by it and stores the rest', async () => {
    const series = new ArchiveSeries(folder);
    const [short, long, noise] = [
      text(1, 100),
      text(2, 5000),
      Buffer.from(crypto.getRandomValues(new Uint8Array(900))),
    ];
    const members = [short, long, noise].map((bytes, i) => series.append(`m${i}`, '.bin', bytes));
    await series.close();
    const methods = (
      await findMembers(
        members[0].archive,
        members.map(({ member }) => member),
      )
    ).map((m) => m!.method);
    expect(methods).toEqual([0, 8, 0]);
    expect((await findMember(members[1].archive, members[1].member))!.compressedBytes).toBeLessThan(500);
  });

  it('is a whole zip archive at rest, and goes on from there', async () => {
    const series = new ArchiveSeries(folder, { restSeconds: 0.05 });
    const first = series.append('one', '.json', text(1, 50));
    await series.sync();
    await expect.poll(() => isFinished(first.archive)).toBe(true);
    const second = series.append('two', '.json', text(2, 9));
    await series.sync();
    expect(second.archive).toBe(first.archive);
    expect(await content(first)).toBe(text(1, 50).toString());
    expect(await content(second)).toBe(text(2, 9).toString());
    await series.close();
    expect([...(await readDirectory(first.archive)).keys()]).toEqual([first.member, second.member]);
  });

  it('goes on in another archive after so many members or bytes', async () => {
    const series = new ArchiveSeries(folder, { members: 3, bytes: 1 << 20 });
    const members = [];
    for (let n = 0; n < 10; n++) {
      members.push(series.append(`m${n}`, '.json', n === 4 ? Buffer.alloc(1 << 20, crypto.randomUUID()) : text(n, 20)));
      if (n === 5) await series.sync();
    }
    await series.close();
    const archives = [...new Set(members.map(({ archive }) => archive))];
    expect(archives.length).toBe(4);
    for (const archive of archives) expect(await isFinished(archive)).toBe(true);
    for (const member of members) expect(await content(member)).toBeDefined();
  });

  it('shares one sync among those who ask while another is under way', async () => {
    const series = new ArchiveSeries(folder);
    const done: number[] = [];
    const appended = await Promise.all(
      Array.from({ length: 200 }, async (_, n) => {
        await new Promise((resolve) => setTimeout(resolve, n % 5));
        const member = series.append(`m${n}`, '.json', text(n, 700));
        await series.sync();
        done.push(n);
        expect(await content(member)).toBe(text(n, 700).toString());
        return member;
      }),
    );
    expect(done.length).toBe(200);
    expect(new Set(appended.map(({ member }) => member)).size).toBe(200);
    await series.close();
    expect((await readDirectory(appended[0].archive)).size).toBe(200);
  });

  it('uses the 64-bit form where counts or offsets need it', async () => {
    for (const zip of [
      { entries: 4, offset: 2 ** 32 },
      { entries: 2 ** 16, offset: 300 },
      { entries: 4, offset: 300 },
    ]) {
      const series = new ArchiveSeries(join(folder, `${zip.entries}-${zip.offset}`), { zip });
      const members = Array.from({ length: 12 }, (_, n) => series.append(`m${n}`, '.json', text(n, 40)));
      await series.close();
      const [{ archive }] = members;
      const bytes = readFileSync(archive);
      expect(bytes.includes(Buffer.from('PK\x06\x06'))).toBe(true);
      expect(await isFinished(archive)).toBe(true);
      const directory = await readDirectory(archive);
      for (const [n, { member }] of members.entries()) {
        const found = directory.get(member)!;
        expect(Buffer.from(await readMember(store, archive, found)).toString()).toBe(text(n, 40).toString());
      }
      // The same bytes are made when a killed writer's archive is finished.
      const end = bytes.indexOf(Buffer.from('PK\x01\x02'));
      const torn = join(folder, 'torn.zip');
      writeFileSync(torn, bytes.subarray(0, end));
      expect(await finishArchive(torn, zip)).toMatchObject({ how: 'finished', members: 12 });
      expect(readFileSync(torn).equals(bytes)).toBe(true);
    }
  });

  it('is finished after a kill, cut anywhere: what was synced is there, whole', async () => {
    // In memory, where there is such a place: every cut is synced.
    rmSync(folder, { recursive: true });
    folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'growing-'));
    const series = new ArchiveSeries(folder, { restSeconds: 1e6 });
    const synced = Array.from({ length: 3 }, (_, n) => series.append(`s${n}`, '.json', text(n, 30 + 300 * n)));
    await series.sync();
    const [{ archive }] = synced;
    const syncedBytes = statSync(archive).size;
    const last = Array.from({ length: 2 }, (_, n) => series.append(`l${n}`, '.json', text(n, 10 + 600 * n)));
    await series.close();
    const all = readFileSync(archive);
    for (let length = syncedBytes; length <= all.length; length++) {
      const copy = join(folder, 'copy.zip');
      writeFileSync(copy, all.subarray(0, length));
      for (const [n, { member }] of synced.entries()) {
        expect(await content({ archive: copy, member })).toBe(text(n, 30 + 300 * n).toString());
      }
      const whole = last.filter(({ end }) => end <= length);
      const finished = await finishArchive(copy);
      expect(finished.how).toBe(length === all.length ? 'whole' : 'finished');
      const expected = [...synced, ...whole].map(({ member }) => member);
      expect([...(await readDirectory(copy)).keys()], `cut at ${length}`).toEqual(expected);
      for (const member of expected) expect(await content({ archive: copy, member })).toBeDefined();
      expect((await finishArchive(copy)).how).toBe('whole');
      rmSync(copy);
    }
  });

  it('is finished past garbage: blocks that a power cut left empty, bytes of an earlier directory', async () => {
    const series = new ArchiveSeries(folder, { restSeconds: 1e6 });
    const members = Array.from({ length: 6 }, (_, n) => series.append(`m${n}`, '.json', text(n, 200 + 150 * n)));
    await series.close();
    const [{ archive }] = members;
    const all = readFileSync(archive);
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: all.length - 1 }),
        fc.integer({ min: 1, max: 600 }),
        fc.constantFrom('zeros', 'noise', 'headers'),
        async (at, length, what) => {
          const damaged = Buffer.from(all);
          const hole = damaged.subarray(at, Math.min(all.length, at + length));
          if (what === 'zeros') hole.fill(0);
          else if (what === 'noise') crypto.getRandomValues(hole);
          else hole.fill(all.subarray(0, 40));
          if (hole.equals(all.subarray(at, at + hole.length))) return;
          const copy = join(folder, 'copy.zip');
          writeFileSync(copy, damaged);
          await finishArchive(copy);
          const begins = members.map(({ end, storedBytes }) => end - storedBytes);
          const untouched = members.filter(({ end }, i) => end <= at || begins[i] >= at + length);
          for (const { member } of untouched) {
            const n = members.findIndex((one) => one.member === member);
            expect(await content({ archive: copy, member })).toBe(text(n, 200 + 150 * n).toString());
          }
          rmSync(copy, { force: true });
        },
      ),
      { numRuns: 150 },
    );
  });

  it('goes when there is nothing whole in it', async () => {
    const empty = join(folder, 'empty.zip');
    writeFileSync(empty, '');
    expect((await finishArchive(empty)).how).toBe('removed');
    writeFileSync(empty, Buffer.alloc(100));
    expect((await finishArchive(empty)).how).toBe('removed');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is found by its directory where its names lead astray', async () => {
    const series = new ArchiveSeries(folder);
    const first = series.append('one', '.json', text(1, 50));
    const second = series.append('two', '.json', text(2, 50));
    await series.close();
    // As another program would pack the members anew, in another order.
    const { ZipFile } = await import('yazl');
    const packed = new ZipFile();
    packed.addBuffer(text(2, 50), second.member);
    packed.addBuffer(text(1, 50), first.member);
    packed.end();
    const chunks: Buffer[] = [];
    for await (const chunk of packed.outputStream) chunks.push(chunk as Buffer);
    const copy = join(folder, 'copy.zip');
    writeFileSync(copy, Buffer.concat(chunks));
    expect(await content({ ...first, archive: copy })).toBe(text(1, 50).toString());
    expect(await content({ ...second, archive: copy })).toBe(text(2, 50).toString());
    expect(await findMember(copy, 'three.00000000.json')).toBeUndefined();
    expect(await findMember(join(folder, 'none.zip'), first.member)).toBeUndefined();
  });

  it('is refused without its directory where another program wrote it', async () => {
    const { ZipFile } = await import('yazl');
    const packed = new ZipFile();
    packed.addBuffer(text(1, 50), 'one.json');
    packed.end();
    const chunks: Buffer[] = [];
    for await (const chunk of packed.outputStream) chunks.push(chunk as Buffer);
    const copy = join(folder, 'copy.zip');
    writeFileSync(copy, Buffer.concat(chunks).subarray(0, -10));
    await expect(readDirectory(copy)).rejects.toMatchObject({ code: 'BUTLER_BAD_FILE' });
  });

  it('is read by other programs', async () => {
    const series = new ArchiveSeries(folder, { zip: { entries: 3, offset: 200 } });
    const members = Array.from({ length: 5 }, (_, n) => series.append(`m${n}`, '.json', text(n, 300 * n)));
    await series.close();
    const { spawnSync } = await import('node:child_process');
    const script =
      'import sys,zipfile\nz=zipfile.ZipFile(sys.argv[1])\nprint(z.testzip())\nfor n in z.namelist(): print(n, len(z.read(n)))';
    const run = spawnSync('python3', ['-c', script, members[0].archive], { encoding: 'utf8' });
    expect(run.stdout.trim().split('\n')).toEqual([
      'None',
      ...members.map(({ member }, n) => `${member} ${text(n, 300 * n).length}`),
    ]);
  });
});
