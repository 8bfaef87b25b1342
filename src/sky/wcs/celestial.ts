// SPDX-License-Identifier: BSD-3-Clause
import { DEG } from '../angles.ts';
import { skyErrors } from '../errors.ts';
import { multiply, type Rotation, rotationY, rotationZ } from './frames.ts';

/**
 * Rotation from native to celestial unit vectors for a fiducial point at native (0, theta0) with celestial position
 * (lon0, lat0), LONPOLE and LATPOLE. Calabretta & Greisen (2002), section 2.4, equations 7 to 10. Angles in degrees,
 * theta0 in radians.
 */
export function nativeToCelestial(
  lon0: number,
  lat0: number,
  theta0: number,
  lonpole: number | undefined,
  latpole: number | undefined,
): Rotation {
  const phiP = lonpole ?? (lat0 < theta0 / DEG ? 180 : 0);
  const [lonP, latP] =
    theta0 === Math.PI / 2 ? [lon0, lat0] : celestialPole(lon0, lat0, theta0 / DEG, phiP, latpole ?? 90);
  // Native longitude counted from the celestial pole's meridian, tilt by the pole's distance, then its longitude.
  return multiply(
    multiply(rotationZ(lonP * DEG), rotationY(Math.PI / 2 - latP * DEG)),
    rotationZ(Math.PI - phiP * DEG),
  );
}

/** Celestial longitude and latitude of the native pole, degrees. */
function celestialPole(lon0: number, lat0: number, theta0: number, phiP: number, latpole: number): [number, number] {
  const sin = (a: number) => Math.sin(a * DEG);
  const cos = (a: number) => Math.cos(a * DEG);
  const phase = Math.atan2(sin(theta0), cos(theta0) * cos(phiP)) / DEG;
  const norm = Math.hypot(sin(theta0), cos(theta0) * cos(phiP));
  let latP: number;
  if (norm < 1e-10) {
    // Any latitude of the pole is consistent: LATPOLE decides.
    if (Math.abs(lat0) > 1e-8) throw skyErrors.WCS_POLE({ crval: String(lat0), lonpole: String(phiP) });
    latP = latpole;
  } else {
    const ratio = sin(lat0) / norm;
    if (Math.abs(ratio) > 1 + 1e-10) throw skyErrors.WCS_POLE({ crval: String(lat0), lonpole: String(phiP) });
    const swing = Math.acos(Math.min(1, Math.max(-1, ratio))) / DEG;
    const candidates = [phase + swing, phase - swing]
      .map((a) => (a > 180 ? a - 360 : a < -180 ? a + 360 : a))
      .filter((a) => Math.abs(a) <= 90 + 1e-10)
      .map((a) => Math.min(90, Math.max(-90, a)));
    if (candidates.length === 0) throw skyErrors.WCS_POLE({ crval: String(lat0), lonpole: String(phiP) });
    candidates.sort((a, b) => Math.abs(a - latpole) - Math.abs(b - latpole) || b - a);
    latP = candidates[0];
  }
  const scale = cos(latP) * cos(lat0);
  if (Math.abs(scale) < 1e-10) {
    if (Math.abs(cos(lat0)) < 1e-10) return [lon0, latP];
    return latP > 0 ? [lon0 + phiP - 180, latP] : [lon0 - phiP, latP];
  }
  const s = (sin(phiP) * cos(theta0)) / cos(lat0);
  const c = (sin(theta0) - sin(latP) * sin(lat0)) / scale;
  return [lon0 - Math.atan2(s, c) / DEG, latP];
}
