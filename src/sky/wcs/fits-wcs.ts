// SPDX-License-Identifier: BSD-3-Clause
import { ARCSEC, DEG, normalizeLonDeg } from '../angles.ts';
import { skyErrors } from '../errors.ts';
import { nativeToCelestial } from './celestial.ts';
import type { Distortion } from './distortion/distortion.ts';
import type { Sip } from './distortion/sip.ts';
import { Tnx } from './distortion/tnx.ts';
import { Tpv } from './distortion/tpv.ts';
import { frameToIcrs, multiply, type Rotation } from './frames.ts';
import { type Projection, projectionOf } from './projections/index.ts';
import { specToCards, type WcsSpec } from './spec.ts';
import type { Cards, Wcs } from './wcs.ts';

/**
 * The pixel-to-sky pipeline of the FITS standard: CRPIX, SIP, CD, plane distortion (TPV, TNX), projection, rotation.
 * Holds scratch space: do not share one instance between threads.
 */
export class FitsWcs implements Wcs {
  readonly spec: WcsSpec;
  protected readonly projection: Projection;
  protected readonly rotation: Rotation;
  protected readonly plane: Distortion | undefined;
  protected readonly sip: Sip | undefined;
  /** 0-based reference pixel. */
  protected readonly xRef: number;
  protected readonly yRef: number;
  /** Longitude-plane and latitude-plane rows of the CD matrix, degrees per pixel, and its inverse. */
  protected readonly cd: readonly [number, number, number, number];
  protected readonly inverse: readonly [number, number, number, number];
  protected readonly out = new Float64Array(2);

  constructor(spec: WcsSpec) {
    this.spec = spec;
    const [lonAxis, latAxis] = spec.axes;
    const row = (axis: number) => spec.cd.slice(2 * (axis - 1), 2 * axis) as unknown as [number, number];
    this.cd = [...row(lonAxis), ...row(latAxis)];
    const [a, b, c, d] = this.cd;
    const determinant = a * d - b * c;
    if (!(Math.abs(determinant) > 0)) throw skyErrors.WCS_SINGULAR({ matrix: `[${spec.cd.join(', ')}]` });
    this.inverse = [d / determinant, -b / determinant, -c / determinant, a / determinant];
    this.xRef = spec.crpix[0] - 1;
    this.yRef = spec.crpix[1] - 1;
    this.sip = spec.sip;
    const lonPv = spec.pv[lonAxis - 1];
    let latPv = spec.pv[latAxis - 1];
    let code = spec.code;
    const lon0 = spec.crval[lonAxis - 1];
    const lat0 = spec.crval[latAxis - 1];
    // SCAMP writes its polynomial under TAN; a plain TAN has no PV parameters of its own on the latitude axis.
    const polynomialTan = code === 'TAN' && (latPv.length > 0 || lonPv.some((v, m) => v !== undefined && m > 4));
    if (code === 'TPV' || polynomialTan) {
      this.plane = new Tpv(lonPv, latPv);
      code = 'TAN';
    } else if (code === 'TNX') {
      this.plane = new Tnx(spec.wat[lonAxis - 1], spec.wat[latAxis - 1]);
      code = 'TAN';
    } else if (code === 'NCP') {
      latPv = [undefined, 0, 1 / Math.tan(lat0 * DEG)];
      code = 'SIN';
    }
    this.projection = projectionOf(code, latPv, spec.ctype[latAxis - 1]);
    const ownParameters = this.plane === undefined ? lonPv : [];
    this.rotation = multiply(
      frameToIcrs(spec.lonName, spec.radesys, spec.equinox),
      nativeToCelestial(
        lon0,
        lat0,
        this.projection.theta0,
        spec.lonpole ?? ownParameters[3],
        spec.latpole ?? ownParameters[4],
      ),
    );
  }

  /** Writes RA and Dec in degrees to `out`. */
  protected forward(x: number, y: number, out: Float64Array): void {
    let u = x - this.xRef;
    let v = y - this.yRef;
    if (this.sip !== undefined) {
      this.sip.apply(u, v, out);
      u = out[0];
      v = out[1];
    }
    const { cd } = this;
    let px = cd[0] * u + cd[1] * v;
    let py = cd[2] * u + cd[3] * v;
    if (this.plane !== undefined) {
      this.plane.apply(px, py, out);
      px = out[0];
      py = out[1];
    }
    if (!this.projection.deproject(px * DEG, py * DEG, out)) {
      out[0] = Number.NaN;
      out[1] = Number.NaN;
      return;
    }
    const cosTheta = Math.cos(out[1]);
    this.toSky(cosTheta * Math.cos(out[0]), cosTheta * Math.sin(out[0]), Math.sin(out[1]), out);
  }

