// SPDX-License-Identifier: BSD-3-Clause
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Butler } from '../../src/butler/index.ts';
import { buildGraph, candidateSource } from '../../src/graph/index.ts';
import { loadPipelineText, pythonDescriber, resolvePipeline } from '../../src/pipeline/index.ts';
import { atLeast, type Figure } from '../figure.ts';
import { chainOptions, chainRepository } from './chain.ts';

const program = join(process.env['SKYMILL_PEERS'] ?? resolve(import.meta.dirname, '../../.venv'), 'bin/python');
const pipelineText = `
description: Tasks that have a say when graphs are built
tasks:
  select: hook_bench.SelectTask
  long: hook_bench.LongTask
  look: hook_bench.LookTask
`;

/** Methods of Python tasks called for 20 000 quanta each. */
export async function* hookFigures(root: string): AsyncGenerator<Figure> {
  if (!existsSync(program)) {
    process.stderr.write(`*** Python tasks are not measured: there is no ${program} (run scripts/peers.sh)\n`);
    return;
  }
  const before = process.env['PYTHONPATH'];
  process.env['PYTHONPATH'] = resolve(import.meta.dirname, 'python');
  await chainRepository(root, 200);
  const butler = await Butler.open(root);
  try {
    const { universe } = butler;
    const describe = pythonDescriber({ python: program, folder: join(root, 'descriptions') });
    const document = await loadPipelineText(pipelineText);
    const pipeline = await resolvePipeline(document, async () => undefined, { describe, universe });
    const python = { program, repository: root, universe };
    const { report } = await buildGraph(pipeline, candidateSource(butler), { ...chainOptions, python });
    const steps = report.steps.filter(({ kind }) => kind === 'python');
    for (const [i, { what, before: quanta = 0, wallSeconds }] of steps.entries()) {
      const value = quanta / wallSeconds;
      const figure = `${what}, ${quanta} quanta${i === 0 ? ', with the start of Python' : ''}`;
      yield { figure, unit: 'quanta/s', ...(i === 0 ? { value } : atLeast(value, 5000)) };
    }
  } finally {
    await butler.close();
    if (before === undefined) delete process.env['PYTHONPATH'];
    else process.env['PYTHONPATH'] = before;
  }
}
