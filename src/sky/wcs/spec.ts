// SPDX-License-Identifier: BSD-3-Clause
import { skyErrors } from '../errors.ts';
import { Sip } from './distortion/sip.ts';
import type { Cards } from './wcs.ts';

/** What a header says about a celestial WCS, in degrees and 1-based pixels, before any of it is interpreted. */
export interface WcsSpec {
  /** 1-based world axis of longitude and of latitude: [1, 2], or [2, 1] where the header swaps them. */
  readonly axes: readonly [lon: number, lat: number];
  /** RA, GLON or ELON. */
  readonly lonName: string;
  readonly ctype: readonly [string, string];
  /** Three-letter code, with TPV and TNX kept. */
  readonly code: string;
  readonly crpix: readonly [number, number];
  /** Of world axes 1 and 2. */
  readonly crval: readonly [number, number];
  /** Degrees per pixel, row by row: world axis i, pixel axis j. */
  readonly cd: readonly [number, number, number, number];
  readonly lonpole: number | undefined;
  readonly latpole: number | undefined;
  /** PVi_m of world axes 1 and 2. */
  readonly pv: readonly [readonly (number | undefined)[], readonly (number | undefined)[]];
  readonly wat: readonly [string, string];
  readonly radesys: string | undefined;
  readonly equinox: number | undefined;
  readonly sip: Sip | undefined;
}

const UNITS: Readonly<Record<string, number>> = {
  deg: 1,
  degree: 1,
  degrees: 1,
  arcmin: 1 / 60,
  arcsec: 1 / 3600,
  mas: 1 / 3.6e6,
  rad: 180 / Math.PI,
};

/** Reads the cards of WCS `alt` ('' for the primary one, or 'A' ... 'Z'). */
export function specFromCards(cards: Cards, alt = ''): WcsSpec {
  const number = (key: string): number | undefined => numberCard(cards, key + alt);
  const text = (key: string): string | undefined => {
    const value = cards[key + alt];
    return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
  };
  const ctype = [text('CTYPE1'), text('CTYPE2')] as const;
  for (const i of [1, 2] as const)
    if (ctype[i - 1] === undefined)
      throw skyErrors.WCS_MISSING_CARD({ card: `CTYPE${i}${alt}`, why: 'axes 1 and 2 must be celestial' });
  const parsed = ctype.map((c) => parseCtype(c!));
  const lon = parsed.findIndex((c) => /^(RA|.LON)$/.test(c.name)) + 1;
  const lat = parsed.findIndex((c) => /^(DEC|.LAT)$/.test(c.name)) + 1;
  if (lon === 0 || lat === 0 || parsed[0].code !== parsed[1].code)
    throw skyErrors.WCS_BAD_CARD({
      card: `CTYPE1${alt}, CTYPE2${alt}`,
      value: `'${ctype[0]}', '${ctype[1]}'`,
      rule: 'must name a longitude and a latitude in one projection',
    });
  const units = ([1, 2] as const).map((i) => {
    const unit = text(`CUNIT${i}`) ?? 'deg';
    const factor = UNITS[unit.toLowerCase()];
    if (factor === undefined)
      throw skyErrors.WCS_BAD_CARD({ card: `CUNIT${i}${alt}`, value: `'${unit}'`, rule: 'must be a unit of angle' });
    return factor;
  });
  const required = (key: string): number => {
    const value = number(key);
    if (value === undefined) throw skyErrors.WCS_MISSING_CARD({ card: key + alt, why: 'it is absent' });
    return value;
  };
  const cd = linearMatrix(number);
  return {
    axes: [lon, lat],
    lonName: parsed[lon - 1].name,
    ctype: [ctype[0]!, ctype[1]!],
    code: parsed[0].code,
    // The standard gives 0 as default; a header with no reference at all is refused by CRVAL.
    crpix: [number('CRPIX1') ?? 0, number('CRPIX2') ?? 0],
    crval: [required('CRVAL1') * units[0], required('CRVAL2') * units[1]],
    cd: [cd[0] * units[0], cd[1] * units[0], cd[2] * units[1], cd[3] * units[1]],
    lonpole: number('LONPOLE'),
    latpole: number('LATPOLE'),
    pv: [parameters(cards, 1, alt), parameters(cards, 2, alt)],
    wat: [joinedWat(cards, 1), joinedWat(cards, 2)],
    radesys: text('RADESYS') ?? (alt === '' ? text('RADECSYS') : undefined),
    equinox: number('EQUINOX') ?? (alt === '' ? numberCard(cards, 'EPOCH') : undefined),
    // Written by some with CTYPE without -SIP (Spitzer, SCAMP derivatives): the coefficients decide.
    sip: Sip.fromCards(cards, alt),
  };
}

