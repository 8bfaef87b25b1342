// SPDX-License-Identifier: BSD-3-Clause
import { normalize, type UnitVector } from '../angles.ts';
import { skyErrors } from '../errors.ts';
import { orientation } from '../regions/orientation.ts';
import { polygonOfVertices } from '../regions/polygon.ts';
import type { Region } from '../regions/region.ts';
import { type Pixelization, type TreeCell, walkTree } from './pixelization.ts';
import type { PixelRanges } from './range-set.ts';

const X: UnitVector = [1, 0, 0];
const Y: UnitVector = [0, 1, 0];
const Z: UnitVector = [0, 0, 1];
const NX: UnitVector = [-1, 0, 0];
const NY: UnitVector = [0, -1, 0];
const NZ: UnitVector = [0, 0, -1];

/** Corners of the eight root triangles S0 … S3, N0 … N3 (numbers 8 … 15). Kunszt, Szalay & Thakar (2001), "The Hierarchical Triangular Mesh". */
const ROOTS: readonly (readonly [UnitVector, UnitVector, UnitVector])[] = [
  [X, NZ, Y],
  [Y, NZ, NX],
  [NX, NZ, NY],
  [NY, NZ, X],
  [X, Z, NY],
  [NY, Z, NX],
  [NX, Z, Y],
  [Y, Z, X],
];

interface Trixel extends TreeCell {
  readonly corners: readonly [UnitVector, UnitVector, UnitVector];
}

function trixel(index: number, level: number, corners: readonly [UnitVector, UnitVector, UnitVector]): Trixel {
  return { index, level, corners, region: polygonOfVertices(corners) };
}

function midpoint(a: UnitVector, b: UnitVector): UnitVector {
  return normalize([a[0] + b[0], a[1] + b[1], a[2] + b[2]]);
}

function childrenOf(t: Trixel): Trixel[] {
  const [v0, v1, v2] = t.corners;
  const [w0, w1, w2] = [midpoint(v1, v2), midpoint(v2, v0), midpoint(v0, v1)];
  const at = t.index * 4;
  return [
    trixel(at, t.level + 1, [v0, w2, w1]),
    trixel(at + 1, t.level + 1, [v1, w0, w2]),
    trixel(at + 2, t.level + 1, [v2, w1, w0]),
    trixel(at + 3, t.level + 1, [w0, w1, w2]),
  ];
}

const roots = ROOTS.map((corners, i) => trixel(8 + i, 0, corners));

/** Root triangle of a direction; directions on a border belong to the one that sphere libraries agree on. */
function rootOf(v: UnitVector): number {
  const [x, y, z] = v;
  if (z < 0) {
    if (y > 0) return x > 0 ? 0 : 1;
    if (y === 0) return x >= 0 ? 0 : 2;
    return x < 0 ? 2 : 3;
  }
  if (y > 0) return x > 0 ? 7 : 6;
  if (y === 0) return x >= 0 ? 7 : 5;
  return x < 0 ? 5 : 4;
}

/** The Hierarchical Triangular Mesh; numbers at `level` run from 8 * 4^level to 16 * 4^level. Levels 0 to 24 fit a double. */
export class Htm implements Pixelization {
  readonly system = 'htm';
  readonly level: number;

  constructor(level: number) {
    if (!Number.isInteger(level) || level < 0 || level > 24)
      throw skyErrors.BAD_LEVEL({ system: 'htm', level, rule: 'levels run from 0 to 24' });
    this.level = level;
  }

  universe(): PixelRanges {
    const size = 4 ** this.level;
    return [[8 * size, 16 * size]];
  }

  index(v: UnitVector): number {
    const root = rootOf(v);
    let index = 8 + root;
    let [v0, v1, v2] = ROOTS[root];
    for (let level = 0; level < this.level; level++) {
      const w1 = midpoint(v2, v0);
      const w2 = midpoint(v0, v1);
      index *= 4;
      if (orientation(v, w2, w1) >= 0) {
        v1 = w2;
        v2 = w1;
        continue;
      }
      const w0 = midpoint(v1, v2);
      if (orientation(v, w0, w2) >= 0) {
        index += 1;
        [v0, v1, v2] = [v1, w0, w2];
      } else if (orientation(v, w1, w0) >= 0) {
        index += 2;
        [v0, v1, v2] = [v2, w1, w0];
      } else {
        index += 3;
        [v0, v1, v2] = [w0, w1, w2];
      }
    }
    return index;
  }

  pixel(index: number): Region {
    this.check(index);
    let cell = roots[Math.floor(index / 4 ** this.level) - 8];
    for (let level = this.level - 1; level >= 0; level--) cell = childrenOf(cell)[Math.floor(index / 4 ** level) % 4];
    return cell.region;
  }

  envelope(region: Region): PixelRanges {
    return walkTree(roots, this.level, childrenOf, region, 'envelope');
  }
  interior(region: Region): PixelRanges {
    return walkTree(roots, this.level, childrenOf, region, 'interior');
  }

  nameOf(index: number): string {
    this.check(index);
    let digits = '';
    for (let level = 0; level < this.level; level++) digits = String(Math.floor(index / 4 ** level) % 4) + digits;
    const root = Math.floor(index / 4 ** this.level);
    return `${root >= 12 ? 'N' : 'S'}${root % 4}${digits}`;
  }

  private check(index: number): void {
    const size = 4 ** this.level;
    if (!Number.isInteger(index) || index < 8 * size || index >= 16 * size)
      throw skyErrors.BAD_PIXEL({
        system: 'htm',
        level: this.level,
        index: String(index),
        rule: `numbers run from ${8 * size} to ${16 * size - 1}`,
      });
  }
}
