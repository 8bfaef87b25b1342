// SPDX-License-Identifier: BSD-3-Clause
import { uuidHex } from '../../base/index.ts';
import type { DatasetAssociation } from '../contract.ts';
import type { ByteSink } from '../datastore/byte-store.ts';
import type { CollectionInfo, DatasetRef, DatasetType, DimensionRecord, Timespan } from '../types.ts';
import { yamlField, yamlMoment, yamlNumber, yamlText, yamlTimespan } from './yaml-text.ts';

/** Version of the format; readers take 1.0.x. */
const exportVersion = '1.0.2';

/** One file of an export and the datasets in it. */
export interface ExportedFile {
  readonly refs: readonly DatasetRef[];
  /** Relative to the export's folder, or (files that stay where they are) absolute. */
  readonly path: string;
  readonly formatter: string | undefined;
}

/** Writes an export front to back, section by section: dimension records, collections, datasets, associations. */
export class ExportWriter {
  readonly #sink: ByteSink;

  constructor(sink: ByteSink, universe: { version: number; namespace: string }) {
    this.#sink = sink;
    this.#put(
      `description: Butler Data Repository Export\nversion: ${exportVersion}\n` +
        `universe_version: ${universe.version}\nuniverse_namespace: ${yamlText(universe.namespace)}\ndata:\n`,
    );
  }

  dimension(element: string, records: readonly DimensionRecord[]): void {
    this.#put(`- type: dimension\n  element: ${element}\n  records:\n`);
    for (const record of records) this.#put(recordText(record));
  }

  collection(info: CollectionInfo): void {
    let text = `- type: collection\n  collection_type: ${info.type}\n  name: ${yamlText(info.name)}\n`;
    if (info.doc !== '') text += `  doc: ${yamlText(info.doc)}\n`;
    // Times and hosts of runs are in the format but not in registries.
    if (info.type === 'RUN') text += '  host: null\n  timespan_begin: null\n  timespan_end: null\n';
    if (info.type === 'CHAINED') {
      const children = info.children ?? [];
      text += children.length === 0 ? '  children: []\n' : '  children:\n';
      for (const child of children) text += `  - ${yamlText(child)}\n`;
    }
    this.#put(text);
  }

  datasetType(type: DatasetType): void {
    const dimensions = type.dimensions.names.map(yamlText);
    this.#put(
      `- type: dataset_type\n  name: ${yamlText(type.name)}\n  dimensions: [${dimensions.join(', ')}]\n` +
        `  storage_class: ${yamlText(type.storageClass)}\n  is_calibration: ${type.isCalibration}\n`,
    );
  }

  datasets(type: DatasetType, run: string, files: readonly ExportedFile[]): void {
    this.#put(`- type: dataset\n  dataset_type: ${yamlText(type.name)}\n  run: ${yamlText(run)}\n  records:\n`);
    for (const { refs, path, formatter } of files) {
      let text = '  - dataset_id:\n';
      for (const ref of refs) text += `    - !uuid '${ref.id}'\n`;
      text += '    data_id:\n';
      for (const ref of refs) {
        const values = Object.entries(ref.dataId.toDataId()).map(
          ([name, value]) => `${name}: ${typeof value === 'number' ? yamlNumber(value) : yamlText(value)}`,
        );
        text += `    - {${values.join(', ')}}\n`;
      }
      text += `    path: ${yamlText(path)}\n`;
      if (formatter !== undefined) text += `    formatter: ${yamlText(formatter)}\n`;
      this.#put(text);
    }
  }

  associations(collection: string, type: 'TAGGED' | 'CALIBRATION', members: readonly DatasetAssociation[]): void {
    this.#put(`- type: associations\n  collection: ${yamlText(collection)}\n  collection_type: ${type}\n`);
    const ids = (list: readonly DatasetAssociation[], indent: string): string =>
      list
        .map(({ ref }) => ref.id)
        .sort((a, b) => (uuidHex(a) < uuidHex(b) ? -1 : 1))
        .map((id) => `${indent}- !uuid '${id}'\n`)
        .join('');
    if (type === 'TAGGED') {
      this.#put(`  dataset_ids:\n${ids(members, '  ')}`);
      return;
    }
    this.#put('  validity_ranges:\n');
    const byRange = Map.groupBy(members, ({ timespan }) => `${timespan?.beginNs}/${timespan?.endNs}`);
    for (const group of byRange.values()) {
      const span = group[0].timespan as Timespan;
      this.#put(`  - timespan: ${yamlTimespan(span, '      ')}\n    dataset_ids:\n${ids(group, '    ')}`);
    }
  }

  #put(text: string): void {
    this.#sink.write(Buffer.from(text, 'latin1')); // the text is ASCII
  }
}

/** The time of a record is two fields; where it has none, both are absent. */
function recordText(record: DimensionRecord): string {
  let text = '';
  for (const [name, value] of Object.entries(record)) {
    const lead = text === '' ? '  - ' : '    ';
    if (name !== 'timespan') text += `${lead}${yamlText(name)}: ${yamlField(name, value, '        ')}\n`;
    else if (value !== null) {
      const { beginNs, endNs } = value as Timespan;
      text += `    datetime_begin: ${yamlMoment(beginNs)}\n    datetime_end: ${yamlMoment(endNs)}\n`;
    }
  }
  return text;
}
