// SPDX-License-Identifier: BSD-3-Clause
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';

const home = process.env['SKYMILL_PEERS'] ?? resolve(import.meta.dirname, '../../.venv');
const script = resolve(import.meta.dirname, '../peers/butler.py');

/** Runs one of the peer's measurements (bench/peers/butler.py) on a repository; scripts/peers.sh installs the peer. */
export function peer<T>(figure: string, ...args: (string | number)[]): T {
  const python = `${home}/bin/python`;
  const { status, stdout, stderr, error } = spawnSync(python, [script, figure, ...args.map(String)], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (error !== undefined) throw new Error(`${python}: ${error.message} (run scripts/peers.sh)`);
  if (status !== 0) throw new Error(`the peer's ${figure} failed (${status}):\n${stderr}`);
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as T;
}

export function peerHas(module: string): boolean {
  return spawnSync(`${home}/bin/python`, ['-c', `import ${module}`]).status === 0;
}
