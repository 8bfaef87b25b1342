// SPDX-License-Identifier: BSD-3-Clause
import { didYouMean } from '../../base/index.ts';
import type { DimensionUniverse } from '../dimensions/universe.ts';
import { butlerErrors } from '../errors.ts';
import type { DatasetType, DimensionGroup } from '../types.ts';
import type { Database } from './database.ts';
import { calibsTable, calibsTableName, tagsTable, tagsTableName } from './dataset-tables.ts';
import { globMatcher } from './glob.ts';
import { Recent } from './recent.ts';

/** A registered dataset type and where its members are. */
export interface DatasetTypeRow {
  id: number;
  type: DatasetType;
  tagsTable: string;
  calibsTable: string | undefined;
}

/** How many types are kept in memory. */
const mostKept = 5000;

/** Registered dataset types. Other processes register and remove them too: what was read is kept for as long as nothing changed. */
export class DatasetTypeStore {
  readonly #db: Database;
  readonly #universe: DimensionUniverse;
  readonly #recent: Recent<DatasetTypeRow>;

  constructor(db: Database, universe: DimensionUniverse) {
    this.#db = db;
    this.#universe = universe;
    this.#recent = new Recent(db, 2 * mostKept);
  }

  async list(globs?: readonly string[]): Promise<DatasetType[]> {
    const matches = globMatcher(globs);
    return (await this.#read())
      .map((row) => row.type)
      .filter((type) => matches(type.name))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async find(name: string): Promise<DatasetTypeRow | undefined> {
    return this.#recent.get(name) ?? (await this.#read('name', [name]))[0];
  }

  /** As {@link find}; throws with a suggestion. */
  async get(name: string): Promise<DatasetTypeRow> {
    const row = await this.find(name);
    if (row !== undefined) return row;
    const names = (await this.#read()).map((other) => other.type.name);
    throw butlerErrors.NO_DATASET_TYPE({ name, hint: didYouMean(name, names) });
  }

  /** Types by their number; one query for those not in memory. */
  async getByIds(ids: Iterable<number>): Promise<Map<number, DatasetTypeRow>> {
    const out = new Map<number, DatasetTypeRow>();
    const missing: number[] = [];
    for (const id of new Set(ids)) {
      const row = this.#recent.get(`#${id}`);
      if (row === undefined) missing.push(id);
      else out.set(id, row);
    }
    if (missing.length > 0) for (const row of await this.#read('id', missing)) out.set(row.id, row);
    for (const id of missing) {
      if (!out.has(id)) throw butlerErrors.NO_DATASET_TYPE({ name: `#${id}`, hint: '' });
    }
    return out;
  }

  /** Registers those that are new; returns how many. One that exists with another definition is an error. */
  async register(types: readonly DatasetType[]): Promise<number> {
    for (const type of types) {
      if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(type.name)) throw butlerErrors.BAD_DATASET_TYPE_NAME({ name: type.name });
    }
    const missing = async (): Promise<DatasetType[]> => {
      const names = [...new Set(types.map((type) => type.name))];
      const present = new Map((await this.#read('name', names)).map((row) => [row.type.name, row.type]));
      const fresh = new Map<string, DatasetType>();
      for (const type of types) {
        const known = present.get(type.name) ?? fresh.get(type.name);
        if (known === undefined) fresh.set(type.name, type);
        else assertSame(known, type);
      }
      return [...fresh.values()];
    };
    if ((await missing()).length === 0) return 0;
    const insertMissing = async (): Promise<number> => {
      const fresh = await missing();
      for (const type of fresh) await this.#insert(type);
      return fresh.length;
    };
    return this.#db.transaction(insertMissing, {
      repeatable: true,
      // No key keeps two groups of the same dimensions apart.
      lock: ['dimension_graph_key'],
    });
  }

  /** Removes types that have no datasets; otherwise refuses, naming runs. */
  async remove(names: readonly string[]): Promise<void> {
    const { dialect } = this.#db;
    await this.#db.transaction(async () => {
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

  /** All types, or those with one of these names or numbers; one query. */
  async #read(column?: 'name' | 'id', values: readonly (string | number)[] = []): Promise<DatasetTypeRow[]> {
    const { dialect } = this.#db;
    const begun = this.#recent.begin();
    const list = dialect.listSource(dialect.placeholder(0), column === 'id' ? 'int' : 'text');
    const rows = await this.#db.rows(
      `SELECT t.id, t.name, t.storage_class, t.tag_association_table, t.calibration_association_table, g.dimension_name
       FROM dataset_type t LEFT JOIN dimension_graph_definition g ON g.dimension_graph_id = t.dimensions_key
       ${column === undefined ? '' : `WHERE t.${column} IN (SELECT value FROM ${list})`} ORDER BY t.id`,
      column === undefined ? [] : [dialect.listParam(values)],
    );
    const out: DatasetTypeRow[] = [];
    for (const [first, ...others] of Map.groupBy(rows, ([id]) => id).values()) {
      const [id, name, storageClass, tags, calibs] = first;
      const dimensions = [first, ...others].map((row) => row[5]).filter((dimension) => dimension !== null);
      const row: DatasetTypeRow = {
        id: id as number,
        type: Object.freeze({
          name: name as string,
          dimensions: this.#universe.conform(dimensions as string[]),
          storageClass: storageClass as string,
          isCalibration: calibs !== null,
        }),
        tagsTable: tags as string,
        calibsTable: (calibs as string | null) ?? undefined,
      };
      this.#recent.keep(row.type.name, row, begun);
      this.#recent.keep(`#${row.id}`, row, begun);
      out.push(row);
    }
    return out;
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
