// SPDX-License-Identifier: BSD-3-Clause

/**
 * For each of positions A the nearest of positions B within a radius, or -1: degrees in, arcsecond radius. Flat-sky distances, right
 * for radii of arcseconds; not for fields that hold a pole. B is hashed on a grid of the radius, so the cost is linear.
 */
export function matchNearest(
  raA: ArrayLike<number>,
  decA: ArrayLike<number>,
  raB: ArrayLike<number>,
  decB: ArrayLike<number>,
  radiusArcsec: number,
): Int32Array {
  const radius = radiusArcsec / 3600;
  const cells = new Map<string, number[]>();
  const cell = (ra: number, dec: number) => [
    Math.floor((ra * Math.cos((dec * Math.PI) / 180)) / radius),
    Math.floor(dec / radius),
  ];
  for (let j = 0; j < raB.length; j++) {
    const key = cell(raB[j], decB[j]).join();
    const list = cells.get(key);
    if (list === undefined) cells.set(key, [j]);
    else list.push(j);
  }
  const nearest = new Int32Array(raA.length).fill(-1);
  for (let i = 0; i < raA.length; i++) {
    const [cx, cy] = cell(raA[i], decA[i]);
    const cosDec = Math.cos((decA[i] * Math.PI) / 180);
    let best = radius * radius;
    // cos(dec) differs a little between the two positions: look one cell further in RA.
    for (let dx = -2; dx <= 2; dx++) {
      for (let dy = -1; dy <= 1; dy++) {
        for (const j of cells.get(`${cx + dx},${cy + dy}`) ?? []) {
          const u = (raB[j] - raA[i]) * cosDec;
          const v = decB[j] - decA[i];
          const d2 = u * u + v * v;
          if (d2 <= best) {
            best = d2;
            nearest[i] = j;
          }
        }
      }
    }
  }
  return nearest;
}

export function median(values: ArrayLike<number>): number {
  const sorted = Float64Array.from(values).sort();
  const n = sorted.length;
  if (n === 0) return Number.NaN;
  return n % 2 === 1 ? sorted[n >> 1] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
}

/** Standard deviation of a normal core: 1.4826 times the median absolute deviation. */
export function robustRms(values: ArrayLike<number>): number {
  const centre = median(values);
  return 1.4826 * median(Float64Array.from(values, (v) => Math.abs(v - centre)));
}
