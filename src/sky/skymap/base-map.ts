// SPDX-License-Identifier: BSD-3-Clause
import { createHash } from 'node:crypto';
import { angleBetween, type UnitVector, unitVector } from '../angles.ts';
import { skyErrors } from '../errors.ts';
import { boundingCircle } from '../regions/bounds.ts';
import type { Region } from '../regions/region.ts';
import { regionContains } from '../regions/relate.ts';
import type { SkyMapPlain } from './config.ts';
import type { Patch, SkyMap, Tract } from './skymap.ts';

/** What the kinds of sky map share; each says how many tracts there are, how one is made and which one owns a position. */
export abstract class BaseSkyMap<Plain extends SkyMapPlain> implements SkyMap {
  protected readonly config: Plain;
  private readonly made = new Map<number, Tract>();
  private circles: { center: UnitVector; radiusRad: number }[] | undefined;

  constructor(config: Plain) {
    this.config = config;
  }

  abstract readonly tractCount: number;
  protected abstract makeTract(id: number): Tract;
  /** Number of the tract that owns a position. */
  protected abstract ownerOf(raDeg: number, decDeg: number): number;
  /** Centre of a tract and the radius of a circle that holds its bounding box, radians, without making it. */
  protected abstract extentOf(id: number): { raDeg: number; decDeg: number; radiusRad: number };

  get name(): string {
    return this.config.name;
  }
  get type(): Plain['type'] {
    return this.config.type;
  }

  tract(id: number): Tract {
    if (!Number.isInteger(id) || id < 0 || id >= this.tractCount)
      throw skyErrors.NO_SUCH_TRACT({ name: this.name, tract: id, count: this.tractCount });
    let tract = this.made.get(id);
    if (tract === undefined) {
      tract = this.makeTract(id);
      this.made.set(id, tract);
    }
    return tract;
  }

  findTract(raDeg: number, decDeg: number): Tract {
    return this.tract(this.ownerOf(raDeg, decDeg));
  }

  findTracts(raDeg: number, decDeg: number): Tract[] {
    const v = unitVector(raDeg, decDeg);
    return this.near({ kind: 'circle', center: v, squaredChord: 0, openingAngleRad: 0 }).filter((tract) =>
      regionContains(tract.outerRegion, v),
    );
  }

  findTractPatchList(region: Region): { tract: Tract; patches: Patch[] }[] {
    return this.near(region)
      .map((tract) => ({ tract, patches: tract.findPatches(region) }))
      .filter(({ patches }) => patches.length > 0);
  }

  /** Tracts that may overlap a region, by circles. */
  private near(region: Region): Tract[] {
    const circle = boundingCircle(region);
    const found: Tract[] = [];
    if (!(circle.squaredChord >= 0)) return found;
    this.circles ??= Array.from({ length: this.tractCount }, (_, id) => {
      const { raDeg, decDeg, radiusRad } = this.extentOf(id);
      return { center: unitVector(raDeg, decDeg), radiusRad };
    });
    this.circles.forEach(({ center, radiusRad }, id) => {
      if (angleBetween(circle.center, center) <= radiusRad + circle.openingAngleRad) found.push(this.tract(id));
    });
    return found;
  }

  toPlain(): Plain {
    return structuredClone(this.config);
  }

  sha1Hex(): string {
    const { name: _name, ...definition } = this.config;
    const canonical = JSON.stringify(Object.entries(definition).sort(([a], [b]) => (a < b ? -1 : 1)));
    return createHash('sha1').update(canonical).digest('hex');
  }
}
