// SPDX-License-Identifier: BSD-3-Clause
import { formatUuid, uuidHex } from '../../base/index.ts';
import { formatDataId } from '../dimensions/coordinate.ts';
import { butlerErrors } from '../errors.ts';
import {
  formatTimespan,
  fromStoredTimespan,
  isEmptyTimespan,
  subtractTimespans,
  toStoredTimespan,
} from '../timespan.ts';
import type { DataCoordinate, DatasetRef, Timespan } from '../types.ts';
import type { CollectionRow } from './collections.ts';
import type { Database, SqlValue } from './database.ts';
import type { DatasetTypeRow } from './dataset-types.ts';
import type { DatasetStore } from './datasets.ts';
import { joinValues } from './values-join.ts';

/** Validity ranges in CALIBRATION collections. */
export class CalibrationStore {
  readonly #db: Database;
  readonly #datasets: DatasetStore;

  constructor(db: Database, datasets: DatasetStore) {
    this.#db = db;
    this.#datasets = datasets;
  }

  /** Makes datasets of one type valid for a timespan; refuses any overlap with what is certified for the same data ID. */
  async certify(
    type: DatasetTypeRow,
    collection: CollectionRow,
    refs: readonly DatasetRef[],
    timespan: Timespan,
  ): Promise<void> {
    if (type.calibsTable === undefined) throw butlerErrors.NOT_CALIBRATION({ name: type.type.name });
    const { beginNs, endNs } = toStoredTimespan(timespan);
    if (isEmptyTimespan(timespan)) throw butlerErrors.BAD_TIMESPAN({ begin: `${beginNs} ns`, end: `${endNs} ns` });
    const { required } = type.type.dimensions;
    const refuse = (dataId: DataCoordinate, other: Timespan): never => {
      throw butlerErrors.VALIDITY_OVERLAP({
        datasetType: type.type.name,
        dataId: formatDataId(dataId.toDataId()),
        collection: collection.name,
        range: formatTimespan(timespan),
        other: formatTimespan(other),
      });
    };
    const byKey = new Map<string, DatasetRef>();
    for (const ref of refs) {
      if (byKey.has(ref.dataId.key)) refuse(ref.dataId, timespan);
      byKey.set(ref.dataId.key, ref);
    }
    const { column } = this.#db.dialect;
    const overlapping = `${column('t', 'timespan_begin')} < ? AND ${column('t', 'timespan_end')} > ?`;
    const certify = async (): Promise<void> => {
      const tuples = refs.map((ref) => required.map((name) => ref.dataId.get(name)));
      const clashes = await joinValues(
        this.#db,
        type.calibsTable!,
        ['timespan_begin', 'timespan_end', ...required],
        required,
        tuples,
        {
          sql: `t.dataset_type_id = ? AND t.collection_id = ? AND ${overlapping}`,
          params: [type.id, collection.id, endNs, beginNs],
        },
      );
      if (clashes.length > 0) {
        const [begin, end, ...key] = clashes[0];
        const ref = refs.find((one) => required.every((name, i) => String(one.dataId.get(name)) === String(key[i])))!;
        refuse(ref.dataId, fromStoredTimespan(begin as bigint, end as bigint));
      }
      await this.#datasets.summarise(
        type,
        collection,
        refs.map((ref) => ref.dataId),
      );
      await this.#db.insert(
        type.calibsTable!,
        ['dataset_type_id', 'dataset_id', 'collection_id', ...required, 'timespan_begin', 'timespan_end'],
        refs.map((ref, i) => [type.id, uuidHex(ref.id), collection.id, ...tuples[i], beginNs, endNs]),
        { serial: 'id' },
      );
    };
    // No key of the table keeps ranges apart, so two who certify at once must not both look first and then write.
    await this.#db.transaction(certify, { repeatable: true, lock: [type.calibsTable] });
  }

  /**
   * Takes a timespan out of the validity ranges of a type's datasets (those of some data IDs, or all): ranges inside it go, others are
   * shortened or split. Returns how many ranges changed.
   */
  async decertify(
    type: DatasetTypeRow,
    collection: CollectionRow,
    timespan: Timespan,
    dataIds?: readonly DataCoordinate[],
  ): Promise<number> {
    if (type.calibsTable === undefined) throw butlerErrors.NOT_CALIBRATION({ name: type.type.name });
    if (isEmptyTimespan(timespan)) return 0;
    const table = type.calibsTable;
    const { required } = type.type.dimensions;
    const { dialect } = this.#db;
    const { beginNs, endNs } = toStoredTimespan(timespan);
    const columns = ['id', 'dataset_id', 'timespan_begin', 'timespan_end', ...required];
    const [begins, ends] = [dialect.column('t', 'timespan_begin'), dialect.column('t', 'timespan_end')];
    const overlapping = {
      sql: `t.dataset_type_id = ? AND t.collection_id = ? AND ${begins} < ? AND ${ends} > ?`,
      params: [type.id, collection.id, endNs, beginNs],
    };
    const keys = dataIds === undefined ? [] : required;
    const tuples = dataIds?.map((dataId) => required.map((name) => dataId.get(name))) ?? [[]];
    const cut = async (): Promise<number> => {
      const rows = await joinValues(this.#db, table, columns, keys, tuples, overlapping);
      const rests = rows.flatMap(([, datasetId, begin, end, ...key]) =>
        subtractTimespans(fromStoredTimespan(begin as bigint, end as bigint), timespan).map((rest): SqlValue[] => {
          const stored = toStoredTimespan(rest);
          return [type.id, datasetId, collection.id, ...key, stored.beginNs, stored.endNs];
        }),
      );
      await this.#db.run(
        `DELETE FROM ${table} WHERE id IN (SELECT value FROM ${dialect.listSource(dialect.placeholder(0), 'int')})`,
        [dialect.listParam(rows.map(([id]) => Number(id)))],
      );
      await this.#db.insert(
        table,
        ['dataset_type_id', 'dataset_id', 'collection_id', ...required, 'timespan_begin', 'timespan_end'],
        rests,
        { serial: 'id' },
      );
      return rows.length;
    };
    return this.#db.transaction(cut, { repeatable: true, lock: [table] });
  }

  /** Members of the collections valid at some time of `timespan`, for one data ID: one of several ranges comes several times. */
  async find(
    type: DatasetTypeRow,
    collectionIds: readonly number[],
    dataId: DataCoordinate,
    timespan: Timespan,
  ): Promise<{ id: string; collectionId: number }[]> {
    if (type.calibsTable === undefined || collectionIds.length === 0) return [];
    const { dialect } = this.#db;
    const { required } = type.type.dimensions;
    const conditions = required.map((name) => ` AND ${dialect.quote(name)} = ?`).join('');
    const { beginNs, endNs } = toStoredTimespan(timespan);
    const rows = await this.#db.rows(
      `SELECT dataset_id, collection_id FROM ${type.calibsTable} t
       WHERE dataset_type_id = ? AND collection_id IN (SELECT value FROM ${dialect.listSource('?', 'int')})
       AND ${dialect.column('t', 'timespan_begin')} < ? AND ${dialect.column('t', 'timespan_end')} > ?${conditions}`,
      [type.id, dialect.listParam(collectionIds), endNs, beginNs, ...required.map((name) => dataId.get(name))],
    );
    return rows.map(([id, collectionId]) => ({ id: formatUuid(id as string), collectionId: collectionId as number }));
  }
}
