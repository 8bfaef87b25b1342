#!/usr/bin/env node
// SPDX-License-Identifier: BSD-3-Clause
// Starts the command line. Where the machine's Node is too old to run TypeScript, the pinned one of node_modules takes over.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const [major, minor] = process.versions.node.split('.').map(Number);
if (major > 22 || (major === 22 && minor >= 18)) {
  await import('../src/cli/main.ts');
} else {
  const pinned = fileURLToPath(new URL('../node_modules/node/bin/node', import.meta.url));
  if (!existsSync(pinned)) {
    process.stderr.write(
      `error: Skymill needs Node 22.18 or newer and this is ${process.version}\nnext: run npm ci in the project (it brings Node 24), or install a newer Node.\n`,
    );
    process.exit(2);
  }
  // Ctrl-C reaches the child too; what it means is the child's business.
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => {});
  const { status, signal } = spawnSync(pinned, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  process.exit(status ?? (signal === 'SIGINT' ? 130 : 143));
}
