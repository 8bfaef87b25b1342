// SPDX-License-Identifier: BSD-3-Clause
import { existsSync, readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';
import { didYouMean } from '../base/index.ts';
import type { TaskDefinition } from '../pipeline/index.ts';
import { taskErrors } from './errors.ts';

/**
 * Loads a task from a module that need not belong to any package: `skymill/…` is this very installation there, and `zod` is ours
 * where the module finds none of its own. Throws TASKS_* errors.
 *
 * @param file absolute path of a TypeScript or JavaScript module
 * @param name its export
 */
export async function loadUserTask(file: string, name: string): Promise<TaskDefinition> {
  if (!existsSync(file)) throw taskErrors.NO_MODULE({ file });
  serveImports();
  let module: Record<string, unknown>;
  try {
    module = await import(pathToFileURL(file).href);
  } catch (cause) {
    throw taskErrors.NOT_LOADED({ file, reason: reasonOf(cause, file) }, { cause });
  }
  if (!Object.hasOwn(module, name)) throw taskErrors.NO_EXPORT({ file, name, hint: exportsHint(name, module) });
  const lacks = missingPart(module[name]);
  if (lacks !== undefined) throw taskErrors.NOT_A_TASK({ file, name, lacks });
  return module[name] as TaskDefinition;
}

let serving = false;

/** From here on, modules outside find what a task needs: one copy of our classes, whatever else is installed beside them. */
function serveImports(): void {
  if (serving) return;
  serving = true;
  registerHooks({
    resolve(specifier, context, nextResolve) {
      const here = { ...context, parentURL: import.meta.url };
      if (specifier.startsWith('skymill/')) return nextResolve(specifier, here);
      let found: ReturnType<typeof nextResolve>;
      try {
        found = nextResolve(specifier, context);
      } catch (error) {
        if (specifier !== 'zod' && !specifier.startsWith('zod/')) throw error;
        return nextResolve(specifier, here);
      }
      // Without a package.json that says so, Node would guess, and warn about it.
      if (found.format == null && /\.m?ts$/.test(found.url)) return { ...found, format: 'module-typescript' };
      return found;
    },
  });
}

/** The message of an error; for one in the text of the module with its line. */
function reasonOf(thrown: unknown, file: string): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const line = /^file:.*:(\d+)$/.exec((thrown.stack ?? '').split('\n')[0])?.[1];
  if (line === undefined) return thrown.message;
  const source = readFileSync(file, 'utf8').split('\n')[Number(line) - 1];
  return `${thrown.message} (line ${line}: ${source?.trim()})`;
}

function exportsHint(name: string, module: Record<string, unknown>): string {
  const names = Object.keys(module);
  if (names.length === 0) return ' It exports nothing.';
  return didYouMean(name, names) || ` It exports ${names.join(', ')}.`;
}

/** What a value lacks to be a task, if anything. */
function missingPart(value: unknown): string | undefined {
  const task = (value ?? {}) as Partial<Record<keyof TaskDefinition, unknown>>;
  if (typeof task.name !== 'string') return 'name';
  if (!Array.isArray(task.dimensions)) return 'dimensions';
  if (typeof task.connections !== 'object') return 'connections';
  if (typeof (task.config as { parse?: unknown } | undefined)?.parse !== 'function') return 'config (a zod schema)';
  return typeof task.run === 'function' ? undefined : 'run function';
}
