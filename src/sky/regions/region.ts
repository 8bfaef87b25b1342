// SPDX-License-Identifier: BSD-3-Clause
import type { UnitVector } from '../angles.ts';

/** All points within `openingAngle` of `center`. Negative opening: empty; pi or more: the whole sphere. */
export interface Circle {
  readonly kind: 'circle';
  readonly center: UnitVector;
  /** Square of the chord from the centre to the edge: what containment compares. Negative when empty, 4 when full. */
  readonly squaredChord: number;
  readonly openingAngleRad: number;
}

/** A range of longitude times a range of latitude, radians. Longitude runs east from `lonA` to `lonB` and may wrap. NaN bounds: empty. */
export interface Box {
  readonly kind: 'box';
  readonly lonA: number;
  readonly lonB: number;
  readonly latA: number;
  readonly latB: number;
}

/** A convex polygon with great-circle sides, corners counter-clockwise seen from outside the sphere; it spans less than a hemisphere. */
export interface ConvexPolygon {
  readonly kind: 'polygon';
  readonly vertices: readonly UnitVector[];
}

/** The points whose distances from two foci sum to at most 2 alpha; beta is the other semi-axis. */
export interface Ellipse {
  readonly kind: 'ellipse';
  /** Rows: direction of the alpha axis, of the beta axis, of the centre. */
  readonly axes: readonly [UnitVector, UnitVector, UnitVector];
  /** alpha - pi/2, beta - pi/2 and half the angle between the foci, as the encoding has them (radians). */
  readonly a: number;
  readonly b: number;
  readonly gamma: number;
  readonly tanA: number;
  readonly tanB: number;
}

export interface UnionRegion {
  readonly kind: 'union';
  readonly operands: readonly Region[];
}
export interface IntersectionRegion {
  readonly kind: 'intersection';
  readonly operands: readonly Region[];
}

/** A closed set of directions on the sphere. */
export type Region = Circle | Box | ConvexPolygon | Ellipse | UnionRegion | IntersectionRegion;

/**
 * What is known of two regions, as bits. No bit: they may or do share points and none is known to hold the other.
 * DISJOINT with another bit means that one is empty.
 */
export const Relation = Object.freeze({ DISJOINT: 1, CONTAINS: 2, WITHIN: 4 } as const);

/** Extra width, radians, of bounds that come out of asin of a rounded chord. */
export const ASIN_ERROR = 1.5e-8;
/** Extra width, radians, of bounds of great-circle arcs. */
export const ARC_ERROR = 5e-10;

/** The relation of b to a, given that of a to b. */
export function invertRelation(relation: number): number {
  const swapped = relation & Relation.DISJOINT;
  return (
    swapped |
    (relation & Relation.CONTAINS ? Relation.WITHIN : 0) |
    (relation & Relation.WITHIN ? Relation.CONTAINS : 0)
  );
}
