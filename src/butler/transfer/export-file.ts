// SPDX-License-Identifier: BSD-3-Clause
import { type CollectionTag, isMap, LineCounter, parseDocument, type ScalarTag, type YAMLMap } from 'yaml';
import { z } from 'zod';
import { didYouMean } from '../../base/index.ts';
import { parseTimeLiteral } from '../query/index.ts';
import { importErrors } from './import-errors.ts';

/*
 * The YAML form in which Gen3 repositories are exported, versions 0 and 1.0.x: `data` is a list of sections, in an order in which each
 * needs only earlier ones. Tags: `!uuid` text, `!butler_time/tai/iso` a time in TAI, `!<lsst.sphgeom.KIND>` a region whose binary form is
 * hexadecimal under `encoded`, `!<lsst.daf.butler.Timespan>` a map of `begin` and `end`.
 */

const REGIONS = ['Box', 'Circle', 'ConvexPolygon', 'Ellipse', 'UnionRegion', 'IntersectionRegion'];

const uuidTag: ScalarTag = { tag: '!uuid', resolve: (text) => text.toLowerCase() };
const timeTag: ScalarTag = {
  tag: '!butler_time/tai/iso',
  resolve: (text) => parseTimeLiteral(`iso/${text}/tai`).taiNs,
};
const regionTags: CollectionTag[] = REGIONS.map((kind) => ({
  tag: `lsst.sphgeom.${kind}`,
  collection: 'map',
  resolve: (node) => new Uint8Array(Buffer.from(String((node as YAMLMap).get('encoded')), 'hex')) as never,
}));

/** Exports are YAML 1.1 as PyYAML writes it: 010 is eight, so 08 and 0_29 are no numbers but text; so are the bands y and n. */
const plainText: ScalarTag = {
  tag: 'tag:yaml.org,2002:str',
  default: true,
  test: /^(?:[-+]?0[0-7_]*[89][0-9_]*|[yYnN])$/,
  resolve: (text) => text,
};

const names = z.union([z.string().transform((one) => [one]), z.array(z.string())]);
const dataId = z.record(z.string(), z.union([z.string(), z.number()]));
const moment = z
  .bigint()
  .nullish()
  .transform((ns) => ns ?? undefined);

const sections = {
  dimension: z.object({
    type: z.literal('dimension'),
    element: z.string(),
    records: z.array(z.record(z.string(), z.unknown())),
  }),
  dataset_type: z.object({
    type: z.literal('dataset_type'),
    name: z.string(),
    dimensions: z.array(z.string()),
    storage_class: z.string(),
    is_calibration: z.boolean().default(false),
  }),
  run: z.object({ type: z.literal('run'), name: z.string(), doc: z.string().nullish() }),
  collection: z.object({
    type: z.literal('collection'),
    collection_type: z.enum(['RUN', 'TAGGED', 'CHAINED', 'CALIBRATION']),
    name: z.string(),
    children: z.array(z.string()).default([]),
    doc: z.string().nullish(),
  }),
  associations: z.object({
    type: z.literal('associations'),
    collection: z.string(),
    collection_type: z.enum(['TAGGED', 'CALIBRATION']),
    dataset_ids: z.array(z.string()).default([]),
    validity_ranges: z
      .array(z.object({ timespan: z.object({ begin: moment, end: moment }), dataset_ids: z.array(z.string()) }))
      .default([]),
  }),
  dataset: z.object({
    type: z.literal('dataset'),
    dataset_type: z.string(),
    run: z.string(),
    records: z.array(
      z.object({
        dataset_id: names,
        data_id: z.union([dataId.transform((one) => [one]), z.array(dataId)]),
        path: z.string(),
        formatter: z.string().nullish(),
      }),
    ),
  }),
};

export type ExportSection = z.infer<(typeof sections)[keyof typeof sections]>;
export type ExportSectionOf<K extends keyof typeof sections> = z.infer<(typeof sections)[K]>;

export interface ExportFile {
  readonly universeVersion: number | undefined;
  readonly universeNamespace: string | undefined;
  readonly sections: readonly ExportSection[];
}

/**
 * Reads an export. Nothing is checked against a repository here.
 * @param file name for messages
 * @throws IMPORT_NOT_AN_EXPORT, IMPORT_UNKNOWN_SECTION, IMPORT_BAD_SECTION
 */
export function parseExport(text: string, file: string): ExportFile {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    customTags: (tags) => [plainText, uuidTag, timeTag, ...regionTags, timespanTag, ...tags],
    version: '1.1',
    strict: true,
  });
  const [error] = document.errors;
  if (error !== undefined) {
    const { line, col: column } = lines.linePos(error.pos[0]);
    throw importErrors.NOT_AN_EXPORT({ file, reason: error.message.split('\n')[0] }, { place: { file, line, column } });
  }
  const root = document.toJS() as { data?: unknown; universe_version?: number; universe_namespace?: string } | null;
  if (!Array.isArray(root?.data)) throw importErrors.NOT_AN_EXPORT({ file, reason: 'it has no list "data"' });
  return {
    universeVersion: root.universe_version,
    universeNamespace: root.universe_namespace,
    sections: root.data.map((section: { type?: string }, i) => {
      const type = String(section?.type);
      const schema = sections[type as keyof typeof sections];
      if (schema === undefined) {
        throw importErrors.UNKNOWN_SECTION({ file, type, hint: didYouMean(type, Object.keys(sections)) });
      }
      const parsed = schema.safeParse(section);
      if (parsed.success) return parsed.data;
      const [issue] = parsed.error.issues;
      throw importErrors.BAD_SECTION({
        file,
        section: `${i + 1} (${type})`,
        reason: `${issue.path.join('.')}: ${issue.message}`,
      });
    }),
  };
}

const timespanTag: CollectionTag = {
  tag: 'lsst.daf.butler.Timespan',
  collection: 'map',
  resolve: (node) => {
    if (!isMap(node)) throw new TypeError('a timespan is a map');
    return node;
  },
};
