// SPDX-License-Identifier: BSD-3-Clause
import { resolve } from 'node:path';
import type { TaskDefinition } from '../pipeline/index.ts';
import { loadUserTask } from './user-module.ts';

// biome-ignore lint/suspicious/noExplicitAny: each task has its own config type
type Load = () => Promise<TaskDefinition<any>>;

/** The tasks that come with the package. A worker imports only those it runs. */
const builtIn: Readonly<Record<string, Load>> = {
  isr: async () => (await import('./isr/index.ts')).isr,
  cpBias: async () => (await import('./cpBias/index.ts')).cpBias,
  cpDark: async () => (await import('./cpDark/index.ts')).cpDark,
  cpFlat: async () => (await import('./cpFlat/index.ts')).cpFlat,
  characterizeImage: async () => (await import('./characterizeImage/index.ts')).characterizeImage,
  calibrate: async () => (await import('./calibrate/index.ts')).calibrate,
  makeVisitSummary: async () => (await import('./makeVisitSummary/index.ts')).makeVisitSummary,
  makeWarp: async () => (await import('./makeWarp/index.ts')).makeWarp,
  assembleCoadd: async () => (await import('./assembleCoadd/index.ts')).assembleCoadd,
  detectCoaddSources: async () => (await import('./detectCoaddSources/index.ts')).detectCoaddSources,
  mergeDetections: async () => (await import('./mergeDetections/index.ts')).mergeDetections,
  deblend: async () => (await import('./deblend/index.ts')).deblend,
  measure: async () => (await import('./measure/index.ts')).measure,
  mergeMeasurements: async () => (await import('./mergeMeasurements/index.ts')).mergeMeasurements,
  forcedPhotCoadd: async () => (await import('./forcedPhotCoadd/index.ts')).forcedPhotCoadd,
  forcedPhotCcd: async () => (await import('./forcedPhotCcd/index.ts')).forcedPhotCcd,
  consolidateSourceTable: async () => (await import('./consolidateTables/index.ts')).consolidateSourceTable,
  consolidateObjectTable: async () => (await import('./consolidateTables/index.ts')).consolidateObjectTable,
};

export const knownTasks: readonly string[] = Object.keys(builtIn);

/**
 * Finds a task by the `class:` of a pipeline: a built-in name, or a module by path (`/site/mine.ts`, `/site/tasks.ts#myTask`; without `#`
 * the default export). Undefined where a name is not known; throws TASKS_* errors about modules.
 */
export async function resolveTask(taskClass: string): Promise<TaskDefinition | undefined> {
  if (Object.hasOwn(builtIn, taskClass)) return builtIn[taskClass]();
  if (!/[/\\]/.test(taskClass)) return undefined;
  const [path, name = 'default'] = taskClass.split('#');
  return loadUserTask(resolve(path), name);
}
