// SPDX-License-Identifier: BSD-3-Clause
import { angleBetween, type UnitVector, unitVector } from '../angles.ts';
import { type Circle, Relation } from './region.ts';

/** A circle by centre and opening angle in radians. */
export function makeCircle(center: UnitVector, openingAngleRad: number): Circle {
  const half = Math.sin(Math.min(openingAngleRad, Math.PI) / 2);
  const squaredChord = openingAngleRad < 0 ? -1 : openingAngleRad >= Math.PI ? 4 : 4 * half * half;
  return { kind: 'circle', center, squaredChord, openingAngleRad };
}

/** A circle on the sky, degrees. */
export function circleDeg(lonDeg: number, latDeg: number, radiusDeg: number): Circle {
  return makeCircle(unitVector(lonDeg, latDeg), (radiusDeg * Math.PI) / 180);
}

export const FULL_CIRCLE: Circle = { kind: 'circle', center: [0, 0, 1], squaredChord: 4, openingAngleRad: Math.PI };
export const EMPTY_CIRCLE: Circle = { kind: 'circle', center: [0, 0, 1], squaredChord: -1, openingAngleRad: -1 };

export function circleIsEmpty(c: Circle): boolean {
  return !(c.squaredChord >= 0);
}
export function circleIsFull(c: Circle): boolean {
  return c.squaredChord >= 4;
}

export function squaredDistance(a: UnitVector, b: UnitVector): number {
  const x = a[0] - b[0];
  const y = a[1] - b[1];
  const z = a[2] - b[2];
  return x * x + y * y + z * z;
}

export function circleContains(c: Circle, v: UnitVector): boolean {
  return circleIsFull(c) || squaredDistance(c.center, v) <= c.squaredChord;
}

export function relateCircles(a: Circle, b: Circle): number {
  if (circleIsEmpty(a))
    return circleIsEmpty(b)
      ? Relation.DISJOINT | Relation.CONTAINS | Relation.WITHIN
      : Relation.DISJOINT | Relation.WITHIN;
  if (circleIsEmpty(b)) return Relation.DISJOINT | Relation.CONTAINS;
  let relation = 0;
  if (circleIsFull(a)) relation |= Relation.CONTAINS;
  if (circleIsFull(b)) relation |= Relation.WITHIN;
  if (relation !== 0) return relation;
  // The same circle must hold itself whatever the rounding.
  if (squaredDistance(a.center, b.center) === 0 && a.squaredChord === b.squaredChord)
    return Relation.CONTAINS | Relation.WITHIN;
  const distance = angleBetween(a.center, b.center);
  if (distance > a.openingAngleRad + b.openingAngleRad) return Relation.DISJOINT;
  if (distance + b.openingAngleRad <= a.openingAngleRad) relation |= Relation.CONTAINS;
  if (distance + a.openingAngleRad <= b.openingAngleRad) relation |= Relation.WITHIN;
  return relation;
}
