// SPDX-License-Identifier: BSD-3-Clause
import { butlerErrors } from '../errors.ts';
import type { DataCoordinate, DataId, DataIdValue, DimensionGroup } from '../types.ts';

/** Values in the order of `required` and then, if full, of `implied`. */
export class Coordinate implements DataCoordinate {
  readonly dimensions: DimensionGroup;
  readonly full: boolean;
  readonly #values: readonly DataIdValue[];
  readonly #implied: readonly DataIdValue[] | undefined;
  #key: string | undefined;

  /**
   * Values are not checked: make coordinates through the universe. Those of implied dimensions follow the others in `values`; or they
   * are given as `implied`, which many coordinates may share, and then `values` may have more members after the required ones.
   */
  constructor(dimensions: DimensionGroup, values: readonly DataIdValue[], implied?: readonly DataIdValue[]) {
    this.dimensions = dimensions;
    this.#values = values;
    this.#implied = implied;
    this.full = implied !== undefined || values.length === dimensions.names.length;
  }

  get(name: string): DataIdValue {
    const { required, implied } = this.dimensions;
    let index = required.indexOf(name);
    if (index < 0) {
      const at = implied.indexOf(name);
      if (at >= 0 && this.#implied !== undefined) return this.#implied[at];
      if (at >= 0 && this.full) index = required.length + at;
      else if (at >= 0) throw butlerErrors.MISSING_KEYS({ missing: name, dataId: this.toString() });
      else throw butlerErrors.INCONSISTENT_GROUP({ name, dimensions: this.dimensions.names.join(', ') });
    }
    return this.#values[index];
  }

  toDataId(): DataId {
    const out: Record<string, DataIdValue> = {};
    this.dimensions.required.forEach((name, i) => {
      out[name] = this.#values[i];
    });
    return out;
  }

  /** Required and, if known, implied values. */
  toFullDataId(): DataId {
    const out: Record<string, DataIdValue> = { ...this.toDataId() };
    if (this.full) for (const name of this.dimensions.implied) out[name] = this.get(name);
    return out;
  }

  get key(): string {
    this.#key ??= coordinateKey(this.#values, this.dimensions.required.length);
    return this.#key;
  }

  toString(): string {
    return formatDataId(this.toDataId());
  }
  toJSON(): DataId {
    return this.toDataId();
  }
}

/** The text of the first `n` values; strings and numbers never give the same text. */
export function coordinateKey(values: readonly DataIdValue[], n = values.length): string {
  let key = '';
  for (let i = 0; i < n; i++) {
    const value = values[i];
    if (i > 0) key += ',';
    key += typeof value === 'number' ? value : JSON.stringify(value);
  }
  return key;
}

/** `{instrument: HSC, visit: 42}`, for messages. */
export function formatDataId(dataId: DataId): string {
  return `{${Object.entries(dataId)
    .map(([name, value]) => `${name}: ${value}`)
    .join(', ')}}`;
}
