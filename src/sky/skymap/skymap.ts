// SPDX-License-Identifier: BSD-3-Clause
import type { ConvexPolygon, Region } from '../regions/region.ts';
import type { Wcs } from '../wcs/wcs.ts';
import type { SkyMapPlain } from './config.ts';

/** Pixels x0 <= x < x1, y0 <= y < y1. */
export interface PixelBounds {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

/** A cell of a tract's grid. Inner boxes tile the tract; outer boxes add a border, cut at the tract's edge. */
export interface Patch {
  readonly tract: number;
  /** y * nx + x. */
  readonly index: number;
  readonly cellX: number;
  readonly cellY: number;
  readonly innerBBox: PixelBounds;
  readonly outerBBox: PixelBounds;
  readonly wcs: Wcs;
  /** Sky of the outer box: what the registry keeps. */
  readonly region: ConvexPolygon;
  readonly innerRegion: ConvexPolygon;
}

/** A piece of sky on one TAN plane, whose pixel (0, 0) is the corner of its bounding box. */
export interface Tract {
  readonly id: number;
  readonly raDeg: number;
  readonly decDeg: number;
  readonly wcs: Wcs;
  readonly bbox: PixelBounds;
  readonly patchCountX: number;
  readonly patchCountY: number;
  /** The part of the sky this tract owns; tracts of a whole-sky map tile it with these. */
  readonly innerRegion: Region;
  /** Sky of the bounding box: what the registry keeps. */
  readonly outerRegion: ConvexPolygon;
  readonly region: ConvexPolygon;
  /** By sequential index. @throws SKY_NO_SUCH_PATCH */
  patch(index: number): Patch;
  patches(): IterableIterator<Patch>;
  /** The patch whose inner box holds a position, or undefined off the tract. */
  findPatch(raDeg: number, decDeg: number): Patch | undefined;
  /** Patches whose outer box overlaps a region. */
  findPatches(region: Region): Patch[];
}

/** How the sky is cut into tracts and patches. */
export interface SkyMap {
  readonly name: string;
  readonly type: 'discrete' | 'rings' | 'healpix';
  readonly tractCount: number;
  /** @throws SKY_NO_SUCH_TRACT */
  tract(id: number): Tract;
  /** The tract that owns a position: by inner region, or by nearest centre where none or several do. */
  findTract(raDeg: number, decDeg: number): Tract;
  /** All tracts whose bounding box holds a position. */
  findTracts(raDeg: number, decDeg: number): Tract[];
  /** Tracts and patches whose outer regions overlap a region. */
  findTractPatchList(region: Region): { tract: Tract; patches: Patch[] }[];
  /** The definition as plain data; `skyMapFromPlain` is the way back. */
  toPlain(): SkyMapPlain;
  /** SHA-1 of the definition without its name: the identity kept in the registry's `skymap.hash`. */
  sha1Hex(): string;
}
