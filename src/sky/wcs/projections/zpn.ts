// SPDX-License-Identifier: BSD-3-Clause
import { EDGE } from './projection.ts';

/**
 * The radius polynomial of ZPN, R = sum P_m z^m in radians of colatitude z (paper II, 5.1.7), and its inverse on
 * the range where it rises from z = 0. Outside that range (a hole in the middle, beyond the turning point) NaN.
 */
export function zenithalPolynomial(pv: readonly (number | undefined)[]): {
  radius(z: number): number;
  colatitude(r: number): number;
} {
  let degree = pv.length - 1;
  while (degree > 0 && !pv[degree]) degree--;
  const p = Array.from({ length: degree + 1 }, (_, m) => pv[m] ?? 0);
  const value = (z: number) => p.reduceRight((sum, c) => sum * z + c, 0);
  const slope = (z: number) => p.reduceRight((sum, c, m) => (m === 0 ? sum : sum * z + m * c), 0);
  const zMax = risingLimit(slope);
  const rMin = value(0);
  const rMax = value(zMax);
  return {
    radius: (z) => (z <= zMax + EDGE ? value(z) : Number.NaN),
    colatitude(r) {
      if (r < rMin - EDGE || r > rMax + EDGE) return Number.NaN;
      let low = 0;
      let high = zMax;
      let z = Math.min(high, Math.max(low, p[1] ? (r - rMin) / p[1] : zMax / 2));
      for (let i = 0; i < 100; i++) {
        const excess = value(z) - r;
        if (excess > 0) high = z;
        else low = z;
        const newton = z - excess / slope(z);
        const next = newton >= low && newton <= high ? newton : (low + high) / 2;
        if (Math.abs(next - z) <= 1e-15 * Math.max(1, z)) return next;
        z = next;
      }
      return z;
    },
  };
}

/** First zero of the slope in (0, pi], or pi. */
function risingLimit(slope: (z: number) => number): number {
  const steps = 720;
  for (let i = 1; i <= steps; i++) {
    const z = (Math.PI * i) / steps;
    if (slope(z) > 0) continue;
    let low = (Math.PI * (i - 1)) / steps;
    let high = z;
    for (let k = 0; k < 60; k++) {
      const middle = (low + high) / 2;
      if (slope(middle) > 0) low = middle;
      else high = middle;
    }
    return low;
  }
  return Math.PI;
}
