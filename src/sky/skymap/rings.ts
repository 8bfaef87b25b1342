// SPDX-License-Identifier: BSD-3-Clause
import { DEG, normalizeLonDeg } from '../angles.ts';
import { boxDeg } from '../regions/box.ts';
import { BaseSkyMap } from './base-map.ts';
import type { RingsPlain } from './config.ts';
import type { Tract } from './skymap.ts';
import { circlePoints, makeTract } from './tract.ts';

/**
 * The whole sky in rings of constant declination between two polar tracts. Tract 0 is the south pole, then come the
 * rings from south to north, each from `raStart` eastwards, and the north pole is last. Ring height is
 * 180 / (numRings + 1) degrees; a ring has as many tracts as keep them no wider than high at its wider edge.
 */
export class RingsSkyMap extends BaseSkyMap<RingsPlain> {
  readonly tractCount: number;
  private readonly heightDeg: number;
  /** Tracts of each ring, and number of its first tract. */
  private readonly counts: readonly number[];
  private readonly firsts: readonly number[];

  constructor(config: RingsPlain) {
    super(config);
    this.heightDeg = 180 / (config.numRings + 1);
    const counts: number[] = [];
    const firsts: number[] = [];
    let next = 1;
    for (let ring = 0; ring < config.numRings; ring++) {
      const [south, north] = this.declinations(ring);
      const widest = Math.min(Math.abs(south), Math.abs(north));
      const count = Math.floor((360 * Math.cos(widest * DEG)) / this.heightDeg) + 1;
      counts.push(count);
      firsts.push(next);
      next += count;
    }
    this.counts = counts;
    this.firsts = firsts;
    this.tractCount = next + 1;
  }

  /** Southern and northern edge of a ring. */
  private declinations(ring: number): [number, number] {
    const south = this.heightDeg * (ring + 0.5) - 90;
    return [south, south + this.heightDeg];
  }

  /** -1 for the south pole, numRings for the north pole. */
  private ringOf(id: number): number {
    if (id === 0) return -1;
    if (id === this.tractCount - 1) return this.config.numRings;
    return this.firsts.findLastIndex((first) => first <= id);
  }

  private centerOf(id: number): { raDeg: number; decDeg: number } {
    const ring = this.ringOf(id);
    if (ring === -1) return { raDeg: 0, decDeg: -90 };
    if (ring === this.config.numRings) return { raDeg: 0, decDeg: 90 };
    const ra = (360 * (id - this.firsts[ring])) / this.counts[ring] + this.config.raStart;
    return { raDeg: normalizeLonDeg(ra), decDeg: this.heightDeg * (ring + 1) - 90 };
  }

  protected override makeTract(id: number): Tract {
    const ring = this.ringOf(id);
    const { raDeg, decDeg } = this.centerOf(id);
    const { numRings, tractOverlap } = this.config;
    const half = ring >= 0 && ring < numRings ? 180 / this.counts[ring] : 180;
    const [south, north] = this.declinations(ring);
    const innerRegion =
      half === 180
        ? boxDeg(0, 360, Math.max(south, -90), Math.min(north, 90))
        : boxDeg(raDeg - half, raDeg + half, south, north);
    return makeTract(
      { id, raDeg, decDeg, innerRegion, cover: circlePoints(raDeg, decDeg, 0.5 * this.heightDeg + tractOverlap, 4) },
      this.config,
    );
  }

  protected override ownerOf(raDeg: number, decDeg: number): number {
    const ring = Math.floor((decDeg + 90) / this.heightDeg - 0.5);
    if (ring < 0) return 0;
    if (ring >= this.config.numRings) return this.tractCount - 1;
    const count = this.counts[ring];
    const turn = normalizeLonDeg(raDeg - this.config.raStart + 180 / count) / 360;
    return this.firsts[ring] + Math.min(count - 1, Math.floor(turn * count));
  }

  protected override extentOf(id: number): { raDeg: number; decDeg: number; radiusRad: number } {
    const { patchInnerDimensions, patchBorder, pixelScale, tractOverlap } = this.config;
    // Half the diagonal of the pixel box on the tangent plane, with the whole patches it is rounded up to.
    const plane = Math.tan((0.5 * this.heightDeg + tractOverlap) * DEG);
    const rounding = ((Math.max(...patchInnerDimensions) + 2 * patchBorder + 2) * pixelScale * DEG) / 3600;
    return { ...this.centerOf(id), radiusRad: Math.atan(Math.SQRT2 * (plane + rounding)) };
  }
}
