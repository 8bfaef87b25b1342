// SPDX-License-Identifier: BSD-3-Clause
import { formatUuid, uuidHex } from '../../base/index.ts';
import type { FileRecord } from '../types.ts';
import type { Database, SqlValue } from './database.ts';

/** Primary keys cannot hold null: how the format writes "no component". */
const noComponent = '__NULL_STRING__';
const columns = ['dataset_id', 'path', 'formatter', 'storage_class', 'component', 'checksum', 'file_size'] as const;
const idChunk = 20_000;

/** Where the files of datasets are: `file_datastore_records`, `dataset_location` and the trash. */
export class FileRecordStore {
  readonly #db: Database;
  /** Name under which the format knows the datastore, `FileDatastore@<butlerRoot>`. */
  readonly #datastoreName: string;

  constructor(db: Database, datastoreName: string) {
    this.#db = db;
    this.#datastoreName = datastoreName;
  }

  async insert(records: readonly FileRecord[]): Promise<void> {
    await this.#db.transaction(async () => {
      await this.#db.insert('file_datastore_records', columns, records.map(toRow));
      const ids = [...new Set(records.map((record) => uuidHex(record.datasetId)))];
      await this.#db.insert(
        'dataset_location',
        ['datastore_name', 'dataset_id'],
        ids.map((id) => [this.#datastoreName, id]),
      );
    });
  }

  /** Records of each dataset, in the order of `ids`. One query a batch. */
  async get(ids: readonly string[]): Promise<FileRecord[][]> {
    const found = new Map<string, FileRecord[]>();
    for (let at = 0; at < ids.length; at += idChunk) {
      const list = this.#list(ids.slice(at, at + idChunk).map(uuidHex), 'uuid');
      const rows = await this.#db.rows(
        `SELECT ${columns.join(', ')} FROM file_datastore_records WHERE dataset_id IN (SELECT value FROM ${list.source})`,
        [list.param],
      );
      for (const row of rows) {
        const record = fromRow(row);
        const id = uuidHex(record.datasetId);
        const others = found.get(id);
        if (others === undefined) found.set(id, [record]);
        else others.push(record);
      }
    }
    return ids.map((id) => found.get(uuidHex(id)) ?? []);
  }

  /** Which of these paths are in use, and by which dataset. */
  async owners(paths: readonly string[]): Promise<Map<string, string>> {
    const out = new Map<string, string>();
    for (let at = 0; at < paths.length; at += idChunk) {
      const list = this.#list(paths.slice(at, at + idChunk));
      const rows = await this.#db.rows(
        `SELECT path, dataset_id FROM file_datastore_records WHERE path IN (SELECT value FROM ${list.source})`,
        [list.param],
      );
      for (const [path, id] of rows) out.set(path as string, formatUuid(id as string));
    }
    return out;
  }

  /** Marks the files of datasets as waiting to be deleted. From now on the datasets are not stored. */
  async trash(ids: readonly string[]): Promise<void> {
    const list = this.#list(ids.map(uuidHex), 'uuid');
    await this.#db.transaction(async () => {
      await this.#db.run(
        `INSERT INTO dataset_location_trash (dataset_id, datastore_name)
         SELECT dataset_id, datastore_name FROM dataset_location
         WHERE datastore_name = ? AND dataset_id IN (SELECT value FROM ${list.source})`,
        [this.#datastoreName, list.param],
      );
      await this.#db.run(
        `DELETE FROM dataset_location WHERE datastore_name = ? AND dataset_id IN (SELECT value FROM ${list.source})`,
        [this.#datastoreName, list.param],
      );
    });
  }

  /** Records in the trash whose file nothing outside the trash uses (`deletable`), and all of them (`all`). */
  async trashed(): Promise<{ all: FileRecord[]; deletable: Set<string> }> {
    const rows = await this.#db.rows(
      `SELECT ${columns.map((column) => `r.${column}`).join(', ')} FROM file_datastore_records r
       JOIN dataset_location_trash t ON t.dataset_id = r.dataset_id WHERE t.datastore_name = ?`,
      [this.#datastoreName],
    );
    const all = rows.map(fromRow);
    const paths = [...new Set(all.map((record) => record.path))];
    const list = this.#list(paths);
    const used = await this.#db.rows(
      `SELECT DISTINCT r.path FROM file_datastore_records r
       WHERE r.path IN (SELECT value FROM ${list.source})
       AND r.dataset_id NOT IN (SELECT dataset_id FROM dataset_location_trash)`,
      [list.param],
    );
    const deletable = new Set(paths);
    for (const [path] of used) deletable.delete(path as string);
    return { all, deletable };
  }

  /** Forgets records and trash entries of datasets whose files are gone. */
  async forget(ids: readonly string[]): Promise<void> {
    const list = this.#list(ids.map(uuidHex), 'uuid');
    await this.#db.transaction(async () => {
      for (const table of ['file_datastore_records', 'dataset_location_trash']) {
        await this.#db.run(`DELETE FROM ${table} WHERE dataset_id IN (SELECT value FROM ${list.source})`, [list.param]);
      }
    });
  }

  #list(values: readonly string[], type: 'uuid' | 'text' = 'text'): { source: string; param: SqlValue } {
    const { dialect } = this.#db;
    return { source: dialect.listSource(dialect.placeholder(0), type), param: dialect.listParam(values) };
  }
}

function toRow(record: FileRecord): SqlValue[] {
  return [
    uuidHex(record.datasetId),
    record.path,
    record.formatter,
    record.storageClass,
    record.component ?? noComponent,
    record.checksum,
    record.sizeBytes,
  ];
}

function fromRow([id, path, formatter, storageClass, component, checksum, sizeBytes]: SqlValue[]): FileRecord {
  return {
    datasetId: formatUuid(id as string),
    path: path as string,
    formatter: formatter as string,
    storageClass: storageClass as string,
    component: component === noComponent ? null : (component as string),
    checksum: checksum as string | null,
    sizeBytes: sizeBytes as number,
  };
}
