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
}

/** Bounding circles are rounded outwards, and this much more is allowed for the comparison itself. */
const SLACK_RAD = 1e-9;

export function boundRegion(region: Region | undefined): BoundedRegion | undefined {
  if (region === undefined) return undefined;
  const { center, openingAngleRad } = boundingCircle(region);
  return { region, x: center[0], y: center[1], z: center[2], radiusRad: openingAngleRad };
}

/** As `regionsOverlap`. */
export function boundedOverlap(a: BoundedRegion, b: BoundedRegion): boolean {
  const reach = a.radiusRad + b.radiusRad + SLACK_RAD;
  if (reach < Math.PI) {
    const [dx, dy, dz] = [a.x - b.x, a.y - b.y, a.z - b.z];
    const chord = 2 * Math.sin(reach / 2);
    if (dx * dx + dy * dy + dz * dz > chord * chord) return false;
  }
  return regionsOverlap(a.region, b.region);
}
