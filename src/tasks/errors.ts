// SPDX-License-Identifier: BSD-3-Clause
import { defineErrors } from '../base/index.ts';

/** Tasks from modules outside the package. */
export const taskErrors = defineErrors('TASKS', {
  NO_MODULE: {
    message: (p: { file: string }) => `There is no module ${p.file}`,
    next: 'Correct the path after class: (a relative one is taken from the folder of the pipeline file).',
  },
  NOT_LOADED: {
    message: (p: { file: string; reason: string }) => `${p.file} cannot be loaded: ${p.reason}`,
    next: 'Correct the module; SKYMILL_DEBUG=1 shows the stack trace.',
  },
  NO_EXPORT: {
    message: (p: { file: string; name: string; hint: string }) => `${p.file} has no export "${p.name}".${p.hint}`,
    next: 'Export the task as default, or name its export after the path: class: ./tasks.ts#name.',
  },
  NOT_A_TASK: {
    message: (p: { file: string; name: string; lacks: string }) =>
      `Export "${p.name}" of ${p.file} is no task: it has no ${p.lacks}`,
    next: 'Make it with defineTask from skymill/pipeline (docs/writing-a-task.md).',
  },
});
