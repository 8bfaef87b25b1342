// SPDX-License-Identifier: BSD-3-Clause

import type { Universe } from '../../butler/index.ts';
import type { ResolvedPipeline } from '../../pipeline/index.ts';
import type { OptionSpec } from '../verb.ts';

/** Options of every verb that takes a pipeline. */
export const pipelineOptions: readonly OptionSpec[] = [
  {
    flags: '-c, --config <label:field=value>',
    description: 'change one field of a task; repeat',
    list: true,
    parse: (text) => text,
  },
  {
    flags: '-C, --config-file <label:file>',
    description: 'fields of a task from a YAML file; repeat',
    list: true,
    parse: (text) => text,
  },
  {
    flags: '--python <path>',
    description: 'interpreter that can import tasks which are Python classes (SKYMILL_PYTHON)',
  },
  {
    flags: '--tasks <expression>',
    description: 'only these: labels, subsets, ranges such as isr..calibrate',
    aliases: ['--select-tasks <expression>'],
  },
];

/** The pipeline of a command line, resolved with the tasks of this installation. */
export async function openPipeline(
  location: string,
  options: Record<string, unknown>,
  universe?: Universe,
): Promise<ResolvedPipeline> {
  const { expandPipeline, pythonDescriber } = await import('../../pipeline/index.ts');
  const { knownTasks, resolveTask } = await import('../../tasks/index.ts');
  return expandPipeline(location, resolveTask, {
    overrides: options['config'] as string[] | undefined,
    configFiles: options['configFile'] as string[] | undefined,
    select: options['tasks'] as string | undefined,
    knownTasks,
    universe,
    describe: pythonDescriber({
      python: options['python'] as string | undefined,
      refresh: options['refresh'] === true,
      onPython: (tasks) => {
        if (process.stderr.isTTY) process.stderr.write(`asking Python about ${tasks} tasks …\n`);
      },
    }),
  });
}
