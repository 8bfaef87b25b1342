// SPDX-License-Identifier: BSD-3-Clause
import { coordinateKey } from '../dimensions/coordinate.ts';
import type { DimensionElement } from '../dimensions/element.ts';
import type { DimensionUniverse } from '../dimensions/universe.ts';
import { butlerErrors } from '../errors.ts';
import type { DataIdValue, DimensionRecord, OnConflict } from '../types.ts';
import type { Database, SqlValue } from './database.ts';
import { OverlapStore } from './overlaps.ts';
import { Recent } from './recent.ts';
import { RecordCodec } from './record-codec.ts';
import { joinValues } from './values-join.ts';

/** Records of this many keys at a time are remembered; batches would only push them out. */
const fewKeys = 8;
const recentRecords = 5000;

/** From so many new records on, the database is told that they came: without knowing of some dozen visits it plans badly, too. */
const manyRecords = 32;

/** Rows of the dimension tables, in bulk. */
export class DimensionRecordStore {
  readonly #db: Database;
  readonly #universe: DimensionUniverse;
  readonly #overlaps: OverlapStore;
  readonly #codecs = new Map<string, RecordCodec>();
  /** One dataset after the other asks for the same few records. */
  readonly #recent: Recent<DimensionRecord>;
  /** Of each element, records that came since the database was told, and all before. */
  readonly #came = new Map<string, { told: number; since: number }>();

  constructor(db: Database, universe: DimensionUniverse) {
    this.#db = db;
    this.#universe = universe;
    this.#overlaps = new OverlapStore(db, universe);
    this.#recent = new Recent(db, recentRecords);
  }

  codec(element: string): RecordCodec {
    let codec = this.#codecs.get(element);
    if (codec === undefined) {
      codec = new RecordCodec(this.#universe, this.#universe.element(element));
      this.#codecs.set(element, codec);
    }
    return codec;
  }

  /** See `ButlerApi.insertRecords`. Spatial records bring their sky-pixel overlaps with them. */
  async insert(elementName: string, records: readonly DimensionRecord[], onConflict: OnConflict): Promise<number> {
    const element = this.#universe.element(elementName);
    if (!element.hasTable || element.skypix !== undefined) {
      throw butlerErrors.NO_TABLE({ element: elementName, source: element.viewOf ?? 'the pixelisation' });
    }
    if (records.length === 0) return 0;
    const codec = this.codec(elementName);
    const nKeys = codec.keys.length;
    const byKey = new Map<string, { row: SqlValue[]; record: DimensionRecord }>();
    for (const record of records) {
      const row = codec.encode(record);
      const key = coordinateKey(row as DataIdValue[], nKeys);
      const twin = byKey.get(key);
      if (twin !== undefined && onConflict === 'fail') this.#assertEqual(codec, key, twin.row, row);
      byKey.set(key, { row, record });
    }
    const write = async (): Promise<number> => {
      const present = await this.#fetchRows(
        codec,
        [...byKey.values()].map(({ row }) => row.slice(0, nKeys)),
      );
      const toWrite: { row: SqlValue[]; record: DimensionRecord }[] = [];
      const changed: SqlValue[][] = [];
      for (const [key, entry] of byKey) {
        const old = present.get(key);
        if (old === undefined) toWrite.push(entry);
        else if (onConflict === 'replace') {
          if (old.some((value, i) => !sameValue(value, entry.row[i]))) {
            toWrite.push(entry);
            changed.push(entry.row.slice(0, nKeys));
          }
        } else if (onConflict === 'fail') this.#assertEqual(codec, key, old, entry.row);
      }
      await this.#db.insert(
        elementName,
        codec.columns,
        toWrite.map(({ row }) => row),
        {
          conflict: onConflict === 'replace' ? 'replace' : 'fail',
          keys: codec.keys,
        },
      );
      if (element.governor)
        await this.#overlaps.registerGovernor(
          element,
          toWrite.map(({ row }) => row[0] as string),
        );
      if (element.spatialFamily !== undefined) {
        await this.#overlaps.remove(element, changed);
        await this.#overlaps.insert(
          element,
          toWrite.map(({ row, record }) => ({
            keys: row.slice(0, nKeys),
            region: record['region'] as Uint8Array | null,
          })),
        );
      }
      return toWrite.length;
    };
    const written = await this.#db.transaction(write, { repeatable: true });
    await this.#tell(element, written);
    return written;
  }

  /** Tells the database of many new records: each time their number has doubled, so that it costs little beside writing them. */
  async #tell({ name, spatialFamily }: DimensionElement, written: number): Promise<void> {
    if (this.#db.rowsCame === undefined) return;
    const came = this.#came.get(name) ?? { told: 0, since: 0 };
    this.#came.set(name, came);
    came.since += written;
    if (came.since < Math.max(manyRecords, came.told)) return;
    await this.#db.rowsCame(spatialFamily === undefined ? [name] : [name, `${name}_skypix_overlap`]);
    came.told += came.since;
    came.since = 0;
  }

  /** Records by key (values in the order of the element's required dimensions); one query per few hundred keys. */
  async fetch(elementName: string, keys: readonly (readonly DataIdValue[])[]): Promise<Map<string, DimensionRecord>> {
    const codec = this.codec(elementName);
    if (keys.length > fewKeys) {
      const rows = await this.#fetchRows(codec, keys);
      return new Map(Array.from(rows, ([key, row]) => [key, codec.decode(row)]));
    }
    const out = new Map<string, DimensionRecord>();
    const begun = this.#recent.begin();
    const missing = keys.filter((values) => {
      const key = coordinateKey(values);
      const record = this.#recent.get(`${elementName} ${key}`);
      if (record !== undefined) out.set(key, record);
      return record === undefined;
    });
    if (missing.length === 0) return out;
    for (const [key, row] of await this.#fetchRows(codec, missing)) {
      const record = codec.decode(row);
      out.set(key, record);
      this.#recent.keep(`${elementName} ${key}`, record, begun);
    }
    return out;
  }

  async #fetchRows(codec: RecordCodec, keys: readonly (readonly SqlValue[])[]): Promise<Map<string, SqlValue[]>> {
    const rows = await joinValues(this.#db, codec.element.name, codec.columns, codec.keys, keys);
    const nKeys = codec.keys.length;
    return new Map(
      rows.map((row) => {
        const key = row.slice(0, nKeys).map((value) => (typeof value === 'bigint' ? Number(value) : value));
        return [coordinateKey(key as DataIdValue[]), row];
      }),
    );
  }

  #assertEqual(codec: RecordCodec, key: string, old: readonly SqlValue[], row: readonly SqlValue[]): void {
    const i = old.findIndex((value, at) => !sameValue(value, row[at]));
    if (i < 0) return;
    throw butlerErrors.RECORD_CONFLICT({
      element: codec.element.name,
      key,
      field: codec.columns[i],
      old: String(old[i]),
      new: String(row[i]),
    });
  }
}

function sameValue(a: SqlValue, b: SqlValue): boolean {
  if (a === b) return true;
  if (typeof a === 'bigint' || typeof b === 'bigint') return a !== null && b !== null && Number(a) === Number(b);
  return false;
}
