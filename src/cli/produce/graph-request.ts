// SPDX-License-Identifier: BSD-3-Clause
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { didYouMean } from '../../base/index.ts';
import type { ButlerApi } from '../../butler/index.ts';
import type { BuildOptions } from '../../graph/index.ts';
import type { ResolvedPipeline } from '../../pipeline/index.ts';
import { cliErrors } from '../errors.ts';

/** What the options of a command line come to, once names are known. */
export type GraphRequest = Omit<BuildOptions, 'dataIdTables' | 'retainedDatasetTypes' | 'dataId' | 'python'> & {
  tableFiles: readonly string[];
  retainedFile?: string;
  /** How Python tasks are asked; undefined where they are not to be. */
  pythonHooks?: { program?: string };
  extend: boolean;
};

/** Reads the options; finds the run to extend, or names a new one `<chain>/<UTC time>`. */
export async function graphRequest(
  butler: ButlerApi,
  pipeline: ResolvedPipeline,
  options: Record<string, unknown>,
): Promise<GraphRequest> {
  const output = options['output'] as string | undefined;
  const children = await chainMembers(butler, output);
  const extend = options['extendRun'] === true;
  const outputRun = await outputRunOf(butler, options, output, children, extend);
  const inputs = (options['input'] as string[] | undefined) ?? (await inheritedInputs(butler, output, children));
  const skip = [...((options['skipExistingIn'] as string[] | undefined) ?? [])];
  if ((extend || options['skipExisting'] === true) && !skip.includes(outputRun)) skip.push(outputRun);
  return {
    inputs,
    output,
    outputRun,
    where: options['where'] as string | undefined,
    tableFiles: (options['dataIdTable'] as string[] | undefined) ?? [],
    datasetConstraint: constraintOf(options['datasetQueryConstraint'] as string | undefined),
    skipExistingIn: skip,
    retainedFile: options['retainedDatasetTypes'] as string | undefined,
    pythonHooks: options['pythonHooks'] === 'off' ? undefined : { program: options['python'] as string | undefined },
    clobberOutputs: options['clobberOutputs'] === true,
    pruneUnanchored: anchorOf(options['pruneUnanchoredQuanta'] as string | undefined, pipeline),
    missingPrerequisites: options['missingPrerequisites'] as 'prune' | 'fail' | undefined,
    explain: options['explain'] === true,
    extend,
  };
}

/** What makes two command lines the same production: everything but what it may use, and how it is described. */
export function commandDigest(pipeline: ResolvedPipeline, options: Record<string, unknown>): string {
  const command: Record<string, unknown> = {
    tasks: pipeline.tasks.map(({ declaration: { doc: _, resources: __, ...task } }) => task),
    inputs: options['input'],
    output: options['output'],
    outputRun: options['outputRun'],
    where: options['where'],
  };
  const shaping = [
    'dataIdTable',
    'skipExistingIn',
    'skipExisting',
    'retainedDatasetTypes',
    'pruneUnanchoredQuanta',
    'extendRun',
  ];
  for (const name of shaping) if (options[name] !== undefined) command[name] = options[name];
  if (options['datasetQueryConstraint'] !== undefined && options['datasetQueryConstraint'] !== 'all')
    command['datasetQueryConstraint'] = options['datasetQueryConstraint'];
  if (options['pythonHooks'] === 'off') command['pythonHooks'] = 'off';
  return createHash('sha256').update(JSON.stringify(command)).digest('hex');
}

async function chainMembers(butler: ButlerApi, output: string | undefined): Promise<readonly string[]> {
  if (output === undefined) return [];
  const [chain] = await butler.listCollections([output]);
  return chain?.type === 'CHAINED' ? (chain.children ?? []) : [];
}

async function outputRunOf(
  butler: ButlerApi,
  options: Record<string, unknown>,
  output: string | undefined,
  children: readonly string[],
  extend: boolean,
): Promise<string> {
  const named = options['outputRun'] as string | undefined;
  if (named !== undefined) return named;
  if (extend) {
    const members = children.length === 0 ? [] : await butler.listCollections(children);
    const newest = children.find((name) => members.find((one) => one.name === name)?.type === 'RUN');
    if (newest !== undefined) return newest;
    const problem =
      output === undefined
        ? '--extend-run needs --output (a chain whose newest run is extended) or --output-run'
        : `--extend-run: there is no run in "${output}" to extend`;
    throw cliErrors.OPTIONS({ problem });
  }
  const stamp = new Date().toISOString().replace(/[-:]/g, '').replace(/\.\d+/, '');
  // Commands may follow each other within a second.
  for (let n = 1; ; n++) {
    const name = `${output ?? 'u/run'}/${stamp}${n === 1 ? '' : `-${n}`}`;
    if ((await butler.listCollections([name])).length === 0) return name;
  }
}

/** Without --input: what an output chain that exists was made from, that is its members but its own runs. */
async function inheritedInputs(
  butler: ButlerApi,
  output: string | undefined,
  children: readonly string[],
): Promise<string[]> {
  const inputs = children.filter((name) => !name.startsWith(`${output}/`));
  if (inputs.length > 0) return inputs;
  const known = (await butler.listCollections()).map((info) => info.name);
  const hint = output === undefined ? '' : didYouMean(output, known);
  throw cliErrors.OPTIONS({
    problem: `Input collections are needed: give --input, or an --output chain that exists and has inputs.${hint}`,
  });
}

function constraintOf(text: string | undefined): BuildOptions['datasetConstraint'] {
  if (text === undefined || text === 'all' || text === 'off') return text;
  return text.split(',').map((name) => name.trim());
}

function anchorOf(text: string | undefined, pipeline: ResolvedPipeline): BuildOptions['pruneUnanchored'] {
  if (text === undefined) return undefined;
  const [source, anchor, ...more] = text.split(':').map((label) => label.trim());
  if (!source || !anchor || more.length > 0)
    throw cliErrors.BAD_ASSIGNMENT({ text, form: 'source:anchor, two labels of tasks' });
  const labels = pipeline.tasks.map((task) => task.declaration.label);
  for (const label of [source, anchor]) {
    if (labels.includes(label)) continue;
    throw cliErrors.OPTIONS({
      problem: `--prune-unanchored-quanta ${text}: there is no task "${label}" in ${pipeline.source}.${didYouMean(label, labels)}`,
    });
  }
  return { source, anchor };
}

/** The globs of a file, one a line; `#` begins a comment. */
export function readGlobs(text: string): string[] {
  return text
    .split('\n')
    .map((line) =>
      line
        .replace(/#.*/, '')
        .replace(/^\s*-\s+/, '')
        .trim(),
    )
    .filter((line) => line !== '');
}

/** A readable file, or an error that names the option. */
export function requireFile(option: string, file: string): void {
  if (!existsSync(file)) throw cliErrors.OPTIONS({ problem: `${option} ${file}: there is no such file` });
}
