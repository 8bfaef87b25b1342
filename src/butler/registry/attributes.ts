// SPDX-License-Identifier: BSD-3-Clause
import { dafButler8 } from '../dimensions/daf-butler-8.ts';
import type { UniverseSpec } from '../dimensions/spec.ts';
import { DimensionUniverse } from '../dimensions/universe.ts';
import { butlerErrors } from '../errors.ts';
import type { Database } from './database.ts';

/**
 * The parts of the Gen3 schema, each with the class that stands for it in `butler_attributes` and in `butler.yaml`, and the
 * schema version. The names are part of the format: a repository of a known version is one with these entries.
 */
export const managers = {
  attributes: { cls: 'lsst.daf.butler.registry.attributes.DefaultButlerAttributeManager', version: '1.0.1' },
  dimensions: {
    cls: 'lsst.daf.butler.registry.dimensions.static.StaticDimensionRecordStorageManager',
    version: '6.0.2',
  },
  collections: {
    cls: 'lsst.daf.butler.registry.collections.synthIntKey.SynthIntKeyCollectionManager',
    version: '2.0.0',
  },
  datasets: {
    cls: 'lsst.daf.butler.registry.datasets.byDimensions._manager.ByDimensionsDatasetRecordStorageManagerUUID',
    version: '2.0.0',
  },
  opaque: { cls: 'lsst.daf.butler.registry.opaque.ByNameOpaqueTableStorageManager', version: '0.2.0' },
  datastores: {
    cls: 'lsst.daf.butler.registry.bridge.monolithic.MonolithicDatastoreRegistryBridgeManager',
    version: '0.2.1',
  },
} as const;

const managerKey = 'config:registry.managers.';
const universeKey = 'config:dimensions.json';
/** Ours, beside the peer's: the repository's own identity. Others ignore keys they do not know. */
const repositoryIdKey = 'skymill:repository_id';

export async function writeAttributes(db: Database, universe: DimensionUniverse, repositoryId: string): Promise<void> {
  const rows: [string, string][] = [];
  for (const [name, { cls, version }] of Object.entries(managers)) {
    rows.push([`config:registry.managers.${name}`, cls], [`version:${cls}`, version]);
  }
  rows.push([universeKey, universe.toJson()], [repositoryIdKey, repositoryId]);
  await db.insert('butler_attributes', ['name', 'value'], rows);
}

export interface Attributes {
  universe: DimensionUniverse;
  /** Absent from repositories that others made. */
  repositoryId: string | undefined;
}

/** Reads the universe and refuses schemas this program does not know: another major version, or for writing another minor one. */
export async function readAttributes(db: Database, root: string): Promise<Attributes> {
  const values = new Map((await db.rows('SELECT name, value FROM butler_attributes')) as [string, string][]);
  for (const [name, { cls, version }] of Object.entries(managers)) {
    const foundClass = values.get(`${managerKey}${name}`);
    const found = foundClass === undefined ? undefined : values.get(`version:${foundClass}`);
    if (foundClass === undefined || !isSameClass(foundClass, cls) || !isCompatible(found, version, db.writeable)) {
      throw butlerErrors.UNSUPPORTED_SCHEMA({
        root,
        manager: foundClass ?? `registry.managers.${name}`,
        found: found ?? '(none)',
        known: version,
      });
    }
  }
  // Some repositories keep further tables in step with the datasets. Whoever writes without doing so leaves them behind.
  const others = [...values].filter(
    ([key]) => key.startsWith(managerKey) && !(key.slice(managerKey.length) in managers),
  );
  if (db.writeable && others.length > 0) {
    const [key, cls] = others[0];
    throw butlerErrors.UNSUPPORTED_SCHEMA({
      root,
      manager: cls,
      found: values.get(`version:${cls}`) ?? '(none)',
      known: `no ${key.slice(managerKey.length)} tables: it opens such a repository for reading only`,
    });
  }
  const json = values.get(universeKey);
  if (json === undefined) {
    throw butlerErrors.BAD_CONFIG({ file: root, problem: `butler_attributes holds no ${universeKey}` });
  }
  return { universe: readUniverse(json, root), repositoryId: values.get(repositoryIdKey) };
}

function readUniverse(json: string, root: string): DimensionUniverse {
  let spec: Partial<UniverseSpec>;
  try {
    spec = JSON.parse(json);
  } catch (error) {
    const problem = `${universeKey} of butler_attributes is no JSON: ${(error as Error).message}`;
    throw butlerErrors.BAD_CONFIG({ file: root, problem }, { cause: error });
  }
  return knownUniverse(spec as UniverseSpec, root);
}

/** @throws BUTLER_UNSUPPORTED_UNIVERSE for dimensions whose meaning this program does not know */
export function knownUniverse(spec: UniverseSpec, root: string): DimensionUniverse {
  const { namespace = dafButler8.namespace, version = -1 } = spec;
  if (namespace !== dafButler8.namespace || !(version >= 0 && version <= dafButler8.version)) {
    throw butlerErrors.UNSUPPORTED_UNIVERSE({
      root,
      found: `${namespace} ${version}`,
      known: `${dafButler8.namespace} 0 to ${dafButler8.version}`,
    });
  }
  return new DimensionUniverse(spec);
}

/** Class paths differ between releases in private modules only: compare the class name. */
function isSameClass(a: string, b: string): boolean {
  return a.split('.').at(-1) === b.split('.').at(-1);
}

function isCompatible(found: string | undefined, known: string, writeable: boolean): boolean {
  if (found === undefined) return false;
  const [foundMajor, foundMinor] = found.split('.').map(Number);
  const [major, minor] = known.split('.').map(Number);
  return foundMajor === major && (writeable ? foundMinor === minor : foundMinor <= minor);
}
