// SPDX-License-Identifier: BSD-3-Clause
export { boundingBox, boundingCircle } from './bounds.ts';
export { boxDeg, makeBox } from './box.ts';
export { circleDeg, makeCircle } from './circle.ts';
export { decodeRegion, encodeRegion } from './codec.ts';
export { makeEllipse } from './ellipse.ts';
export { parseIvoaPos, toIvoaPos } from './ivoa-pos.ts';
export { convexHullPolygon, polygonFromLonLat, polygonOfVertices } from './polygon.ts';
export {
  type Box,
  type Circle,
  type ConvexPolygon,
  type Ellipse,
  type IntersectionRegion,
  invertRelation,
  type Region,
  Relation,
  type UnionRegion,
} from './region.ts';
export { regionContains, regionsOverlap, regionsSurelyOverlap, relate } from './relate.ts';
