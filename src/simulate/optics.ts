// SPDX-License-Identifier: BSD-3-Clause
import { cornerRadiusPx, detectorCentrePx, distortionAtCorner } from './camera.ts';
import type { SurveyOptions } from './options.ts';
import type { PlannedExposure } from './plan.ts';

const toRad = Math.PI / 180;

/**
 * The telescope: sky to detector pixels (0-based), by gnomonic projection about the true optical axis, rotation, cubic
 * radial distortion, and the detector's place. Written apart from sky/ so that the pipeline's WCS is checked against something else.
 */
export class Optics {
  readonly #options: SurveyOptions;
  readonly #exposure: PlannedExposure;
  readonly #offset: { x: number; y: number };
  readonly #cornerPx: number;

  constructor(options: SurveyOptions, exposure: PlannedExposure, detector: number) {
    this.#options = options;
    this.#exposure = exposure;
    this.#cornerPx = cornerRadiusPx(options);
    const centre = detectorCentrePx(detector, options);
    this.#offset = { x: (options.width - 1) / 2 - centre.x, y: (options.height - 1) / 2 - centre.y };
  }

  /** Pixel of a sky position; NaN for the far half of the sky. */
  toPixel(raDeg: number, decDeg: number): { x: number; y: number } {
    const ra = (raDeg - this.#exposure.raDeg) * toRad;
    const dec = decDeg * toRad;
    const dec0 = this.#exposure.decDeg * toRad;
    const depth = Math.sin(dec) * Math.sin(dec0) + Math.cos(dec) * Math.cos(dec0) * Math.cos(ra);
    if (depth <= 0) return { x: Number.NaN, y: Number.NaN };
    const scale = 3600 / toRad / this.#options.pixelScaleArcsec;
    const xi = (Math.cos(dec) * Math.sin(ra)) / depth;
    const eta = (Math.sin(dec) * Math.cos(dec0) - Math.cos(dec) * Math.sin(dec0) * Math.cos(ra)) / depth;
    const u = -xi * scale;
    const v = eta * scale;
    const angle = this.#exposure.rotationDeg * toRad;
    const px = u * Math.cos(angle) - v * Math.sin(angle);
    const py = u * Math.sin(angle) + v * Math.cos(angle);
    const stretch = 1 + distortionAtCorner * ((px * px + py * py) / this.#cornerPx ** 2);
    return { x: this.#offset.x + px * stretch, y: this.#offset.y + py * stretch };
  }

  /** Distance from the optical axis as a fraction of the field's corner. */
  fieldRadius(x: number, y: number): number {
    return Math.hypot(x - this.#offset.x, y - this.#offset.y) / this.#cornerPx;
  }

  /** Direction from the optical axis, radians counter-clockwise from pixel x. */
  fieldAngle(x: number, y: number): number {
    return Math.atan2(y - this.#offset.y, x - this.#offset.x);
  }

  /** The WCS cards a telescope would write: linear, at the pointing it believed in. */
  headerCards(): [key: string, value: string | number][] {
    const s = this.#options.pixelScaleArcsec / 3600;
    const cos = Math.cos(this.#exposure.rotationDeg * toRad);
    const sin = Math.sin(this.#exposure.rotationDeg * toRad);
    return [
      ['RADESYS', 'ICRS'],
      ['CTYPE1', 'RA---TAN'],
      ['CTYPE2', 'DEC--TAN'],
      ['CUNIT1', 'deg'],
      ['CUNIT2', 'deg'],
      ['CRVAL1', this.#exposure.headerRaDeg],
      ['CRVAL2', this.#exposure.headerDecDeg],
      ['CRPIX1', this.#offset.x + 1],
      ['CRPIX2', this.#offset.y + 1],
      ['CD1_1', -s * cos],
      ['CD1_2', -s * sin],
      ['CD2_1', -s * sin],
      ['CD2_2', s * cos],
    ];
  }
}
