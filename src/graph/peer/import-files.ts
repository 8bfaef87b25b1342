// SPDX-License-Identifier: BSD-3-Clause
import { growingBytes, growingF64, growingU32 } from '../columns/growing.ts';
import type { MemoryParts } from '../data.ts';
import {
  fileRecordClass,
  fileRecordTable,
  noComponent,
  type PeerDatastoreRecords,
  type PeerFileRecord,
} from './format.ts';
import type { Words } from './import-rows.ts';

/** Values that repeat, by number. */
class Codes<T> {
  readonly #codes = new Map<T, number>();
  get values(): T[] {
    return [...this.#codes.keys()];
  }
  of(value: T): number {
    let code = this.#codes.get(value);
    if (code === undefined) {
      code = this.#codes.size;
      this.#codes.set(value, code);
    }
    return code;
  }
}

/** Texts as one run of UTF-8 with offsets. */
class Texts {
  readonly #bytes = growingBytes();
  readonly #offsets = growingU32();

  constructor() {
    this.#offsets.push(0);
  }
  push(text: string): void {
    this.#bytes.append(Buffer.from(text, 'utf8'));
    this.#offsets.push(this.#bytes.length);
  }
  /** Those with these numbers, as columns of a graph. */
  store(parts: MemoryParts, name: string, numbers: Words): void {
    const bytes = this.#bytes.take();
    const offsets = new Uint32Array(numbers.length + 1);
    for (let i = 0; i < numbers.length; i++)
      offsets[i + 1] = offsets[i] + this.#offsets.at(numbers[i] + 1) - this.#offsets.at(numbers[i]);
    const out = new Uint8Array(offsets[numbers.length]);
    for (let i = 0; i < numbers.length; i++)
      out.set(bytes.subarray(this.#offsets.at(numbers[i]), this.#offsets.at(numbers[i] + 1)), offsets[i]);
    parts.columns.set(`${name}/bytes`, out);
    parts.columns.set(`${name}/offsets`, offsets);
  }
}

/** File records of the datasets, in order of arrival. Those of a dataset stand together. */
export class ImportFiles {
  readonly datastores = new Set<string>();
  readonly #formatters = new Codes<string>();
  readonly #storageClasses = new Codes<string>();
  readonly #components = new Codes<string | null>();
  readonly #sizes = growingF64();
  readonly #formatter = growingU32();
  readonly #storageClass = growingU32();
  readonly #component = growingU32();
  readonly #paths = new Texts();
  readonly #checksums = new Texts();
  /** Of each dataset: first file and number of files. */
  readonly #first = growingU32();
  readonly #count = growingU32();

  /** Takes the records of datasets that came without any so far. `numberOf` gives a dataset's number by 32 hexadecimal digits. */
  add(records: Record<string, PeerDatastoreRecords>, numberOf: (hex: string) => number | undefined): void {
    for (const [datastore, { records: byClass }] of Object.entries(records)) {
      const files = Object.entries(byClass[fileRecordClass] ?? {});
      if (files.length > 0) this.datastores.add(datastore);
      for (const [hex, tables] of files) {
        const dataset = numberOf(hex);
        if (dataset === undefined || (dataset < this.#count.length && this.#count.at(dataset) > 0)) continue;
        this.#take(dataset, tables[fileRecordTable] ?? []);
      }
    }
  }

  /** Whether a dataset came with files. */
  has(dataset: number): boolean {
    return dataset < this.#count.length && this.#count.at(dataset) > 0;
  }

  #take(dataset: number, files: readonly PeerFileRecord[]): void {
    while (this.#first.length <= dataset) {
      this.#first.push(0);
      this.#count.push(0);
    }
    this.#first.set(dataset, this.#sizes.length);
    this.#count.set(dataset, files.length);
    for (const file of files) {
      this.#sizes.push(file.file_size);
      this.#formatter.push(this.#formatters.of(file.formatter));
      this.#storageClass.push(this.#storageClasses.of(file.storage_class));
      this.#component.push(this.#components.of(file.component === noComponent ? null : file.component));
      this.#paths.push(file.path);
      this.#checksums.push(file.checksum ?? '');
    }
  }

  /** The columns of a graph whose existing datasets are these, in this order. */
  store(parts: MemoryParts, datasets: Words) {
    const offsets = new Uint32Array(datasets.length + 1);
    const picked = growingU32();
    for (const [i, dataset] of datasets.entries()) {
      const count = dataset < this.#count.length ? this.#count.at(dataset) : 0;
      for (let k = 0; k < count; k++) picked.push(this.#first.at(dataset) + k);
      offsets[i + 1] = offsets[i] + count;
    }
    const files = picked.take();
    parts.columns.set('existing/fileOffsets', offsets);
    parts.columns.set(
      'file/sizes',
      Float64Array.from(files, (file) => this.#sizes.at(file)),
    );
    parts.columns.set(
      'file/formatters',
      files.map((file) => this.#formatter.at(file)),
    );
    parts.columns.set(
      'file/storageClasses',
      files.map((file) => this.#storageClass.at(file)),
    );
    parts.columns.set(
      'file/components',
      files.map((file) => this.#component.at(file)),
    );
    this.#paths.store(parts, 'file/paths', files);
    this.#checksums.store(parts, 'file/checksums', files);
    return {
      formatters: this.#formatters.values,
      storageClasses: this.#storageClasses.values,
      components: this.#components.values,
    };
  }
}
