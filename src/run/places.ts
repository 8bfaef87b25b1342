// SPDX-License-Identifier: BSD-3-Clause
import { isAbsolute, join } from 'node:path';
import {
  type ButlerApi,
  DimensionUniverse,
  defaultUniverse,
  type FileRecord,
  type UniverseSpec,
} from '../butler/index.ts';

const url = /^[a-z][a-z0-9+.-]*:\/\//i;

/** A file record that means the same file whatever the datastore root is. */
export function absoluteRecord({ datastoreRoot }: ButlerApi, record: FileRecord): FileRecord {
  const { path } = record;
  if (url.test(path) || isAbsolute(path)) return record;
  if (url.test(datastoreRoot)) return { ...record, path: new URL(path, `${datastoreRoot}/`).href };
  return { ...record, path: join(datastoreRoot, path) };
}

/** The dimension universe of a repository, where it is not the one every process knows. */
export function universeOf({ universe }: ButlerApi): UniverseSpec | undefined {
  return universe instanceof DimensionUniverse && universe !== defaultUniverse() ? universe.spec : undefined;
}
