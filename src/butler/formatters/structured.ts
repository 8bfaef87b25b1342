// SPDX-License-Identifier: BSD-3-Clause

import type { DocumentOptions, ParseOptions, ScalarTag, SchemaOptions } from 'yaml';
import { yaml } from '../../base/index.ts';
import { butlerErrors } from '../errors.ts';
import {
  type Formatter,
  type FormatterFile,
  type ReadContext,
  registerFormatter,
  type WriteContext,
} from './formatter.ts';
import { readPlainYaml, writePlainYaml } from './plain-yaml.ts';

const decoder = new TextDecoder('utf-8', { fatal: true });
const encoder = new TextEncoder();

async function readText(file: FormatterFile, format: string): Promise<string> {
  const bytes = await file.read();
  try {
    return decoder.decode(bytes);
  } catch (error) {
    throw butlerErrors.BAD_FILE({ path: file.path, format, reason: 'it is not UTF-8 text' }, { cause: error });
  }
}

/** The content by a parser whose errors become that of a damaged file. */
export async function parsed<T>(file: FormatterFile, format: string, parser: (text: string) => T): Promise<T> {
  const text = await readText(file, format);
  try {
    return parser(text);
  } catch (error) {
    throw butlerErrors.BAD_FILE({ path: file.path, format, reason: (error as Error).message }, { cause: error });
  }
}

/** `a.b` of nested mappings is read through component names: none of these classes has parts of its own. */
export function refuseComponent({ component, storageClass }: ReadContext): void {
  if (component !== undefined) throw butlerErrors.NO_COMPONENT({ component, storageClass, hint: '' });
}

function assertPlain(object: unknown, { storageClass }: WriteContext): void {
  const isList = Array.isArray(object);
  const isMapping = typeof object === 'object' && object !== null && !isList;
  if ((storageClass === 'StructuredDataDict' && !isMapping) || (storageClass === 'StructuredDataList' && !isList)) {
    const expected = storageClass === 'StructuredDataDict' ? 'a mapping' : 'a list';
    const found = object === null ? 'null' : isList ? 'a list' : isMapping ? 'a mapping' : typeof object;
    throw butlerErrors.BAD_OBJECT({ storageClass, expected, found });
  }
  if (object === undefined || typeof object === 'function') {
    throw butlerErrors.BAD_OBJECT({ storageClass, expected: 'plain data', found: typeof object });
  }
}

export const jsonFormatter: Formatter = {
  extension: '.json',
  async read(file, context) {
    refuseComponent(context);
    return parsed(file, 'JSON', (text) => JSON.parse(text));
  },
  write(object, sink, context) {
    assertPlain(object, context);
    sink.write(encoder.encode(JSON.stringify(object)));
  },
};

/** YAML 1.1 readers take `1e-7` for a text: they want a point in a number with an exponent. */
const exponentTag: ScalarTag = {
  tag: 'tag:yaml.org,2002:float',
  default: true,
  identify: (value) => typeof value === 'number' && Number.isFinite(value) && String(value).includes('e'),
  test: /^[-+]?[0-9]+\.[0-9]*e[-+][0-9]+$/,
  resolve: (text) => Number(text),
  stringify: ({ value }) => {
    const text = String(value);
    return text.includes('.') ? text : text.replace('e', '.0e');
  },
};
/** Python's readers know these words for truth values, but not the single letters of YAML 1.1. */
const truthTag = (value: boolean, test: RegExp): ScalarTag => ({
  tag: 'tag:yaml.org,2002:bool',
  default: true,
  identify: (one) => one === value,
  test,
  resolve: () => value,
  stringify: () => String(value),
});
/** Characters that YAML 1.1 readers refuse or change unless they are escaped. */
const unprintable = /[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]/u;
/** Texts that would be a merge key, a default value or a broken line if they stood bare. */
const quotedTextTag: ScalarTag = {
  tag: 'tag:yaml.org,2002:str',
  default: true,
  identify: (value) => typeof value === 'string' && (value === '<<' || value === '=' || unprintable.test(value)),
  // Among tags that fit a value, the library takes one with a test; this one is for writing only and matches nothing.
  test: /(?!)/,
  resolve: (text) => text,
  stringify: ({ value }) =>
    JSON.stringify(value).replaceAll(
      new RegExp(unprintable, 'gu'),
      (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
    ),
};
const ownTags = [
  quotedTextTag,
  truthTag(true, /^(?:yes|Yes|YES|true|True|TRUE|on|On|ON)$/),
  truthTag(false, /^(?:no|No|NO|false|False|FALSE|off|Off|OFF)$/),
  exponentTag,
];
/** YAML 1.1 is what the field's Python readers speak. */
const yamlOptions: ParseOptions & DocumentOptions & SchemaOptions = {
  version: '1.1',
  customTags: (tags) => [
    ...ownTags,
    ...tags.filter((tag) => typeof tag === 'string' || tag.tag !== 'tag:yaml.org,2002:bool'),
  ],
};

/** The value of a YAML document; without `quick`, always by the whole parser. */
export function readYaml(text: string, quick = true): unknown {
  const value = quick ? readPlainYaml(text) : undefined;
  return value === undefined ? yaml().parse(text, yamlOptions) : value;
}

/** A document of YAML; without `quick`, always by the whole writer. */
export function writeYaml(object: unknown, quick = true): string {
  const text = quick ? writePlainYaml(object) : undefined;
  return text ?? yaml().stringify(object, { ...yamlOptions, lineWidth: 0, aliasDuplicateObjects: false });
}

export const yamlFormatter: Formatter = {
  extension: '.yaml',
  async read(file, context) {
    refuseComponent(context);
    return parsed(file, 'YAML', readYaml);
  },
  write(object, sink, context) {
    assertPlain(object, context);
    sink.write(encoder.encode(writeYaml(object)));
  },
};

const textFormatter: Formatter = {
  extension: '.txt',
  async read(file, context) {
    refuseComponent(context);
    return readText(file, 'text');
  },
  write(object, sink, { storageClass }) {
    if (typeof object !== 'string')
      throw butlerErrors.BAD_OBJECT({ storageClass, expected: 'a string', found: typeof object });
    sink.write(encoder.encode(object));
  },
};

const bytesFormatter = (extension: string): Formatter => ({
  extension,
  async read(file, context) {
    refuseComponent(context);
    return file.read();
  },
  write(object, sink, { storageClass }) {
    if (!(object instanceof Uint8Array)) {
      throw butlerErrors.BAD_OBJECT({ storageClass, expected: 'bytes (Uint8Array)', found: typeof object });
    }
    sink.write(object);
  },
});

export function registerStructuredFormatters(): void {
  registerFormatter('lsst.daf.butler.formatters.json.JsonFormatter', jsonFormatter);
  registerFormatter('lsst.daf.butler.formatters.yaml.YamlFormatter', yamlFormatter);
  registerFormatter('skymill.formatters.Yaml', yamlFormatter);
  registerFormatter('skymill.formatters.Text', textFormatter);
  registerFormatter('skymill.formatters.Bytes', bytesFormatter('.bin'));
  // A picture as the bytes of a PNG file.
  registerFormatter('lsst.daf.butler.formatters.matplotlib.MatplotlibFormatter', bytesFormatter('.png'));
}