  /** RA and Dec of a native vector of any length. */
  protected toSky(a: number, b: number, c: number, out: Float64Array): void {
    const r = this.rotation;
    const sx = r[0] * a + r[1] * b + r[2] * c;
    const sy = r[3] * a + r[4] * b + r[5] * c;
    const sz = r[6] * a + r[7] * b + r[8] * c;
    const ra = Math.atan2(sy, sx) / DEG;
    out[0] = ra < 0 ? normalizeLonDeg(ra) : ra;
    out[1] = Math.atan2(sz, Math.sqrt(sx * sx + sy * sy)) / DEG;
  }

  /** Writes x and y to `out`. */
  protected backward(raDeg: number, decDeg: number, out: Float64Array): void {
    const cosDec = Math.cos(decDeg * DEG);
    const sx = cosDec * Math.cos(raDeg * DEG);
    const sy = cosDec * Math.sin(raDeg * DEG);
    const sz = Math.sin(decDeg * DEG);
    const r = this.rotation;
    const a = r[0] * sx + r[3] * sy + r[6] * sz;
    const b = r[1] * sx + r[4] * sy + r[7] * sz;
    const c = r[2] * sx + r[5] * sy + r[8] * sz;
    if (!this.toPlane(a, b, c, out)) {
      out[0] = Number.NaN;
      out[1] = Number.NaN;
      return;
    }
    this.planeToPixel(out[0] / DEG, out[1] / DEG, out);
  }

  /** Undistorted plane position, radians, of a native unit vector. */
  protected toPlane(a: number, b: number, c: number, out: Float64Array): boolean {
    const phi = a === 0 && b === 0 ? 0 : Math.atan2(b, a);
    return this.projection.project(phi, Math.atan2(c, Math.sqrt(a * a + b * b)), out);
  }

  private planeToPixel(planeX: number, planeY: number, out: Float64Array): void {
    let px = planeX;
    let py = planeY;
    let found = true;
    if (this.plane !== undefined) {
      found = this.plane.invert(px, py, out);
      px = out[0];
      py = out[1];
    }
    const { inverse } = this;
    const u = inverse[0] * px + inverse[1] * py;
    const v = inverse[2] * px + inverse[3] * py;
    out[0] = u;
    out[1] = v;
    if (this.sip !== undefined) found = this.sip.invert(u, v, out) && found;
    out[0] = found ? out[0] + this.xRef : Number.NaN;
    out[1] = found ? out[1] + this.yRef : Number.NaN;
  }

  pixelToSky(x: number, y: number): { raDeg: number; decDeg: number } {
    this.forward(x, y, this.out);
    return { raDeg: this.out[0], decDeg: this.out[1] };
  }

  skyToPixel(raDeg: number, decDeg: number): { x: number; y: number } {
    this.backward(raDeg, decDeg, this.out);
    return { x: this.out[0], y: this.out[1] };
  }

  pixelToSkyMany(n: number, x: Float64Array, y: Float64Array, raDeg: Float64Array, decDeg: Float64Array): void {
    const { out } = this;
    for (let i = 0; i < n; i++) {
      this.forward(x[i], y[i], out);
      raDeg[i] = out[0];
      decDeg[i] = out[1];
    }
  }

  skyToPixelMany(n: number, raDeg: Float64Array, decDeg: Float64Array, x: Float64Array, y: Float64Array): void {
    const { out } = this;
    for (let i = 0; i < n; i++) {
      this.backward(raDeg[i], decDeg[i], out);
      x[i] = out[0];
      y[i] = out[1];
    }
  }

  pixelScaleArcsec(x = this.xRef, y = this.yRef): number {
    // Area spanned by the central differences of the sky position, over two pixels each way.
    const at = (dx: number, dy: number) => {
      const { raDeg, decDeg } = this.pixelToSky(x + dx, y + dy);
      const cosDec = Math.cos(decDeg * DEG);
      return [cosDec * Math.cos(raDeg * DEG), cosDec * Math.sin(raDeg * DEG), Math.sin(decDeg * DEG)];
    };
    const [east, west, north, south] = [at(1, 0), at(-1, 0), at(0, 1), at(0, -1)];
    const u = east.map((value, i) => (value - west[i]) / 2);
    const v = north.map((value, i) => (value - south[i]) / 2);
    const area = Math.hypot(u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]);
    return Math.sqrt(area) / ARCSEC;
  }

  toCards(origin: { x0: number; y0: number } = { x0: 0, y0: 0 }): Cards {
    return specToCards(this.spec, origin);
  }
}
