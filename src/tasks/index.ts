// SPDX-License-Identifier: BSD-3-Clause
/** The science, one folder a task. Tasks are found by name; their code is loaded when it is wanted. */
export { taskCode } from './code.ts';
export { knownTasks, resolveTask } from './library.ts';
