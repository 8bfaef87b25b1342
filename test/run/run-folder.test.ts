// SPDX-License-Identifier: BSD-3-Clause
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RunLock } from '../../src/run/folder/lock.ts';
import { RunFolder } from '../../src/run/folder/run-folder.ts';

const info = { run: 'u/a/20260101T000000Z', createdAt: '2026-01-01T00:00:00Z', inputs: [], where: '', pipeline: 'p' };

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'skymill-run-folder-'));
});
afterEach(() => rmSync(root, { recursive: true }));

/** The folder as a command leaves it that was killed while it wrote the graph. */
function beginning(pid: number): RunFolder {
  const folder = RunFolder.create(root, { ...info, graphId: 'first' });
  const first = JSON.parse(readFileSync(folder.infoPath, 'utf8'));
  writeFileSync(folder.infoPath, JSON.stringify({ ...first, begunBy: { ...first.begunBy, pid, startTicks: null } }));
  writeFileSync(join(folder.path, `.graph.${pid}.tmp`), 'half');
  return folder;
}

describe('the folder of a run that was begun in the same second by a command that was killed', () => {
  it('is cleared', () => {
    const { pid } = spawnSync('true');
    const { path } = beginning(pid);
    const again = RunFolder.create(root, { ...info, graphId: 'second' });
    expect(again.path).toBe(path);
    expect(again.info().graphId).toBe('second');
    expect(readdirSync(path).sort()).toEqual(['logs', 'run.json']);
  });

  it('is left alone while that command lives', () => {
    const { path } = beginning(process.pid);
    RunFolder.create(root, { ...info, graphId: 'second' });
    expect(readdirSync(path)).toContain(`.graph.${process.pid}.tmp`);
  });

  it('is left alone when another has taken it up', () => {
    const folder = beginning(spawnSync('true').pid);
    const lock = RunLock.acquire(folder.lockPath, info.run);
    RunFolder.create(root, { ...info, graphId: 'first' });
    expect(readdirSync(folder.path)).toContain('lock');
    lock.release();
  });
});

it('who cannot begin takes nothing away that another has begun', () => {
  const other = RunFolder.create(root, { ...info, graphId: 'first' });
  writeFileSync(other.outcomesPath, '');
  expect(() => RunFolder.create(root, { ...info, graphId: 'second' })).toThrow(/first/);
  expect(readdirSync(other.path).sort()).toEqual(['logs', 'outcomes.log', 'run.json']);
});
