// SPDX-License-Identifier: BSD-3-Clause
import { z } from 'zod';

const value = z.union([z.string(), z.number()]);
const text = z.string();
const schema = z.object({
  index_version: z.literal('V1'),
  refs: z.object({
    container_version: z.literal('V1').default('V1'),
    universe_version: z.number(),
    universe_namespace: text,
    dataset_types: z.record(
      text,
      z.object({
        name: text,
        storageClass: text,
        dimensions: z.array(text),
        isCalibration: z.boolean().default(false),
      }),
    ),
    compact_refs: z.record(z.uuid(), z.object({ dataset_type_name: text, run: text, data_id: z.record(text, value) })),
    dimension_records: z.record(text, z.array(z.array(z.unknown()))).nullish(),
  }),
  artifact_map: z.record(
    text,
    z.object({
      info: z.object({
        formatter: text,
        path: text,
        storage_class: text,
        component: text.nullable(),
        checksum: text.nullable(),
        file_size: z.number().int(),
      }),
      ids: z.array(z.uuid()),
    }),
  ),
});

/** The plain value of an archive's index, checked. @throws Error naming the place of what is wrong */
export function checkZipIndex(plain: unknown): z.infer<typeof schema> {
  const parsed = schema.safeParse(plain);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Error(`${issue.path.join('.')}: ${issue.message}`);
}
