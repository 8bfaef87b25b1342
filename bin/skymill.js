#!/usr/bin/env node
// SPDX-License-Identifier: BSD-3-Clause
// Starts the command line. Where the machine's Node is too old to run TypeScript, the pinned one of node_modules takes over.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
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
  const child = spawn(pinned, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' });
  // What a signal means is the child's business. A terminal sends Ctrl-C to the child too, which takes the pair for one.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    process.stderr.write(`error: ${pinned} does not start: ${error.message}\nnext: run npm ci in the project.\n`);
    process.exit(2);
  });
  child.on('exit', (status, signal) => process.exit(status ?? 128 + constants.signals[signal]));
}
