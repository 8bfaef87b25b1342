// SPDX-License-Identifier: BSD-3-Clause
/**
 * The description of a dimension universe, in the JSON form which a Gen3 repository keeps in
 * `butler_attributes` under `config:dimensions.json`. Field names are those of that format.
 */
export interface UniverseSpec {
  version: number;
  /** Absent from the first version: daf_butler. */
  namespace?: string;
  skypix: SkypixSpec;
  elements: Record<string, ElementSpec>;
  topology: { spatial?: Record<string, string[]>; temporal?: Record<string, string[]> };
  /** How data IDs pack into one integer; kept for other readers of the repository. */
  packers?: Record<string, unknown>;
}

/** `common` names the level through which spatial elements are related; every other key is a pixel system. */
export interface SkypixSpec {
  common: string;
  [system: string]: string | SkypixSystemSpec;
}
export interface SkypixSystemSpec {
  class: string;
  min_level?: number;
  max_level: number;
}

export type FieldType = 'int' | 'float' | 'string' | 'bool' | 'hash';
export interface FieldSpec {
  name: string;
  type: FieldType;
  /** Characters, of a string. */
  length?: number;
  /** Bytes, of a hash. */
  nbytes?: number;
  nullable?: boolean;
  doc?: string;
}

export interface ElementSpec {
  doc?: string;
  /** The first is the primary key of a dimension, the others are alternate keys. Absent: the element only joins dimensions. */
  keys?: FieldSpec[];
  requires?: string[];
  implies?: string[];
  metadata?: FieldSpec[];
  governor?: boolean;
  always_join?: boolean;
  populated_by?: string;
  /** Where the rows are: a table, or (with `view_of`) the distinct values in another element's table. */
  storage?: StorageSpec;
}
export interface StorageSpec {
  cls: string;
  view_of?: string;
  nested?: StorageSpec;
}

/** The element whose table holds the values of this one, if it has no table of its own. */
export function viewOf(storage: StorageSpec | undefined): string | undefined {
  return storage === undefined ? undefined : (storage.view_of ?? viewOf(storage.nested));
}
