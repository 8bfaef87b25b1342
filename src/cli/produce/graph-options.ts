// SPDX-License-Identifier: BSD-3-Clause
import { createHash } from 'node:crypto';
import type { ButlerApi } from '../../butler/index.ts';
import type { BuiltGraph } from '../../graph/index.ts';
import type { ResolvedPipeline } from '../../pipeline/index.ts';
import type { OptionSpec } from '../verb.ts';

/** Options of the verbs that build a graph. */
export const graphOptions: readonly OptionSpec[] = [
  { flags: '-b, --repo <repo>', description: 'repository', required: true },
  { flags: '-i, --input <collections>', description: 'input collections in search order', list: true, required: true },
  { flags: '-o, --output <chain>', description: 'output chain; its new run is <chain>/<time>' },
  { flags: '--output-run <run>', description: 'name of the output run itself' },
  {
    flags: '-d, --where <expression>',
    description: 'which data, e.g. "instrument = \'HSC\' AND visit IN (100..110)"',
  },
];

export interface GraphRequest {
  inputs: readonly string[];
  output?: string;
  outputRun: string;
  where?: string;
}

/** Names the output run: as asked, or `<chain>/<UTC time>`. */
export function graphRequest(options: Record<string, unknown>): GraphRequest {
  const output = options['output'] as string | undefined;
  const stamp = new Date().toISOString().replace(/[-:]/g, '').replace(/\.\d+/, '');
  const outputRun = (options['outputRun'] as string | undefined) ?? `${output ?? 'u/run'}/${stamp}`;
  return { inputs: options['input'] as string[], output, outputRun, where: options['where'] as string | undefined };
}

export async function buildFor(
  butler: ButlerApi,
  pipeline: ResolvedPipeline,
  request: GraphRequest,
): Promise<BuiltGraph> {
  const { buildGraph, candidateSource } = await import('../../graph/index.ts');
  for (const name of request.inputs) await butler.getCollection(name);
  await assertType(butler, request.output, 'CHAINED');
  await assertType(butler, request.outputRun, 'RUN');
  return buildGraph(pipeline, candidateSource(butler), {
    inputs: request.inputs,
    output: request.output,
    outputRun: request.outputRun,
    where: request.where,
    dataId: pipeline.instrument === undefined ? undefined : { instrument: pipeline.instrument },
  });
}

/** Refuses an output name that means something else already, before anything is made. */
async function assertType(butler: ButlerApi, name: string | undefined, wanted: 'CHAINED' | 'RUN'): Promise<void> {
  if (name === undefined) return;
  const [present] = await butler.listCollections([name]);
  if (present === undefined || present.type === wanted) return;
  const { butlerErrors } = await import('../../butler/index.ts');
  throw butlerErrors.COLLECTION_TYPE({ name, type: present.type, wanted });
}

/** What makes two command lines the same production: everything but how many jobs it uses. */
export function commandDigest(pipeline: ResolvedPipeline, options: Record<string, unknown>): string {
  const command = {
    tasks: pipeline.tasks.map((t) => t.declaration),
    inputs: options['input'],
    output: options['output'],
    outputRun: options['outputRun'],
    where: options['where'],
  };
  return createHash('sha256').update(JSON.stringify(command)).digest('hex');
}
