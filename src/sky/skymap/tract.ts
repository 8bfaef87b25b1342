// SPDX-License-Identifier: BSD-3-Clause
import { DEG, lonLatDeg, type UnitVector, unitVector } from '../angles.ts';
import { skyErrors } from '../errors.ts';
import { polygonOfVertices } from '../regions/polygon.ts';
import type { ConvexPolygon, Region } from '../regions/region.ts';
import { regionsOverlap } from '../regions/relate.ts';
import { makeTanWcs } from '../wcs/make.ts';
import type { Wcs } from '../wcs/wcs.ts';
import type { SkyMapPlain } from './config.ts';
import type { Patch, PixelBounds, Tract } from './skymap.ts';

export interface TractSeed {
  id: number;
  raDeg: number;
  decDeg: number;
  innerRegion: Region;
  /** Sky positions that the tract must hold, overlap included. */
  cover: readonly UnitVector[];
}

/**
 * Lays out a tract: a TAN plane about its centre, the smallest pixel box that holds `cover`, grown by the patch
 * border and up to a whole number of patches each way, with its corner moved to pixel (0, 0).
 */
export function makeTract(seed: TractSeed, config: SkyMapPlain): Tract {
  const wcsAt = (x: number, y: number) =>
    makeTanWcs({
      raDeg: seed.raDeg,
      decDeg: seed.decDeg,
      x,
      y,
      pixelScaleArcsec: config.pixelScale,
      rotationDeg: config.rotation,
    });
  const centred = wcsAt(0, 0);
  const positions = seed.cover.map(lonLatDeg).map(({ lonDeg, latDeg }) => centred.skyToPixel(lonDeg, latDeg));
  if (!positions.every(({ x, y }) => Number.isFinite(x) && Number.isFinite(y)))
    throw skyErrors.BAD_SKYMAP({
      name: config.name,
      rule: `tract ${seed.id} reaches a quarter of the sky from its centre; make the tracts smaller`,
    });
  const axis = (values: number[], inner: number) => {
    const low = Math.floor(Math.min(...values) + 0.5) - config.patchBorder;
    const high = Math.floor(Math.max(...values) + 0.5) + 1 + config.patchBorder;
    const count = Math.ceil((high - low) / inner);
    return { origin: low - Math.floor((count * inner - (high - low)) / 2), count };
  };
  const [nx, ny] = config.patchInnerDimensions;
  const x = axis(
    positions.map((p) => p.x),
    nx,
  );
  const y = axis(
    positions.map((p) => p.y),
    ny,
  );
  return new GridTract(seed, config, wcsAt(-x.origin, -y.origin), x.count, y.count);
}

class GridTract implements Tract {
  readonly id: number;
  readonly raDeg: number;
  readonly decDeg: number;
  readonly innerRegion: Region;
  readonly wcs: Wcs;
  readonly bbox: PixelBounds;
  readonly patchCountX: number;
  readonly patchCountY: number;
  readonly outerRegion: ConvexPolygon;
  private readonly innerWidth: number;
  private readonly innerHeight: number;
  private readonly border: number;

  constructor(seed: TractSeed, config: SkyMapPlain, wcs: Wcs, countX: number, countY: number) {
    this.id = seed.id;
    this.raDeg = seed.raDeg;
    this.decDeg = seed.decDeg;
    this.innerRegion = seed.innerRegion;
    this.wcs = wcs;
    this.patchCountX = countX;
    this.patchCountY = countY;
    [this.innerWidth, this.innerHeight] = config.patchInnerDimensions;
    this.border = config.patchBorder;
    this.bbox = { x0: 0, y0: 0, x1: countX * this.innerWidth, y1: countY * this.innerHeight };
    this.outerRegion = polygonOfBounds(wcs, this.bbox);
  }

  get region(): ConvexPolygon {
    return this.outerRegion;
  }

  patch(index: number): Patch {
    const count = this.patchCountX * this.patchCountY;
    if (!Number.isInteger(index) || index < 0 || index >= count)
      throw skyErrors.NO_SUCH_PATCH({ tract: this.id, patch: String(index), rule: `patches are 0 to ${count - 1}` });
    const cellX = index % this.patchCountX;
    const cellY = Math.floor(index / this.patchCountX);
    const innerBBox = {
      x0: cellX * this.innerWidth,
      y0: cellY * this.innerHeight,
      x1: (cellX + 1) * this.innerWidth,
      y1: (cellY + 1) * this.innerHeight,
    };
    const outerBBox = {
      x0: Math.max(this.bbox.x0, innerBBox.x0 - this.border),
      y0: Math.max(this.bbox.y0, innerBBox.y0 - this.border),
      x1: Math.min(this.bbox.x1, innerBBox.x1 + this.border),
      y1: Math.min(this.bbox.y1, innerBBox.y1 + this.border),
    };
    const { wcs } = this;
    return {
      tract: this.id,
      index,
      cellX,
      cellY,
      innerBBox,
      outerBBox,
      wcs,
      region: polygonOfBounds(wcs, outerBBox),
      innerRegion: polygonOfBounds(wcs, innerBBox),
    };
  }

