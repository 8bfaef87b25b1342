// SPDX-License-Identifier: BSD-3-Clause
import { angleBetween, cross, dot, latRad, lonRad, normalize, type UnitVector, unitVector } from '../angles.ts';
import { skyErrors } from '../errors.ts';
import { EMPTY_BOX, expandBox, makeBox } from './box.ts';
import { circleContains, circleIsEmpty, circleIsFull, makeCircle, squaredDistance } from './circle.ts';
import { orientation } from './orientation.ts';
import { ARC_ERROR, ASIN_ERROR, type Box, type Circle, type ConvexPolygon, Relation } from './region.ts';

/** A polygon from corners that are already convex and counter-clockwise. */
export function polygonOfVertices(vertices: readonly UnitVector[]): ConvexPolygon {
  if (vertices.length < 3)
    throw skyErrors.BAD_REGION({ what: `polygon of ${vertices.length} corners`, rule: 'it needs three or more' });
  return { kind: 'polygon', vertices };
}

/**
 * The smallest convex polygon that holds all points.
 * @throws SKY_BAD_REGION when they lie on one great circle or do not fit in an open hemisphere.
 */
export function convexHullPolygon(points: readonly UnitVector[]): ConvexPolygon {
  const sum = points.reduce<UnitVector>((s, p) => [s[0] + p[0], s[1] + p[1], s[2] + p[2]], [0, 0, 0]);
  const what = `hull of ${points.length} points`;
  const center = normalize(sum);
  if (!points.every((p) => dot(p, center) > 0))
    throw skyErrors.BAD_REGION({ what, rule: 'the points must fit in a hemisphere about their mean' });
  // Start from the point farthest from the centre, which is a corner, and wrap around.
  const start = points.reduce((far, p) => (dot(p, center) < dot(far, center) ? p : far));
  const hull: UnitVector[] = [start];
  for (let current = start; hull.length <= points.length; ) {
    let next: UnitVector | undefined;
    for (const p of points) {
      if (squaredDistance(p, current) === 0) continue;
      if (next === undefined) next = p;
      else {
        const side = orientation(current, next, p);
        if (side < 0 || (side === 0 && squaredDistance(p, current) > squaredDistance(next, current))) next = p;
      }
    }
    if (next === undefined || squaredDistance(next, start) === 0) break;
    hull.push(next);
    current = next;
  }
  const corners = hull.length > points.length ? [] : withoutStraight(hull);
  if (corners.length < 3) throw skyErrors.BAD_REGION({ what, rule: 'the points must not lie on one great circle' });
  // The corner given first comes first.
  const first = Math.min(...corners.map((v) => points.indexOf(v)));
  const at = corners.indexOf(points[first]);
  return polygonOfVertices([...corners.slice(at), ...corners.slice(0, at)]);
}

/**
 * The corners at which the border turns by more than rounding: of points along one side only the ends are left. Wrapping itself goes by the
 * exact orientation, since with a tolerance it could pass its start and never end.
 */
function withoutStraight(hull: readonly UnitVector[]): UnitVector[] {
  const corners: UnitVector[] = [];
  // The first is the farthest from the centre, a corner for certain.
  for (const [i, v] of hull.entries()) {
    const next = hull[(i + 1) % hull.length];
    if (i === 0 || !isStraight(corners[corners.length - 1], v, next)) corners.push(v);
  }
  return corners;
}

/** Whether the corner at b is off the great circle through its neighbours by no more than rounding. */
function isStraight(a: UnitVector, b: UnitVector, c: UnitVector): boolean {
  const reach = Math.sqrt(Math.max(squaredDistance(a, b), squaredDistance(a, c)));
  return Math.abs(dot(cross(a, b), c)) <= 4e-16 * reach;
}

/** Convex hull of positions in degrees: [lon, lat] each. */
export function polygonFromLonLat(points: readonly (readonly [lonDeg: number, latDeg: number])[]): ConvexPolygon {
  return convexHullPolygon(points.map(([lon, lat]) => unitVector(lon, lat)));
}

export function polygonContains(vertices: readonly UnitVector[], v: UnitVector): boolean {
  let a = vertices[vertices.length - 1];
  for (const b of vertices) {
    if (orientation(a, b, v) < 0) return false;
    a = b;
  }
  return true;
}

export function polygonCentroid(vertices: readonly UnitVector[]): UnitVector {
  return normalize(vertices.reduce<UnitVector>((s, p) => [s[0] + p[0], s[1] + p[1], s[2] + p[2]], [0, 0, 0]));
}

/** A circle about the mean of the corners that holds the polygon. */
export function polygonBoundingCircle(vertices: readonly UnitVector[]): Circle {
  const center = polygonCentroid(vertices);
  const radius = vertices.reduce((most, v) => Math.max(most, angleBetween(center, v)), 0);
  return makeCircle(center, radius + 2 * ASIN_ERROR);
}

