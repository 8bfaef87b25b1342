// SPDX-License-Identifier: BSD-3-Clause
import { DEG, latRad, lonRad, type UnitVector, unitVectorRad } from '../angles.ts';
import { circleContains, circleIsEmpty, circleIsFull } from './circle.ts';
import { type Box, type Circle, Relation } from './region.ts';

const TWO_PI = 2 * Math.PI;
const HALF_PI = Math.PI / 2;

export const EMPTY_BOX: Box = { kind: 'box', lonA: Number.NaN, lonB: Number.NaN, latA: Number.NaN, latB: Number.NaN };
export const FULL_BOX: Box = { kind: 'box', lonA: 0, lonB: TWO_PI, latA: -HALF_PI, latB: HALF_PI };

function normalizeRad(lon: number): number {
  const wrapped = lon % TWO_PI;
  return wrapped < 0 ? wrapped + TWO_PI : wrapped;
}

/** A box in radians: longitudes are brought into [0, 2 pi) unless they span a full turn; latitudes are clipped to the poles. */
export function makeBox(lonA: number, lonB: number, latA: number, latB: number): Box {
  const [low, high] = [Math.max(latA, -HALF_PI), Math.min(latB, HALF_PI)];
  if (!(low <= high)) return EMPTY_BOX;
  if (lonB - lonA >= TWO_PI) return { kind: 'box', lonA: 0, lonB: TWO_PI, latA: low, latB: high };
  // An end at exactly 360 degrees stays: [50, 360] is not [50, 0].
  const end = lonB === TWO_PI ? TWO_PI : normalizeRad(lonB);
  return { kind: 'box', lonA: normalizeRad(lonA), lonB: end, latA: low, latB: high };
}

/** A box in degrees. */
export function boxDeg(lonADeg: number, lonBDeg: number, latADeg: number, latBDeg: number): Box {
  return makeBox(lonADeg * DEG, lonBDeg * DEG, latADeg * DEG, latBDeg * DEG);
}

export function boxIsEmpty(b: Box): boolean {
  return !(b.latA <= b.latB) || Number.isNaN(b.lonA) || Number.isNaN(b.lonB);
}
function lonIsFull(b: Box): boolean {
  return b.lonA === 0 && b.lonB === TWO_PI;
}
export function boxIsFull(b: Box): boolean {
  return lonIsFull(b) && b.latA <= -HALF_PI && b.latB >= HALF_PI;
}

function lonContains(b: Box, lon: number): boolean {
  if (b.lonA > b.lonB) return lon >= b.lonA || lon <= b.lonB;
  return (lon >= b.lonA && lon <= b.lonB) || (lon === 0 && b.lonB === TWO_PI);
}

export function boxContainsLonLat(b: Box, lon: number, lat: number): boolean {
  return lat >= b.latA && lat <= b.latB && lonContains(b, lon);
}
export function boxContains(b: Box, v: UnitVector): boolean {
  return boxContainsLonLat(b, normalizeRad(lonRad(v)), latRad(v));
}

/** Width in longitude, radians. */
export function lonWidth(b: Box): number {
  return b.lonA <= b.lonB ? b.lonB - b.lonA : TWO_PI - b.lonA + b.lonB;
}

/** Half width in longitude of a circle of radius `r` at latitude `lat`, padded for rounding. */
export function lonHalfWidth(r: number, lat: number): number {
  if (r <= 0) return 0;
  if (Math.abs(lat) + r >= HALF_PI - 1e-10) return Math.PI;
  const y = Math.sin(r);
  const x = Math.sqrt(Math.abs(Math.cos(lat - r) * Math.cos(lat + r)));
  return Math.abs(Math.atan(y / x));
}

export function expandBox(a: Box, b: Box): Box {
  if (boxIsEmpty(a)) return b;
  if (boxIsEmpty(b)) return a;
  const [latA, latB] = [Math.min(a.latA, b.latA), Math.max(a.latB, b.latB)];
  if (lonIsFull(a) || lonIsFull(b)) return makeBox(0, TWO_PI, latA, latB);
  if (lonWithin(a, b)) return { kind: 'box', lonA: b.lonA, lonB: b.lonB, latA, latB };
  // Bounds over longitude 0 become a full turn when they take in bounds that are not: wide but safe, and what other
  // programs keep in registries for the same regions.
  if (lonWithin(b, a) && a.lonA > a.lonB && b.lonA <= b.lonB) return makeBox(0, TWO_PI, latA, latB);
  if (lonWithin(b, a)) return { kind: 'box', lonA: a.lonA, lonB: a.lonB, latA, latB };
  // Of the two ways round, the shorter one.
  const forth = { kind: 'box' as const, lonA: a.lonA, lonB: b.lonB, latA, latB };
  const back = { kind: 'box' as const, lonA: b.lonA, lonB: a.lonB, latA, latB };
  const reaches = (c: Box) => lonWithin(a, c) && lonWithin(b, c);
  const candidates = [forth, back].filter(reaches).sort((p, q) => lonWidth(p) - lonWidth(q));
  return candidates[0] ?? makeBox(0, TWO_PI, latA, latB);
}

/** Whether the longitudes of `inner` all lie in those of `outer`. */
function lonWithin(inner: Box, outer: Box): boolean {
  if (lonIsFull(outer)) return true;
  if (lonIsFull(inner)) return false;
  return lonContains(outer, inner.lonA) && lonContains(outer, inner.lonB) && lonWidth(inner) <= lonWidth(outer);
}

