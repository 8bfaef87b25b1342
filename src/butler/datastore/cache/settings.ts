// SPDX-License-Identifier: BSD-3-Clause
import { butlerErrors } from '../../errors.ts';
import { isConfigMap } from '../config-file.ts';

const modes = ['files', 'datasets', 'size', 'age', 'disabled'] as const;
export type ExpiryMode = (typeof modes)[number];

export interface CacheSettings {
  /** Folder shared by processes; undefined: one of this process, which goes with it. */
  root: string | undefined;
  /** What is limited: number of files or datasets, bytes, seconds since the last use; undefined: nothing expires. */
  mode: ExpiryMode | undefined;
  threshold: number;
  /** Whether datasets are kept of which `cacheable` says nothing. */
  default: boolean;
  /** By dataset type, dimensions or storage class. */
  cacheable: Readonly<Record<string, unknown>>;
}

/**
 * The section `cached` of a datastore, over which the environment has the last word: DAF_BUTLER_CACHE_DIRECTORY (or, where neither says
 * a folder, DAF_BUTLER_CACHE_DIRECTORY_IF_UNSET) and DAF_BUTLER_CACHE_EXPIRATION_MODE (`files=100`, `disabled`, …).
 */
export function cacheSettings(
  section: Readonly<Record<string, unknown>>,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): CacheSettings {
  const expiry = isConfigMap(section['expiry']) ? section['expiry'] : { mode: 'datasets', threshold: 4 };
  let mode = expiry['mode'] ?? undefined;
  let threshold = Number(expiry['threshold'] ?? 0);
  const said = environment['DAF_BUTLER_CACHE_EXPIRATION_MODE'];
  if (said !== undefined && said !== '') {
    const [name, limit] = said.split('=');
    mode = name;
    threshold = limit === undefined ? 0 : Number(limit);
  }
  const isKnown = mode === undefined || modes.includes(mode as ExpiryMode);
  const needsLimit = mode !== undefined && mode !== 'disabled';
  if (!isKnown || (needsLimit && !(threshold > 0))) {
    const problem = `expiry "${String(mode)}=${threshold}" is not one of ${modes.join(', ')} with a limit above zero`;
    throw butlerErrors.BAD_CONFIG({
      file: said === undefined ? 'datastore.cached' : 'DAF_BUTLER_CACHE_EXPIRATION_MODE',
      problem,
    });
  }
  const root =
    environment['DAF_BUTLER_CACHE_DIRECTORY'] || section['root'] || environment['DAF_BUTLER_CACHE_DIRECTORY_IF_UNSET'];
  return {
    root: typeof root === 'string' ? root : undefined,
    mode: mode as ExpiryMode | undefined,
    threshold,
    default: section['default'] !== false,
    cacheable: isConfigMap(section['cacheable']) ? section['cacheable'] : {},
  };
}
