// SPDX-License-Identifier: BSD-3-Clause
import { angleBetween, cross, dot, normalize, type UnitVector } from '../angles.ts';
import { EMPTY_CIRCLE, FULL_CIRCLE, makeCircle } from './circle.ts';
import { ASIN_ERROR, type Circle, type Ellipse } from './region.ts';

const HALF_PI = Math.PI / 2;

/** An ellipse by its foci and the semi-axis alpha along the line between them, radians. */
export function makeEllipse(focus1: UnitVector, focus2: UnitVector, alphaRad: number): Ellipse {
  const gamma = angleBetween(focus1, focus2) / 2;
  const center = normalize([focus1[0] + focus2[0], focus1[1] + focus2[1], focus1[2] + focus2[2]]);
  const pole = gamma > 0 ? normalize(cross(focus1, focus2)) : anyPerpendicular(center);
  const along = normalize(cross(pole, center));
  const beta = Math.acos(Math.max(-1, Math.min(1, Math.cos(alphaRad) / Math.cos(gamma))));
  const [a, b] = [alphaRad - HALF_PI, beta - HALF_PI];
  return {
    kind: 'ellipse',
    axes: [along, pole, center],
    a,
    b,
    gamma,
    tanA: Math.abs(Math.tan(a)),
    tanB: Math.abs(Math.tan(b)),
  };
}

function anyPerpendicular(v: UnitVector): UnitVector {
  return normalize(cross(v, Math.abs(v[2]) < 0.9 ? [0, 0, 1] : [1, 0, 0]));
}

export function ellipseIsEmpty(e: Ellipse): boolean {
  return !(e.a + HALF_PI >= e.gamma);
}
export function ellipseIsFull(e: Ellipse): boolean {
  return HALF_PI - e.a <= e.gamma;
}

/** An elliptical cone: (x cot alpha)^2 + (y cot beta)^2 <= z^2 on the near side, or its complement for axes beyond a right angle. */
export function ellipseContains(e: Ellipse, v: UnitVector): boolean {
  if (ellipseIsFull(e)) return true;
  if (ellipseIsEmpty(e)) return false;
  const x = dot(e.axes[0], v) * e.tanA;
  const y = dot(e.axes[1], v) * e.tanB;
  const z = dot(e.axes[2], v);
  const d = x * x + y * y - z * z;
  return e.a > 0 ? z >= 0 || d >= 0 : z >= 0 && d <= 0;
}

export function ellipseBoundingCircle(e: Ellipse): Circle {
  if (ellipseIsEmpty(e)) return EMPTY_CIRCLE;
  if (ellipseIsFull(e)) return FULL_CIRCLE;
  return makeCircle(e.axes[2], Math.max(e.a, e.b) + HALF_PI + 2 * ASIN_ERROR);
}
