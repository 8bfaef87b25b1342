// SPDX-License-Identifier: BSD-3-Clause
import { fieldDifferences } from '../../graph/index.ts';
import type { TaskDeclaration } from '../../pipeline/index.ts';

/** A task as far as its results depend on it. */
export interface TaskIdentity {
  readonly declaration: TaskDeclaration;
  /** Which code it is: a version, or a digest of the source; undefined where that is not known. */
  readonly code?: string;
}

/** What about a task is not what it was. */
export interface TaskChange {
  kind: 'config' | 'declaration' | 'code';
  /** `config psfSize 3 → 5`. */
  text: string;
}

/** In declarations, what the results do not depend on. */
const immaterial = ['doc', 'resources', 'label', 'notCalled'] as const;

/** How a task differs from what it was, in words; nothing: results of then are results of now. */
export function taskChanges(then: TaskIdentity, now: TaskIdentity): TaskChange[] {
  const changes: TaskChange[] = [];
  const [before, after] = [material(then.declaration), material(now.declaration)];
  for (const { field, a, b } of fieldDifferences(before.config, after.config))
    changes.push({ kind: 'config', text: `config ${field} ${show(a)} → ${show(b)}` });
  for (const { field, a, b } of fieldDifferences(before.rest, after.rest))
    changes.push({ kind: 'declaration', text: `${field} ${show(a)} → ${show(b)}` });
  if (then.code !== undefined && now.code !== undefined && then.code !== now.code)
    changes.push({ kind: 'code', text: `code ${then.code} → ${now.code}` });
  return changes;
}

/** As it comes back from a file: what is undefined is not there. */
function material(declaration: TaskDeclaration): { config: unknown; rest: unknown } {
  const { config, ...rest } = JSON.parse(JSON.stringify(declaration)) as Record<string, unknown>;
  for (const name of immaterial) delete rest[name];
  for (const connection of Object.values((rest['connections'] ?? {}) as Record<string, Record<string, unknown>>))
    delete connection['doc'];
  return { config, rest };
}

function show(value: unknown): string {
  if (value === undefined) return 'not set';
  const text = JSON.stringify(value);
  return text.length <= 60 ? text : `${text.slice(0, 57)}…`;
}
