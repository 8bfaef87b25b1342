// SPDX-License-Identifier: BSD-3-Clause
import { formatUuid, uuidHex } from '../../base/index.ts';
import { taiNsNow } from '../../sky/index.ts';
import { Coordinate, formatDataId } from '../dimensions/coordinate.ts';
import { butlerErrors } from '../errors.ts';
import type { DataCoordinate, DatasetRef } from '../types.ts';

import type { CollectionRow } from './collections.ts';
import type { Database, SqlValue } from './database.ts';
import type { DatasetTypeRow, DatasetTypeStore } from './dataset-types.ts';
import { toDataIdValue } from './integers.ts';
import { Recent } from './recent.ts';
import { joinValues } from './values-join.ts';

/** Ids in one statement. */
const idChunk = 20_000;
/** From this many rows on, indexes of empty tables are better built after them. */
const manyRows = 20_000;

/** Rows of `dataset` and of the tables of tags. */
export class DatasetStore {
  readonly #db: Database;
  readonly #types: DatasetTypeStore;
  /** Summary rows that are known to be there. */
  readonly #summarised: Recent<true>;

  constructor(db: Database, types: DatasetTypeStore) {
    this.#db = db;
    this.#summarised = new Recent(db, 1000);
    this.#types = types;
  }

  /**
   * Inserts new datasets of one type into a run. A data ID that the run has already is an error naming it. `freshIds`: the ids were
   * made for this call, so nobody is asked whether they are in use.
   */
  async insert(
    type: DatasetTypeRow,
    run: CollectionRow,
    refs: readonly DatasetRef[],
    options: { freshIds?: boolean } = {},
  ): Promise<void> {
    if (refs.length === 0) return;
    const ingestDate = taiNsNow();
    const dataIds = refs.map((ref) => ref.dataId);
    const ids = refs.map((ref) => uuidHex(ref.id));
    const write = async (): Promise<void> => {
      const isFirst = await this.summarise(type, run, dataIds);
      if (!options.freshIds) await this.#refuseIdsInUse(run, refs);
      // Without a summary row there were no members, for the rows of members refer to it.
      if (!isFirst) this.#refuseTaken(type, run, refs, await this.idsByDataId(type, run, dataIds));
      await this.#db.insert(
        'dataset',
        ['id', 'dataset_type_id', 'ingest_date', 'run_id'],
        ids.map((id) => [id, type.id, ingestDate, run.id]),
      );
      try {
        await this.#db.insert(
          type.tagsTable,
          this.#tagColumns(type),
          refs.map((ref, i) => this.#tagRow(type, run, ref, ids[i])),
        );
      } catch (error) {
        // Two of the batch may have the same data ID: that has a better name than the constraint's.
        this.#refuseTaken(type, run, refs, new Map());
        throw error;
      }
    };
    await (refs.length < manyRows
      ? this.#db.transaction(write, { repeatable: true })
      : this.#db.deferIndexes(['dataset', type.tagsTable], write));
  }

  /** Puts existing datasets into a TAGGED collection, in place of members with the same data ID. */
  async tag(type: DatasetTypeRow, collection: CollectionRow, refs: readonly DatasetRef[]): Promise<void> {
    const write = async (): Promise<void> => {
      await this.summarise(
        type,
        collection,
        refs.map((ref) => ref.dataId),
      );
      await this.#db.insert(
        type.tagsTable,
        this.#tagColumns(type),
        refs.map((ref) => this.#tagRow(type, collection, ref)),
        { conflict: 'replace', keys: ['dataset_type_id', 'collection_id', ...type.type.dimensions.required] },
      );
    };
    await this.#db.transaction(write, { repeatable: true });
  }

