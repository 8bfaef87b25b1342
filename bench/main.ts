// SPDX-License-Identifier: BSD-3-Clause
// npm run bench -- <room> [--json]: each figure beside the peer's and the goal.
import { globSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Bench } from './figure.ts';

const files = globSync('*.bench.ts', { cwd: import.meta.dirname }).sort();
const rooms = files.map((file) => basename(file, '.bench.ts'));
const asked = process.argv.slice(2).filter((word) => !word.startsWith('-'));
const json = process.argv.includes('--json');
const unknown = asked.filter((room) => !rooms.includes(room));
if (asked.length === 0 || unknown.length > 0) {
  process.stderr.write(`usage: npm run bench -- <room>… [--json]\nrooms: ${rooms.join(', ')}\n`);
  process.exit(unknown.length > 0 || asked.length === 0 ? 2 : 0);
}

const machine = `${cpus().length} × ${cpus()[0].model.trim()}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, Node ${process.version}`;
if (!json) process.stdout.write(`${machine}\n`);
let missed = 0;
for (const room of asked) {
  const { figures } = (await import(pathToFileURL(join(import.meta.dirname, `${room}.bench.ts`)).href)) as Bench;
  for await (const f of figures()) {
    if (f.ok === false) missed++;
    if (json) process.stdout.write(`${JSON.stringify({ bench: room, ...f })}\n`);
    else {
      const number = Number(f.value.toPrecision(4)).toString();
      const verdict = f.ok === undefined ? '' : f.ok ? 'met' : 'MISSED';
      process.stdout.write(
        `${room.padEnd(10)} ${f.figure.padEnd(64)} ${number.padStart(12)} ${f.unit.padEnd(12)} peer ${String(f.peer ?? '–').padEnd(18)} goal ${String(f.goal ?? '–').padEnd(12)} ${verdict}\n`,
      );
    }
  }
}
process.exitCode = missed > 0 ? 3 : 0;
