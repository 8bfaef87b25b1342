// SPDX-License-Identifier: BSD-3-Clause
import { dot, normalize, type UnitVector } from '../angles.ts';
import { skyErrors } from '../errors.ts';
import { polygonOfVertices } from '../regions/polygon.ts';
import type { Region } from '../regions/region.ts';
import { type Pixelization, type TreeCell, walkTree } from './pixelization.ts';
import type { PixelRanges } from './range-set.ts';

/** A face of the cube: its outward axis, and the axes along which its columns and rows count. */
interface Face {
  readonly name: string;
  readonly out: UnitVector;
  readonly right: UnitVector;
  readonly up: UnitVector;
}

const X: UnitVector = [1, 0, 0];
const Y: UnitVector = [0, 1, 0];
const Z: UnitVector = [0, 0, 1];
const NX: UnitVector = [-1, 0, 0];
const NY: UnitVector = [0, -1, 0];
const NZ: UnitVector = [0, 0, -1];

/** How quarters of a cell are numbered: column and row of each, and the way its own quarters are numbered. */
type Order = readonly (readonly [column: 0 | 1, row: 0 | 1, next: number])[];

interface CubeLayout {
  readonly system: string;
  readonly firstRoot: number;
  readonly faces: readonly Face[];
  readonly orders: readonly Order[];
  rootOrder(face: number): number;
  /** Grid coordinate in [-1, 1] of a tangent-plane coordinate in [-1, 1], and back. */
  toGrid(t: number): number;
  toPlane(s: number): number;
}

/** Q3C: equal steps on the tangent planes, rows and columns interleaved. Koposov & Bartunov (2006), ADASS XV, "Q3C, Quad Tree Cube". */
const q3cLayout: CubeLayout = {
  system: 'q3c',
  firstRoot: 0,
  faces: [
    { name: '+Z', out: Z, right: Y, up: NX },
    { name: '+X', out: X, right: Y, up: Z },
    { name: '+Y', out: Y, right: NX, up: Z },
    { name: '-X', out: NX, right: NY, up: Z },
    { name: '-Y', out: NY, right: X, up: Z },
    { name: '-Z', out: NZ, right: Y, up: X },
  ],
  orders: [
    [
      [0, 0, 0],
      [1, 0, 0],
      [0, 1, 0],
      [1, 1, 0],
    ],
  ],
  rootOrder: () => 0,
  toGrid: (t) => t,
  toPlane: (s) => s,
};

/**
 * Modified Q3C: steps that even out the areas, s = t (4 - |t|) / 3, numbered along a Hilbert curve that goes on from
 * face to face, so that neighbours in number are neighbours on the sky.
 */
const mq3cLayout: CubeLayout = {
  system: 'mq3c',
  firstRoot: 10,
  faces: [
    { name: '-Z', out: NZ, right: Y, up: X },
    { name: '+X', out: X, right: Y, up: Z },
    { name: '+Y', out: Y, right: NX, up: Z },
    { name: '+Z', out: Z, right: NX, up: NY },
    { name: '-X', out: NX, right: NZ, up: NY },
    { name: '-Y', out: NY, right: NZ, up: X },
  ],
  // The four ways of a Hilbert curve: from a corner to the one above or beside it.
  orders: [
    [
      [0, 0, 1],
      [1, 0, 0],
      [1, 1, 0],
      [0, 1, 2],
    ],
    [
      [0, 0, 0],
      [0, 1, 1],
      [1, 1, 1],
      [1, 0, 3],
    ],
    [
      [1, 1, 3],
      [1, 0, 2],
      [0, 0, 2],
      [0, 1, 0],
    ],
    [
      [1, 1, 2],
      [0, 1, 3],
      [0, 0, 3],
      [1, 0, 1],
    ],
  ],
  rootOrder: (face) => face % 2,
  toGrid: (t) => (t * (4 - Math.abs(t))) / 3,
  toPlane: (s) => Math.sign(s) * (2 - Math.sqrt(4 - 3 * Math.abs(s))),
};

/** Cells are wider than their grid by this much on the tangent plane, so that rounding leaves no point between two cells. */
const OVERLAP = 1e-15;

interface CubeCell extends TreeCell {
  readonly face: number;
  readonly column: number;
  readonly row: number;
  readonly order: number;
}

/** A cube whose faces are cut into quarters again and again. Levels 0 to 24, whose numbers fit a double. */
class CubePixelization implements Pixelization {
  readonly system: string;
  readonly level: number;
  private readonly layout: CubeLayout;
  private readonly roots: readonly CubeCell[];

