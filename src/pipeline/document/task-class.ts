// SPDX-License-Identifier: BSD-3-Clause
import { dirname, isAbsolute, resolve } from 'node:path';
import { expandEnvironment } from './environment.ts';

/** Whether the `class:` of a task is the path of a module (with or without `#export`), not a name. */
function isModulePath(taskClass: string): boolean {
  return /[/\\]/.test(taskClass) || /\.[cm]?[jt]s(#|$)/.test(taskClass);
}

/**
 * The `class:` of a task with the place of its module made independent of where the command is run: a relative path is taken
 * from the folder of the pipeline file. `$NAME` is filled from the environment. Names of built-in tasks stay as they are.
 */
export function absoluteTaskClass(pipelineFile: string, taskClass: string): string {
  const expanded = expandEnvironment(taskClass);
  if (!isModulePath(expanded) || isAbsolute(expanded)) return expanded;
  return resolve(dirname(pipelineFile), expanded);
}
