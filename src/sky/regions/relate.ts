// SPDX-License-Identifier: BSD-3-Clause
import type { UnitVector } from '../angles.ts';
import { boundingBox, boundingCircle } from './bounds.ts';
import { boxContains, relateBoxes, relateCircleBox } from './box.ts';
import { circleContains, relateCircles } from './circle.ts';
import { ellipseContains } from './ellipse.ts';
import { polygonContains, relatePolygonCircle, relatePolygons } from './polygon.ts';
import { type Ellipse, invertRelation, type Region, Relation } from './region.ts';

/** Whether the closed region holds the direction. */
export function regionContains(region: Region, v: UnitVector): boolean {
  switch (region.kind) {
    case 'circle':
      return circleContains(region, v);
    case 'box':
      return boxContains(region, v);
    case 'polygon':
      return polygonContains(region.vertices, v);
    case 'ellipse':
      return ellipseContains(region, v);
    case 'union':
      return region.operands.some((r) => regionContains(r, v));
    case 'intersection':
      return region.operands.every((r) => regionContains(r, v));
  }
}

/**
 * Relation of a to b as bits of {@link Relation}. Exact between circles, boxes and polygons, except polygon with box,
 * which goes by the polygon's bounding box, and ellipses, which go by their bounding circle: for those DISJOINT and
 * WITHIN are certain when said, and may go unsaid.
 */
export function relate(a: Region, b: Region): number {
  if (a.kind === 'union' || a.kind === 'intersection') return relateCompound(a.kind, a.operands, b);
  if (b.kind === 'union' || b.kind === 'intersection') return invertRelation(relateCompound(b.kind, b.operands, a));
  if (a.kind === 'ellipse') return relateEllipse(a, b);
  if (b.kind === 'ellipse') return invertRelation(relateEllipse(b, a));
  if (a.kind === 'polygon') {
    if (b.kind === 'polygon') return relatePolygons(a.vertices, b.vertices);
    if (b.kind === 'circle') return relatePolygonCircle(a.vertices, b);
    return relateBoxes(boundingBox(a), b) & (Relation.DISJOINT | Relation.WITHIN);
  }
  if (b.kind === 'polygon') return invertRelation(relate(b, a));
  if (a.kind === 'circle') return b.kind === 'circle' ? relateCircles(a, b) : relateCircleBox(a, b);
  return b.kind === 'box' ? relateBoxes(a, b) : invertRelation(relateCircleBox(b, a));
}

function relateEllipse(e: Ellipse, other: Region): number {
  return (
    relate(boundingCircle(e), other.kind === 'ellipse' ? boundingCircle(other) : other) &
    (Relation.DISJOINT | (other.kind === 'ellipse' ? 0 : Relation.WITHIN))
  );
}

function relateCompound(kind: 'union' | 'intersection', operands: readonly Region[], other: Region): number {
  const relations = operands.map((r) => relate(r, other));
  const every = (bit: number) => relations.every((r) => r & bit);
  const some = (bit: number) => relations.some((r) => r & bit);
  const [wide, narrow] = kind === 'union' ? [every, some] : [some, every];
  return (
    (wide(Relation.DISJOINT) ? Relation.DISJOINT : 0) |
    (narrow(Relation.CONTAINS) ? Relation.CONTAINS : 0) |
    (wide(Relation.WITHIN) ? Relation.WITHIN : 0)
  );
}

/** Whether two regions may share points: false is certain, true is certain where {@link relate} is exact. */
export function regionsOverlap(a: Region, b: Region): boolean {
  return (relate(a, b) & Relation.DISJOINT) === 0;
}

/** As {@link regionsOverlap}, but undefined where neither is certain. */
export function regionsSurelyOverlap(a: Region, b: Region): boolean | undefined {
  const compound = (r: Region) => r.kind === 'union' || r.kind === 'intersection';
  if (!compound(a) && compound(b)) return regionsSurelyOverlap(b, a);
  if (a.kind === 'union') return threeValued(a.operands.map((r) => regionsSurelyOverlap(r, b)));
  // That each operand overlaps b does not tell that they do so in one place.
  if (a.kind === 'intersection') return a.operands.some((r) => relate(r, b) & Relation.DISJOINT) ? false : undefined;
  const relation = relate(a, b);
  if (relation & Relation.DISJOINT) return false;
  if (relation !== 0) return true;
  const kinds = [a.kind, b.kind];
  const guess = kinds.includes('ellipse') || (kinds.includes('polygon') && kinds.includes('box'));
  return guess ? undefined : true;
}

function threeValued(answers: readonly (boolean | undefined)[]): boolean | undefined {
  if (answers.includes(true)) return true;
  return answers.includes(undefined) ? undefined : false;
}
