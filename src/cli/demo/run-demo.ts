// SPDX-License-Identifier: BSD-3-Clause
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { styleText } from 'node:util';
import type { Output } from '../output.ts';
import { formatSeconds } from '../progress.ts';
import { ExitCode, type Invocation } from '../verb.ts';
import { type DemoStep, demoScript } from './script.ts';

export interface DemoOptions {
  tiny: boolean;
  dryRun: boolean;
  out: Output;
  runLine: Invocation['runLine'];
}

/**
 * Runs the demonstration: each step through the very command line it shows. `demo.json` in the folder keeps the steps that are done;
 * the same command again goes on behind them.
 */
export async function runDemo(folder: string, options: DemoOptions): Promise<number> {
  const { out } = options;
  const pipelines = relative(process.cwd(), resolve(import.meta.dirname, '../../../pipelines'));
  const steps = demoScript(folder, options.tiny, pipelines);
  if (options.dryRun) {
    for (const step of steps) out.say(`${styleText('dim', `# ${step.purpose}`)}\n${commandLine(step)}`);
    out.value(steps.map((step) => ({ purpose: step.purpose, command: commandLine(step) })));
    return ExitCode.ok;
  }
  await mkdir(folder, { recursive: true });
  const memory = join(folder, 'demo.json');
  const done: string[] = existsSync(memory) ? JSON.parse(await readFile(memory, 'utf8')) : [];
  const started = performance.now();
  for (const [i, step] of steps.entries()) {
    const line = commandLine(step);
    const heading = `[${i + 1}/${steps.length}] ${step.purpose}`;
    if (done.includes(line)) {
      process.stderr.write(`${styleText('dim', `${heading}: done before`)}\n`);
      continue;
    }
    process.stderr.write(`${styleText('bold', heading)}\n${styleText('dim', `$ ${line}`)}\n`);
    const code = await options.runLine(step.words);
    if (code !== ExitCode.ok) {
      out.warn(`the demonstration stopped at this step (exit code ${code}); the same command goes on from here`);
      return code;
    }
    done.push(line);
    await writeFile(`${memory}.part`, `${JSON.stringify(done, null, 2)}\n`);
    await rename(`${memory}.part`, memory); // whole or as it was, whenever the demonstration is interrupted
  }
  const seconds = (performance.now() - started) / 1000;
  out.say(`\nDone in ${formatSeconds(seconds)}. Open ${join(folder, 'report.html')} in a browser.`);
  return ExitCode.ok;
}

function commandLine(step: DemoStep): string {
  const quote = (word: string) => (/^[\w./:=,@+-]+$/.test(word) ? word : `"${word.replace(/(["$`\\])/g, '\\$1')}"`);
  return ['skymill', ...step.words.map(quote)].join(' ');
}
