// SPDX-License-Identifier: BSD-3-Clause
import { z } from 'zod';
import { loadConfigFile } from '../datastore/config-file.ts';
import { butlerErrors } from '../errors.ts';
import type { UniverseSpec } from './spec.ts';

const names = z.array(z.string());
const field = z.looseObject({ name: z.string(), type: z.enum(['int', 'float', 'string', 'bool', 'hash']) });
const system = z.looseObject({ class: z.string(), min_level: z.int().optional(), max_level: z.int() });
const families = z.record(z.string(), names).optional();
const element = z.looseObject({
  keys: z.array(field).optional(),
  metadata: z.array(field).optional(),
  requires: names.optional(),
  implies: names.optional(),
});
const universe = z.looseObject({
  version: z.int(),
  namespace: z.string().optional(),
  skypix: z.record(z.string(), z.union([z.string(), system])),
  elements: z.record(z.string(), element),
  topology: z.object({ spatial: families, temporal: families }),
});

/**
 * Reads the description of a dimension universe, in the form of the peer's `dimensions.yaml`. What is not looked at here (packers and
 * the like) is kept as it is, for other readers of the repository.
 * @throws BUTLER_BAD_CONFIG naming the entry
 */
export function readUniverseFile(file: string): UniverseSpec {
  const raw = loadConfigFile(file);
  const bad = (problem: string): Error => butlerErrors.BAD_CONFIG({ file, problem });
  const checked = universe.safeParse(raw);
  if (!checked.success) {
    const [{ path, message }] = checked.error.issues;
    throw bad(`${path.join('.') || 'the file'}: ${message}`);
  }
  const { elements, skypix, topology } = checked.data;
  const known = (name: string): boolean => name in elements || typeof skypix[name] === 'object';
  for (const [name, { requires = [], implies = [] }] of Object.entries(elements)) {
    const missing = [...requires, ...implies].find((other) => !known(other));
    if (missing !== undefined) throw bad(`elements.${name} needs "${missing}", which is not described`);
  }
  for (const [family, members] of Object.entries({ ...topology.spatial, ...topology.temporal })) {
    const missing = members.find((member) => !known(member));
    if (missing !== undefined) throw bad(`topology: ${family} has "${missing}", which is not described`);
  }
  const common = /^([a-z]+)(\d+)$/.exec(String(skypix['common']));
  if (common === null || typeof skypix[common[1]] !== 'object') {
    throw bad('skypix.common is not a level of a pixel system of this file, such as htm7');
  }
  return raw as unknown as UniverseSpec;
}
