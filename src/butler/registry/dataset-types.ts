// SPDX-License-Identifier: BSD-3-Clause
import { didYouMean } from '../../base/index.ts';
import type { DimensionUniverse } from '../dimensions/universe.ts';
import { butlerErrors } from '../errors.ts';
import type { DatasetType, DimensionGroup } from '../types.ts';
import type { Database } from './database.ts';
import { calibsTable, calibsTableName, tagsTable, tagsTableName } from './dataset-tables.ts';
import { globMatcher } from './glob.ts';

/** A registered dataset type and where its members are. */
export interface DatasetTypeRow {
  id: number;
  type: DatasetType;
  tagsTable: string;
  calibsTable: string | undefined;
}

/** Registered dataset types. They never change once registered, so what was found is kept and only misses ask again. */
export class DatasetTypeStore {
  readonly #db: Database;
  readonly #universe: DimensionUniverse;
  #byName = new Map<string, DatasetTypeRow>();
  #byId = new Map<number, DatasetTypeRow>();

  constructor(db: Database, universe: DimensionUniverse) {
    this.#db = db;
    this.#universe = universe;
  }

  async list(globs?: readonly string[]): Promise<DatasetType[]> {
    await this.#load();
    const matches = globMatcher(globs);
    return [...this.#byName.values()]
      .map((row) => row.type)
      .filter((type) => matches(type.name))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async find(name: string): Promise<DatasetTypeRow | undefined> {
    if (!this.#byName.has(name)) await this.#load();
    return this.#byName.get(name);
  }

  /** As {@link find}; throws with a suggestion. */
  async get(name: string): Promise<DatasetTypeRow> {
    const row = await this.find(name);
    if (row === undefined) {
      throw butlerErrors.NO_DATASET_TYPE({ name, hint: didYouMean(name, this.#byName.keys()) });
    }
    return row;
  }

  async getById(id: number): Promise<DatasetTypeRow> {
    if (!this.#byId.has(id)) await this.#load();
    const row = this.#byId.get(id);
    if (row === undefined) throw butlerErrors.NO_DATASET_TYPE({ name: `#${id}`, hint: '' });
    return row;
  }

  /** Registers those that are new; returns how many. One that exists with another definition is an error. */
  async register(types: readonly DatasetType[]): Promise<number> {
    for (const type of types) {
      if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(type.name)) throw butlerErrors.BAD_DATASET_TYPE_NAME({ name: type.name });
    }
    await this.#load();
    const isNew = (type: DatasetType): boolean => {
      const present = this.#byName.get(type.name);
      if (present === undefined) return true;
      assertSame(present.type, type);
      return false;
    };
    if (!types.some(isNew)) return 0;
    const insertMissing = async (): Promise<number> => {
      await this.#load();
      const missing = new Map(types.filter(isNew).map((type) => [type.name, type]));
      for (const type of missing.values()) await this.#insert(type);
      return missing.size;
    };
    const made = await this.#db.transaction(insertMissing, { repeatable: true });
    await this.#load();
    return made;
  }

  /** Removes types that have no datasets; otherwise refuses, naming runs. */
  async remove(names: readonly string[]): Promise<void> {
    const { dialect } = this.#db;
    await this.#db.transaction(async () => {
      await this.#load();
      const rows = await Promise.all([...new Set(names)].map((name) => this.get(name)));
      const list = `(SELECT value FROM ${dialect.listSource(dialect.placeholder(0), 'int')})`;
      const params = [dialect.listParam(rows.map((row) => row.id))];
      const used = await this.#db.rows(
        `SELECT DISTINCT t.name, c.name FROM dataset d JOIN dataset_type t ON t.id = d.dataset_type_id
         JOIN collection c ON c.collection_id = d.run_id WHERE d.dataset_type_id IN ${list} ORDER BY t.name, c.name`,
        params,
      );
      if (used.length > 0) {
        const [[name]] = used;
        const runs = used.filter(([other]) => other === name).map(([, run]) => `"${run}"`);
        throw butlerErrors.DATASET_TYPE_IN_USE({ name: name as string, runs: shortList(runs) });
      }
      await this.#db.run(`DELETE FROM dataset_type WHERE id IN ${list}`, params);
    });
    await this.#load();
  }

  async #insert(type: DatasetType): Promise<void> {
    const key = await this.#groupKey(type.dimensions);
    const tables = [tagsTable(this.#universe, type.dimensions, key)];
    if (type.isCalibration) tables.push(calibsTable(this.#universe, type.dimensions, key));
    await this.#db.createTables(tables);
    await this.#db.insert(
      'dataset_type',
      ['name', 'storage_class', 'dimensions_key', 'tag_association_table', 'calibration_association_table'],
      [[type.name, type.storageClass, key, tagsTableName(key), type.isCalibration ? calibsTableName(key) : null]],
      { serial: 'id' },
    );
  }

  /** The number under which a group of dimensions is stored (by its required ones): 0 for none. Saves it if it is new. */
  async #groupKey(dimensions: DimensionGroup): Promise<number> {
    if (dimensions.names.length === 0) return 0;
    const found = [...(await this.#groups())].find(([, group]) => group === dimensions);
    if (found !== undefined) return found[0];
    const id = await this.#db.insertReturningId('dimension_graph_key', [], [], 'id');
    await this.#db.insert(
      'dimension_graph_definition',
      ['dimension_graph_id', 'dimension_name'],
      dimensions.required.map((name) => [id, name]),
    );
    return id;
  }

  async #groups(): Promise<Map<number, DimensionGroup>> {
    const names = new Map<number, string[]>();
    for (const [id, name] of await this.#db.rows(
      'SELECT dimension_graph_id, dimension_name FROM dimension_graph_definition',
    )) {
      names.set(id as number, [...(names.get(id as number) ?? []), name as string]);
    }
    return new Map([
      [0, this.#universe.empty],
      ...[...names].map(([id, list]) => [id, this.#universe.conform(list)] as const),
    ]);
  }

  async #load(): Promise<void> {
    const groups = await this.#groups();
    const rows = await this.#db.rows(
      `SELECT id, name, storage_class, dimensions_key, tag_association_table, calibration_association_table
       FROM dataset_type`,
    );
    this.#byName = new Map();
    this.#byId = new Map();
    for (const [id, name, storageClass, key, tags, calibs] of rows) {
      const row: DatasetTypeRow = {
        id: id as number,
        type: Object.freeze({
          name: name as string,
          dimensions: groups.get(key as number)!,
          storageClass: storageClass as string,
          isCalibration: calibs !== null,
        }),
        tagsTable: tags as string,
        calibsTable: (calibs as string | null) ?? undefined,
      };
      this.#byName.set(row.type.name, row);
      this.#byId.set(row.id, row);
    }
  }
}

function assertSame(old: DatasetType, next: DatasetType): void {
  const differs = (what: string, a: string, b: string): void => {
    if (a !== b) throw butlerErrors.DATASET_TYPE_CONFLICT({ name: old.name, what, old: a, new: b });
  };
  differs('dimensions', `{${old.dimensions.required.join(', ')}}`, `{${next.dimensions.required.join(', ')}}`);
  differs('storage class', old.storageClass, next.storageClass);
  differs('isCalibration', String(old.isCalibration), String(next.isCalibration));
}

/** `a, b, c and 4 more`. */
function shortList(items: readonly string[], most = 3): string {
  const rest = items.length - most;
  return rest > 0 ? `${items.slice(0, most).join(', ')} and ${rest} more` : items.join(', ');
}
