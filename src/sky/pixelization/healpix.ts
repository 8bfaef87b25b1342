// SPDX-License-Identifier: BSD-3-Clause
import type { UnitVector } from '../angles.ts';
import { skyErrors } from '../errors.ts';
import { boundingCircle } from '../regions/bounds.ts';
import { convexHullPolygon } from '../regions/polygon.ts';
import type { Region } from '../regions/region.ts';
import { regionContains } from '../regions/relate.ts';
import { cellOf, faceToVector, type HealpixCell, neighbor, nestedCell, nestedIndex } from './healpix-grid.ts';
import { visitOverlapping } from './healpix-query.ts';
import type { Pixelization } from './pixelization.ts';
import { intersectRanges, type PixelRanges, RangeBuilder, unionRanges } from './range-set.ts';

/** Orders below the envelope's at which overlap is found, before widening by one fine cell. */
const FINE_ORDERS = 4;

/** HEALPix in nested numbering, nside = 2^level. Levels 0 to 24, whose numbers fit a double. */
export class Healpix implements Pixelization {
  readonly system = 'healpix';
  readonly level: number;

  constructor(level: number) {
    if (!Number.isInteger(level) || level < 0 || level > 24)
      throw skyErrors.BAD_LEVEL({ system: 'healpix', level, rule: 'levels run from 0 to 24' });
    this.level = level;
  }

  universe(): PixelRanges {
    return [[0, 12 * 4 ** this.level]];
  }

  index(v: UnitVector): number {
    return nestedIndex(this.level, cellOf(this.level, v));
  }

  /** Convex hull of four points on each side: sides that bulge inwards are cut straight. */
  pixel(index: number): Region {
    return convexHullPolygon(this.boundary(index, 4));
  }

  /** Points along the border, counter-clockwise from the northern corner, `step` for each side. */
  boundary(index: number, step: number): UnitVector[] {
    const { face, x, y } = this.cell(index);
    const nside = 2 ** this.level;
    const points: UnitVector[] = [];
    const add = (dx: number, dy: number) => points.push(faceToVector(face, (x + dx) / nside, (y + dy) / nside));
    for (let i = 0; i < step; i++) add(1 - i / step, 1);
    for (let i = 0; i < step; i++) add(0, 1 - i / step);
    for (let i = 0; i < step; i++) add(i / step, 0);
    for (let i = 0; i < step; i++) add(1, i / step);
    return points;
  }

  envelope(region: Region): PixelRanges {
    const compound = this.compound(region, (r) => this.envelope(r));
    if (compound !== undefined) return compound;
    const cells = new Map<number, HealpixCell>();
    const add = (cell: HealpixCell | undefined) => {
      if (cell !== undefined) cells.set(nestedIndex(this.level, cell), cell);
    };
    const ranges = new RangeBuilder();
    this.visitFine(region, (cell, order) => {
      if (order <= this.level) {
        this.addBlockWithBorder(cell, order, ranges, add);
        return;
      }
      // Widen by one fine cell: it may reach the neighbours of the coarse cell that holds it.
      const scale = 2 ** (order - this.level);
      const size = 2 ** (this.level + FINE_ORDERS - order);
      const coarse = { face: cell.face, x: Math.floor(cell.x / scale), y: Math.floor(cell.y / scale) };
      const block = scale * size;
      const [x0, y0] = [(cell.x - coarse.x * scale) * size, (cell.y - coarse.y * scale) * size];
      const stepsX = [0, ...(x0 === 0 ? [-1] : []), ...(x0 + size === block ? [1] : [])];
      const stepsY = [0, ...(y0 === 0 ? [-1] : []), ...(y0 + size === block ? [1] : [])];
      for (const dx of stepsX) for (const dy of stepsY) add(neighbor(this.level, coarse, dx, dy));
    });
    for (const index of [...cells.keys()].sort((a, b) => a - b)) ranges.add(index);
    return ranges.build();
  }

  /** A block of whole pixels and the pixels around it. */
  private addBlockWithBorder(
    cell: HealpixCell,
    order: number,
    ranges: RangeBuilder,
    add: (cell: HealpixCell | undefined) => void,
  ): void {
    const side = 2 ** (this.level - order);
    const first = nestedIndex(order, cell) * side * side;
    ranges.add(first, first + side * side);
    const at = (i: number, j: number) => ({ face: cell.face, x: cell.x * side + i, y: cell.y * side + j });
    for (let i = 0; i < side; i++)
      for (const step of [-1, 0, 1]) {
        add(neighbor(this.level, at(i, 0), step, -1));
        add(neighbor(this.level, at(i, side - 1), step, 1));
        add(neighbor(this.level, at(0, i), -1, step));
        add(neighbor(this.level, at(side - 1, i), 1, step));
      }
  }

  /** A region of no extent is the one fine cell it falls into. */
  private visitFine(region: Region, found: (cell: HealpixCell, order: number) => void): void {
    const order = this.level + FINE_ORDERS;
    const circle = boundingCircle(region);
    if (!(circle.squaredChord >= 0)) return;
    if (region.kind === 'circle' && circle.openingAngleRad === 0) found(cellOf(order, circle.center), order);
    else visitOverlapping(region, order, found);
  }

  interior(region: Region): PixelRanges {
    const compound = this.compound(region, (r) => this.interior(r));
    if (compound !== undefined) return compound;
    const ranges = new RangeBuilder();
    const circle = boundingCircle(region);
    if (!(circle.squaredChord >= 0)) return [];
    visitOverlapping(region, this.level, (cell, order) => {
      const side = 4 ** (this.level - order);
      const first = nestedIndex(order, cell) * side;
      for (let index = first; index < first + side; index++)
        if (this.boundary(index, 1).every((v) => regionContains(region, v))) ranges.add(index);
    });
    return ranges.build();
  }

  private compound(region: Region, each: (r: Region) => PixelRanges): PixelRanges | undefined {
    if (region.kind !== 'union' && region.kind !== 'intersection') return undefined;
    if (region.operands.length === 0) return [];
    return region.operands.map(each).reduce(region.kind === 'union' ? unionRanges : intersectRanges);
  }

  nameOf(index: number): string {
    this.cell(index);
    return String(index);
  }

  private cell(index: number): HealpixCell {
    const count = 12 * 4 ** this.level;
    if (!Number.isInteger(index) || index < 0 || index >= count)
      throw skyErrors.BAD_PIXEL({
        system: 'healpix',
        level: this.level,
        index: String(index),
        rule: `numbers run from 0 to ${count - 1}`,
      });
    return nestedCell(this.level, index);
  }
}
