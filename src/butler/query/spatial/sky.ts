// SPDX-License-Identifier: BSD-3-Clause
import {
  boxDeg,
  circleDeg,
  decodeRegion,
  type PixelSystem,
  parseIvoaPos,
  pixelization,
  polygonFromLonLat,
  type Region,
  regionsOverlap,
} from '../../../sky/index.ts';
import type { SqlValue } from '../../registry/database.ts';

/** What queries use of sky/: regions from numbers in degrees, from text and from registry columns, and their pixels. */
export { type Region, regionsOverlap };

const KINDS = new Set(['circle', 'box', 'polygon', 'ellipse', 'union', 'intersection']);

export function isRegion(value: unknown): value is Region {
  return typeof value === 'object' && value !== null && 'kind' in value && KINDS.has(String(value.kind));
}

export function pointRegion(raDeg: number, decDeg: number): Region {
  return circleDeg(raDeg, checkLatitude(decDeg), 0);
}

export function circleRegion(raDeg: number, decDeg: number, radiusDeg: number): Region {
  if (!(radiusDeg >= 0)) throw new RangeError(`the radius ${radiusDeg} is negative`);
  return circleDeg(raDeg, checkLatitude(decDeg), radiusDeg);
}

/** `raDeg`, `decDeg` are of the centre. */
export function boxRegion(raDeg: number, decDeg: number, widthDeg: number, heightDeg: number): Region {
  if (!(widthDeg >= 0 && heightDeg >= 0)) throw new RangeError(`the size ${widthDeg} x ${heightDeg} is negative`);
  checkLatitude(decDeg);
  const wide = Math.min(widthDeg, 360) / 2;
  return boxDeg(
    raDeg - wide,
    raDeg + wide,
    Math.max(-90, decDeg - heightDeg / 2),
    Math.min(90, decDeg + heightDeg / 2),
  );
}

/** The convex hull of the vertices. */
export function polygonRegion(vertices: readonly (readonly [number, number])[]): Region {
  for (const [, decDeg] of vertices) checkLatitude(decDeg);
  return polygonFromLonLat(vertices);
}

/** A region in the words of IVOA POS: CIRCLE, RANGE, POLYGON. */
export function parsePosRegion(text: string): Region {
  return parseIvoaPos(text);
}

/** The region in a registry column: base64 text, or bytes where the database has them. */
export function regionFromColumn(value: SqlValue): Region | undefined {
  if (value === null) return undefined;
  return decodeRegion(typeof value === 'string' ? Buffer.from(value, 'base64') : (value as Uint8Array));
}

/** Ranges `[begin, end)` of the pixels that a region may overlap. */
export function envelope(system: string, level: number, region: Region): (readonly [number, number])[] {
  return pixelization(system as PixelSystem, level).envelope(region) as (readonly [number, number])[];
}

export function skypixRegion(system: string, level: number, index: number): Region {
  return pixelization(system as PixelSystem, level).pixel(index);
}

function checkLatitude(decDeg: number): number {
  if (!(decDeg >= -90 && decDeg <= 90)) throw new RangeError(`the declination ${decDeg} is not between -90 and 90`);
  return decDeg;
}
