// SPDX-License-Identifier: BSD-3-Clause
import { DEG } from '../angles.ts';
import { FitsWcs } from './fits-wcs.ts';

/**
 * TAN and TAN-SIP without trigonometry on the native sphere: the gnomonic plane is the plane z = 1 of the native
 * frame, so a plane point (x, y) is the native vector (-y, x, 1) and the way back is a division. The same numbers as
 * {@link FitsWcs} to rounding, in a third of the time.
 */
export class TanWcs extends FitsWcs {
  protected override forward(x: number, y: number, out: Float64Array): void {
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
    this.toSky(-py * DEG, px * DEG, 1, out);
  }

  protected override toPlane(a: number, b: number, c: number, out: Float64Array): boolean {
    out[0] = b / c;
    out[1] = -a / c;
    return c > 0;
  }
}
