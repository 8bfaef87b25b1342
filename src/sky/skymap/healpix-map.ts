// SPDX-License-Identifier: BSD-3-Clause
import { angleBetween, lonLatDeg, unitVector } from '../angles.ts';
import { Healpix } from '../pixelization/healpix.ts';
import {
  cellCenter,
  cellOf,
  nestedCell,
  nestedIndex,
  nestedToRing,
  ringToNested,
} from '../pixelization/healpix-grid.ts';
import { boundingCircle } from '../regions/bounds.ts';
import { BaseSkyMap } from './base-map.ts';
import type { HealpixPlain } from './config.ts';
import type { Tract } from './skymap.ts';
import { circlePoints, makeTract } from './tract.ts';

/** Bearings at which the overlap is laid around each corner. */
const BEARINGS = 24;

/** One tract for each HEALPix pixel, in ring numbers unless `nest` is set. */
export class HealpixSkyMap extends BaseSkyMap<HealpixPlain> {
  readonly tractCount: number;
  private readonly grid: Healpix;

  constructor(config: HealpixPlain) {
    super(config);
    this.grid = new Healpix(config.log2NSide);
    this.tractCount = 12 * 4 ** config.log2NSide;
  }

  private nested(id: number): number {
    return this.config.nest ? id : ringToNested(this.config.log2NSide, id);
  }

  protected override makeTract(id: number): Tract {
    const order = this.config.log2NSide;
    const pixel = this.nested(id);
    const { lonDeg, latDeg } = lonLatDeg(cellCenter(order, nestedCell(order, pixel)));
    const corners = this.grid.boundary(pixel, 1);
    const half = this.config.tractOverlap / 2;
    const around = corners.flatMap((corner) => {
      const { lonDeg: ra, latDeg: dec } = lonLatDeg(corner);
      return half === 0 ? [corner] : circlePoints(ra, dec, half, BEARINGS);
    });
    return makeTract(
      { id, raDeg: lonDeg, decDeg: latDeg, innerRegion: this.grid.pixel(pixel), cover: around },
      this.config,
    );
  }

  protected override ownerOf(raDeg: number, decDeg: number): number {
    const order = this.config.log2NSide;
    const pixel = nestedIndex(order, cellOf(order, unitVector(raDeg, decDeg)));
    return this.config.nest ? pixel : nestedToRing(order, pixel);
  }

  protected override extentOf(id: number): { raDeg: number; decDeg: number; radiusRad: number } {
    const { raDeg, decDeg, outerRegion } = this.tract(id);
    const circle = boundingCircle(outerRegion);
    return {
      raDeg,
      decDeg,
      radiusRad: circle.openingAngleRad + angleBetween(circle.center, unitVector(raDeg, decDeg)),
    };
  }
}
