// SPDX-License-Identifier: BSD-3-Clause
import { boundingCircle } from '../../../sky/index.ts';
import { type Region, regionsOverlap } from './sky.ts';

/** A region with the circle round it: most pairs that share a pixel are told apart by their circles alone. */
export interface BoundedRegion {
  readonly region: Region;
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly radiusRad: number;
  /** Of half the radius, with slack. */
  readonly sinHalf: number;
  readonly cosHalf: number;
}

/** Bounding circles are rounded outwards, and this much more is allowed for the comparison itself. */
const SLACK_RAD = 1e-9;

export function boundRegion(region: Region | undefined): BoundedRegion | undefined {
  if (region === undefined) return undefined;
  const { center, openingAngleRad } = boundingCircle(region);
  const half = (openingAngleRad + SLACK_RAD / 2) / 2;
  return {
    region,
    x: center[0],
    y: center[1],
    z: center[2],
    radiusRad: openingAngleRad,
    sinHalf: Math.sin(half),
    cosHalf: Math.cos(half),
  };
}

/** As `regionsOverlap`. */
export function boundedOverlap(a: BoundedRegion, b: BoundedRegion): boolean {
  if (a.radiusRad + b.radiusRad + SLACK_RAD < Math.PI) {
    const dx = a.x - b.x;
    const dy = a.y - b.y;
    const dz = a.z - b.z;
    // The sine of half the sum.
    const chord = 2 * (a.sinHalf * b.cosHalf + a.cosHalf * b.sinHalf);
    if (dx * dx + dy * dy + dz * dz > chord * chord) return false;
  }
  return regionsOverlap(a.region, b.region);
}
