// SPDX-License-Identifier: BSD-3-Clause
import { coordinateKey } from '../dimensions/coordinate.ts';
import { expandDataIds } from '../registry/expand.ts';
import type { Registry } from '../registry/registry.ts';
import { joinValues } from '../registry/values-join.ts';
import type { DataCoordinate, DataId, DataIdValue, DimensionGroup, DimensionRecord } from '../types.ts';

/** Records by element; elements in an order in which each needs only earlier ones. */
export type RecordsByElement = ReadonlyMap<string, readonly DimensionRecord[]>;

/**
 * The dimension records that data IDs need elsewhere: their own (an exposure with its filter, its day, its instrument), and those
 * that travel with them (of a visit which exposures it is made of and to which systems it belongs), with what these need in turn.
 * One query for each element and few hundred keys.
 */
export async function neededRecords(registry: Registry, dataIds: Iterable<DataCoordinate>): Promise<RecordsByElement> {
  const collector = new Collector(registry);
  const groups = new Map<DimensionGroup, Map<string, DataId>>();
  for (const dataId of dataIds) {
    const group = groups.get(dataId.dimensions) ?? new Map<string, DataId>();
    groups.set(dataId.dimensions, group.set(dataId.key, dataId.toDataId()));
  }
  for (const [dimensions, group] of groups) await collector.add(dimensions, [...group.values()]);
  await collector.addPopulated();
  return collector.result();
}

class Collector {
  readonly #registry: Registry;
  readonly #found = new Map<string, Map<string, DimensionRecord>>();

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  async add(dimensions: DimensionGroup, dataIds: readonly DataId[]): Promise<void> {
    const { records, universe } = this.#registry;
    for (const expanded of await expandDataIds(records, universe, dimensions, dataIds, true)) {
      for (const [element, record] of Object.entries(expanded.records)) this.#keep(element, record);
    }
  }

  async addPopulated(): Promise<void> {
    const { universe } = this.#registry;
    const primary = new Set(this.#found.keys());
    for (const name of universe.elementNames) {
      const element = universe.element(name);
      const by = element.populatedBy;
      // What the data IDs name already is exactly what they need: of a visit and detector not the regions of all detectors.
      if (by === undefined || by === name || !element.hasTable || primary.has(name) || !primary.has(by)) continue;
      const rows = await this.#rowsOf(name, by);
      const dataIds = rows.map((row): DataId => {
        this.#keep(name, row);
        return Object.fromEntries(element.required.map((key) => [key, row[key] as DataIdValue]));
      });
      if (dataIds.length > 0) await this.add(universe.conform(element.required), dataIds);
    }
  }

  /** Records of an element for the records of one of its dimensions found so far. */
  async #rowsOf(name: string, by: string): Promise<DimensionRecord[]> {
    const { db, records, universe } = this.#registry;
    const codec = records.codec(name);
    const { required } = universe.element(by);
    const keys = [...this.#found.get(by)!.values()].map((record) => this.#key(by, record));
    const rows = await joinValues(db, name, codec.columns, required, keys);
    return rows.map((row) => codec.decode(row));
  }

  #keep(element: string, record: DimensionRecord): void {
    const all = this.#found.get(element) ?? new Map<string, DimensionRecord>();
    this.#found.set(element, all.set(coordinateKey(this.#key(element, record)), record));
  }

  #key(element: string, record: DimensionRecord): DataIdValue[] {
    return this.#registry.records.codec(element).keys.map((key) => record[key] as DataIdValue);
  }

  result(): RecordsByElement {
    const { universe } = this.#registry;
    return new Map(
      universe.elementNames
        .filter((name) => this.#found.has(name))
        .map((name) => {
          const records = [...this.#found.get(name)!].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
          return [name, records.map(([, record]) => record)];
        }),
    );
  }
}
