// SPDX-License-Identifier: BSD-3-Clause
import { DEG } from '../angles.ts';
import { skyErrors } from '../errors.ts';
import { Sip, type SipTerms } from './distortion/sip.ts';
import { FitsWcs } from './fits-wcs.ts';
import { specFromCards, type WcsSpec } from './spec.ts';
import { TanWcs } from './tan-wcs.ts';
import type { Cards, Wcs } from './wcs.ts';

function wcsFromSpec(spec: WcsSpec): Wcs {
  return ['TAN', 'TPV', 'TNX'].includes(spec.code) ? new TanWcs(spec) : new FitsWcs(spec);
}

/**
 * The celestial WCS of a header: FITS standard 4.0 chapter 8, with SIP, TPV and TNX.
 * @param alt '' for the primary WCS, 'A' ... 'Z' for another.
 * @throws SKY_WCS_… for missing or contradictory cards and unknown projections or frames.
 */
export function wcsFromCards(cards: Cards, options: { alt?: string } = {}): Wcs {
  return wcsFromSpec(specFromCards(cards, options.alt ?? ''));
}

/** A TAN WCS: reference position and pixel (0-based), and either the CD matrix or scale and rotation. */
export interface TanParameters {
  raDeg: number;
  decDeg: number;
  x: number;
  y: number;
  /** Degrees per pixel: d(xi)/dx, d(xi)/dy, d(eta)/dx, d(eta)/dy; xi grows to the east, eta to the north. */
  cd?: readonly [number, number, number, number];
  pixelScaleArcsec?: number;
  /** Position angle of the +y axis, from north through east. Default 0. */
  rotationDeg?: number;
  /** East is towards -x, as seen on the sky (default), or towards +x. */
  flipX?: boolean;
}

export function makeTanWcs(parameters: TanParameters): Wcs {
  return wcsFromSpec(tanSpec(parameters));
}

function tanSpec(parameters: TanParameters): WcsSpec {
  const { raDeg, decDeg, x, y } = parameters;
  if (!(Math.abs(decDeg) <= 90) || !Number.isFinite(raDeg))
    throw skyErrors.WCS_BAD_CARD({
      card: 'CRVAL',
      value: `${raDeg}, ${decDeg}`,
      rule: 'declination must lie in [-90, 90]',
    });
  return {
    axes: [1, 2],
    lonName: 'RA',
    ctype: ['RA---TAN', 'DEC--TAN'],
    code: 'TAN',
    crpix: [x + 1, y + 1],
    crval: [raDeg, decDeg],
    cd: parameters.cd ?? scaleMatrix(parameters),
    lonpole: 180,
    latpole: undefined,
    pv: [[], []],
    wat: ['', ''],
    radesys: 'ICRS',
    equinox: undefined,
    sip: undefined,
  };
}

function scaleMatrix({
  pixelScaleArcsec,
  rotationDeg = 0,
  flipX = false,
}: TanParameters): [number, number, number, number] {
  if (pixelScaleArcsec === undefined || !(pixelScaleArcsec > 0))
    throw skyErrors.WCS_MISSING_CARD({ card: 'pixelScaleArcsec', why: 'a TAN WCS needs cd or a pixel scale above 0' });
  const scale = pixelScaleArcsec / 3600;
  const c = scale * Math.cos(rotationDeg * DEG);
  const s = scale * Math.sin(rotationDeg * DEG);
  const east = flipX ? 1 : -1;
  return [east * c, s, -east * s, c];
}

/** The same WCS with SIP polynomials in place of those it had. Only for TAN. */
export function withSip(wcs: Wcs, terms: SipTerms): Wcs {
  if (!(wcs instanceof FitsWcs) || wcs.spec.code !== 'TAN')
    throw skyErrors.WCS_BAD_CARD({ card: 'CTYPE', value: wcs.constructor.name, rule: 'SIP polynomials are for TAN' });
  return wcsFromSpec({ ...wcs.spec, ctype: ['RA---TAN-SIP', 'DEC--TAN-SIP'], sip: Sip.fromTerms(terms) });
}