  *patches(): IterableIterator<Patch> {
    for (let index = 0; index < this.patchCountX * this.patchCountY; index++) yield this.patch(index);
  }

  findPatch(raDeg: number, decDeg: number): Patch | undefined {
    const { x, y } = this.wcs.skyToPixel(raDeg, decDeg);
    const cellX = Math.floor((x + 0.5) / this.innerWidth);
    const cellY = Math.floor((y + 0.5) / this.innerHeight);
    if (!(cellX >= 0 && cellX < this.patchCountX && cellY >= 0 && cellY < this.patchCountY)) return undefined;
    return this.patch(cellY * this.patchCountX + cellX);
  }

  findPatches(region: Region): Patch[] {
    if (!regionsOverlap(this.outerRegion, region)) return [];
    const found: Patch[] = [];
    for (const index of this.candidates(region)) {
      const patch = this.patch(index);
      if (regionsOverlap(patch.region, region)) found.push(patch);
    }
    return found;
  }

  /** Patches near a polygon by the pixel positions of its corners (sides are straight on a TAN plane); all for other regions. */
  private candidates(region: Region): number[] {
    const all = Array.from({ length: this.patchCountX * this.patchCountY }, (_, i) => i);
    if (region.kind !== 'polygon') return all;
    const corners = region.vertices.map(lonLatDeg).map((v) => this.wcs.skyToPixel(v.lonDeg, v.latDeg));
    // A corner beyond the plane's horizon has no position.
    if (!corners.every(({ x, y }) => Number.isFinite(x) && Number.isFinite(y))) return all;
    const span = (values: number[], size: number) =>
      [
        Math.floor((Math.min(...values) - this.border - 1) / size),
        Math.floor((Math.max(...values) + this.border + 1) / size),
      ] as const;
    const [xFirst, xLast] = span(
      corners.map((c) => c.x),
      this.innerWidth,
    );
    const [yFirst, yLast] = span(
      corners.map((c) => c.y),
      this.innerHeight,
    );
    return all.filter((index) => {
      const cellX = index % this.patchCountX;
      const cellY = Math.floor(index / this.patchCountX);
      return cellX >= xFirst && cellX <= xLast && cellY >= yFirst && cellY <= yLast;
    });
  }
}

/** Sky polygon of a pixel box, from the outer edges of its corner pixels, counter-clockwise on the sky from the box's lower left. */
function polygonOfBounds(wcs: Wcs, { x0, y0, x1, y1 }: PixelBounds): ConvexPolygon {
  const corner = (x: number, y: number) => {
    const { raDeg, decDeg } = wcs.pixelToSky(x - 0.5, y - 0.5);
    return unitVector(raDeg, decDeg);
  };
  // East is to the left, so y before x runs counter-clockwise seen from outside the sphere.
  return polygonOfVertices([corner(x0, y0), corner(x0, y1), corner(x1, y1), corner(x1, y0)]);
}

/** Positions around a centre at a distance, by bearing from north through east. Radius below 90 degrees. */
export function circlePoints(raDeg: number, decDeg: number, radiusDeg: number, count: number): UnitVector[] {
  const center = unitVector(raDeg, decDeg);
  const [sr, cr] = [Math.sin(raDeg * DEG), Math.cos(raDeg * DEG)];
  const sd = Math.sin(decDeg * DEG);
  const north: UnitVector = [-sd * cr, -sd * sr, Math.cos(decDeg * DEG)];
  const east: UnitVector = [-sr, cr, 0];
  const [s, c] = [Math.sin(radiusDeg * DEG), Math.cos(radiusDeg * DEG)];
  return Array.from({ length: count }, (_, i) => {
    const bearing = (2 * Math.PI * i) / count;
    const [n, e] = [Math.cos(bearing) * s, Math.sin(bearing) * s];
    return [0, 1, 2].map((k) => c * center[k] + n * north[k] + e * east[k]) as unknown as UnitVector;
  });
}