  /** Notes that a collection has this type and these instruments and sky maps; returns whether the type is new there. */
  async summarise(
    type: DatasetTypeRow,
    collection: CollectionRow,
    dataIds: readonly DataCoordinate[],
  ): Promise<boolean> {
    const governors = type.type.dimensions.governors.map((name) => ({
      name,
      values: [...new Set(dataIds.map((dataId) => dataId.get(name)))],
    }));
    const key = JSON.stringify([collection.id, type.id, ...governors.map(({ values }) => values)]);
    const begun = this.#summarised.begin();
    if (this.#summarised.get(key)) return false;
    const written = await this.#db.insert(
      'collection_summary_dataset_type',
      ['collection_id', 'dataset_type_id'],
      [[collection.id, type.id]],
      { conflict: 'ignore' },
    );
    for (const { name, values } of governors) {
      await this.#db.insert(
        `collection_summary_${name}`,
        ['collection_id', name],
        values.map((value) => [collection.id, value]),
        { conflict: 'ignore' },
      );
    }
    this.#summarised.keep(key, true, begun);
    return written > 0;
  }

  /** Ids of the members of a RUN or TAGGED collection with these data IDs, by the data ID's key. */
  async idsByDataId(
    type: DatasetTypeRow,
    collection: CollectionRow,
    dataIds: readonly DataCoordinate[],
  ): Promise<Map<string, string>> {
    const { required } = type.type.dimensions;
    const rows = await joinValues(
      this.#db,
      type.tagsTable,
      ['dataset_id', ...required],
      required,
      dataIds.map((dataId) => required.map((name) => dataId.get(name))),
      { sql: 't.dataset_type_id = ? AND t.collection_id = ?', params: [type.id, collection.id] },
    );
    return new Map(rows.map(([id, ...key]) => [this.#coordinate(type, key).key, formatUuid(id as string)]));
  }

  /** Datasets by id, in that order; undefined where there is none. */
  async byIds(ids: readonly string[]): Promise<(DatasetRef | undefined)[]> {
    for (const id of ids) if (!isUuid(id)) throw butlerErrors.BAD_ID({ id: String(id) });
    const found = new Map<string, DatasetRef>();
    for (let at = 0; at < ids.length; at += idChunk) await this.#fetch(ids.slice(at, at + idChunk).map(uuidHex), found);
    return ids.map((id) => found.get(uuidHex(id)));
  }

  /** Deletes datasets; tags and calibrations go with them. Their locations must have gone before. */
  async remove(ids: readonly string[]): Promise<void> {
    for (let at = 0; at < ids.length; at += idChunk) {
      const list = this.#idList(ids.slice(at, at + idChunk));
      await this.#db.run(`DELETE FROM dataset WHERE id IN (SELECT value FROM ${list.source})`, [list.param]);
    }
  }

  /** Deletes all datasets of RUN collections, by one statement; as {@link remove}. */
  async removeRuns(runIds: readonly number[]): Promise<void> {
    const { dialect } = this.#db;
    await this.#db.run(
      `DELETE FROM dataset WHERE run_id IN (SELECT value FROM ${dialect.listSource(dialect.placeholder(0), 'int')})`,
      [dialect.listParam(runIds)],
    );
  }

  async #fetch(hexIds: readonly string[], found: Map<string, DatasetRef>): Promise<void> {
    const list = this.#idList(hexIds);
    const heads = await this.#db.rows(
      `SELECT d.id, d.dataset_type_id, c.name FROM dataset d JOIN collection c ON c.collection_id = d.run_id
       WHERE d.id IN (SELECT value FROM ${list.source})`,
      [list.param],
    );
    const runs = new Map(
      heads.map(([id, typeId, run]) => [id as string, { typeId: typeId as number, run: run as string }]),
    );
    const types = await this.#types.getByIds([...runs.values()].map(({ typeId }) => typeId));
    for (const table of new Set([...types.values()].map((type) => type.tagsTable))) {
      const { required } = [...types.values()].find((type) => type.tagsTable === table)!.type.dimensions;
      const columns = required.map((name) => `, t.${this.#db.dialect.quote(name)}`).join('');
      const rows = await this.#db.rows(
        `SELECT t.dataset_id${columns} FROM ${table} t JOIN dataset d ON d.id = t.dataset_id AND d.run_id = t.collection_id
         WHERE t.dataset_id IN (SELECT value FROM ${list.source})`,
        [list.param],
      );
      for (const [id, ...key] of rows) {
        const { typeId, run } = runs.get(id as string)!;
        const type = types.get(typeId)!;
        const dataId = this.#coordinate(type, key);
        found.set(id as string, { id: formatUuid(id as string), datasetType: type.type, dataId, run });
      }
    }
  }

  async #refuseIdsInUse(run: CollectionRow, refs: readonly DatasetRef[]): Promise<void> {
    for (let at = 0; at < refs.length; at += idChunk) {
      const chunk = refs.slice(at, at + idChunk);
      const list = this.#idList(chunk.map((ref) => ref.id));
      const rows = await this.#db.rows(
        `SELECT id FROM dataset WHERE id IN (SELECT value FROM ${list.source}) LIMIT 1`,
        [list.param],
      );
      for (const [hex] of rows) {
        const id = formatUuid(hex as string);
        const ref = chunk.find((one) => formatUuid(uuidHex(one.id)) === id)!;
        throw butlerErrors.ID_CONFLICT({ id, detail: `another dataset, not ${describe(ref)} in "${run.name}"` });
      }
    }
  }

  #refuseTaken(
    type: DatasetTypeRow,
    run: CollectionRow,
    refs: readonly DatasetRef[],
    taken: ReadonlyMap<string, string>,
  ): void {
    const seen = new Map(taken);
    for (const ref of refs) {
      const id = seen.get(ref.dataId.key);
      if (id !== undefined) {
        throw butlerErrors.DATASET_CONFLICT({
          datasetType: type.type.name,
          dataId: formatDataId(ref.dataId.toDataId()),
          collection: run.name,
          id,
        });
      }
      seen.set(ref.dataId.key, ref.id);
    }
  }

  #idList(ids: readonly string[]): { source: string; param: SqlValue } {
    const { dialect } = this.#db;
    return { source: dialect.listSource(dialect.placeholder(0), 'uuid'), param: dialect.listParam(ids.map(uuidHex)) };
  }

  #tagColumns(type: DatasetTypeRow): string[] {
    return ['dataset_type_id', 'dataset_id', 'collection_id', ...type.type.dimensions.required];
  }
  #tagRow(type: DatasetTypeRow, collection: CollectionRow, ref: DatasetRef, id = uuidHex(ref.id)): SqlValue[] {
    const row: SqlValue[] = [type.id, id, collection.id];
    for (const name of type.type.dimensions.required) row.push(ref.dataId.get(name));
    return row;
  }
  #coordinate(type: DatasetTypeRow, values: readonly SqlValue[]): Coordinate {
    const { required } = type.type.dimensions;
    const plain = values.map((value, i) => toDataIdValue(value, required[i]));
    return new Coordinate(type.type.dimensions, plain);
  }
}

export function describe(ref: DatasetRef): string {
  return `${ref.datasetType.name} ${formatDataId(ref.dataId.toDataId())}`;
}

function isUuid(id: string): boolean {
  return /^[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}$/i.test(id);
}
