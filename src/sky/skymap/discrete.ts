// SPDX-License-Identifier: BSD-3-Clause
import { angleBetween, lonLatDeg, unitVector } from '../angles.ts';
import { skyErrors } from '../errors.ts';
import { boundingCircle } from '../regions/bounds.ts';
import { circleDeg } from '../regions/circle.ts';
import { BaseSkyMap } from './base-map.ts';
import type { DiscretePlain } from './config.ts';
import type { Tract } from './skymap.ts';
import { circlePoints, makeTract } from './tract.ts';

/** Tracts about given positions, each holding a circle of a given radius (plus the overlap). */
export class DiscreteSkyMap extends BaseSkyMap<DiscretePlain> {
  readonly tractCount: number;

  constructor(config: DiscretePlain) {
    super(config);
    const { raList, decList, radiusList } = config;
    if (decList.length !== raList.length || radiusList.length !== raList.length)
      throw skyErrors.BAD_SKYMAP({
        name: config.name,
        rule: `raList has ${raList.length}, decList ${decList.length} and radiusList ${radiusList.length} values; they must be as many`,
      });
    this.tractCount = raList.length;
  }

  protected override makeTract(id: number): Tract {
    const { raList, decList, radiusList, tractOverlap } = this.config;
    const [raDeg, decDeg, radius] = [lonLatDeg(unitVector(raList[id], 0)).lonDeg, decList[id], radiusList[id]];
    return makeTract(
      {
        id,
        raDeg,
        decDeg,
        innerRegion: circleDeg(raDeg, decDeg, radius),
        cover: circlePoints(raDeg, decDeg, radius + tractOverlap, 4),
      },
      this.config,
    );
  }

  protected override ownerOf(raDeg: number, decDeg: number): number {
    const v = unitVector(raDeg, decDeg);
    const { raList, decList } = this.config;
    const distances = raList.map((ra, i) => angleBetween(v, unitVector(ra, decList[i])));
    return distances.indexOf(Math.min(...distances));
  }

  protected override extentOf(id: number): { raDeg: number; decDeg: number; radiusRad: number } {
    const { raDeg, decDeg, outerRegion } = this.tract(id);
    const circle = boundingCircle(outerRegion);
    const offset = angleBetween(circle.center, unitVector(raDeg, decDeg));
    return { raDeg, decDeg, radiusRad: circle.openingAngleRad + offset };
  }
}
