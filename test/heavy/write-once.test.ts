// SPDX-License-Identifier: BSD-3-Clause
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { surveyCopy, tinySurvey } from '../support/survey.ts';

/**
 * By the system calls of every process: each output file is written once, from front to back, is synced, is renamed into its place, and is
 * not read before that.
 */
const hasStrace = spawnSync('strace', ['-V']).status === 0;
if (!hasStrace) process.stderr.write('\n*** SKIPPED: files are written once: there is no strace\n');

const calls = [
  ...['read', 'pread64', 'readv', 'preadv', 'preadv2', 'write', 'pwrite64', 'writev', 'pwritev', 'pwritev2'],
  ...['lseek', 'ftruncate', 'fallocate', 'fsync', 'fdatasync', 'mmap', 'copy_file_range', 'sendfile', 'splice'],
];

interface Call {
  call: string;
  /** What the descriptor stood for at that moment. */
  path: string;
  result: number;
}

/** Runs a command and gives the calls of all its processes and threads on the files below a folder. */
function trace(command: readonly string[], below: string, logs: string): Call[] {
  mkdirSync(logs);
  // A log for each thread (-ff): no call is cut in two by another one's. The filter (seccomp) leaves other calls at full speed.
  const options = [
    '-ff',
    '--seccomp-bpf',
    '-y',
    '-s',
    '0',
    '-e',
    `trace=${calls.join(',')}`,
    '-o',
    join(logs, 'trace'),
  ];
  const run = spawnSync('strace', [...options, ...command], { encoding: 'utf8', maxBuffer: 1 << 28 });
  expect(run.status, run.stderr).toBe(0);
  return readdirSync(logs).flatMap((name) => fileCalls(readFileSync(join(logs, name), 'utf8'), below));
}

function fileCalls(log: string, below: string): Call[] {
  const found: Call[] = [];
  for (const line of log.split('\n')) {
    if (!line.includes(below)) continue;
    // The descriptor is the first argument; of mmap the fifth; copies have two, and any of theirs counts.
    const result = /= (-?\d+|0x[0-9a-f]+)[^=]*$/.exec(line)?.[1];
    const call = /^(\w+)\(/.exec(line)?.[1];
    if (call === undefined || result === undefined) throw new Error(`cannot read the trace: ${line}`);
    for (const [, path] of line.matchAll(/\d<([^>]+)>/g)) found.push({ call, path, result: Number(result) });
  }
  return found;
}

/**
 * Holds each file below a folder against the calls on it. Outputs of jobs are synced under their scratch name, for their records come
 * later; what is put is synced in its place, in one with its folder, before its record is committed.
 * @returns how many files and bytes.
 */
function expectWrittenOnce(
  folder: string,
  seen: readonly Call[],
  synced: 'in scratch' | 'in place',
): { files: number; bytes: number; writes: number; archives: number } {
  const byName = Map.groupBy(seen, ({ path }) => basename(path));
  const scratchOf = Map.groupBy(byName.keys(), (name) => /^\.(.*)\.\d+-\d+\.part$/.exec(name)?.[1] ?? '');
  const total = { files: 0, bytes: 0, writes: 0, archives: 0 };
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    if (entry.name.endsWith('.zip')) {
      expectAppended(entry.name, statSync(join(entry.parentPath, entry.name)).size, byName.get(entry.name) ?? []);
      total.archives++;
      continue;
    }
    const size = statSync(join(entry.parentPath, entry.name)).size;
    const scratch = scratchOf.get(entry.name.slice(0, 160)) ?? [];
    expect(scratch, `${entry.name} was written under one other name`).toHaveLength(1);
    const own = byName.get(scratch[0])!;
    const inPlace = byName.get(entry.name) ?? [];
    expect([...new Set(own.map(({ call }) => call))].sort(), `calls on ${entry.name} while it was written`).toEqual(
      synced === 'in scratch' ? ['fsync', 'write'] : ['write'],
    );
    const writes = own.filter(({ call }) => call === 'write');
    const written = writes.reduce((sum, { result }) => sum + result, 0);
    expect(written / size, `bytes written / size of ${entry.name}`).toBe(1);
    expect(
      (synced === 'in scratch' ? own : inPlace).filter(({ call }) => call === 'fsync'),
      `syncs of ${entry.name}`,
    ).toHaveLength(1);
    expect(writes.length, `writes of ${entry.name}`).toBeLessThanOrEqual(Math.ceil(size / (1 << 20)) + 8);
    // In its place it is only read.
    const harmless = ['read', 'pread64', 'mmap', 'lseek', ...(synced === 'in place' ? ['fsync'] : [])];
    for (const { call } of inPlace) expect(harmless, `${call} on ${entry.name} in its place`).toContain(call);
    total.files++;
    total.bytes += size;
    total.writes += writes.length;
  }
  return total;
}

/**
 * Archives of logs and metadata grow: many members for a write and a sync; only directories are written over. Whoever registers members
 * reads their headers.
 */
function expectAppended(name: string, size: number, calls: readonly Call[]): void {
  const bytesOf = (...names: string[]): number =>
    calls.filter(({ call }) => names.includes(call)).reduce((sum, { result }) => sum + result, 0);
  const count = (wanted: string): number => calls.filter(({ call }) => call === wanted).length;
  expect(new Set(calls.map(({ call }) => call)).difference(new Set(appending)), `calls on ${name}`).toEqual(new Set());
  expect(bytesOf('pwrite64') / size, `bytes written / size of ${name}`).toBeLessThanOrEqual(1.1);
  // Headers stand so near to each other that what is between them comes along; and at the end its first members are looked at.
  expect(bytesOf('pread64'), `bytes read of ${name}`).toBeLessThan(size + 2 ** 18);
  expect(count('fdatasync'), `syncs of ${name}`).toBeGreaterThan(0);
  expect(count('fdatasync')).toBeLessThanOrEqual(count('pwrite64'));
}
const appending = ['pwrite64', 'fdatasync', 'ftruncate', 'pread64'];

describe.skipIf(!hasStrace)('output files are written once, from front to back, and never read back', () => {
  it('each kind of dataset, large', () => {
    const dir = mkdtempSync(join(tmpdir(), 'skymill-strace-'));
    try {
      const script = join(import.meta.dirname, '../support/write-datasets.ts');
      const repo = join(dir, 'repo');
      const seen = trace([process.execPath, script, repo], repo, join(dir, 'logs'));
      expect(expectWrittenOnce(join(repo, 'run'), seen, 'in place').files).toBe(4);
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });

  it('every output of every task of a survey', () => {
    const { folder, repo } = surveyCopy('all');
    try {
      const bin = resolve(import.meta.dirname, '../../bin/skymill.js');
      const { words } = tinySurvey(folder).production;
      const seen = trace([process.execPath, bin, ...words], repo, join(folder, 'logs'));
      const total = expectWrittenOnce(join(repo, 'u'), seen, 'in scratch');
      process.stderr.write(`write once: ${JSON.stringify(total)}, bytes written / size 1.00, read back 0\n`);
      expect(total.files).toBeGreaterThan(90);
      expect(total.archives).toBeGreaterThan(0);
      const types = readdirSync(join(repo, 'u/demo/drp', readdirSync(join(repo, 'u/demo/drp'))[0]));
      for (const type of [
        'postISRCCD',
        'icExp',
        'calexp',
        'visitSummary',
        'deepCoadd',
        'deepCoadd_meas',
        'objectTable_tract',
      ])
        expect(types).toContain(type);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
