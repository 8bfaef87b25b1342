// SPDX-License-Identifier: BSD-3-Clause
import type { DimensionUniverse } from '../dimensions/universe.ts';
import type { DatasetType } from '../types.ts';
import { LookupTable } from './lookup.ts';
import type { ConstraintsSettings } from './settings.ts';

/**
 * Which datasets a datastore takes: `accept` and `reject` are lists of dataset types, dimensions (`a+b`), storage classes or `all`, and of
 * mappings `instrument<NAME>: [...]`. What is accepted by name is taken; what is rejected by name, or by `all`, is not; the rest is taken
 * when nothing is accepted by name or `all` is.
 */
export class Constraints {
  readonly #universe: DimensionUniverse;
  readonly #accept: LookupTable<true>;
  readonly #reject: LookupTable<true>;
  readonly #settings: ConstraintsSettings;

  constructor(universe: DimensionUniverse, settings: ConstraintsSettings) {
    this.#universe = universe;
    this.#settings = settings;
    this.#accept = new LookupTable(asSection(settings.accept), () => true);
    this.#reject = new LookupTable(asSection(settings.reject), () => true);
  }

  accepts(type: DatasetType, instrument: string | number | undefined): boolean {
    const listed = (table: LookupTable<true>): boolean =>
      table.find(this.#universe, type, undefined, instrument) === true;
    if (listed(this.#accept)) return true;
    if (listed(this.#reject)) return false;
    const all = (names: readonly unknown[] | undefined): boolean =>
      (names ?? []).some(
        (name) =>
          name === 'all' ||
          (typeof name === 'object' &&
            name !== null &&
            Object.entries(name).some(
              ([key, inner]) => key === `instrument<${instrument}>` && [inner].flat().includes('all'),
            )),
      );
    if (all(this.#settings.reject)) return false;
    return (this.#settings.accept ?? []).length === 0 || all(this.#settings.accept);
  }
}

/** Lists as the sections that look-ups are made of. */
function asSection(names: readonly unknown[] | undefined): Record<string, unknown> {
  const section: Record<string, unknown> = {};
  for (const name of names ?? []) {
    if (typeof name === 'string') section[name] = true;
    else
      for (const [key, inner] of Object.entries(name as Record<string, unknown>))
        section[key] = asSection([inner].flat());
  }
  return section;
}
