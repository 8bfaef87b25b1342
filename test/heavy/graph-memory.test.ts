// SPDX-License-Identifier: BSD-3-Clause
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

interface Preview {
  quanta: number;
  peakBytes: number;
  sizeBytes: number;
  spilledBytes: number;
  buildCpuSeconds: number;
  columnsDigest: string;
}

const script = resolve(import.meta.dirname, '../../bench/graph/preview.ts');
const preview = (...args: string[]): Preview =>
  JSON.parse(execFileSync(process.execPath, [script, ...args], { encoding: 'utf8' })) as Preview;

test('a graph of three million quanta is built in less than 200 bytes a quantum, all of the process included', () => {
  const { quanta, peakBytes, sizeBytes } = preview('1000', '80');
  expect(quanta).toBe(2_996_047);
  expect(peakBytes / quanta).toBeLessThan(200);
  expect(sizeBytes / quanta).toBeLessThan(3);
});

describe('a limit of memory', { timeout: 600_000 }, () => {
  test('holds for the whole process, and the graph is the same to the last byte', () => {
    const free = preview('3000', '157');
    expect(free.spilledBytes).toBe(0);
    const bound = preview('3000', '157', '0.6');
    expect(bound.spilledBytes).toBeGreaterThan(200e6);
    expect(bound.peakBytes).toBeLessThan(0.6e9);
    expect(free.peakBytes).toBeGreaterThan(0.6e9);
    expect(bound.quanta).toBe(free.quanta);
    expect(bound.columnsDigest).toBe(free.columnsDigest);
    expect(bound.buildCpuSeconds).toBeLessThan(2.5 * free.buildCpuSeconds);
  });
});

const disk = mkdtempSync(join(tmpdir(), 'skymill-disk-'));
const mounted = mount();

/** A disk of 12 MB; needs the right to mount. */
function mount(): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=12m', 'tmpfs', disk], { stdio: 'pipe' });
    return true;
  } catch (error) {
    process.stderr.write(`\n*** SKIPPED: a full disk: cannot mount a small one (${(error as Error).message.trim()})\n`);
    return false;
  }
}

test.skipIf(!mounted)(
  'a disk that is full while columns wait there ends the build with its name, and nothing is left',
  () => {
    try {
      const env = { ...process.env, TMPDIR: disk };
      const run = () => execFileSync(process.execPath, [script, '2000', '157', '0.5'], { env, stdio: 'pipe' });
      expect(run).toThrow(/GRAPH_SPILL[\s\S]*the disk is full|the disk is full[\s\S]*GRAPH_SPILL/);
      expect(readdirSync(disk)).toEqual([]);
    } finally {
      execFileSync('umount', ['-l', disk]);
      rmSync(disk, { recursive: true });
    }
  },
);