  constructor(layout: CubeLayout, level: number) {
    if (!Number.isInteger(level) || level < 0 || level > 24)
      throw skyErrors.BAD_LEVEL({ system: layout.system, level, rule: 'levels run from 0 to 24' });
    this.layout = layout;
    this.system = layout.system;
    this.level = level;
    this.roots = layout.faces.map((_, face) =>
      this.cell(layout.firstRoot + face, 0, face, 0, 0, layout.rootOrder(face)),
    );
  }

  universe(): PixelRanges {
    const size = 4 ** this.level;
    return [[this.layout.firstRoot * size, (this.layout.firstRoot + 6) * size]];
  }

  index(v: UnitVector): number {
    const { layout, level } = this;
    const face = this.faceOf(v);
    const { out, right, up } = layout.faces[face];
    const depth = dot(out, v);
    const side = 2 ** level;
    const place = (t: number) => Math.min(side - 1, Math.max(0, Math.floor(((layout.toGrid(t) + 1) / 2) * side)));
    const column = place(dot(right, v) / depth);
    const row = place(dot(up, v) / depth);
    let index = layout.firstRoot + face;
    let order = layout.rootOrder(face);
    for (let bit = level - 1; bit >= 0; bit--) {
      const [c, r] = [(column >> bit) & 1, (row >> bit) & 1];
      const quarter = layout.orders[order].findIndex((q) => q[0] === c && q[1] === r);
      index = index * 4 + quarter;
      order = layout.orders[order][quarter][2];
    }
    return index;
  }

  private faceOf([x, y, z]: UnitVector): number {
    const [ax, ay, az] = [Math.abs(x), Math.abs(y), Math.abs(z)];
    const name =
      ax > ay
        ? ax > az
          ? x > 0
            ? '+X'
            : '-X'
          : z > 0
            ? '+Z'
            : '-Z'
        : ay > az
          ? y > 0
            ? '+Y'
            : '-Y'
          : z > 0
            ? '+Z'
            : '-Z';
    return this.layout.faces.findIndex((face) => face.name === name);
  }

  private cell(index: number, level: number, face: number, column: number, row: number, order: number): CubeCell {
    const { out, right, up } = this.layout.faces[face];
    const side = 2 ** level;
    const corner = (c: 0 | 1, r: 0 | 1): UnitVector => {
      const a = this.layout.toPlane((2 * (column + c)) / side - 1) + (c === 0 ? -OVERLAP : OVERLAP);
      const b = this.layout.toPlane((2 * (row + r)) / side - 1) + (r === 0 ? -OVERLAP : OVERLAP);
      return normalize([
        out[0] + a * right[0] + b * up[0],
        out[1] + a * right[1] + b * up[1],
        out[2] + a * right[2] + b * up[2],
      ]);
    };
    const region = polygonOfVertices([corner(0, 0), corner(1, 0), corner(1, 1), corner(0, 1)]);
    return { index, level, region, face, column, row, order };
  }

  private readonly childrenOf = (cell: CubeCell): CubeCell[] =>
    this.layout.orders[cell.order].map(([column, row, next], quarter) =>
      this.cell(
        4 * cell.index + quarter,
        cell.level + 1,
        cell.face,
        2 * cell.column + column,
        2 * cell.row + row,
        next,
      ),
    );

  pixel(index: number): Region {
    this.check(index);
    let cell = this.roots[Math.floor(index / 4 ** this.level) - this.layout.firstRoot];
    for (let level = this.level - 1; level >= 0; level--)
      cell = this.childrenOf(cell)[Math.floor(index / 4 ** level) % 4];
    return cell.region;
  }

  envelope(region: Region): PixelRanges {
    return walkTree(this.roots, this.level, this.childrenOf, region, 'envelope');
  }
  interior(region: Region): PixelRanges {
    return walkTree(this.roots, this.level, this.childrenOf, region, 'interior');
  }

  nameOf(index: number): string {
    this.check(index);
    let digits = '';
    for (let level = 0; level < this.level; level++) digits = String(Math.floor(index / 4 ** level) % 4) + digits;
    return this.layout.faces[Math.floor(index / 4 ** this.level) - this.layout.firstRoot].name + digits;
  }

  private check(index: number): void {
    const [[first, end]] = this.universe();
    if (!Number.isInteger(index) || index < first || index >= end)
      throw skyErrors.BAD_PIXEL({
        system: this.system,
        level: this.level,
        index: String(index),
        rule: `numbers run from ${first} to ${end - 1}`,
      });
  }
}

export function makeQ3c(level: number): Pixelization {
  return new CubePixelization(q3cLayout, level);
}
export function makeMq3c(level: number): Pixelization {
  return new CubePixelization(mq3cLayout, level);
}
