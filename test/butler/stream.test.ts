// SPDX-License-Identifier: BSD-3-Clause
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SqliteDatabase } from '../../src/butler/registry/sqlite/database.ts';

let folder: string;
let db: SqliteDatabase;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'stream-'));
  db = SqliteDatabase.open(join(folder, 'db.sqlite3'), { writeable: true, create: true });
  await db.run('CREATE TABLE t (n INTEGER PRIMARY KEY, word TEXT)');
  await db.insert(
    't',
    ['n', 'word'],
    Array.from({ length: 1000 }, (_, i) => [i, `w${i}`]),
  );
});
afterEach(async () => {
  await db.close();
  rmSync(folder, { recursive: true });
});

test('rows come in batches and in order', async () => {
  const sizes: number[] = [];
  const seen: unknown[] = [];
  for await (const batch of db.stream('SELECT n FROM t WHERE n >= ? ORDER BY n', [10], { batchRows: 400 })) {
    sizes.push(batch.length);
    seen.push(...batch.map(([n]) => n));
  }
  expect(sizes).toEqual([400, 400, 190]);
  expect(seen).toEqual(Array.from({ length: 990 }, (_, i) => i + 10));
});

test('the reader may write between batches, and sees the rows of the beginning', async () => {
  let seen = 0;
  for await (const batch of db.stream('SELECT n, word FROM t ORDER BY n', [], { batchRows: 100 })) {
    for (const [n, word] of batch) expect(word).toBe(`w${n}`);
    seen += batch.length;
    await db.transaction(async () => {
      await db.run("UPDATE t SET word = 'changed' WHERE n = ?", [900 + seen / 100]);
      await db.insert('t', ['n', 'word'], [[5000 + seen, 'new']]);
    });
  }
  expect(seen).toBe(1000);
  expect(await db.rows("SELECT count(*) FROM t WHERE word = 'changed'")).toEqual([[10]]);
});

test('a second connection can commit while a reader waits', async () => {
  const other = SqliteDatabase.open(db.file, { writeable: true });
  const rows = db.stream('SELECT n FROM t', [], { batchRows: 10 })[Symbol.asyncIterator]();
  await rows.next();
  const began = performance.now();
  await other.run("UPDATE t SET word = 'x' WHERE n = 1");
  expect(performance.now() - began).toBeLessThan(20_000);
  let left = 0;
  for (let next = await rows.next(); !next.done; next = await rows.next()) left += next.value.length;
  expect(left).toBe(990);
  await other.close();
}, 30_000);

test('the same statement can be open twice, and an early end frees the database', async () => {
  for await (const outer of db.stream('SELECT n FROM t', [], { batchRows: 500 })) {
    for await (const inner of db.stream('SELECT n FROM t', [], { batchRows: 500 })) {
      expect(inner).toEqual(outer);
      break;
    }
    expect(await db.rows('SELECT n FROM t')).toHaveLength(1000);
    break;
  }
  await db.run('DELETE FROM t');
});

test('big integers, bytes and null survive being set aside', async () => {
  const rows = [
    [2n ** 62n, Buffer.from([1, 2]), null, 1.5, 'é'],
    [-1n, null, 7n, 2, 'x'],
  ];
  await db.run('CREATE TABLE v (a INTEGER, b BLOB, c INTEGER, d REAL, e TEXT)');
  await db.insert('v', ['a', 'b', 'c', 'd', 'e'], rows);
  const stream = db.stream('SELECT * FROM v', [], { batchRows: 1, bigints: true })[Symbol.asyncIterator]();
  const first = (await stream.next()).value;
  await db.run('DELETE FROM v');
  expect([...first, ...(await stream.next()).value]).toEqual(rows);
  expect((await stream.next()).done).toBe(true);
});

test('a stream of a closed database fails', async () => {
  const rows = db.stream('SELECT n FROM t', [], { batchRows: 10 })[Symbol.asyncIterator]();
  await rows.next();
  await db.close();
  await expect(rows.next()).rejects.toThrow(/closed/);
  db = SqliteDatabase.open(db.file, { writeable: true });
});
