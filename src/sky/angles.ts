// SPDX-License-Identifier: BSD-3-Clause

export const DEG = Math.PI / 180;
export const ARCSEC = Math.PI / (180 * 3600);

/** A direction as a unit vector (x to lon 0 lat 0, z to the north pole). */
export type UnitVector = readonly [x: number, y: number, z: number];

/** Brings an angle in degrees into [0, 360). */
export function normalizeLonDeg(lonDeg: number): number {
  const wrapped = lonDeg % 360;
  if (wrapped >= 0) return wrapped === 0 ? 0 : wrapped;
  const shifted = wrapped + 360;
  return shifted === 360 ? 0 : shifted;
}

/** Unit vector of a longitude and latitude in degrees. */
export function unitVector(lonDeg: number, latDeg: number): UnitVector {
  return unitVectorRad(lonDeg * DEG, latDeg * DEG);
}

/** Unit vector of a longitude and latitude in radians. */
export function unitVectorRad(lonRad: number, latRad: number): UnitVector {
  const cosLat = Math.cos(latRad);
  return [Math.cos(lonRad) * cosLat, Math.sin(lonRad) * cosLat, Math.sin(latRad)];
}

/** Longitude in [0, 360) and latitude of a vector, in degrees. The vector need not have unit length. */
export function lonLatDeg(v: UnitVector): { lonDeg: number; latDeg: number } {
  return { lonDeg: normalizeLonDeg(lonRad(v) / DEG), latDeg: latRad(v) / DEG };
}

/** Longitude in (-pi, pi]; 0 for the poles. */
export function lonRad(v: UnitVector): number {
  return v[0] === 0 && v[1] === 0 ? 0 : Math.atan2(v[1], v[0]);
}
export function latRad(v: UnitVector): number {
  return Math.atan2(v[2], Math.sqrt(v[0] * v[0] + v[1] * v[1]));
}

export function dot(a: UnitVector, b: UnitVector): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}
export function cross(a: UnitVector, b: UnitVector): UnitVector {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}
export function normalize(v: UnitVector): UnitVector {
  const length = Math.hypot(v[0], v[1], v[2]);
  return [v[0] / length, v[1] / length, v[2] / length];
}

/** Angle between two vectors in radians, accurate for small and for nearly opposite ones. */
export function angleBetween(a: UnitVector, b: UnitVector): number {
  const n = cross(a, b);
  return Math.atan2(Math.hypot(n[0], n[1], n[2]), dot(a, b));
}

/** Great-circle distance of two positions, in arcseconds. */
export function separationArcsec(ra1Deg: number, dec1Deg: number, ra2Deg: number, dec2Deg: number): number {
  const sinDec = Math.sin(((dec2Deg - dec1Deg) * DEG) / 2);
  const sinRa = Math.sin(((ra2Deg - ra1Deg) * DEG) / 2);
  const h = sinDec * sinDec + Math.cos(dec1Deg * DEG) * Math.cos(dec2Deg * DEG) * sinRa * sinRa;
  return (2 * Math.asin(Math.min(1, Math.sqrt(h)))) / ARCSEC;
}
