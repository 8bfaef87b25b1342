// SPDX-License-Identifier: BSD-3-Clause
import type { UnitVector } from '../angles.ts';
import { type ConvexPolygon, type Region, Relation } from '../regions/region.ts';
import { relate } from '../regions/relate.ts';
import { intersectRanges, type PixelRanges, RangeBuilder, unionRanges } from './range-set.ts';

/** The sphere cut into numbered pixels that refine fourfold from level to level. */
export interface Pixelization {
  readonly system: string;
  readonly level: number;
  /** All valid numbers. */
  universe(): PixelRanges;
  /** Pixel of a direction. */
  index(v: UnitVector): number;
  /** Region of a pixel (for HEALPix, whose sides are not great circles, the hull of points on them). */
  pixel(index: number): Region;
  /** Pixels that may overlap the region: none that does is missing. */
  envelope(region: Region): PixelRanges;
  /** Pixels that lie within the region: some may be missing, none is wrong. */
  interior(region: Region): PixelRanges;
  /** The pixel's name in the system's own notation. */
  nameOf(index: number): string;
}

/** A node of the pixel tree: its number at its own level, and its region. */
export interface TreeCell {
  readonly index: number;
  readonly level: number;
  readonly region: ConvexPolygon;
}

/**
 * Walks a fourfold tree of convex polygons from the roots. Whole subtrees inside the region are taken, those outside
 * are left; at `level`, border cells count for the envelope and not for the interior.
 */
export function walkTree<Cell extends TreeCell>(
  roots: readonly Cell[],
  level: number,
  childrenOf: (cell: Cell) => readonly Cell[],
  region: Region,
  want: 'envelope' | 'interior',
): PixelRanges {
  if (region.kind === 'union' || region.kind === 'intersection') {
    const each = region.operands.map((r) => walkTree(roots, level, childrenOf, r, want));
    if (each.length === 0) return [];
    return each.reduce(region.kind === 'union' ? unionRanges : intersectRanges);
  }
  const found = new RangeBuilder();
  const visit = (cell: Cell): void => {
    const relation = relate(cell.region, region);
    if (relation & Relation.DISJOINT) return;
    if (relation & Relation.WITHIN) {
      const below = 4 ** (level - cell.level);
      found.add(cell.index * below, (cell.index + 1) * below);
    } else if (cell.level === level) {
      if (want === 'envelope') found.add(cell.index);
    } else for (const child of childrenOf(cell)) visit(child);
  };
  for (const root of roots) visit(root);
  return found.build();
}
