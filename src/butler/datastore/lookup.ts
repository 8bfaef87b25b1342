// SPDX-License-Identifier: BSD-3-Clause
import type { DimensionUniverse } from '../dimensions/universe.ts';
import type { DatasetType } from '../types.ts';

/**
 * A configuration section in which keys choose by dataset type, by dimensions (`visit+detector`) or by storage class, in that
 * order of preference, then `default`; `instrument<NAME>` holds the same kind of section for one instrument and goes before all.
 */
export class LookupTable<T> {
  readonly #entries = new Map<string, T>();
  readonly #byDimensions: { names: readonly string[]; value: T }[] = [];
  readonly #instruments = new Map<string, LookupTable<T>>();

  constructor(config: Readonly<Record<string, unknown>>, parse: (value: unknown) => T) {
    for (const [key, value] of Object.entries(config)) {
      const instrument = /^instrument<(.+)>$/.exec(key);
      if (instrument !== null) {
        this.#instruments.set(instrument[1], new LookupTable(value as Record<string, unknown>, parse));
      } else if (key.includes('+')) {
        this.#byDimensions.push({ names: key.split('+').filter((name) => name !== ''), value: parse(value) });
      } else this.#entries.set(key, parse(value));
    }
  }

  find(
    universe: DimensionUniverse,
    type: DatasetType,
    component?: string,
    instrument?: string | number,
  ): T | undefined {
    const own = instrument === undefined ? undefined : this.#instruments.get(String(instrument));
    return (
      own?.find(universe, type, component) ?? this.#find(universe, type, component) ?? this.#entries.get('default')
    );
  }

  #find(universe: DimensionUniverse, type: DatasetType, component?: string): T | undefined {
    const byName =
      (component === undefined ? undefined : this.#entries.get(`${type.name}.${component}`)) ??
      this.#entries.get(type.name);
    if (byName !== undefined) return byName;
    const byDimensions = this.#byDimensions.find(
      ({ names }) => names.every((name) => universe.hasElement(name)) && universe.conform(names) === type.dimensions,
    );
    return byDimensions?.value ?? this.#entries.get(type.storageClass);
  }
}
