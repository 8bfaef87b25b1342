// SPDX-License-Identifier: BSD-3-Clause
import { skyErrors } from '../../errors.ts';
import { type Distortion, newtonInverse } from './distortion.ts';

const TOLERANCE_DEG = 1e-12;
const CHEBYSHEV = 1;
const LEGENDRE = 2;
const POLYNOMIAL = 3;
const CROSS_NONE = 0;
const CROSS_FULL = 1;

/** One correction surface of the TNX convention. */
interface Surface {
  kind: number;
  xOrder: number;
  yOrder: number;
  crossTerms: number;
  xMin: number;
  xMax: number;
  yMin: number;
  yMax: number;
  coefficients: readonly number[];
}

/**
 * IRAF's TNX convention (FITS registry, "The TNX World Coordinate System"): a surface for each axis, in degrees, is
 * added to the intermediate world coordinates. The surfaces stand as text in the WATi_nnn cards.
 */
export class Tnx implements Distortion {
  private readonly lng: Surface | undefined;
  private readonly lat: Surface | undefined;
  private readonly bx: Float64Array;
  private readonly by: Float64Array;

  constructor(wat1: string, wat2: string) {
    this.lng = parseSurface(wat1, 'lngcor', 'WAT1_001');
    this.lat = parseSurface(wat2, 'latcor', 'WAT2_001');
    const most = Math.max(
      2,
      this.lng?.xOrder ?? 0,
      this.lng?.yOrder ?? 0,
      this.lat?.xOrder ?? 0,
      this.lat?.yOrder ?? 0,
    );
    this.bx = new Float64Array(most);
    this.by = new Float64Array(most);
  }

  apply(x: number, y: number, out: Float64Array): void {
    const dx = this.evaluate(this.lng, x, y);
    const dy = this.evaluate(this.lat, x, y);
    out[0] = x + dx;
    out[1] = y + dy;
  }

  invert(x: number, y: number, out: Float64Array): boolean {
    out[0] = x;
    out[1] = y;
    return newtonInverse(this.jacobian, x, y, TOLERANCE_DEG, out);
  }

  /** Central differences: the surfaces are smooth corrections of a few arcseconds, so Newton converges all the same. */
  private readonly jacobian = (x: number, y: number, out: Float64Array): void => {
    const h = 1e-4;
    this.apply(x, y, out);
    const fx = out[0];
    const fy = out[1];
    for (const [surface, at, own] of [
      [this.lng, 2, 0],
      [this.lat, 4, 1],
    ] as const) {
      out[at] = (own === 0 ? 1 : 0) + (this.evaluate(surface, x + h, y) - this.evaluate(surface, x - h, y)) / (2 * h);
      out[at + 1] =
        (own === 1 ? 1 : 0) + (this.evaluate(surface, x, y + h) - this.evaluate(surface, x, y - h)) / (2 * h);
    }
    out[0] = fx;
    out[1] = fy;
  };

  private evaluate(surface: Surface | undefined, x: number, y: number): number {
    if (surface === undefined) return 0;
    const { xMin, xMax, yMin, yMax, kind, xOrder, yOrder, coefficients } = surface;
    const linear = kind === POLYNOMIAL;
    basis(kind, xOrder, linear ? x : (2 * x - (xMax + xMin)) / (xMax - xMin), this.bx);
    basis(kind, yOrder, linear ? y : (2 * y - (yMax + yMin)) / (yMax - yMin), this.by);
    let sum = 0;
    let at = 0;
    for (let j = 0; j < yOrder; j++) {
      const columns = columnsOf(surface, j);
      for (let i = 0; i < columns; i++) sum += coefficients[at++] * this.bx[i] * this.by[j];
    }
    return sum;
  }
}

function columnsOf(surface: Surface, j: number): number {
  if (j === 0 || surface.crossTerms === CROSS_FULL) return surface.xOrder;
  if (surface.crossTerms === CROSS_NONE) return 1;
  const longest = Math.max(surface.xOrder, surface.yOrder);
  return Math.max(0, Math.min(surface.xOrder, longest - j));
}

function basis(kind: number, order: number, t: number, out: Float64Array): void {
  out[0] = 1;
  if (order > 1) out[1] = t;
  for (let k = 2; k < order; k++) {
    if (kind === CHEBYSHEV) out[k] = 2 * t * out[k - 1] - out[k - 2];
    else if (kind === LEGENDRE) out[k] = ((2 * k - 1) * t * out[k - 1] - (k - 1) * out[k - 2]) / k;
    else out[k] = t * out[k - 1];
  }
}

function parseSurface(wat: string, name: string, card: string): Surface | undefined {
  const text = new RegExp(`${name}\\s*=\\s*"([^"]*)"`).exec(wat)?.[1];
  if (text === undefined) return undefined;
  const numbers = text.trim().split(/\s+/).map(Number);
  const [kind, xOrder, yOrder, crossTerms, xMin, xMax, yMin, yMax, ...coefficients] = numbers;
  const surface = { kind, xOrder, yOrder, crossTerms, xMin, xMax, yMin, yMax, coefficients };
  let expected = 0;
  for (let j = 0; j < yOrder; j++) expected += columnsOf(surface, j);
  if (numbers.some(Number.isNaN) || ![CHEBYSHEV, LEGENDRE, POLYNOMIAL].includes(kind) || coefficients.length < expected)
    throw skyErrors.WCS_BAD_CARD({
      card,
      value: `${name} = "${text}"`,
      rule: `not a TNX surface with ${expected} coefficients`,
    });
  return surface;
}
