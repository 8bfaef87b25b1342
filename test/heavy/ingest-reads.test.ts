// SPDX-License-Identifier: BSD-3-Clause
import { spawnSync } from 'node:child_process';
import { globSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Butler } from '../../src/butler/index.ts';
import { FitsFile } from '../../src/fits/index.ts';
import { registerInstrument } from '../../src/instruments/index.ts';
import { simulateSurvey } from '../../src/simulate/index.ts';

/** By system calls: an ingest opens each raw file once, and reads its header blocks and at most one block (2880 bytes) more. */
const hasStrace = spawnSync('strace', ['-V']).status === 0;
if (!hasStrace) process.stderr.write('\n*** SKIPPED: raw files are opened once: there is no strace\n');

const block = 2880;
const reading = ['read', 'pread64', 'readv', 'preadv', 'preadv2', 'mmap', 'copy_file_range', 'sendfile'];

interface Use {
  opens: number;
  bytes: number;
}

/** How often each file below a folder was opened, and how many of its bytes were read, by all threads of a command. */
function trace(command: readonly string[], below: string, logs: string): Map<string, Use> {
  mkdirSync(logs);
  const options = ['-ff', '--seccomp-bpf', '-y', '-s', '0', '-e', `trace=open,openat,openat2,${reading.join(',')}`];
  const run = spawnSync('strace', [...options, '-o', join(logs, 'trace'), ...command], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  expect(run.status, run.stderr).toBe(0);
  const uses = new Map<string, Use>();
  for (const name of readdirSync(logs)) {
    for (const line of readFileSync(join(logs, name), 'utf8').split('\n')) {
      const path = [...line.matchAll(/\d<([^>]+)>/g)].map(([, path]) => path).find((path) => path.startsWith(below));
      const call = /^(\w+)\(/.exec(line)?.[1];
      const result = Number(/= (-?\d+)[^=]*$/.exec(line)?.[1]);
      if (path === undefined || call === undefined || !path.endsWith('.fits') || result < 0) continue;
      const use = uses.get(path) ?? { opens: 0, bytes: 0 };
      if (call.startsWith('open')) use.opens++;
      else use.bytes += result;
      uses.set(path, use);
    }
  }
  return uses;
}

describe.skipIf(!hasStrace)('an ingest opens each raw file once', () => {
  it.each([['direct'], ['symlink']])(
    '%s: and reads its header blocks and at most 2880 bytes more',
    async (transfer) => {
      const dir = mkdtempSync(join(tmpdir(), 'skymill-reads-'));
      try {
        const made = await simulateSurvey(
          join(dir, 'survey'),
          {
            detectorColumns: 4,
            detectorRows: 3,
            width: 256,
            height: 256,
            bands: ['r'],
            visitsPerBand: 4,
            nights: 1,
            biases: 2,
            darks: 0,
            flatsPerBand: 2,
          },
          { clobber: false },
        );
        const repo = join(dir, 'repo');
        const butler = await Butler.create(repo);
        await registerInstrument(butler, made.instrumentFile);
        await butler.close();
        const bin = resolve(import.meta.dirname, '../../bin/skymill.js');
        const command = [process.execPath, bin, 'ingest-raws', repo, made.rawFolder, '-t', transfer];
        const uses = trace(command, made.rawFolder, join(dir, 'logs'));
        const files = globSync(join(made.rawFolder, '**/*.fits'));
        expect(files.length).toBe(96);
        let [read, headers] = [0, 0];
        for (const path of files) {
          const use = uses.get(path);
          expect(use?.opens, `opens of ${path}`).toBe(1);
          const bytes = await headerBytes(path);
          expect(use?.bytes, `bytes read of ${path}`).toBeLessThanOrEqual(bytes + block);
          expect(statSync(path).size).toBeGreaterThan(10 * (bytes + block));
          read += use!.bytes;
          headers += bytes;
        }
        process.stderr.write(
          `ingest, ${transfer}: ${files.length} files opened once, ${read} bytes read of ${headers} in headers\n`,
        );
      } finally {
        rmSync(dir, { recursive: true, force: true });
      }
    },
  );
});

/** Size of the header blocks of all HDUs. */
async function headerBytes(path: string): Promise<number> {
  await using file = await FitsFile.open(path);
  return file.hdus.reduce((sum, { header }) => sum + header.toBytes().length, 0);
}
