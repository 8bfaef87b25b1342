// SPDX-License-Identifier: BSD-3-Clause
import type { FieldSpec } from './spec.ts';

/** A table-like part of a universe: a dimension, or a join of dimensions (visit_definition, visit_detector_region). */
export interface DimensionElement {
  readonly name: string;
  readonly doc: string;
  readonly isDimension: boolean;
  readonly governor: boolean;
  /** Dimensions that identify a row, in universe order; a dimension itself comes last. */
  readonly required: readonly string[];
  /** Dimensions that a row determines, in universe order. */
  readonly implied: readonly string[];
  /** Of a dimension: the type of its values in data IDs, and the column which holds them in its own table. */
  readonly primaryKey: FieldSpec | undefined;
  readonly alternateKeys: readonly FieldSpec[];
  readonly metadata: readonly FieldSpec[];
  readonly spatialFamily: string | undefined;
  readonly temporalFamily: string | undefined;
  /** Element in whose table the values are found, when there is no table of its own (band: physical_filter). */
  readonly viewOf: string | undefined;
  /** False for views and for sky pixels, whose rows are computed. */
  readonly hasTable: boolean;
  readonly alwaysJoin: boolean;
  /** Element with which rows travel between repositories. */
  readonly populatedBy: string | undefined;
  /** True if rows relate dimensions to each other, so that a query over them must look here. */
  readonly definesRelationships: boolean;
  readonly skypix: { readonly system: string; readonly level: number } | undefined;
}

/** Columns of an element's own table (and keys of its records) in order: keys, implied keys, alternate keys, metadata; without region and timespan. */
export function recordFields(element: DimensionElement): string[] {
  const keys = element.required.map((name) => (name === element.name ? element.primaryKey!.name : name));
  return [
    ...keys,
    ...element.implied,
    ...element.alternateKeys.map((field) => field.name),
    ...element.metadata.map((field) => field.name),
  ];
}

/** The data-ID value types of `element`'s own table column for dimension `name`: its own primary key is under another name there. */
export function keyColumn(element: DimensionElement, dimension: string): string {
  return dimension === element.name ? element.primaryKey!.name : dimension;
}
