// SPDX-License-Identifier: BSD-3-Clause
/** The science that comes with the package: tasks by the name a pipeline gives as `class:`. A task's code is loaded when it is asked for. */
import type { TaskDefinition } from '../pipeline/index.ts';

// biome-ignore lint/suspicious/noExplicitAny: each task has its own configuration type
type AnyTask = TaskDefinition<any>;

const loaders: Readonly<Record<string, () => Promise<AnyTask>>> = {
  isr: async () => (await import('./isr/index.ts')).isr,
  cpBias: async () => (await import('./cpBias/index.ts')).cpBias,
  cpDark: async () => (await import('./cpDark/index.ts')).cpDark,
  cpFlat: async () => (await import('./cpFlat/index.ts')).cpFlat,
  makeVisitSummary: async () => (await import('./makeVisitSummary/index.ts')).makeVisitSummary,
  makeWarp: async () => (await import('./makeWarp/index.ts')).makeWarp,
  assembleCoadd: async () => (await import('./assembleCoadd/index.ts')).assembleCoadd,
};

/** Names of the built-in tasks. */
export const builtInTasks: readonly string[] = Object.keys(loaders);

/** The built-in task of that name, or undefined. */
export async function findTask(name: string): Promise<AnyTask | undefined> {
  return Object.hasOwn(loaders, name) ? loaders[name]() : undefined;
}