function lonOverlaps(a: Box, b: Box): boolean {
  return lonContains(a, b.lonA) || lonContains(a, b.lonB) || lonContains(b, a.lonA) || lonContains(b, a.lonB);
}

export function relateBoxes(a: Box, b: Box): number {
  if (boxIsEmpty(a))
    return boxIsEmpty(b)
      ? Relation.DISJOINT | Relation.CONTAINS | Relation.WITHIN
      : Relation.DISJOINT | Relation.WITHIN;
  if (boxIsEmpty(b)) return Relation.DISJOINT | Relation.CONTAINS;
  if (a.latB < b.latA || b.latB < a.latA || !lonOverlaps(a, b)) return Relation.DISJOINT;
  let relation = 0;
  if (lonWithin(b, a) && b.latA >= a.latA && b.latB <= a.latB) relation |= Relation.CONTAINS;
  if (lonWithin(a, b) && a.latA >= b.latA && a.latB <= b.latB) relation |= Relation.WITHIN;
  return relation;
}

/** Intersection as a box; where two longitude ranges meet at both ends the smaller of them stands for both. */
export function clipBox(a: Box, b: Box): Box {
  if (boxIsEmpty(a) || boxIsEmpty(b) || relateBoxes(a, b) & Relation.DISJOINT) return EMPTY_BOX;
  const latA = Math.max(a.latA, b.latA);
  const latB = Math.min(a.latB, b.latB);
  if (lonWithin(a, b)) return { ...a, latA, latB };
  if (lonWithin(b, a)) return { ...b, latA, latB };
  const startsInA = lonContains(a, b.lonA);
  const startsInB = lonContains(b, a.lonA);
  if (startsInA && startsInB) return { ...(lonWidth(a) <= lonWidth(b) ? a : b), latA, latB };
  return startsInA
    ? { kind: 'box', lonA: b.lonA, lonB: a.lonB, latA, latB }
    : { kind: 'box', lonA: a.lonA, lonB: b.lonB, latA, latB };
}

/** The corners in order of longitude and latitude. */
export function boxCorners(b: Box): UnitVector[] {
  return [
    unitVectorRad(b.lonA, b.latA),
    unitVectorRad(b.lonB, b.latA),
    unitVectorRad(b.lonB, b.latB),
    unitVectorRad(b.lonA, b.latB),
  ];
}

/** Exact relation of a circle to a box. */
export function relateCircleBox(c: Circle, b: Box): number {
  if (circleIsEmpty(c))
    return boxIsEmpty(b)
      ? Relation.DISJOINT | Relation.CONTAINS | Relation.WITHIN
      : Relation.DISJOINT | Relation.WITHIN;
  if (boxIsEmpty(b)) return Relation.DISJOINT | Relation.CONTAINS;
  if (circleIsFull(c)) return boxIsFull(b) ? Relation.CONTAINS | Relation.WITHIN : Relation.CONTAINS;
  if (boxIsFull(b)) return Relation.WITHIN;
  const inside = boxCorners(b).map((v) => circleContains(c, v));
  const all = inside.every(Boolean);
  if (!all && inside.some(Boolean)) return 0;
  if (edgesCross(c, b)) return 0;
  // The borders do not meet: one is inside the other, or they are apart, or together they cover the sphere.
  if (all) return boxContains(b, c.center) && !circleHoldsBox(c, b) ? 0 : circleHoldsBox(c, b) ? Relation.CONTAINS : 0;
  return boxContains(b, c.center) ? Relation.WITHIN : Relation.DISJOINT;
}

/** With borders apart and all corners in the circle: the box is in it unless the circle's complement lies inside the box. */
function circleHoldsBox(c: Circle, b: Box): boolean {
  return !boxContains(b, [-c.center[0], -c.center[1], -c.center[2]]) || c.openingAngleRad >= Math.PI;
}

/** Whether the circle's edge meets a side of the box. */
function edgesCross(c: Circle, b: Box): boolean {
  const lon = normalizeRad(lonRad(c.center));
  const lat = latRad(c.center);
  const r = c.openingAngleRad;
  // Parallels: the circle meets latitude t at longitudes lon +- d.
  for (const t of [b.latA, b.latB]) {
    if (t < lat - r || t > lat + r) continue;
    if (Math.abs(t) >= HALF_PI) continue;
    const cosD = (Math.cos(r) - Math.sin(lat) * Math.sin(t)) / (Math.cos(lat) * Math.cos(t));
    if (!(Math.abs(cosD) <= 1)) continue;
    const d = Math.acos(cosD);
    if (lonContains(b, normalizeRad(lon + d)) || lonContains(b, normalizeRad(lon - d))) return true;
  }
  if (lonIsFull(b)) return false;
  // Meridians: along longitude m the distance from the centre is extreme at one latitude; compare ends and extremes.
  for (const m of [b.lonA, b.lonB]) {
    const p = Math.cos(lat) * Math.cos(lon - m);
    const q = Math.sin(lat);
    const closest = Math.atan2(q, p);
    const at = (t: number) => p * Math.cos(t) + q * Math.sin(t) - Math.cos(r);
    const values = [at(b.latA), at(b.latB)];
    if (closest >= b.latA && closest <= b.latB) values.push(at(closest));
    const farthest = closest > 0 ? closest - Math.PI : closest + Math.PI;
    if (farthest >= b.latA && farthest <= b.latB) values.push(at(farthest));
    if (Math.max(...values) >= 0 && Math.min(...values) <= 0) return true;
  }
  return false;
}
