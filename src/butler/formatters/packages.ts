// SPDX-License-Identifier: BSD-3-Clause

import type { CollectionTag, DocumentOptions, ParseOptions, SchemaOptions } from 'yaml';
import { yaml } from '../../base/index.ts';
import { butlerErrors } from '../errors.ts';
import { type Formatter, registerFormatter } from './formatter.ts';
import { parsed, refuseComponent } from './structured.ts';

/** The tag by which Python readers know a mapping as a set of package versions; the second one is of older files. */
const tag = 'lsst.utils.packages.Packages';
const tags = [tag, 'lsst.base.Packages'];
/** Versions look like numbers ("3.11", "1e3"): all are texts. */
const yamlOptions: ParseOptions & DocumentOptions & SchemaOptions = {
  schema: 'failsafe',
  customTags: tags.map((one): CollectionTag => ({ tag: one, collection: 'map', resolve: (map) => map })),
};
const encoder = new TextEncoder();

/** Versions of packages by name, all texts: tagged YAML, or JSON. */
const packagesFormatter: Formatter = {
  extension: '.yaml',
  async read(file, context) {
    refuseComponent(context);
    if (/\.(pickle|pkl)$/.test(file.path)) {
      throw butlerErrors.PYTHON_ONLY({
        path: file.path,
        storageClass: context.storageClass,
        format: 'a Python pickle',
      });
    }
    if (file.path.endsWith('.json')) return parsed(file, 'JSON', (text) => JSON.parse(text));
    return parsed(file, 'YAML', (text) => yaml().parse(text, yamlOptions));
  },
  write(object, sink, { storageClass }) {
    const entries = typeof object === 'object' && object !== null ? Object.entries(object) : undefined;
    if (entries === undefined || entries.some(([, version]) => typeof version !== 'string')) {
      const found = entries === undefined ? typeof object : 'other values';
      throw butlerErrors.BAD_OBJECT({ storageClass, expected: 'versions (texts) by package name', found });
    }
    // Quoted one and all: no reader takes a version for a number or a date.
    const versions = Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
    const text = yaml().stringify(versions, { defaultStringType: 'QUOTE_DOUBLE', lineWidth: 0 });
    sink.write(encoder.encode(`!<${tag}>\n${text}`));
  },
};

export function registerPackagesFormatter(): void {
  registerFormatter('lsst.daf.butler.formatters.packages.PackagesFormatter', packagesFormatter);
}
