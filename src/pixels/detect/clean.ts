// SPDX-License-Identifier: BSD-3-Clause
import type { IsophotalObjects } from './extract.ts';

/** Neighbours farther than this many semi-axes do not count: the profile is not known that far out. */
const REACH = 12;

/**
 * Which objects stand on their own: one that would not have been detected without the light of brighter neighbours'
 * wings is left out (Bertin & Arnouts 1996, section 6). The wings are a Moffat profile `I0 (1 + k r^2)^-beta` with the
 * neighbour's isophotal ellipse, area and peak; the object survives when its `minArea`-th brightest pixel exceeds the
 * threshold by more than the sum of all wings at its place.
 *
 * @returns indices of the surviving objects, in order
 */
export function cleanObjects(
  objects: IsophotalObjects,
  filtered: Float32Array,
  width: number,
  threshold: number,
  sigma: number | Float32Array,
  beta: number,
  minArea: number,
): number[] {
  const n = objects.area.length;
  const level = new Float64Array(n);
  const margin = new Float64Array(n);
  const brightness = new Float64Array(n);
  const { footprints } = objects;
  for (let k = 0; k < n; k++) {
    const noise =
      typeof sigma === 'number' ? sigma : sigma[Math.round(objects.y[k]) * width + Math.round(objects.x[k])];
    level[k] = threshold * noise;
    const values = new Float32Array(objects.area[k]);
    let i = 0;
    for (let s = footprints.spanStart[k]; s < footprints.spanStart[k + 1]; s++) {
      const row = footprints.spanY[s] * width;
      for (let x = footprints.spanX[s]; x < footprints.spanEnd[s]; x++) {
        const v = filtered[row + x];
        values[i++] = v;
        brightness[k] += v;
      }
    }
    values.sort();
    margin[k] = values[Math.max(0, values.length - minArea)] - level[k];
  }
  // Neighbours matter within the reach of the largest isophotes: a grid of cells keeps the search local.
  const survives = new Uint8Array(n).fill(1);
  const wings = new Float64Array(n);
  const byBrightness = Array.from({ length: n }, (_, k) => k).sort((a, b) => brightness[b] - brightness[a]);
  for (let i = 0; i < n; i++) {
    const k = byBrightness[i];
    if (!survives[k]) continue;
    const a = objects.a[k];
    const b = Math.max(objects.b[k], 1e-3);
    // A Moffat profile with the observed peak, whose isophote at the threshold encloses the observed area.
    const central = objects.filteredPeak[k];
    if (!(central > level[k])) continue;
    const alpha = ((central / level[k]) ** (1 / beta) - 1) * ((Math.PI * a * b) / objects.area[k]);
    const theta = (objects.thetaDeg[k] * Math.PI) / 180;
    const c = Math.cos(theta);
    const s = Math.sin(theta);
    for (let j = i + 1; j < n; j++) {
      const other = byBrightness[j];
      if (!survives[other]) continue;
      const dx = objects.x[other] - objects.x[k];
      const dy = objects.y[other] - objects.y[k];
      if (dx * dx + dy * dy > REACH * REACH * a * a) continue;
      const u = (c * dx + s * dy) / a;
      const v = (c * dy - s * dx) / b;
      wings[other] += central * (1 + alpha * (u * u + v * v)) ** -beta;
      if (wings[other] > margin[other]) survives[other] = 0;
    }
  }
  const keep: number[] = [];
  for (let k = 0; k < n; k++) if (survives[k]) keep.push(k);
  return keep;
}
