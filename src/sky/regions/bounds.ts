// SPDX-License-Identifier: BSD-3-Clause
import { angleBetween, latRad, lonRad, normalize, type UnitVector, unitVectorRad } from '../angles.ts';
import {
  boxIsEmpty,
  boxIsFull,
  clipBox,
  EMPTY_BOX,
  expandBox,
  FULL_BOX,
  lonHalfWidth,
  lonWidth,
  makeBox,
} from './box.ts';
import { circleIsEmpty, circleIsFull, EMPTY_CIRCLE, FULL_CIRCLE, makeCircle } from './circle.ts';
import { ellipseBoundingCircle } from './ellipse.ts';
import { polygonBoundingBox, polygonBoundingCircle } from './polygon.ts';
import { ASIN_ERROR, type Box, type Circle, type Region } from './region.ts';

/** A box that holds the region, slightly padded for rounding. */
export function boundingBox(region: Region): Box {
  switch (region.kind) {
    case 'box':
      return region;
    case 'circle':
      return circleBox(region);
    case 'polygon':
      return polygonBoundingBox(region.vertices);
    case 'ellipse':
      return circleBox(ellipseBoundingCircle(region));
    case 'union':
      return region.operands.map(boundingBox).reduce(expandBox, EMPTY_BOX);
    case 'intersection':
      return region.operands.map(boundingBox).reduce(clipBox, FULL_BOX);
  }
}

function circleBox(c: Circle): Box {
  if (circleIsEmpty(c)) return EMPTY_BOX;
  if (circleIsFull(c)) return FULL_BOX;
  const lon = lonRad(c.center);
  const lat = latRad(c.center);
  const r = c.openingAngleRad + 2 * ASIN_ERROR;
  const half = lonHalfWidth(r, lat) + ASIN_ERROR;
  return makeBox(half >= Math.PI ? 0 : lon - half, half >= Math.PI ? 2 * Math.PI : lon + half, lat - r, lat + r);
}

/** A circle that holds the region. */
export function boundingCircle(region: Region): Circle {
  switch (region.kind) {
    case 'circle':
      return region;
    case 'polygon':
      return polygonBoundingCircle(region.vertices);
    case 'ellipse':
      return ellipseBoundingCircle(region);
    case 'box':
      return boxCircle(region);
    case 'union':
      return region.operands.map(boundingCircle).reduce(joinCircles, EMPTY_CIRCLE);
    case 'intersection':
      return region.operands
        .map(boundingCircle)
        .reduce((least, c) => (c.openingAngleRad < least.openingAngleRad ? c : least), FULL_CIRCLE);
  }
}

function boxCircle(b: Box): Circle {
  if (boxIsEmpty(b)) return EMPTY_CIRCLE;
  if (boxIsFull(b)) return FULL_CIRCLE;
  const width = lonWidth(b);
  if (width >= Math.PI) {
    // The cap about the nearer pole.
    return b.latA + b.latB >= 0
      ? makeCircle([0, 0, 1], Math.PI / 2 - b.latA + 4 * ASIN_ERROR)
      : makeCircle([0, 0, -1], Math.PI / 2 + b.latB + 4 * ASIN_ERROR);
  }
  const middle = b.lonA + width / 2;
  const center = unitVectorRad(middle, (b.latA + b.latB) / 2);
  const farthest = (lat: number) => angleBetween(center, unitVectorRad(b.lonA, lat));
  // Along a side the farthest point is an end, or the parallel nearest the equator where that lies between.
  const lats = [b.latA, b.latB, ...(b.latA < 0 && b.latB > 0 ? [0] : [])];
  return makeCircle(center, Math.max(...lats.map(farthest)) + 4 * ASIN_ERROR);
}

function joinCircles(a: Circle, b: Circle): Circle {
  if (circleIsEmpty(a)) return b;
  if (circleIsEmpty(b)) return a;
  const distance = angleBetween(a.center, b.center);
  if (distance + b.openingAngleRad <= a.openingAngleRad) return a;
  if (distance + a.openingAngleRad <= b.openingAngleRad) return b;
  const radius = (distance + a.openingAngleRad + b.openingAngleRad) / 2;
  if (radius >= Math.PI) return FULL_CIRCLE;
  const t = (radius - a.openingAngleRad) / distance;
  const [p, q] = [Math.sin((1 - t) * distance), Math.sin(t * distance)];
  const center: UnitVector = [
    p * a.center[0] + q * b.center[0],
    p * a.center[1] + q * b.center[1],
    p * a.center[2] + q * b.center[2],
  ];
  return makeCircle(normalize(center), radius + ASIN_ERROR);
}
