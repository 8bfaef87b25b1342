// SPDX-License-Identifier: BSD-3-Clause
import type { DimensionGroup } from '../types.ts';
import type { DimensionElement } from './element.ts';
import type { DimensionUniverse } from './universe.ts';

/** A closed set of dimensions. Made by the universe only, once for each set of names. */
export class Group implements DimensionGroup {
  readonly names: readonly string[];
  readonly required: readonly string[];
  readonly implied: readonly string[];
  readonly elements: readonly string[];
  readonly governors: readonly string[];
  readonly skypix: readonly string[];
  readonly #universe: DimensionUniverse;
  readonly #set: ReadonlySet<string>;

  /** `names`: closed and in universe order. */
  constructor(universe: DimensionUniverse, names: readonly string[]) {
    this.#universe = universe;
    this.#set = new Set(names);
    this.names = Object.freeze([...names]);
    const dimensions = names.map((name) => universe.element(name));
    const implied = new Set(dimensions.flatMap((dimension) => dimension.implied));
    // What another member needs to be identified stays required although a third one implies it.
    for (const dimension of dimensions) {
      if (!implied.has(dimension.name))
        for (const name of dimension.required) if (name !== dimension.name) implied.delete(name);
    }
    this.required = Object.freeze(names.filter((name) => !implied.has(name)));
    this.implied = Object.freeze(names.filter((name) => implied.has(name)));
    this.elements = Object.freeze(
      universe.elementNames.filter((name) => universe.element(name).required.every((key) => this.#set.has(key))),
    );
    this.governors = Object.freeze(dimensions.filter((d) => d.governor).map((d) => d.name));
    this.skypix = Object.freeze(dimensions.filter((d) => d.skypix !== undefined).map((d) => d.name));
  }

  has(name: string): boolean {
    return this.#set.has(name);
  }
  isSubsetOf(other: DimensionGroup): boolean {
    return this.names.every((name) => other.has(name));
  }
  union(...others: DimensionGroup[]): DimensionGroup {
    return this.#universe.conform([...this.names, ...others.flatMap((other) => other.names)]);
  }
  toString(): string {
    return `{${this.names.join(', ')}}`;
  }
  toJSON(): readonly string[] {
    return this.names;
  }

  /** Elements in an order in which keys become known: a row of each gives the implied keys that later ones need. */
  get lookupOrder(): string[] {
    const order: string[] = [];
    const add = (name: string): void => {
      if (order.includes(name)) return;
      order.push(name);
      for (const implied of this.#universe.element(name).implied) add(implied);
    };
    for (const name of this.required) add(name);
    for (const name of this.elements) add(name);
    return order;
  }

  /** Spatial families of its members. */
  get spatial(): string[] {
    return familiesOf(this.#members((element) => element.spatialFamily));
  }
  /** Temporal families of its members. */
  get temporal(): string[] {
    return familiesOf(this.#members((element) => element.temporalFamily));
  }
  /** The finest member of each spatial family. */
  finestSpatial(): DimensionElement[] {
    return this.spatial.map((family) => this.#universe.finest(family, this)!);
  }
  /** The finest member of each temporal family. */
  finestTemporal(): DimensionElement[] {
    return this.temporal.map((family) => this.#universe.finest(family, this)!);
  }

  #members(family: (element: DimensionElement) => string | undefined): (string | undefined)[] {
    return this.elements.map((name) => family(this.#universe.element(name)));
  }
}

function familiesOf(families: (string | undefined)[]): string[] {
  return [...new Set(families.filter((family) => family !== undefined))].sort();
}
