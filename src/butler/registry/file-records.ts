// SPDX-License-Identifier: BSD-3-Clause
import { formatUuid, uuidHex } from '../../base/index.ts';
import type { FileRecord } from '../types.ts';
import type { Database, SqlValue } from './database.ts';
import { fileRecordColumns, fromFileRow, toFileRow } from './file-rows.ts';
import type { TrashStore } from './trash.ts';

const idChunk = 20_000;
/** From this many rows on, indexes of empty tables are better built after them. */
const manyRows = 20_000;

/** Where the files of datasets are: `file_datastore_records`, `dataset_location`. What waits to be deleted is in trash.ts. */
export class FileRecordStore {
  readonly #db: Database;
  /** Name under which the format knows the datastore, `FileDatastore@<butlerRoot>`. */
  readonly datastoreName: string;
  readonly #trash: TrashStore;

  constructor(db: Database, datastoreName: string, trash: TrashStore) {
    this.#db = db;
    this.datastoreName = datastoreName;
    this.#trash = trash;
  }

  /** To be called before the files come into their places: what waits there to be deleted is forgotten. */
  async insert(records: readonly FileRecord[]): Promise<void> {
    if (records.length === 0) return;
    const tables = ['file_datastore_records', 'dataset_location'];
    const write = async (): Promise<void> => {
      await this.#trash.giveUpPlaces(records.map((record) => record.path));
      await this.#db.insert(tables[0], fileRecordColumns, records.map(toFileRow));
      const ids = new Set(records.map((record) => uuidHex(record.datasetId)));
      await this.#db.insert(
        tables[1],
        ['datastore_name', 'dataset_id'],
        Array.from(ids, (id) => [this.datastoreName, id]),
      );
    };
    await (records.length < manyRows ? this.#db.transaction(write) : this.#db.deferIndexes(tables, write));
  }

  /** Puts records in the place of those that datasets have for the same components. */
  async replace(records: readonly FileRecord[]): Promise<void> {
    await this.#db.insert('file_datastore_records', fileRecordColumns, records.map(toFileRow), {
      conflict: 'replace',
      keys: ['dataset_id', 'component'],
    });
  }

  /** Records of each dataset, in the order of `ids`; none of those in the trash. One query a batch. */
  async get(ids: readonly string[]): Promise<FileRecord[][]> {
    const found = new Map<string, FileRecord[]>();
    for (let at = 0; at < ids.length; at += idChunk) {
      const list = this.#list(ids.slice(at, at + idChunk).map(uuidHex), 'uuid');
      const rows = await this.#db.rows(
        `SELECT ${fileRecordColumns.join(', ')} FROM file_datastore_records r WHERE dataset_id IN (SELECT value FROM ${list.source})
         AND NOT EXISTS (SELECT 1 FROM dataset_location_trash t WHERE t.dataset_id = r.dataset_id)`,
        [list.param],
      );
      for (const row of rows) {
        const record = fromFileRow(row);
        const id = uuidHex(record.datasetId);
        const others = found.get(id);
        if (others === undefined) found.set(id, [record]);
        else others.push(record);
      }
    }
    return ids.map((id) => found.get(uuidHex(id)) ?? []);
  }

  /** Which of these paths have records, and of which dataset; with `live`, records in the trash do not count. */
  async owners(paths: readonly string[], options: { live?: boolean } = {}): Promise<Map<string, string>> {
    const notTrashed = options.live
      ? ' AND NOT EXISTS (SELECT 1 FROM dataset_location_trash t WHERE t.dataset_id = r.dataset_id)'
      : '';
    const out = new Map<string, string>();
    for (let at = 0; at < paths.length; at += idChunk) {
      const list = this.#list(paths.slice(at, at + idChunk));
      const rows = await this.#db.rows(
        `SELECT path, dataset_id FROM file_datastore_records r WHERE path IN (SELECT value FROM ${list.source})${notTrashed}`,
        [list.param],
      );
      for (const [path, id] of rows) out.set(path as string, formatUuid(id as string));
    }
    return out;
  }

  #list(values: readonly string[], type: 'uuid' | 'text' = 'text'): { source: string; param: SqlValue } {
    const { dialect } = this.#db;
    return { source: dialect.listSource(dialect.placeholder(0), type), param: dialect.listParam(values) };
  }
}