/** Bounds in longitude and latitude: corners, the northern- and southernmost points of the sides, and the poles. */
export function polygonBoundingBox(vertices: readonly UnitVector[]): Box {
  const n = vertices.length;
  let box = EMPTY_BOX;
  for (let i = 0; i < n; i++) {
    const a = vertices[i];
    const b = vertices[(i + 1) % n];
    const [lonA, lonB] = [lonRad(a), lonRad(b)];
    let width = lonB - lonA;
    if (width > Math.PI) width -= 2 * Math.PI;
    if (width < -Math.PI) width += 2 * Math.PI;
    const lats = [latRad(a), latRad(b), ...extremeLatitudes(a, b)];
    const [west, east] = width >= 0 ? [lonA, lonB] : [lonB, lonA];
    const [south, north] = [Math.min(...lats), Math.max(...lats)];
    box = expandBox(box, makeBox(west - ARC_ERROR, east + ARC_ERROR, south - ARC_ERROR, north + ARC_ERROR));
  }
  if (polygonContains(vertices, [0, 0, 1])) box = makeBox(0, 2 * Math.PI, box.latA, Math.PI / 2);
  if (polygonContains(vertices, [0, 0, -1])) box = makeBox(0, 2 * Math.PI, -Math.PI / 2, box.latB);
  return box;
}

/** Latitude of the highest and lowest point of the great circle through a and b, where it lies between them. */
function extremeLatitudes(a: UnitVector, b: UnitVector): number[] {
  const n = normalize(cross(a, b));
  const top: UnitVector = [-n[0] * n[2], -n[1] * n[2], n[0] * n[0] + n[1] * n[1]];
  if (!(Math.hypot(...top) > 0)) return [];
  const between = (v: UnitVector) => dot(cross(n, a), v) > 0 && dot(cross(b, n), v) > 0;
  const opposite: UnitVector = [-top[0], -top[1], -top[2]];
  return [top, opposite].filter(between).map(latRad);
}

/** Exact relation of two convex polygons. */
export function relatePolygons(a: readonly UnitVector[], b: readonly UnitVector[]): number {
  let relation = 0;
  const aInB = a.map((v) => polygonContains(b, v));
  const bInA = b.map((v) => polygonContains(a, v));
  if (aInB.every(Boolean)) relation |= Relation.WITHIN;
  if (bInA.every(Boolean)) relation |= Relation.CONTAINS;
  if (relation !== 0 || aInB.some(Boolean) || bInA.some(Boolean) || sidesCross(a, b)) return relation;
  return Relation.DISJOINT;
}

function sidesCross(a: readonly UnitVector[], b: readonly UnitVector[]): boolean {
  let a0 = a[a.length - 1];
  for (const a1 of a) {
    let b0 = b[b.length - 1];
    for (const b1 of b) {
      const s = orientation(a0, a1, b0);
      const t = orientation(a1, a0, b1);
      if (s === t && s !== 0) {
        const u = orientation(b0, b1, a1);
        if (u === s && orientation(b1, b0, a0) === s) return true;
      }
      b0 = b1;
    }
    a0 = a1;
  }
  return false;
}

/** Exact relation of a polygon to a circle. */
export function relatePolygonCircle(vertices: readonly UnitVector[], c: Circle): number {
  if (circleIsEmpty(c)) return Relation.DISJOINT | Relation.CONTAINS;
  if (circleIsFull(c)) return Relation.WITHIN;
  const inside = vertices.map((v) => circleContains(c, v));
  if (inside.every(Boolean)) {
    // Sides bulge out of a circle wider than a hemisphere only if its complement's centre is in the polygon.
    if (c.squaredChord <= 2) return Relation.WITHIN;
    const hole = makeCircle([-c.center[0], -c.center[1], -c.center[2]], Math.PI - c.openingAngleRad);
    return relatePolygonCircle(vertices, hole) & Relation.DISJOINT ? Relation.WITHIN : 0;
  }
  if (inside.some(Boolean)) return 0;
  const holdsCenter = polygonContains(vertices, c.center);
  const closest = minimumSquaredDistance(c.center, vertices);
  if (closest <= c.squaredChord) return 0;
  return holdsCenter ? Relation.CONTAINS : Relation.DISJOINT;
}

/** Squared chord from a point to the nearest point of the border. */
function minimumSquaredDistance(v: UnitVector, vertices: readonly UnitVector[]): number {
  let least = Infinity;
  let a = vertices[vertices.length - 1];
  for (const b of vertices) {
    const n = normalize(cross(a, b));
    least = Math.min(least, squaredDistance(v, a));
    if (dot(cross(n, a), v) > 0 && dot(cross(b, n), v) > 0) {
      const height = dot(n, v);
      const inPlane: UnitVector = [v[0] - height * n[0], v[1] - height * n[1], v[2] - height * n[2]];
      least = Math.min(least, squaredDistance(v, normalize(inPlane)));
    }
    a = b;
  }
  return least;
}
