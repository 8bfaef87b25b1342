// SPDX-License-Identifier: BSD-3-Clause
import { butlerErrors } from '../errors.ts';
import { type Formatter, registerFormatter } from './formatter.ts';
import { jsonFormatter } from './structured.ts';

/** How the format keeps task metadata: single values, lists of values of one kind, and further sets, by name. */
interface MetadataSet {
  scalars: Record<string, Scalar>;
  arrays: Record<string, Scalar[]>;
  metadata: Record<string, MetadataSet>;
}
type Scalar = string | number | boolean | null;

/** Task metadata: nested objects of plain values and lists in memory, sets of scalars, arrays and further sets in the file. */
const taskMetadataFormatter: Formatter = {
  extension: '.json',
  async read(file, context) {
    const stored = await jsonFormatter.read(file, context);
    return isSet(stored) ? flatten(stored) : stored;
  },
  write(object, sink, context) {
    const refuse = (found: string): never => {
      throw butlerErrors.BAD_OBJECT({
        storageClass: context.storageClass,
        expected: 'nested objects of numbers, strings, truth values and lists of those',
        found,
      });
    };
    if (!isMap(object)) return refuse(Array.isArray(object) ? 'a list' : typeof object);
    return jsonFormatter.write!(toSet(object, '', refuse), sink, context);
  },
};

function flatten({ scalars, arrays, metadata }: MetadataSet): Record<string, unknown> {
  const out: Record<string, unknown> = { ...scalars, ...arrays };
  for (const [name, set] of Object.entries(metadata)) out[name] = flatten(set);
  return out;
}

function toSet(object: Record<string, unknown>, path: string, refuse: (found: string) => never): MetadataSet {
  const set: MetadataSet = { scalars: {}, arrays: {}, metadata: {} };
  for (const [name, value] of Object.entries(object)) {
    const where = path === '' ? name : `${path}.${name}`;
    if (value === undefined) continue;
    if (isScalar(value)) set.scalars[name] = finite(value);
    else if (isMap(value)) set.metadata[name] = toSet(value, where, refuse);
    else if (isList(value)) set.arrays[name] = value.map(finite);
    else refuse(`${where}, ${Array.isArray(value) ? 'a list of values of several kinds' : typeof value}`);
  }
  return set;
}

/** JSON has no infinite numbers; readers in Python take null for NaN. */
function finite(value: Scalar): Scalar {
  return typeof value === 'number' && !Number.isFinite(value) ? null : value;
}

function isScalar(value: unknown): value is Scalar {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}

function isList(value: unknown): value is Scalar[] {
  const kinds = Array.isArray(value) ? new Set(value.map((one) => (isScalar(one) ? typeof one : 'other'))) : undefined;
  return kinds !== undefined && kinds.size <= 1 && !kinds.has('other');
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSet(value: unknown): value is MetadataSet {
  return (
    isMap(value) &&
    ['scalars', 'arrays', 'metadata'].every((name) => isMap(value[name])) &&
    Object.keys(value).length === 3 &&
    Object.values(value['metadata'] as object).every(isSet)
  );
}

export function registerTaskMetadataFormatter(): void {
  registerFormatter('lsst.daf.butler.formatters.json.JsonFormatter', taskMetadataFormatter, ['TaskMetadata']);
}
