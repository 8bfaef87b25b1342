// SPDX-License-Identifier: BSD-3-Clause
import { DEG } from '../angles.ts';
import { skyErrors } from '../errors.ts';

/** A rotation as nine numbers, row by row. */
export type Rotation = readonly [number, number, number, number, number, number, number, number, number];

export const IDENTITY: Rotation = [1, 0, 0, 0, 1, 0, 0, 0, 1];

export function multiply(a: Rotation, b: Rotation): Rotation {
  const out = new Array<number>(9);
  for (let i = 0; i < 3; i++)
    for (let j = 0; j < 3; j++) out[3 * i + j] = a[3 * i] * b[j] + a[3 * i + 1] * b[3 + j] + a[3 * i + 2] * b[6 + j];
  return out as unknown as Rotation;
}

/** Galactic to ICRS: pole at RA 192.85948, Dec 27.12825, position angle of the centre 122.93192 (Hipparcos catalogue, vol. 1, 1.5.3). */
const galacticToIcrs = poleRotation(192.85948, 27.12825, 122.93192);
/** Ecliptic of J2000 to ICRS: obliquity 23 deg 26' 21.448" (IAU 1976). */
const obliquity = (84381.448 / 3600) * DEG;
const eclipticToIcrs: Rotation = [
  1,
  0,
  0,
  0,
  Math.cos(obliquity),
  -Math.sin(obliquity),
  0,
  Math.sin(obliquity),
  Math.cos(obliquity),
];

/** Rotation whose inverse takes the pole to the z axis and puts the equatorial pole at longitude `poleLonDeg`. */
function poleRotation(raPoleDeg: number, decPoleDeg: number, poleLonDeg: number): Rotation {
  return multiply(
    multiply(rotationZ(raPoleDeg * DEG), rotationY(Math.PI / 2 - decPoleDeg * DEG)),
    multiply(rotationZ(Math.PI), rotationZ(-poleLonDeg * DEG)),
  );
}

export function rotationZ(angle: number): Rotation {
  const c = Math.cos(angle);
  const s = Math.sin(angle);
  return [c, -s, 0, s, c, 0, 0, 0, 1];
}
export function rotationY(angle: number): Rotation {
  const c = Math.cos(angle);
  const s = Math.sin(angle);
  return [c, 0, s, 0, 1, 0, -s, 0, c];
}

/**
 * Rotation from the frame of a header to ICRS. `axes`: 'RA' (with RADESYS and EQUINOX), 'GLON' or 'ELON'. FK5 of
 * J2000 is taken as ICRS (they differ by 0.02" at most); other FK5 equinoxes are precessed (IAU 1976). FK4 is refused:
 * it needs an epoch and is not a rotation.
 */
export function frameToIcrs(axes: string, radesys: string | undefined, equinox: number | undefined): Rotation {
  if (axes === 'GLON') return galacticToIcrs;
  if (axes === 'ELON') return eclipticToIcrs;
  const frame = radesys ?? (equinox !== undefined && equinox < 1984 ? 'FK4' : equinox === undefined ? 'ICRS' : 'FK5');
  if (frame === 'ICRS') return IDENTITY;
  if (frame !== 'FK5')
    throw skyErrors.WCS_UNKNOWN_FRAME({ frame: `${frame} ${equinox ?? ''}`.trim(), known: 'ICRS FK5' });
  const year = equinox ?? 2000;
  return year === 2000 ? IDENTITY : precessionToJ2000(year);
}

/** FK5 precession from a Julian epoch to J2000: Lieske et al. (1977), A&A 58, 1. */
function precessionToJ2000(year: number): Rotation {
  const t = (year - 2000) / 100;
  const zeta = (((0.017998 * t + 0.30188) * t + 2306.2181) * t * DEG) / 3600;
  const z = (((0.018203 * t + 1.09468) * t + 2306.2181) * t * DEG) / 3600;
  const theta = (((-0.041833 * t - 0.42665) * t + 2004.3109) * t * DEG) / 3600;
  // From J2000 to the date: Rz(-z) Ry(theta) Rz(-zeta) in the convention of rotating axes; this is its transpose.
  return multiply(multiply(rotationZ(-zeta), rotationY(theta)), rotationZ(-z));
}
