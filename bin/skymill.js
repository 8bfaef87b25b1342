#!/bin/sh
':' //; n="$(dirname "$(readlink -f "$0")")/../node_modules/node/bin/node"; [ -x "$n" ] || n=node; exec "$n" "$0" "$@"
// SPDX-License-Identifier: BSD-3-Clause
// Starts the command line. To a shell this file is the line above: it starts the pinned Node of node_modules, else the machine's. Node skips
// that line; if it is too old to run TypeScript (`node bin/skymill.js`), the pinned one takes over.
import module from 'node:module';

const [major, minor] = process.versions.node.split('.').map(Number);
if (major > 22 || (major === 22 && minor >= 18)) {
  // Compiled code, with its types stripped, is kept for the next start: half of the start-up of a short command.
  module.enableCompileCache();
  await import('../src/cli/main.ts');
} else {
  const { spawn } = await import('node:child_process');
  const { existsSync } = await import('node:fs');
  const { constants } = await import('node:os');
  const { fileURLToPath } = await import('node:url');
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
