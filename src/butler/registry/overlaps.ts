// SPDX-License-Identifier: BSD-3-Clause
import type { DimensionElement } from '../dimensions/element.ts';
import type { DimensionUniverse } from '../dimensions/universe.ts';
import type { Database, SqlValue } from './database.ts';
import { skypixEnvelope } from './skypix.ts';

/** The tables that say which pixels of the common sky pixelisation a region overlaps. */
export class OverlapStore {
  readonly #db: Database;
  readonly #universe: DimensionUniverse;

  constructor(db: Database, universe: DimensionUniverse) {
    this.#db = db;
    this.#universe = universe;
  }

  /** Notes for every spatial element that its overlaps are kept for these values of a governor. */
  async registerGovernor(governor: DimensionElement, values: readonly string[]): Promise<void> {
    const { system, level } = this.#universe.commonSkypix;
    for (const element of this.#spatialElements()) {
      const governors = this.#governors(element);
      if (governors.length !== 1 || governors[0] !== governor.name) continue;
      await this.#db.insert(
        `${element.name}_skypix_overlap_summary`,
        ['skypix_system', 'skypix_level', governor.name],
        values.map((value) => [system, level, value]),
        { conflict: 'ignore' },
      );
    }
  }

  async insert(
    element: DimensionElement,
    records: readonly { keys: readonly SqlValue[]; region: Uint8Array | null | undefined }[],
  ): Promise<void> {
    const { system, level } = this.#universe.commonSkypix;
    const rows: SqlValue[][] = [];
    for (const { keys, region } of records) {
      if (!(region instanceof Uint8Array)) continue;
      for (const [begin, end] of skypixEnvelope(system, level, region)) {
        for (let pixel = begin; pixel < end; pixel++) rows.push([system, level, ...keys, pixel]);
      }
    }
    const columns = ['skypix_system', 'skypix_level', ...element.required, 'skypix_index'];
    await this.#db.insert(`${element.name}_skypix_overlap`, columns, rows);
  }

  /** Forgets the overlaps of rows whose region is about to change. */
  async remove(element: DimensionElement, keys: readonly (readonly SqlValue[])[]): Promise<void> {
    const { quote } = this.#db.dialect;
    const condition = element.required.map((name) => `${quote(name)} = ?`).join(' AND ');
    for (const key of keys) await this.#db.run(`DELETE FROM ${element.name}_skypix_overlap WHERE ${condition}`, key);
  }

  #spatialElements(): DimensionElement[] {
    return this.#universe.elementNames
      .map((name) => this.#universe.element(name))
      .filter((element) => element.spatialFamily !== undefined && element.skypix === undefined);
  }

  #governors(element: DimensionElement): string[] {
    return element.required.filter((name) => this.#universe.element(name).governor);
  }
}
