// SPDX-License-Identifier: BSD-3-Clause
import { type BoundedRegion, boundedOverlap } from './bounded.ts';

/**
 * Regions by the cells of a cubic grid (in the space of unit vectors) that hold the centres of their bounding circles. A look-up visits the
 * cells within reach: the radius of the region looked for and the largest radius in the index together.
 */
export class SkyIndex {
  readonly #regions: readonly BoundedRegion[];
  readonly #cells = new Map<number, number[]>();
  readonly #cellSize: number;
  readonly #largestRad: number;

  constructor(regions: readonly BoundedRegion[]) {
    this.#regions = regions;
    let largest = 0;
    for (const { radiusRad } of regions) largest = Math.max(largest, radiusRad);
    this.#largestRad = largest;
    // Wide enough that a region like those held meets two cells along each axis; a key of three coordinates must fit 30 bits.
    this.#cellSize = Math.min(2, Math.max(4 * largest, 3e-3));
    regions.forEach((region, i) => {
      const key = cellKey(this.#cell(region.x), this.#cell(region.y), this.#cell(region.z));
      const members = this.#cells.get(key);
      if (members === undefined) this.#cells.set(key, [i]);
      else members.push(i);
    });
  }

  /** Positions of the regions which overlap this one. */
  overlapping(region: BoundedRegion): number[] {
    const out: number[] = [];
    const test = (i: number): void => {
      if (boundedOverlap(region, this.#regions[i])) out.push(i);
    };
    // A chord is no longer than its arc.
    const reach = region.radiusRad + this.#largestRad + 1e-9;
    const [x0, x1] = [this.#cell(region.x - reach), this.#cell(region.x + reach)];
    const [y0, y1] = [this.#cell(region.y - reach), this.#cell(region.y + reach)];
    const [z0, z1] = [this.#cell(region.z - reach), this.#cell(region.z + reach)];
    if ((x1 - x0 + 1) * (y1 - y0 + 1) * (z1 - z0 + 1) > this.#cells.size) {
      for (let i = 0; i < this.#regions.length; i++) test(i);
      return out;
    }
    for (let x = x0; x <= x1; x++) {
      for (let y = y0; y <= y1; y++) {
        for (let z = z0; z <= z1; z++) {
          const members = this.#cells.get(cellKey(x, y, z));
          if (members !== undefined) for (const i of members) test(i);
        }
      }
    }
    return out;
  }

  #cell(value: number): number {
    return Math.floor((Math.max(-1.1, Math.min(1.1, value)) + 1.1) / this.#cellSize);
  }
}

/** Cells are at least 0.003 wide, so coordinates stay below 2^10. */
function cellKey(x: number, y: number, z: number): number {
  return (x << 20) | (y << 10) | z;
}
