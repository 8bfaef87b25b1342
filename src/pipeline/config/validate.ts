// SPDX-License-Identifier: BSD-3-Clause
import type { z } from 'zod';
import { didYouMean, type Place } from '../../base/index.ts';
import type { Setting } from '../document/model.ts';
import { pipelineErrors } from '../errors.ts';
import { childSchema, fieldNames } from './schema.ts';

/**
 * Settings applied to the defaults of a schema and validated. Unknown fields and bad values are errors at the place of
 * the setting that brought them.
 */
export function buildConfig(
  label: string,
  schema: z.ZodType,
  settings: readonly Setting[],
  taskPlace?: Place,
): Record<string, unknown> {
  const raw: Record<string, unknown> = {};
  const origins: { path: string[]; place: Place }[] = [];
  for (const setting of settings) {
    const path = setting.key.split('.');
    checkKnown(label, schema, path, setting.value, setting.keyPlace ?? setting.place);
    assign(raw, path, structuredClone(setting.value));
    origins.unshift({ path, place: setting.place });
  }
  const result = schema.safeParse(raw);
  if (result.success) return Object.freeze({ ...(result.data as Record<string, unknown>) });
  const [issue] = result.error.issues;
  const path = issue.path.map(String);
  const origin = origins.find((one) => startsWith(path, one.path)) ?? origins.find((one) => startsWith(one.path, path));
  throw pipelineErrors.BAD_VALUE(
    {
      label,
      field: path.join('.') || '(whole config)',
      value: show(valueAt(raw, path)),
      problem: plainProblem(issue.message),
    },
    { place: origin?.place ?? taskPlace },
  );
}

/** Walks a setting into the schema: every key on the way must be declared. */
function checkKnown(label: string, schema: z.ZodType, path: readonly string[], value: unknown, place: Place): void {
  let at: z.ZodType | undefined = schema;
  for (const [depth, key] of path.entries()) {
    const names = fieldNames(at);
    if (names !== undefined && !names.includes(key)) {
      throw pipelineErrors.UNKNOWN_FIELD(
        { label, field: path.slice(0, depth + 1).join('.'), hint: didYouMean(key, names) },
        { place },
      );
    }
    at = childSchema(at, key);
    if (at === undefined) return;
  }
  if (value !== null && typeof value === 'object' && !Array.isArray(value)) {
    for (const [key, inner] of Object.entries(value)) checkKnown(label, at, [key], inner, place);
  }
}

function assign(target: Record<string, unknown>, path: readonly string[], value: unknown): void {
  let at = target;
  for (const key of path.slice(0, -1)) {
    const next = at[key];
    if (next === null || typeof next !== 'object') at[key] = {};
    at = at[key] as Record<string, unknown>;
  }
  at[path[path.length - 1]] = value;
}

function valueAt(root: unknown, path: readonly string[]): unknown {
  let at = root;
  for (const key of path) at = at !== null && typeof at === 'object' ? (at as Record<string, unknown>)[key] : undefined;
  return at;
}

function startsWith(path: readonly string[], prefix: readonly string[]): boolean {
  return prefix.every((key, i) => path[i] === key);
}

function show(value: unknown): string {
  return value === undefined ? 'left out' : (JSON.stringify(value) ?? String(value));
}

function plainProblem(message: string): string {
  const text = message.replace(/\.$/, '');
  return text.charAt(0).toLowerCase() + text.slice(1);
}
