// SPDX-License-Identifier: BSD-3-Clause
import { z } from 'zod';

/** What members of a `.qg` file must at least hold to be read: a file with right checksums may still be written wrongly. */

const uuid = z.string().regex(/^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/i, 'no UUID');
const dataId = z.array(z.union([z.string(), z.int()]));
const names = z.array(z.string());
const by = <T extends z.ZodType>(value: T) => z.record(z.string(), value);

const dataset = z.object({ dataset_id: uuid, dataset_type_name: z.string(), data_coordinate: dataId, run: z.string() });
const fileRecord = z.object({
  formatter: z.string(),
  path: z.string(),
  storage_class: z.string(),
  component: z.string().nullable(),
  checksum: z.string().nullable(),
  file_size: z.number(),
});

export const quantumSchema = z.object({
  quantum_id: uuid,
  task_label: z.string(),
  data_coordinate: dataId,
  inputs: by(z.array(dataset)),
  outputs: by(z.array(dataset)),
  datastore_records: by(z.object({ records: by(by(by(z.array(fileRecord)))) })),
});

export const initSchema = z.array(quantumSchema);

export const headerSchema = z.object({
  version: z.int(),
  graph_type: z.string(),
  inputs: names,
  output: z.string().nullable(),
  output_run: z.string(),
  user: z.string(),
  timestamp: z.string(),
  command: z.string(),
  metadata: by(z.unknown()),
  int_size: z.int().min(1).max(8),
  n_quanta: z.int().min(0),
  provenance_dataset_id: uuid,
});

const edge = z.object({
  dataset_type_name: z.string(),
  storage_class: z.string(),
  raw_dimensions: names,
  is_calibration: z.boolean(),
  defer_query_constraint: z.boolean(),
});

export const pipelineSchema = z.object({
  description: z.string(),
  tasks: by(
    z.object({
      task_class: z.string(),
      init: z.object({ inputs: by(edge), outputs: by(edge), config_output: edge }),
      config_str: z.string(),
      prerequisite_inputs: by(edge),
      inputs: by(edge),
      outputs: by(edge),
      metadata_output: edge,
      log_output: edge.nullable(),
      dimensions: names,
    }),
  ),
  dataset_types: by(
    z.object({ dimensions: names.nullable(), storage_class: z.string().nullable(), is_calibration: z.boolean() }),
  ),
  dimensions: z.looseObject({ version: z.int() }),
});

export const dimensionDataSchema = by(z.array(z.array(z.unknown())));

/** The first thing that is not as it must be, with its path, such as `inputs.raw.0.run: expected string`. */
export function problemOf(schema: z.ZodType, value: unknown): string | undefined {
  const { success, error } = schema.safeParse(value);
  if (success) return undefined;
  const [{ path, message }] = error.issues;
  return `${path.length === 0 ? '' : `${path.join('.')}: `}${message}`;
}
