// SPDX-License-Identifier: BSD-3-Clause
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';

const hasStrace = spawnSync('strace', ['-V']).status === 0;
if (!hasStrace) process.stderr.write('\n*** SKIPPED: files are written once: there is no strace\n');

/** System calls that touch bytes of a file, as `strace -y` prints them: name, path behind the descriptor, result. */
function fileCalls(log: string): { call: string; path: string; bytes: number }[] {
  const calls: { call: string; path: string; bytes: number }[] = [];
  for (const line of log.split('\n')) {
    const match = /^(\w+)\(\d+<([^>]+)>.*\)\s+= (-?\d+)/.exec(line);
    if (match !== null) calls.push({ call: match[1], path: match[2], bytes: Number(match[3]) });
  }
  return calls;
}

describe('output files', () => {
  it.skipIf(!hasStrace)('are written once, from front to back, and never read back', () => {
    const dir = mkdtempSync(join(tmpdir(), 'skymill-strace-'));
    try {
      const log = join(dir, 'strace.log');
      const script = join(import.meta.dirname, '../support/write-datasets.ts');
      const calls =
        'read,pread64,readv,preadv,write,pwrite64,writev,pwritev,lseek,ftruncate,fsync,mmap,copy_file_range,sendfile';
      const args = [
        '-ff', // a log for each thread: their calls do not cut into each other's lines
        '-y',
        '-s',
        '0',
        '-e',
        `trace=${calls}`,
        '-o',
        log,
        process.execPath,
        script,
        join(dir, 'repo'),
      ];
      const run = spawnSync('strace', args, { encoding: 'utf8' });
      expect(run.status, run.stderr).toBe(0);
      const logs = readdirSync(dir).filter((name) => name.startsWith('strace.log.'));
      const seen = logs.flatMap((name) => fileCalls(readFileSync(join(dir, name), 'utf8')));
      const outputs = readdirSync(join(dir, 'repo/run'), { recursive: true, withFileTypes: true }).filter((entry) =>
        entry.isFile(),
      );
      expect(outputs).toHaveLength(4);
      for (const output of outputs) {
        const path = join(output.parentPath, output.name);
        const own = seen.filter((call) => basename(call.path).includes(output.name));
        const names = new Set(own.map(({ call }) => call));
        expect([...names].sort(), output.name).toEqual(['fsync', 'write']);
        const writes = own.filter(({ call }) => call === 'write');
        const written = writes.reduce((sum, { bytes }) => sum + bytes, 0);
        const size = statSync(path).size;
        expect(written / size, output.name).toBe(1);
        expect(writes.length, output.name).toBeLessThanOrEqual(Math.ceil(size / (1 << 20)) + 8);
      }
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });
});
