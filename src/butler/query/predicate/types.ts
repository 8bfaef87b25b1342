// SPDX-License-Identifier: BSD-3-Clause

import type { Timespan } from '../../types.ts';
import type { Region } from '../spatial/sky.ts';

/** Types of values in expressions. `time` is a moment, in TAI nanoseconds; `hash` can only be tested for null. */
export type ValueType = 'int' | 'float' | 'string' | 'bool' | 'time' | 'uuid' | 'timespan' | 'region' | 'hash' | 'null';

/** Something in a row of the query. */
export type Column =
  | { readonly kind: 'dimension'; readonly dimension: string; readonly type: ValueType }
  | { readonly kind: 'field'; readonly element: string; readonly field: string; readonly type: ValueType }
  | { readonly kind: 'dataset'; readonly datasetType: string; readonly field: DatasetField; readonly type: ValueType }
  /** One side of a timespan column. */
  | { readonly kind: 'bound'; readonly of: Column; readonly side: 'begin' | 'end'; readonly type: 'time' };

export const DATASET_FIELDS = {
  dataset_id: 'uuid',
  run: 'string',
  collection: 'string',
  ingest_date: 'time',
  timespan: 'timespan',
} as const satisfies Record<string, ValueType>;
export type DatasetField = keyof typeof DATASET_FIELDS;

/** A value known before the query runs. */
export type Literal =
  | { readonly kind: 'literal'; readonly type: 'int' | 'float'; readonly value: number }
  | { readonly kind: 'literal'; readonly type: 'string' | 'uuid'; readonly value: string }
  | { readonly kind: 'literal'; readonly type: 'bool'; readonly value: boolean }
  | { readonly kind: 'literal'; readonly type: 'time'; readonly value: bigint }
  | { readonly kind: 'literal'; readonly type: 'timespan'; readonly value: Timespan }
  | { readonly kind: 'literal'; readonly type: 'region'; readonly value: Region }
  | { readonly kind: 'literal'; readonly type: 'null'; readonly value: null };

export type Arithmetic = '+' | '-' | '*' | '/' | '%';
export type Comparison = '=' | '!=' | '<' | '<=' | '>' | '>=';

export type Value =
  | Column
  | Literal
  | {
      readonly kind: 'arithmetic';
      readonly operator: Arithmetic;
      readonly left: Value;
      readonly right: Value;
      readonly type: 'int' | 'float';
    }
  /** A timespan from two moments, at least one of which is a column. */
  | { readonly kind: 'interval'; readonly begin: Value; readonly end: Value; readonly type: 'timespan' };

/** A condition with names and types settled. */
export type Predicate =
  | { readonly op: 'and' | 'or'; readonly terms: readonly Predicate[] }
  | { readonly op: 'not'; readonly term: Predicate }
  | { readonly op: 'constant'; readonly value: boolean }
  /** A boolean column. */
  | { readonly op: 'true'; readonly value: Value }
  | { readonly op: 'compare'; readonly operator: Comparison; readonly left: Value; readonly right: Value }
  | { readonly op: 'null'; readonly value: Value }
  | { readonly op: 'in'; readonly value: Value; readonly list: readonly Literal[] }
  /** Inclusive, in steps of `stride` from `start`. */
  | {
      readonly op: 'range';
      readonly value: Value;
      readonly start: number;
      readonly stop: number;
      readonly stride: number;
    }
  | { readonly op: 'glob'; readonly value: Value; readonly pattern: string }
  | { readonly op: 'timespans overlap'; readonly left: Value; readonly right: Value }
  /** The region of an element's row (or of a sky pixel) and a region that is known. */
  | { readonly op: 'region overlaps'; readonly element: string; readonly region: Region }
  /** Regions of two elements: a join, not a test; only ever a term of the outermost AND. */
  | { readonly op: 'regions join'; readonly left: string; readonly right: string; readonly text: string }
  /** The element's key is one of these; what `region overlaps` becomes once the regions have been tested. */
  | { readonly op: 'keys'; readonly element: string; readonly keys: readonly (readonly (string | number)[])[] };

export const TRUE: Predicate = { op: 'constant', value: true };

/** The conjunction, flattened, without terms that are always true. */
export function conjunction(terms: readonly Predicate[]): Predicate {
  const flat = terms.flatMap((term) => conjuncts(term));
  return flat.length === 1 ? flat[0] : { op: 'and', terms: flat };
}

/** Terms of the outermost AND. */
export function conjuncts(predicate: Predicate): readonly Predicate[] {
  if (predicate.op === 'and') return predicate.terms.flatMap(conjuncts);
  return predicate.op === 'constant' && predicate.value ? [] : [predicate];
}

/** Every column that a predicate or value uses. */
export function* columnsOf(node: Predicate | Value): Generator<Column> {
  if ('kind' in node) {
    if (node.kind === 'bound') yield* columnsOf(node.of);
    else if (node.kind === 'arithmetic') yield* both(node.left, node.right);
    else if (node.kind === 'interval') yield* both(node.begin, node.end);
    else if (node.kind !== 'literal') yield node;
    return;
  }
  switch (node.op) {
    case 'and':
    case 'or':
      for (const term of node.terms) yield* columnsOf(term);
      break;
    case 'not':
      yield* columnsOf(node.term);
      break;
    case 'compare':
    case 'timespans overlap':
      yield* both(node.left, node.right);
      break;
    case 'region overlaps':
      yield { kind: 'field', element: node.element, field: 'region', type: 'region' };
      break;
    case 'regions join':
      yield { kind: 'field', element: node.left, field: 'region', type: 'region' };
      yield { kind: 'field', element: node.right, field: 'region', type: 'region' };
      break;
    case 'keys':
    case 'constant':
      break;
    default:
      yield* columnsOf(node.value);
  }
}

function* both(left: Value, right: Value): Generator<Column> {
  yield* columnsOf(left);
  yield* columnsOf(right);
}
