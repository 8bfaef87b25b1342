// SPDX-License-Identifier: BSD-3-Clause
import { didYouMean } from '../../base/index.ts';
import type { Universe } from '../contract.ts';
import { butlerErrors } from '../errors.ts';
import type { DataId, DataIdValue, DimensionGroup } from '../types.ts';
import { Coordinate, formatDataId } from './coordinate.ts';
import { dafButler8 } from './daf-butler-8.ts';
import type { DimensionElement } from './element.ts';
import { Group } from './group.ts';
import { type ElementSpec, type SkypixSystemSpec, type UniverseSpec, viewOf } from './spec.ts';

/** The dimensions of a repository, their dependencies and families. */
export class DimensionUniverse implements Universe {
  readonly version: number;
  readonly namespace: string;
  /** All elements in universe order, sky pixels included. */
  readonly elementNames: readonly string[];
  readonly dimensionNames: readonly string[];
  /** The system and level that relate spatial elements, such as htm 7. */
  readonly commonSkypix: { readonly name: string; readonly system: string; readonly level: number };
  readonly spec: UniverseSpec;
  readonly #elements = new Map<string, DimensionElement>();
  readonly #position = new Map<string, number>();
  readonly #families = new Map<string, readonly string[]>();
  readonly #groups = new Map<string, Group>();
  readonly #conformed = new Map<string, Group>();
  readonly empty: DimensionGroup;

