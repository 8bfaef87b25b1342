// SPDX-License-Identifier: BSD-3-Clause
import { isConfigMap } from './config-file.ts';

/** As configurations write it. */
interface StorageClassSpec {
  inheritsFrom?: string;
  components?: Record<string, string>;
}

const masked = { image: 'Image', mask: 'Mask', variance: 'Image' };
/** Composites that are written in parts when a configuration says so. Exposures are always whole here: not all their parts are files. */
const builtIn: Readonly<Record<string, StorageClassSpec>> = {
  MaskedImage: { components: masked },
  MaskedImageF: { components: { image: 'ImageF', mask: 'MaskX', variance: 'ImageF' } },
};

const tables = ['Table', 'ArrowTable', 'ArrowAstropy', 'ArrowNumpy', 'ArrowNumpyDict', 'DataFrame'];
const tableSchemas = ['ArrowSchema', 'ArrowAstropySchema', 'ArrowNumpySchema', 'DataFrameSchema'];
/** Storage classes whose objects are the same here: one may be read as another. */
const alike: readonly (readonly string[])[] = [
  [...tables, 'AstropyTable', 'AstropyQTable'],
  tableSchemas,
  ['ArrowColumnList', 'DataFrameIndex', 'StructuredDataList'],
  ['TaskMetadata', 'StructuredDataDict', 'PropertySet', 'PropertyList', 'Packages', 'Config'],
  ['Exposure', 'ExposureF', 'ExposureI'],
  ['MaskedImage', 'MaskedImageF'],
  ['Image', 'ImageF', 'ImageI', 'ImageU'],
  ['Mask', 'MaskX'],
];

/** Storage classes with those that a configuration adds or changes. */
export class StorageClasses {
  readonly #specs: Readonly<Record<string, StorageClassSpec>>;

  constructor(config: Readonly<Record<string, unknown>>) {
    const own = Object.entries(config).filter((entry): entry is [string, StorageClassSpec] => isConfigMap(entry[1]));
    this.#specs = { ...builtIn, ...Object.fromEntries(own) };
  }

  /** The name and those it inherits from, nearest first. */
  ancestry(name: string): string[] {
    const out = [name];
    for (let next = this.#specs[name]?.inheritsFrom; next !== undefined && !out.includes(next); ) {
      out.push(next);
      next = this.#specs[next]?.inheritsFrom;
    }
    return out;
  }

  /** Components of a composite, each of which is stored as a file of its own where it is written in parts. */
  parts(name: string): Readonly<Record<string, string>> | undefined {
    const all = this.ancestry(name)
      .reverse()
      .map((one) => this.#specs[one]?.components ?? {});
    const parts: Record<string, string> = Object.assign({}, ...all);
    return Object.keys(parts).length === 0 ? undefined : parts;
  }

  /** Whether it is an object whose components are its entries. */
  isPlainComposite(name: string, component: string): boolean {
    return !(name in builtIn) && this.parts(name)?.[component] !== undefined;
  }

  /** Whether what is stored as one storage class can be given as another. */
  convertible(from: string, to: string): boolean {
    const [olds, news] = [this.ancestry(from), this.ancestry(to)];
    if (olds.includes(to) || news.includes(from)) return true;
    return alike.some((group) => olds.some((one) => group.includes(one)) && news.some((one) => group.includes(one)));
  }

  /** Storage classes that one can be read as, for messages. */
  alternatives(from: string): string[] {
    const names = this.ancestry(from);
    return alike.filter((group) => names.some((one) => group.includes(one))).flat();
  }
}
