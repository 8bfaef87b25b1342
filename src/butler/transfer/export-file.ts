// SPDX-License-Identifier: BSD-3-Clause
import { createHash } from 'node:crypto';
import { type CollectionTag, isMap, LineCounter, parseDocument, type ScalarTag, type Tags, type YAMLMap } from 'yaml';
import { z } from 'zod';
import { didYouMean, formatUuid, type Place, uuidHex } from '../../base/index.ts';
import { parseTimeLiteral } from '../query/index.ts';
import { importErrors } from './import-errors.ts';
import { NotPlain, quickYaml } from './quick-yaml.ts';
import { regionKindNames } from './region-kinds.ts';

/*
 * The YAML form in which Gen3 repositories are exported, versions 0 and 1.0.x: `data` is a list of sections, in an order in which each
 * needs only earlier ones. Tags: `!uuid` text, `!butler_time/tai/iso` a time in TAI, `!<lsst.sphgeom.KIND>` a region whose binary form is
 * hexadecimal under `encoded`, `!lsst.daf.butler.Timespan` a map of `begin` and `end`.
 */

const uuidTag: ScalarTag = { tag: '!uuid', resolve: (text) => text.toLowerCase() };
const timeTag: ScalarTag = {
  tag: '!butler_time/tai/iso',
  resolve: (text) => parseTimeLiteral(`iso/${text}/tai`).taiNs,
};
const regionTags: CollectionTag[] = regionKindNames.map((kind) => ({
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

/** Old exports number their datasets; such a number stands for the same id everywhere (UUID version 3, RFC 9562, name space of the format). */
const numberedIds = Buffer.from(uuidHex('4d4851f4-2890-4d41-8779-5f38a3f5062b'), 'hex');
function numberedId(number: number): string {
  const bytes = createHash('md5').update(numberedIds).update(String(number)).digest();
  bytes[6] = (bytes[6] & 0x0f) | 0x30;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  return formatUuid(bytes);
}
const id = z.union([z.uuid('it is not a UUID'), z.number().int().transform(numberedId)]);
const ids = z.union([id.transform((one) => [one]), z.array(id)]);
const dataId = z.record(z.string(), z.union([z.string(), z.number()]));
const moment = z
  .bigint()
  .nullish()
  .transform((ns) => ns ?? undefined);
const span = z.object({ begin: moment, end: moment });

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
    // Old chains may restrict a child to dataset types, which nobody follows any more.
    children: z
      .array(z.union([z.string(), z.tuple([z.string()], z.unknown()).transform(([name]) => name)]))
      .default([]),
    doc: z.string().nullish(),
  }),
  associations: z.object({
    type: z.literal('associations'),
    collection: z.string(),
    collection_type: z.enum(['TAGGED', 'CALIBRATION']),
    dataset_ids: z.array(id).default([]),
    validity_ranges: z
      .array(
        z.union([
          z.object({ timespan: span, dataset_ids: z.array(id) }),
          span
            .extend({ dataset_ids: z.array(id) })
            .transform(({ begin, end, ...rest }) => ({ timespan: { begin, end }, ...rest })),
        ]),
      )
      .default([]),
  }),
  dataset: z.object({
    type: z.literal('dataset'),
    dataset_type: z.string(),
    run: z.string(),
    records: z.array(
      z.object({
        dataset_id: ids,
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
  /** Name for messages. */
  readonly file: string;
  /** Of the dimensions its data IDs and records are written in; 0 where it says nothing. */
  readonly universeVersion: number;
  readonly universeNamespace: string;
  readonly sections: readonly ExportSection[];
  /** Where something of a section stands in the file: the path is as in {@link sections}. Sections that were not in the file have none. */
  place(section: ExportSection, path?: readonly (string | number)[]): Place;
}

/**
 * Reads an export. Nothing is checked against a repository here.
 * @param file name for messages
 * @throws IMPORT_NOT_AN_EXPORT, IMPORT_VERSION, IMPORT_UNKNOWN_SECTION, IMPORT_BAD_SECTION; all with line and column
 */
export function parseExport(text: string, file: string): ExportFile {
  const reader = new FullReader(text, file);
  const placeOf = (path: readonly (string | number)[]): Place => reader.place(path);
  const root = (plainRoot(text) ?? reader.root()) as Record<string, unknown> | null;
  const data = root?.['data'];
  if (root === null || !Array.isArray(data)) {
    throw importErrors.NOT_AN_EXPORT({ file, reason: 'it has no list "data"' }, { place: placeOf(['data']) });
  }
  const version = String(root['version'] ?? 'missing');
  if (!/^(?:0|1\.0\.\d+)$/.test(version))
    throw importErrors.VERSION({ file, version }, { place: placeOf(['version']) });
  const numbers = new Map<ExportSection, number>();
  const parsedSections = data.map((section: { type?: string } | null, i): ExportSection => {
    const type = String(section?.type);
    const schema = sections[type as keyof typeof sections];
    if (schema === undefined) {
      const hint = didYouMean(type, Object.keys(sections));
      throw importErrors.UNKNOWN_SECTION({ file, type, hint }, { place: placeOf(['data', i, 'type']) });
    }
    const parsed = schema.safeParse(section);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      const path = issue.path as (string | number)[];
      const reason = `${path.join('.')}: ${issue.message}`;
      const place = placeOf(['data', i, ...path]);
      throw importErrors.BAD_SECTION({ file, section: `${i + 1} (${type})`, reason }, { place });
    }
    numbers.set(parsed.data, i);
    return parsed.data;
  });
  return {
    file,
    universeVersion: Number(root['universe_version'] ?? 0),
    universeNamespace: String(root['universe_namespace'] ?? 'daf_butler'),
    sections: parsedSections,
    place(section, path = []) {
      const number = numbers.get(section);
      return number === undefined ? { file } : placeOf(['data', number, ...path]);
    },
  };
}

/** Reads everything, and knows where it stands: slow, so only what {@link quickYaml} leaves, and errors, come here. */
class FullReader {
  readonly #text: string;
  readonly #file: string;
  readonly #lines = new LineCounter();
  #document: ReturnType<typeof parseDocument> | undefined;

  constructor(text: string, file: string) {
    this.#text = text;
    this.#file = file;
  }

  root(): unknown {
    const { errors } = this.#parsed();
    if (errors.length === 0) return this.#parsed().toJS();
    const reason = errors[0].message.split('\n')[0].replace(/ at line \d+, column \d+:?$/, '');
    throw importErrors.NOT_AN_EXPORT({ file: this.#file, reason }, { place: this.#at(errors[0].pos[0]) });
  }

  place(path: readonly (string | number)[]): Place {
    for (let length = path.length; length > 0; length--) {
      const node = this.#parsed().getIn(path.slice(0, length), true) as
        | { range?: [number, number, number] }
        | undefined;
      if (node?.range !== undefined) return this.#at(node.range[0]);
    }
    return { file: this.#file };
  }

  #parsed(): ReturnType<typeof parseDocument> {
    this.#document ??= parseDocument(this.#text, { ...yamlOptions, lineCounter: this.#lines });
    return this.#document;
  }

  #at(offset: number): Place {
    const { line, col: column } = this.#lines.linePos(offset);
    return { file: this.#file, line, column, excerpt: excerptOf(this.#text, line, column) };
  }
}

/** What a plain export says; undefined if it is not plain. */
function plainRoot(text: string): unknown {
  try {
    return quickYaml(text, (value) => {
      const document = parseDocument(value, yamlOptions);
      if (document.errors.length > 0) throw new NotPlain();
      return document.toJS();
    });
  } catch (error) {
    if (error instanceof NotPlain) return undefined;
    throw error;
  }
}

function excerptOf(text: string, line: number, column: number): string {
  const source = (text.split('\n', line)[line - 1] ?? '').slice(0, 200);
  return `${source}\n${' '.repeat(Math.min(column - 1, source.length))}^`;
}

const timespanTags = ['!lsst.daf.butler.Timespan', 'lsst.daf.butler.Timespan'].map(
  (tag): CollectionTag => ({
    tag,
    collection: 'map',
    resolve: (node) => {
      if (!isMap(node)) throw new TypeError('a timespan is a map');
      return node;
    },
  }),
);

const yamlOptions = {
  customTags: (tags: Tags): Tags => [plainText, uuidTag, timeTag, ...regionTags, ...timespanTags, ...tags],
  version: '1.1',
  strict: true,
} as const;