  constructor(spec: UniverseSpec = dafButler8) {
    this.spec = spec;
    this.version = spec.version;
    this.namespace = spec.namespace ?? 'daf_butler'; // the first version had no name
    for (const families of [spec.topology.spatial, spec.topology.temporal]) {
      for (const [family, members] of Object.entries(families ?? {})) this.#families.set(family, members);
    }
    for (const layer of layers(spec)) {
      for (const name of layer) {
        for (const element of this.#build(name)) {
          this.#position.set(element.name, this.#elements.size);
          this.#elements.set(element.name, element);
        }
      }
    }
    this.elementNames = Object.freeze([...this.#elements.keys()]);
    this.dimensionNames = Object.freeze(this.elementNames.filter((name) => this.#elements.get(name)!.isDimension));
    const common = this.element(spec.skypix.common).skypix!;
    this.commonSkypix = { name: spec.skypix.common, ...common };
    this.empty = this.conform([]);
  }

  /** The element of that name; throws with a suggestion. */
  element(name: string): DimensionElement {
    const found = this.#elements.get(name);
    if (found === undefined) throw this.#unknown(name);
    return found;
  }

  hasElement(name: string): boolean {
    return this.#elements.has(name);
  }

  /** Members of a topological family, finest first. */
  familyMembers(family: string): readonly string[] {
    return this.#families.get(family) ?? [];
  }

  /** The finest member of a family whose dimensions are all in the group. */
  finest(family: string, group: DimensionGroup): DimensionElement | undefined {
    const member = this.familyMembers(family).find((name) =>
      this.element(name).required.every((key) => group.has(key)),
    );
    return member === undefined ? undefined : this.element(member);
  }

  conform(names: Iterable<string>): Group {
    const given = [...names];
    const cacheKey = given.join(',');
    let group = this.#conformed.get(cacheKey);
    if (group === undefined) {
      const closed = new Set<string>();
      const add = (name: string): void => {
        const element = this.#elements.get(name);
        if (element === undefined || !element.isDimension) throw this.#unknown(name);
        if (closed.has(name)) return;
        closed.add(name);
        for (const other of element.required) add(other);
        for (const other of element.implied) add(other);
      };
      for (const name of given) add(name);
      const ordered = this.sort(closed);
      const key = ordered.join(',');
      group = this.#groups.get(key) ?? new Group(this, ordered);
      this.#groups.set(key, group);
      this.#conformed.set(cacheKey, group);
    }
    return group;
  }

  coordinate(dimensions: DimensionGroup, dataId: DataId): Coordinate {
    for (const name of Object.keys(dataId)) {
      if (!this.#elements.get(name)?.isDimension) throw this.#unknown(name);
    }
    const missing = dimensions.required.filter((name) => dataId[name] === undefined || dataId[name] === null);
    if (missing.length > 0) {
      throw butlerErrors.MISSING_KEYS({ missing: missing.join(', '), dataId: formatDataId(dataId) });
    }
    const full = dimensions.implied.every((name) => dataId[name] !== undefined && dataId[name] !== null);
    const names = full ? [...dimensions.required, ...dimensions.implied] : dimensions.required;
    return new Coordinate(
      dimensions,
      names.map((name) => this.checkValue(name, dataId[name])),
    );
  }

  /** A value of a dimension, checked for its type; integers must be safe. */
  checkValue(dimension: string, value: unknown): DataIdValue {
    const wantsText = this.element(dimension).primaryKey!.type === 'string';
    const good = wantsText ? typeof value === 'string' && value !== '' : Number.isSafeInteger(value);
    if (good) return value as DataIdValue;
    throw butlerErrors.BAD_KEY_TYPE({
      dimension,
      value: typeof value === 'string' ? JSON.stringify(value) : String(value),
      expected: wantsText ? 'a string' : 'an integer',
    });
  }

  /** Names in universe order. */
  sort(names: Iterable<string>): string[] {
    return [...names].sort((a, b) => this.#position.get(a)! - this.#position.get(b)!);
  }

  /** What a repository stores of its universe. */
  toJson(): string {
    return JSON.stringify(this.spec);
  }

  static fromJson(json: string): DimensionUniverse {
    return new DimensionUniverse(JSON.parse(json) as UniverseSpec);
  }

  #unknown(name: string): Error {
    return butlerErrors.UNKNOWN_DIMENSION({ name, hint: didYouMean(name, this.dimensionNames) });
  }

  #build(name: string): DimensionElement[] {
    const system = this.spec.skypix[name];
    return typeof system === 'object' && name !== 'common'
      ? this.#skypixLevels(name, system)
      : [this.#static(name, this.spec.elements[name])];
  }

  #static(name: string, spec: ElementSpec): DimensionElement {
    const required = new Set<string>();
    for (const other of spec.requires ?? []) for (const key of this.#elements.get(other)!.required) required.add(key);
    const isDimension = spec.keys !== undefined && spec.keys.length > 0;
    const view = viewOf(spec.storage);
    const implied = this.sort(spec.implies ?? []);
    const family = (families: Record<string, string[]> | undefined): string | undefined =>
      Object.entries(families ?? {}).find(([, members]) => members.includes(name))?.[0];
    return Object.freeze({
      name,
      doc: spec.doc ?? '',
      isDimension,
      governor: spec.governor ?? false,
      required: Object.freeze(isDimension ? [...this.sort(required), name] : this.sort(required)),
      implied: Object.freeze(implied),
      primaryKey: spec.keys?.[0],
      alternateKeys: Object.freeze(spec.keys?.slice(1) ?? []),
      metadata: Object.freeze(spec.metadata ?? []),
      spatialFamily: family(this.spec.topology.spatial),
      temporalFamily: family(this.spec.topology.temporal),
      viewOf: view,
      hasTable: view === undefined,
      alwaysJoin: spec.always_join ?? false,
      populatedBy: spec.populated_by ?? (isDimension ? name : undefined),
      definesRelationships: (spec.always_join ?? false) || implied.length > 0,
      skypix: undefined,
    });
  }

  #skypixLevels(system: string, spec: SkypixSystemSpec): DimensionElement[] {
    const names: string[] = [];
    const levels: DimensionElement[] = [];
    for (let level = spec.min_level ?? 1; level <= spec.max_level; level++) {
      const name = `${system}${level}`;
      names.unshift(name);
      levels.push(
        Object.freeze({
          name,
          doc: `A pixel of ${system} at level ${level}.`,
          isDimension: true,
          governor: false,
          required: Object.freeze([name]),
          implied: Object.freeze([]),
          primaryKey: { name: 'id', type: 'int' as const },
          alternateKeys: Object.freeze([]),
          metadata: Object.freeze([]),
          spatialFamily: system,
          temporalFamily: undefined,
          viewOf: undefined,
          hasTable: false,
          alwaysJoin: false,
          populatedBy: undefined,
          definesRelationships: false,
          skypix: Object.freeze({ system, level }),
        }),
      );
    }
    this.#families.set(system, names);
    return levels;
  }
}

/** Elements and pixel systems in layers, each depending on earlier ones only; alphabetical within a layer. This order is part of the format. */
function layers(spec: UniverseSpec): string[][] {
  const todo = new Map<string, readonly string[]>();
  for (const name of Object.keys(spec.skypix)) if (name !== 'common') todo.set(name, []);
  for (const [name, element] of Object.entries(spec.elements)) {
    todo.set(name, [...(element.requires ?? []), ...(element.implies ?? [])]);
  }
  const out: string[][] = [];
  while (todo.size > 0) {
    const ready = [...todo].filter(([, needs]) => !needs.some((need) => todo.has(need))).map(([name]) => name);
    if (ready.length === 0) {
      const [name, needs] = [...todo][0];
      throw butlerErrors.UNKNOWN_DIMENSION({
        name: needs.find((need) => todo.has(need)) ?? name,
        hint: ` The dependencies of ${name} are circular.`,
      });
    }
    ready.sort((a, b) => (a < b ? -1 : 1));
    for (const name of ready) todo.delete(name);
    out.push(ready);
  }
  return out;
}
