// SPDX-License-Identifier: BSD-3-Clause
import { polygonFromLonLat, type Region, regionsOverlap } from '../../src/sky/index.ts';

/** HSC: 104 science detectors of 2048 × 4176 pixels of 0.168″; steps between them have gaps. */
const detectorDeg = { width: 0.0956, height: 0.1949 };
const stepDeg = { x: 0.1, y: 0.2 };
export const detectorCount = 104;
/** The patches of a tract of the rings sky map of HSC: 9 × 9 of 4000 pixels, with a border of 100 pixels that neighbours share. */
const patchesAcross = 9;
export const patchCount = patchesAcross ** 2;
const patchDeg = (4000 * 0.168) / 3600;
const borderDeg = (100 * 0.168) / 3600;
export const bands = ['g', 'r', 'i', 'z', 'y'];

/** Detector centres from the centre of the focal plane: the 104 nearest of the grid. */
const focalPlane = Array.from({ length: 16 * 10 }, (_, i) => ({
  x: ((i % 16) - 7.5) * stepDeg.x,
  y: (Math.floor(i / 16) - 4.5) * stepDeg.y,
}))
  .sort((a, b) => Math.hypot(a.x, a.y) - Math.hypot(b.x, b.y))
  .slice(0, detectorCount);

interface Centre {
  raDeg: number;
  decDeg: number;
}

export interface Visit {
  id: number;
  tract: number;
  band: string;
  /** Those whose raws there are. */
  detectors: number[];
  centre: Centre;
}

/** Pointings on some tracts far apart: so many raws, and so many (visit, patch) that some raw of the visit overlaps. */
export interface SurveyShape {
  tracts: number;
  raws: number;
  warps: number;
}

const tractCentre = (tract: number): Centre => ({ raDeg: 150 + 5 * tract, decDeg: 2 });

export function patchRegion(tract: number, patch: number): Region {
  const { raDeg, decDeg } = tractCentre(tract);
  const middle = (patchesAcross - 1) / 2;
  const x = ((patch % patchesAcross) - middle) * patchDeg;
  const y = (Math.floor(patch / patchesAcross) - middle) * patchDeg;
  return box(raDeg + x, decDeg + y, patchDeg + 2 * borderDeg, patchDeg + 2 * borderDeg);
}

export function tractRegion(tract: number): Region {
  const { raDeg, decDeg } = tractCentre(tract);
  return box(raDeg, decDeg, patchesAcross * patchDeg, patchesAcross * patchDeg);
}

export function detectorRegion({ centre }: Visit, detector: number): Region {
  const { x, y } = focalPlane[detector];
  return box(centre.raDeg + x, centre.decDeg + y, detectorDeg.width, detectorDeg.height);
}

export function visitRegion({ centre }: Visit): Region {
  return box(centre.raDeg, centre.decDeg, 2 * 0.95, 2 * 0.95);
}

function box(raDeg: number, decDeg: number, width: number, height: number): Region {
  const [w, h] = [width / 2, height / 2];
  // The corners of a small box; its sides are great circles.
  return polygonFromLonLat([
    [raDeg - w, decDeg - h],
    [raDeg + w, decDeg - h],
    [raDeg + w, decDeg + h],
    [raDeg - w, decDeg + h],
  ]);
}

/**
 * Visits that have exactly the numbers of a shape: dithered round the tracts' centres until there are enough of both, then without the
 * raws that are too many (first those that alone are on some patch, until the warps are as many as asked; then those that are not).
 */
export function makeVisits({ tracts, raws, warps }: SurveyShape): Visit[] {
  const visits: (Visit & { overlaps: number[][] })[] = [];
  let [detectors, pairs] = [0, 0];
  for (let i = 0; detectors < raws || pairs < warps; i++) {
    const tract = i % tracts;
    const { raDeg, decDeg } = tractCentre(tract);
    // Additive recurrence of the golden and silver ratios: even, and the same in every run.
    const dither = (step: number): number => 0.8 * ((i * step) % 1) - 0.4;
    const centre = { raDeg: raDeg + dither(0.7548776662466927), decDeg: decDeg + dither(0.5698402909980532) };
    const id = 1000 + 2 * i;
    const visit: Visit = { id, tract, band: bands[Math.floor(i / tracts) % bands.length], detectors: [], centre };
    const patches = Array.from({ length: patchCount }, (_, patch) => patchRegion(tract, patch));
    const overlaps = focalPlane.map((_, detector) => {
      const region = detectorRegion(visit, detector);
      return patches.flatMap((patch, p) => (regionsOverlap(region, patch) ? [p] : []));
    });
    visit.detectors = overlaps.flatMap((found, detector) => (found.length > 0 ? [detector] : []));
    detectors += visit.detectors.length;
    pairs += new Set(overlaps.flat()).size;
    visits.push({ ...visit, overlaps });
  }
  for (let most = 8; most >= 0; most--) {
    for (const visit of visits) {
      const covered = new Uint16Array(patchCount);
      for (const detector of visit.detectors) for (const patch of visit.overlaps[detector]) covered[patch]++;
      visit.detectors = visit.detectors.filter((detector) => {
        const alone = visit.overlaps[detector].filter((patch) => covered[patch] === 1).length;
        const drop = alone === most && detectors > raws && alone <= pairs - warps && (most === 0) === (pairs === warps);
        if (!drop) return true;
        for (const patch of visit.overlaps[detector]) covered[patch]--;
        detectors--;
        pairs -= alone;
        return false;
      });
    }
  }
  if (detectors !== raws || pairs !== warps)
    throw new Error(`${detectors} raws and ${pairs} warps instead of ${raws} and ${warps}`);
  return visits.map(({ overlaps, ...visit }) => visit);
}
