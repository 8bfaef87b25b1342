// SPDX-License-Identifier: BSD-3-Clause
import { isAbsolute, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { uuidHex } from '../../base/index.ts';
import type { FileRecord } from '../types.ts';
import type { Database } from './database.ts';
import { FileRecordStore } from './file-records.ts';
import { fileRecordColumns, fromFileRow } from './file-rows.ts';
import type { TrashStore } from './trash.ts';

/** A datastore of a chain: where its records are, and what their paths are relative to. */
export interface ChainMember {
  readonly table: string;
  /** Absolute path or URL. */
  readonly root: string;
}

const idChunk = 20_000;

/**
 * Files of a chain of datastores. The first one is that of {@link FileRecordStore}; where it has no record of a dataset, the others are
 * asked in their order, and their paths are given as URLs. They are read, never written.
 */
export class ChainedFileRecords extends FileRecordStore {
  readonly #db: Database;
  readonly #others: readonly ChainMember[];

  constructor(db: Database, datastoreName: string, trash: TrashStore, others: readonly ChainMember[]) {
    super(db, datastoreName, trash);
    this.#db = db;
    this.#others = others;
  }

  override async get(ids: readonly string[]): Promise<FileRecord[][]> {
    const out = await super.get(ids);
    const places = Map.groupBy(ids.keys(), (i) => uuidHex(ids[i]));
    for (const member of this.#others) {
      const missing = [...places].filter(([, [i]]) => out[i].length === 0).map(([id]) => id);
      for (let at = 0; at < missing.length; at += idChunk) {
        for (const record of await this.#read(member, missing.slice(at, at + idChunk))) {
          for (const i of places.get(uuidHex(record.datasetId))!) out[i].push(record);
        }
      }
    }
    return out;
  }

  async #read({ table, root }: ChainMember, ids: readonly string[]): Promise<FileRecord[]> {
    const { dialect } = this.#db;
    const list = dialect.listSource(dialect.placeholder(0), 'uuid');
    const rows = await this.#db.rows(
      `SELECT ${fileRecordColumns.join(', ')} FROM ${dialect.quote(table)} WHERE dataset_id IN (SELECT value FROM ${list})`,
      [dialect.listParam(ids)],
    );
    return rows.map((row) => {
      const record = fromFileRow(row);
      return { ...record, path: absoluteUrl(root, record.path) };
    });
  }
}

function absoluteUrl(root: string, path: string): string {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(path)) return path;
  if (!isAbsolute(root)) return `${root}/${path}`;
  const [file, fragment] = path.split(/(#.*)/s);
  return pathToFileURL(join(root, file)).href + (fragment ?? '');
}
