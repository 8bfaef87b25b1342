// SPDX-License-Identifier: BSD-3-Clause
import { AsyncLocalStorage } from 'node:async_hooks';

/** What files need when a transaction of the registry ends: it cannot undo what happened to them. */
interface Scope {
  undo: (() => Promise<unknown>)[];
  after: (() => Promise<unknown>)[];
}

const scopes = new AsyncLocalStorage<Scope>();

/**
 * Runs `body`; when it throws, what it noted with {@link onFailure} is done, last first. When the outermost has succeeded, what was
 * noted with {@link onSuccess} is done.
 */
export async function fileScope<T>(body: () => Promise<T>): Promise<T> {
  const outer = scopes.getStore();
  const scope: Scope = { undo: [], after: [] };
  let result: T;
  try {
    result = await scopes.run(scope, body);
  } catch (error) {
    for (const undo of scope.undo.reverse()) await undo();
    throw error;
  }
  if (outer !== undefined) {
    outer.undo.push(...scope.undo);
    outer.after.push(...scope.after);
  } else {
    for (const act of scope.after) await act();
  }
  return result;
}

export function insideScope(): boolean {
  return scopes.getStore() !== undefined;
}

/** A file came into place: how to take it back, should the transaction around fail. Forgotten outside of one. */
export function onFailure(undo: () => Promise<unknown>): void {
  scopes.getStore()?.undo.push(undo);
}

/** What cannot be undone waits for the transaction around; without one it is done at once. */
export async function onSuccess(act: () => Promise<unknown>): Promise<void> {
  const scope = scopes.getStore();
  if (scope === undefined) await act();
  else scope.after.push(act);
}
