// SPDX-License-Identifier: BSD-3-Clause
import { z } from 'zod';

/** Looks into a zod schema: which fields it has, what they are, how to document them. */

interface Def {
  type: string;
  shape?: Record<string, z.ZodType>;
  innerType?: z.ZodType;
  element?: z.ZodType;
  valueType?: z.ZodType;
  in?: z.ZodType;
  out?: z.ZodType;
  left?: z.ZodType;
}

/** The schema without optional, default, nullable and the like around it. */
function core(schema: z.ZodType | undefined): Def | undefined {
  let def = schema?.def as Def | undefined;
  while (def !== undefined) {
    if (def.innerType !== undefined) def = def.innerType.def as Def;
    else if (def.type === 'pipe' && def.in !== undefined) {
      // z.preprocess is a pipe from a transform; what counts is the side that has a shape
      const into = (def.in.def as Def).type === 'transform' ? def.out : def.in;
      def = into?.def as Def | undefined;
    } else return def;
  }
  return undefined;
}

/** Names of an object's fields; undefined for what has no fixed fields (records, unions, any). */
export function fieldNames(schema: z.ZodType | undefined): string[] | undefined {
  const def = core(schema);
  return def?.type === 'object' ? Object.keys(def.shape ?? {}) : undefined;
}

/** Schema of a field or element, as far as it is known before any value is seen. */
export function childSchema(schema: z.ZodType | undefined, key: string): z.ZodType | undefined {
  const def = core(schema);
  if (def?.type === 'object') return def.shape?.[key];
  if (def?.type === 'record') return def.valueType;
  if (def?.type === 'array') return def.element;
  return undefined;
}

/** One config field for documentation. */
export interface ConfigField {
  /** Dotted path, as `-c label:path=value` takes it. */
  path: string;
  type: string;
  default: unknown;
  required: boolean;
  doc: string;
}

interface JsonSchema {
  type?: string | string[];
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  enum?: unknown[];
  const?: unknown;
  anyOf?: JsonSchema[];
  additionalProperties?: JsonSchema | boolean;
  default?: unknown;
  description?: string;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
}

/** Every field of a config with type, range, default and documentation; nested objects as dotted paths. */
export function describeConfig(schema: z.ZodType): ConfigField[] {
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
  return fields(json, '');
}

function fields(json: JsonSchema, prefix: string): ConfigField[] {
  return Object.entries(json.properties ?? {}).flatMap(([name, field]) => {
    const path = prefix + name;
    const own: ConfigField = {
      path,
      type: typeName(field),
      default: field.default,
      required: (json.required ?? []).includes(name) && field.default === undefined,
      doc: field.description ?? '',
    };
    return field.properties === undefined ? [own] : fields(field, `${path}.`);
  });
}

function typeName(json: JsonSchema): string {
  if (json.enum !== undefined) return json.enum.map((value) => JSON.stringify(value)).join(' | ');
  if (json.const !== undefined) return JSON.stringify(json.const);
  if (json.anyOf !== undefined) return json.anyOf.map(typeName).join(' | ');
  if (json.type === 'array') return `list of ${json.items === undefined ? 'anything' : typeName(json.items)}`;
  if (json.type === 'object' && json.properties === undefined && typeof json.additionalProperties === 'object') {
    return `mapping to ${typeName(json.additionalProperties)}`;
  }
  const name = Array.isArray(json.type) ? json.type.join(' | ') : (json.type ?? 'anything');
  return name + range(json);
}

function range(json: JsonSchema): string {
  const safe = (limit: number | undefined) => limit !== undefined && Math.abs(limit) < Number.MAX_SAFE_INTEGER;
  const parts: string[] = [];
  if (safe(json.minimum)) parts.push(`>= ${json.minimum}`);
  if (safe(json.exclusiveMinimum)) parts.push(`> ${json.exclusiveMinimum}`);
  if (safe(json.maximum)) parts.push(`<= ${json.maximum}`);
  if (safe(json.exclusiveMaximum)) parts.push(`< ${json.exclusiveMaximum}`);
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}
