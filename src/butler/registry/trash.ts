// SPDX-License-Identifier: BSD-3-Clause
import { formatUuid, uuidHex } from '../../base/index.ts';
import type { FileRecord } from '../types.ts';
import type { Database, SqlValue } from './database.ts';
import { fileRecordColumns, fromFileRow, toFileRow } from './file-rows.ts';

/** Values in one statement. */
const chunk = 20_000;
const notTrashed = 'dataset_id NOT IN (SELECT dataset_id FROM dataset_location_trash WHERE datastore_name = ?)';

/** Gives the paths under which members of an archive can be recorded, few at first; undefined where only the registry can tell. */
export type RecordedMembers = (archive: string) => Promise<AsyncIterable<readonly string[]> | undefined>;

/**
 * Datasets whose files wait to be deleted: `dataset_location_trash`, and their records that are left. They are not stored any more;
 * often they are no datasets any more.
 */
export class TrashStore {
  readonly #db: Database;
  readonly #datastoreName: string;

  constructor(db: Database, datastoreName: string) {
    this.#db = db;
    this.#datastoreName = datastoreName;
  }

  async addDatasets(ids: readonly string[]): Promise<void> {
    for (let at = 0; at < ids.length; at += chunk) {
      const list = this.#list(ids.slice(at, at + chunk).map(uuidHex), 'uuid');
      await this.#add(list.source, list.param);
    }
  }

  /** All datasets of RUN collections, by two statements. */
  async addRuns(runIds: readonly number[]): Promise<void> {
    const list = this.#list(runIds, 'int');
    await this.#add(`SELECT id FROM dataset WHERE run_id IN (${list.source})`, list.param);
  }

  async #add(source: string, param: SqlValue): Promise<void> {
    const where = `WHERE datastore_name = ? AND dataset_id IN (${source})`;
    await this.#db.transaction(async () => {
      await this.#db.run(
        `INSERT INTO dataset_location_trash (dataset_id, datastore_name)
         SELECT dataset_id, datastore_name FROM dataset_location ${where}`,
        [this.#datastoreName, param],
      );
      await this.#db.run(`DELETE FROM dataset_location ${where}`, [this.#datastoreName, param]);
    });
  }

  async count(): Promise<number> {
    const [[count]] = await this.#db.rows('SELECT count(*) FROM dataset_location_trash WHERE datastore_name = ?', [
      this.#datastoreName,
    ]);
    return Number(count);
  }

  /** Ids in the trash in order, those behind `after`. */
  async ids(after: string | undefined, limit: number): Promise<string[]> {
    const behind = after === undefined ? '' : ' AND dataset_id > ?';
    const rows = await this.#db.rows(
      `SELECT dataset_id FROM dataset_location_trash WHERE datastore_name = ?${behind} ORDER BY dataset_id LIMIT ${limit}`,
      [this.#datastoreName, ...(after === undefined ? [] : [uuidHex(after)])],
    );
    return rows.map(([id]) => formatUuid(id as string));
  }

  /** Takes datasets out of the trash, with their records. Who takes the same ones meanwhile waits, and gets none of them. */
  async take(ids: readonly string[]): Promise<FileRecord[]> {
    const list = this.#list(ids.map(uuidHex), 'uuid');
    const rows = await this.#db.rows(
      `DELETE FROM file_datastore_records WHERE dataset_id IN (${list.source}) AND dataset_id IN
       (SELECT dataset_id FROM dataset_location_trash WHERE datastore_name = ?)
       RETURNING ${fileRecordColumns.join(', ')}`,
      [list.param, this.#datastoreName],
    );
    await this.#db.run(
      `DELETE FROM dataset_location_trash WHERE dataset_id IN (${list.source}) AND datastore_name = ?`,
      [list.param, this.#datastoreName],
    );
    return rows.map(fromFileRow);
  }

  async putBack(records: readonly FileRecord[]): Promise<void> {
    await this.#db.insert('file_datastore_records', fileRecordColumns, records.map(toFileRow));
    const ids = [...new Set(records.map((record) => uuidHex(record.datasetId)))];
    await this.#db.insert(
      'dataset_location_trash',
      ['dataset_id', 'datastore_name'],
      ids.map((id) => [id, this.#datastoreName]),
    );
  }

  /**
   * A new file is about to take these places: what waits there to be deleted is forgotten. To be called in the transaction in which
   * the file comes into its place, before it does. Returns how many records were forgotten.
   */
  async giveUpPlaces(paths: readonly string[]): Promise<number> {
    if (await this.#isEmpty()) return 0;
    let forgotten = 0;
    for (let at = 0; at < paths.length; at += chunk) {
      const list = this.#list(paths.slice(at, at + chunk), 'text');
      forgotten += await this.#db.run(
        `DELETE FROM file_datastore_records WHERE path IN (${list.source}) AND dataset_id IN
         (SELECT dataset_id FROM dataset_location_trash WHERE datastore_name = ?)`,
        [list.param, this.#datastoreName],
      );
    }
    return forgotten;
  }

  /**
   * Which of these files a dataset uses, as a whole or as a member of an archive. Those in the trash do not count, nor do those of `except`.
   * @param membersOf spares a look at all members there are: no index knows them by archive
   */
  async inUse(
    files: readonly string[],
    { membersOf, except }: { membersOf?: RecordedMembers; except?: ReadonlySet<string> } = {},
  ): Promise<Set<string>> {
    const used = new Set<string>();
    const add = (file: string, id: string): void => {
      if (!except?.has(formatUuid(id))) used.add(file);
    };
    for (const rows of this.#usersOf(files)) for (const [path, id] of await rows) add(path, id);
    const unknown = new Set<string>();
    for (const archive of files.filter((file) => file.endsWith('.zip') && !used.has(file))) {
      const members = await membersOf?.(archive);
      if (members === undefined) unknown.add(archive);
      // Mostly the first are in use, or none is.
      for await (const some of members ?? []) {
        for (const rows of this.#usersOf(some)) for (const [, id] of await rows) add(archive, id);
        if (used.has(archive)) break;
      }
    }
    if (unknown.size > 0) {
      const sql = `SELECT path, dataset_id FROM file_datastore_records WHERE path LIKE '%#%' AND ${notTrashed}`;
      await this.#db.each(sql, [this.#datastoreName], ([path, id]) => {
        const file = (path as string).split('#')[0];
        if (unknown.has(file)) add(file, id as string);
      });
    }
    return used;
  }

  /** Paths and datasets of records with these paths, by statements of many. */
  *#usersOf(paths: readonly string[]): Generator<Promise<[path: string, id: string][]>> {
    for (let at = 0; at < paths.length; at += chunk) {
      const list = this.#list(paths.slice(at, at + chunk), 'text');
      yield this.#db.rows(
        `SELECT path, dataset_id FROM file_datastore_records WHERE path IN (${list.source}) AND ${notTrashed}`,
        [list.param, this.#datastoreName],
      ) as Promise<[string, string][]>;
    }
  }

  async #isEmpty(): Promise<boolean> {
    const rows = await this.#db.rows('SELECT 1 FROM dataset_location_trash WHERE datastore_name = ? LIMIT 1', [
      this.#datastoreName,
    ]);
    return rows.length === 0;
  }

  #list(values: readonly (string | number)[], type: 'uuid' | 'text' | 'int'): { source: string; param: SqlValue } {
    const { dialect } = this.#db;
    const source = `SELECT value FROM ${dialect.listSource(dialect.placeholder(0), type)}`;
    return { source, param: dialect.listParam(values) };
  }
}
