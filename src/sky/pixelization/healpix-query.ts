// SPDX-License-Identifier: BSD-3-Clause
import { angleBetween, cross, dot, latRad, lonRad, normalize, type UnitVector } from '../angles.ts';
import { boundingCircle } from '../regions/bounds.ts';
import { boxContainsLonLat, lonHalfWidth, lonWidth } from '../regions/box.ts';
import type { Box, ConvexPolygon, Region } from '../regions/region.ts';
import { cellCenter, type HealpixCell, largestCellRadius } from './healpix-grid.ts';

/** Where a disc of radius `slack` about a direction lies: 0 outside, 1 outside but near, 2 centre inside, 3 wholly inside. */
type Zone = (center: UnitVector, slack: number) => number;

function zoneOf(region: Region): Zone {
  switch (region.kind) {
    case 'polygon':
      return polygonZone(region);
    case 'box':
      return boxZone(region);
    default: {
      const circle = boundingCircle(region);
      return discZone(circle.center, circle.openingAngleRad);
    }
  }
}

function discZone(center: UnitVector, radius: number): Zone {
  return (v, slack) => {
    const d = angleBetween(center, v);
    if (d > radius + slack) return 0;
    if (d > radius) return 1;
    return d > radius - slack ? 2 : 3;
  };
}

/** The hemispheres left of the sides, and the smallest circle of the corners, which trims what lies beyond sharp corners. */
function polygonZone(polygon: ConvexPolygon): Zone {
  const { vertices } = polygon;
  const sides = vertices.map((v, i) => discZone(normalize(cross(v, vertices[(i + 1) % vertices.length])), Math.PI / 2));
  const enclosing = smallestCircle(vertices);
  const zones = [...sides, discZone(enclosing.center, enclosing.radius)];
  return (v, slack) => zones.reduce((least, zone) => (least === 0 ? 0 : Math.min(least, zone(v, slack))), 3);
}

/** Smallest circle that holds all points, by pairs and triples: for the few corners of a polygon. */
function smallestCircle(points: readonly UnitVector[]): { center: UnitVector; radius: number } {
  let best: { center: UnitVector; radius: number } | undefined;
  const consider = (sum: UnitVector) => {
    const size = Math.hypot(...sum);
    if (!(size > 0)) return;
    let center: UnitVector = [sum[0] / size, sum[1] / size, sum[2] / size];
    if (dot(center, points[0]) < 0) center = [-center[0], -center[1], -center[2]];
    const radius = points.reduce((most, p) => Math.max(most, angleBetween(center, p)), 0);
    if (best === undefined || radius < best.radius) best = { center, radius };
  };
  for (let i = 0; i < points.length; i++)
    for (let j = i + 1; j < points.length; j++) {
      const [a, b] = [points[i], points[j]];
      consider([a[0] + b[0], a[1] + b[1], a[2] + b[2]]);
      for (let k = j + 1; k < points.length; k++) {
        const c = points[k];
        consider(cross([b[0] - a[0], b[1] - a[1], b[2] - a[2]], [c[0] - a[0], c[1] - a[1], c[2] - a[2]]));
      }
    }
  return best!;
}

function boxZone(box: Box): Zone {
  const middle = box.lonA + lonWidth(box) / 2;
  const halfWidth = lonWidth(box) / 2;
  return (v, slack) => {
    const lat = latRad(v);
    const lon = lonRad(v) < 0 ? lonRad(v) + 2 * Math.PI : lonRad(v);
    const reach = lonHalfWidth(slack, lat);
    const offset = Math.abs(Math.atan2(Math.sin(lon - middle), Math.cos(lon - middle)));
    if (lat < box.latA - slack || lat > box.latB + slack || offset > halfWidth + reach) return 0;
    if (!boxContainsLonLat(box, lon, lat)) return 1;
    return lat < box.latA + slack || lat > box.latB - slack || offset > halfWidth - reach ? 2 : 3;
  };
}

/** Finer orders at which the overlap of border cells is tested: by centre distance, so a little generous. */
const TEST_ORDERS = 2;

/**
 * Visits the cells of `order` that overlap the region or come close: a border cell counts when one of its sixteen
 * parts has its centre within a cell radius of the region. Whole blocks come as one coarser cell.
 */
export function visitOverlapping(
  region: Region,
  order: number,
  found: (cell: HealpixCell, order: number) => void,
): void {
  const zone = zoneOf(region);
  const finest = order + TEST_ORDERS;
  const radii = Array.from({ length: finest + 1 }, (_, o) => largestCellRadius(o));
  const touches = (o: number, cell: HealpixCell): boolean => {
    const z = zone(cellCenter(o, cell), radii[o]);
    if (z === 0) return false;
    if (z >= 2 || o === finest) return true;
    return quarters(cell).some((q) => touches(o + 1, q));
  };
  const visit = (o: number, cell: HealpixCell): void => {
    if (o === order) {
      if (touches(o, cell)) found(cell, o);
      return;
    }
    const z = zone(cellCenter(o, cell), radii[o]);
    if (z === 0) return;
    if (z === 3) found(cell, o);
    else for (const q of quarters(cell)) visit(o + 1, q);
  };
  for (let face = 0; face < 12; face++) visit(0, { face, x: 0, y: 0 });
}

function quarters({ face, x, y }: HealpixCell): HealpixCell[] {
  return [
    { face, x: 2 * x, y: 2 * y },
    { face, x: 2 * x + 1, y: 2 * y },
    { face, x: 2 * x, y: 2 * y + 1 },
    { face, x: 2 * x + 1, y: 2 * y + 1 },
  ];
}