function parseCtype(ctype: string): { name: string; code: string } {
  const match = /^([A-Z]{1,4})-+([A-Z]{3})(?:-[A-Z]+)?$/.exec(ctype);
  if (match === null)
    throw skyErrors.WCS_BAD_CARD({
      card: 'CTYPE',
      value: `'${ctype}'`,
      rule: "must look like 'RA---TAN' or 'DEC--TAN-SIP'",
    });
  return { name: match[1], code: match[2] };
}

function numberCard(cards: Cards, key: string): number | undefined {
  const value = cards[key];
  if (value === undefined) return undefined;
  const parsed = typeof value === 'string' ? Number(value.trim() || Number.NaN) : value;
  if (typeof parsed !== 'number' || !Number.isFinite(parsed))
    throw skyErrors.WCS_BAD_CARD({ card: key, value: String(value), rule: 'must be a finite number' });
  return parsed;
}

/** CD, or PC with CDELT, or CDELT with CROTA2 (FITS standard 4.0, section 8.2). */
function linearMatrix(number: (key: string) => number | undefined): [number, number, number, number] {
  const cells = [1, 2].flatMap((i) => [1, 2].map((j) => `${i}_${j}`));
  const cd = cells.map((c) => number(`CD${c}`));
  if (cd.some((v) => v !== undefined)) return cd.map((v) => v ?? 0) as [number, number, number, number];
  const pc = cells.map((c) => number(`PC${c}`));
  const cdelt = [number('CDELT1'), number('CDELT2')];
  if (pc.some((v) => v !== undefined)) {
    const m = pc.map((v, i) => v ?? (i === 0 || i === 3 ? 1 : 0));
    const [d1, d2] = [cdelt[0] ?? 1, cdelt[1] ?? 1];
    return [d1 * m[0], d1 * m[1], d2 * m[2], d2 * m[3]];
  }
  if (cdelt[0] === undefined || cdelt[1] === undefined)
    throw skyErrors.WCS_MISSING_CARD({ card: 'CDi_j', why: 'there is neither CD nor PC nor CDELT' });
  const rho = ((number('CROTA2') ?? number('CROTA1') ?? 0) * Math.PI) / 180;
  return [cdelt[0] * Math.cos(rho), -cdelt[1] * Math.sin(rho), cdelt[0] * Math.sin(rho), cdelt[1] * Math.cos(rho)];
}

function parameters(cards: Cards, axis: number, alt: string): (number | undefined)[] {
  const out: (number | undefined)[] = [];
  for (let m = 0; m < 40; m++) {
    const value = numberCard(cards, `PV${axis}_${m}${alt}`);
    if (value !== undefined) out[m] = value;
  }
  return out;
}

function joinedWat(cards: Cards, axis: number): string {
  let joined = '';
  for (let n = 1; n < 1000; n++) {
    const part = cards[`WAT${axis}_${String(n).padStart(3, '0')}`];
    if (typeof part !== 'string') break;
    // Cards hold 68 characters; trailing blanks may have been trimmed by the reader but belong to the text.
    joined += part.padEnd(68, ' ');
  }
  return joined;
}

/** The cards of a WCS; the way back is {@link specFromCards}. */
export function specToCards(spec: WcsSpec, origin: { x0: number; y0: number }): Cards {
  const cards: Record<string, string | number> = {
    WCSAXES: 2,
    CTYPE1: spec.ctype[0],
    CTYPE2: spec.ctype[1],
    CUNIT1: 'deg',
    CUNIT2: 'deg',
    CRPIX1: spec.crpix[0] - origin.x0,
    CRPIX2: spec.crpix[1] - origin.y0,
    CRVAL1: spec.crval[0],
    CRVAL2: spec.crval[1],
    CD1_1: spec.cd[0],
    CD1_2: spec.cd[1],
    CD2_1: spec.cd[2],
    CD2_2: spec.cd[3],
  };
  if (spec.lonpole !== undefined) cards.LONPOLE = spec.lonpole;
  if (spec.latpole !== undefined) cards.LATPOLE = spec.latpole;
  if (spec.radesys !== undefined) cards.RADESYS = spec.radesys;
  if (spec.equinox !== undefined) cards.EQUINOX = spec.equinox;
  spec.pv.forEach((axis, i) => {
    axis.forEach((value, m) => {
      if (value !== undefined) cards[`PV${i + 1}_${m}`] = value;
    });
  });
  spec.wat.forEach((wat, i) => {
    for (let n = 0; n * 68 < wat.length; n++)
      cards[`WAT${i + 1}_${String(n + 1).padStart(3, '0')}`] = wat.slice(n * 68, n * 68 + 68);
  });
  return spec.sip === undefined ? cards : { ...cards, ...spec.sip.toCards() };
}
