// SPDX-License-Identifier: BSD-3-Clause
import { didYouMean } from '../../base/index.ts';
import { butlerErrors } from '../errors.ts';
import type { Defaults } from '../registry/defaults.ts';
import type { Registry } from '../registry/registry.ts';
import type { DataId, DimensionGroup } from '../types.ts';
import { collectionSummary } from './summary.ts';

/** What a program that opens a repository may leave unsaid afterwards. */
export interface DefaultOptions {
  /** Collections searched, in order, where none are named. With `run` alone: that run. */
  collections?: readonly string[];
  /** The RUN collection into which datasets are put where none is named; made if need be in a repository open for writing. */
  run?: string;
  /** Values of governor dimensions (instrument, skymap) for data IDs and queries that leave them out. */
  dataId?: DataId;
  /** Whether values missing from `dataId` are taken from the collections, where these hold a single one. Default true. */
  inferDefaults?: boolean;
}

/**
 * Settles defaults against a repository. Collections that do not exist (yet) are kept, and say nothing about values.
 * @throws BUTLER_NOT_GOVERNOR, BUTLER_NO_RECORD
 */
export async function settleDefaults(registry: Registry, options: DefaultOptions): Promise<Defaults> {
  const { run, inferDefaults = true } = options;
  const collections = options.collections ?? (run === undefined ? undefined : [run]);
  const dataId: Record<string, string | number> = { ...options.dataId };
  const { universe } = registry;
  const governors = universe.dimensionNames.filter((name) => universe.element(name).governor);
  for (const [name, value] of Object.entries(dataId)) {
    if (!governors.includes(name)) {
      throw butlerErrors.NOT_GOVERNOR({ name, governors: governors.join(', '), hint: didYouMean(name, governors) });
    }
    const records = await registry.records.fetch(name, [[value]]);
    if (records.size === 0) throw butlerErrors.NO_RECORD({ element: name, key: `{${name}: ${value}}` });
  }
  if (inferDefaults && collections !== undefined && governors.some((name) => dataId[name] === undefined)) {
    const found = await valuesIn(registry, collections);
    for (const name of governors) {
      const values = found.get(name);
      if (dataId[name] === undefined && values?.size === 1) dataId[name] = [...values][0];
    }
  }
  return Object.freeze({ collections, run, dataId: Object.freeze(dataId) });
}

/** The registry with settled defaults; a default run that does not exist is made where that is possible. */
export async function withDefaults(registry: Registry, options: DefaultOptions): Promise<Registry> {
  const { run, collections, dataId } = options;
  if (run === undefined && collections === undefined && dataId === undefined) return registry;
  if (run !== undefined && registry.db.writeable) await registry.collections.register(run, 'RUN');
  return registry.withDefaults(await settleDefaults(registry, options));
}

async function valuesIn(registry: Registry, collections: readonly string[]): Promise<Map<string, Set<string>>> {
  const found = new Map<string, Set<string>>();
  for (const name of collections) {
    if ((await registry.collections.find(name)) === undefined) continue;
    for (const [governor, values] of Object.entries((await collectionSummary(registry, name)).governors)) {
      found.set(governor, new Set([...(found.get(governor) ?? []), ...values]));
    }
  }
  return found;
}

/** A data ID with the default values of governors that `dimensions` need and it does not have. */
export function withDefaultValues(registry: Registry, dimensions: DimensionGroup, dataId: DataId): DataId {
  const { defaults } = registry;
  const missing = dimensions.governors.filter((name) => dataId[name] === undefined);
  const known = missing.filter((name) => defaults.dataId[name] !== undefined);
  if (known.length === 0) return dataId;
  return { ...Object.fromEntries(known.map((name) => [name, defaults.dataId[name]])), ...dataId };
}

/** @throws BUTLER_NO_DEFAULT */
export function runOrDefault(registry: Registry, run: string | undefined): string {
  const name = run ?? registry.defaults.run;
  if (name === undefined) throw butlerErrors.NO_DEFAULT({ what: 'RUN collection to write to' });
  return name;
}
