// SPDX-License-Identifier: BSD-3-Clause
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { saveParts } from '../../src/cli/produce/save-graph.ts';
import { buildGraph, writeGraph } from '../../src/graph/index.ts';
import { biases, raws, skyMap, surveyOptions, surveyPipeline, surveySource } from './survey.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'stop-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

test('writing that is told to stop leaves nothing, and what was there before', async () => {
  const { graph } = await buildGraph(
    await surveyPipeline(),
    surveySource([...raws(), ...biases(), skyMap()]),
    surveyOptions,
  );
  const file = join(dir, 'g.qgraph');
  const stop = new AbortController();
  stop.abort(new Error('enough'));
  await expect(writeGraph(graph, file, stop.signal)).rejects.toThrow('enough');
  expect(readdirSync(dir)).toEqual([]);
  writeFileSync(file, 'before');
  await expect(writeGraph(graph, file, stop.signal)).rejects.toThrow('enough');
  expect(readdirSync(dir)).toEqual(['g.qgraph']);
});

test('Ctrl-C while parts are written leaves none of them', async () => {
  const { graph } = await buildGraph(
    await surveyPipeline(),
    surveySource([...raws(), ...biases(), skyMap()]),
    surveyOptions,
  );
  const by = { by: ['visit'] };
  const parts = await saveParts(graph, join(dir, 'whole', 'g.qgraph'), by, { dryRun: false });
  expect(readdirSync(join(dir, 'whole'))).toHaveLength(parts?.length ?? -1);
  const stopped = join(dir, 'stopped');
  // After the first part.
  const timer = setInterval(() => existsSync(stopped) && readdirSync(stopped).length > 0 && process.emit('SIGINT'), 0);
  expect(await saveParts(graph, join(stopped, 'g.qgraph'), by, { dryRun: false })).toBeUndefined();
  clearInterval(timer);
  expect(readdirSync(stopped)).toEqual([]);
});

test('Ctrl-C at any moment of building and writing leaves no file that is half made', { timeout: 60_000 }, async () => {
  const script = join(dir, 'build.ts');
  const at = (path: string) => JSON.stringify(resolve(import.meta.dirname, path));
  writeFileSync(
    script,
    `import { buildGraph } from ${at('../../src/graph/index.ts')};
     import { saveGraph } from ${at('../../src/cli/produce/save-graph.ts')};
     import { biases, raws, skyMap, surveyOptions, surveyPipeline, surveySource } from ${at('./survey.ts')};
     const source = surveySource([...raws(60, 40), ...biases(40), skyMap()], undefined, 60, 40);
     process.stdout.write('start\\n');
     const { graph } = await buildGraph(await surveyPipeline(), source, surveyOptions);
     process.stdout.write('write\\n');
     // A signal that comes when the file is just whole ends the program, too, but has nothing to stop.
     let told = false;
     process.on('SIGINT', () => (told = true));
     while ((await saveGraph(graph, process.argv[2])) && !told);
     process.exit(130);
    `,
  );
  for (const [word, delayMs] of [
    ['start', 0],
    ['start', 40],
    ['write', 0],
    ['write', 7],
    ['write', 30],
  ] as const) {
    const folder = mkdtempSync(join(dir, 'out-'));
    const child = spawn(process.execPath, [script, join(folder, 'g.qgraph')], { stdio: ['ignore', 'pipe', 'inherit'] });
    child.stdout.on('data', (text: Buffer) => {
      if (text.toString().includes(word)) setTimeout(() => child.kill('SIGINT'), delayMs);
    });
    const [code, signal] = await new Promise<[number | null, string | null]>((done) => {
      child.on('exit', (...end) => done(end));
    });
    expect(code === 130 || signal === 'SIGINT').toBe(true);
    // nothing, or a file that is whole; never the file beside it that is being written
    expect(['', 'g.qgraph']).toContain(readdirSync(folder).join());
    if (word === 'start') expect(readdirSync(folder)).toEqual([]);
  }
});
