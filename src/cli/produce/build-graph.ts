// SPDX-License-Identifier: BSD-3-Clause
import { readFile } from 'node:fs/promises';
import type { Butler, ButlerApi } from '../../butler/index.ts';
import type { BuildProgress, BuiltGraph } from '../../graph/index.ts';
import type { ResolvedPipeline } from '../../pipeline/index.ts';
import { BuildDisplay } from './build-display.ts';
import { readDataIdTable } from './data-id-table.ts';
import { type GraphRequest, readGlobs, requireFile } from './graph-request.ts';
import { checkRunConfigs } from './run-configs.ts';

/** Builds the graph of a command line; changes nothing. Progress goes to stderr after two seconds. */
export async function buildFor(
  butler: Butler,
  pipeline: ResolvedPipeline,
  request: GraphRequest,
  limits: { memoryBytes?: number; spillFolder?: string; quiet?: boolean; allowEmpty?: boolean } = {},
): Promise<BuiltGraph> {
  const { buildGraph, candidateSource } = await import('../../graph/index.ts');
  const { tableFiles, retainedFile, extend: _, pythonHooks, ...options } = request;
  for (const name of [...request.inputs, ...(request.skipExistingIn ?? [])])
    if (name !== request.outputRun) await butler.getCollection(name);
  await assertType(butler, request.output, 'CHAINED');
  const runExists = await assertType(butler, request.outputRun, 'RUN');
  const notes = runExists ? await checkRunConfigs(butler, pipeline, request.outputRun) : [];
  if (retainedFile !== undefined) requireFile('--retained-dataset-types', retainedFile);
  const retained =
    retainedFile === undefined ? keptTypes(pipeline, request) : readGlobs(await readFile(retainedFile, 'utf8'));
  const display = new BuildDisplay({ quiet: limits.quiet });
  try {
    const built = await buildGraph(pipeline, candidateSource(butler), {
      ...options,
      dataId: pipeline.instrument === undefined ? undefined : { instrument: pipeline.instrument },
      dataIdTables: await Promise.all(tableFiles.map((file) => readDataIdTable(file, butler.universe))),
      retainedDatasetTypes: retained,
      python:
        pythonHooks === undefined ? undefined : { ...pythonHooks, repository: butler.root, universe: butler.universe },
      memoryBytes: limits.memoryBytes,
      spillFolder: limits.spillFolder,
      allowEmpty: limits.allowEmpty,
      onProgress: (progress: BuildProgress) => display.update(progress),
    });
    built.report.warnings.push(...notes);
    return built;
  } finally {
    display.end();
  }
}

/**
 * Where what is done is to be skipped and the pipeline does not keep everything: what it keeps. The rest is made again for quanta that need it.
 * Whoever says quantum by quantum what is done has thought of that.
 */
function keptTypes({ inMemory = [], datasetTypes }: ResolvedPipeline, request: GraphRequest): string[] | undefined {
  if (inMemory.length === 0 || request.isDone !== undefined || (request.skipExistingIn ?? []).length === 0)
    return undefined;
  return [...datasetTypes.keys()].filter((name) => !inMemory.includes(name));
}

/** Refuses an output name that means something else already, before anything is made. Returns whether it exists. */
async function assertType(butler: ButlerApi, name: string | undefined, wanted: 'CHAINED' | 'RUN'): Promise<boolean> {
  if (name === undefined) return false;
  const [present] = await butler.listCollections([name]);
  if (present === undefined) return false;
  if (present.type === wanted) return true;
  const { butlerErrors } = await import('../../butler/index.ts');
  throw butlerErrors.COLLECTION_TYPE({ name, type: present.type, wanted });
}
