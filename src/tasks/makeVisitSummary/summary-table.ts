// SPDX-License-Identifier: BSD-3-Clause
import type { Exposure, Psf, Table } from '../../pixels/index.ts';
import { type Cards, type Wcs, wcsFromCards } from '../../sky/index.ts';

/** What a summary row is made of: the components of one calibrated detector, never its pixels. */
export interface DetectorComponents {
  detector: number;
  /** Pixels of the detector in its own frame, `[x0, x1) × [y0, y1)`. */
  box: { x0: number; y0: number; x1: number; y1: number };
  wcs: Wcs;
  psf?: Psf;
  photoCalib?: Exposure['photoCalib'];
  visitInfo?: Exposure['visitInfo'];
  metadata: Exposure['metadata'];
}

/** AB magnitude of a source of one nanojansky. */
export const AB_NANOJANSKY = 31.4;

/**
 * One row a detector. Corners are the outer corners of the corner pixels, counter-clockwise in pixels from (x0, y0). `wcs` holds the FITS cards as
 * JSON: with it no later step opens an image to learn where it is.
 */
export function summaryTable(visit: number, physicalFilter: string, band: string, rows: DetectorComponents[]): Table {
  const n = rows.length;
  const float = (f: (row: DetectorComponents) => number): Float64Array => Float64Array.from(rows, f);
  const corner = (k: number): { raDeg: Float64Array; decDeg: Float64Array } => {
    const raDeg = new Float64Array(n);
    const decDeg = new Float64Array(n);
    rows.forEach(({ box, wcs }, i) => {
      const x = (k === 1 || k === 2 ? box.x1 : box.x0) - 0.5;
      const y = (k >= 2 ? box.y1 : box.y0) - 0.5;
      ({ raDeg: raDeg[i], decDeg: decDeg[i] } = wcs.pixelToSky(x, y));
    });
    return { raDeg, decDeg };
  };
  const centres = rows.map(({ box, wcs }) => wcs.pixelToSky((box.x0 + box.x1 - 1) / 2, (box.y0 + box.y1 - 1) / 2));
  const corners = [0, 1, 2, 3].map(corner);
  const card = (row: DetectorComponents, name: string): number => {
    const value = row.metadata[name];
    return typeof value === 'number' ? value : Number.NaN;
  };
  const columns: Table['columns'] = {
    id: Int32Array.from(rows, (row) => row.detector),
    visit: BigInt64Array.from(rows, () => BigInt(visit)),
    physical_filter: rows.map(() => physicalFilter),
    band: rows.map(() => band),
    xMin: Int32Array.from(rows, (row) => row.box.x0),
    yMin: Int32Array.from(rows, (row) => row.box.y0),
    xEnd: Int32Array.from(rows, (row) => row.box.x1),
    yEnd: Int32Array.from(rows, (row) => row.box.y1),
    ra: Float64Array.from(centres, (c) => c.raDeg),
    dec: Float64Array.from(centres, (c) => c.decDeg),
  };
  corners.forEach((c, k) => {
    columns[`raCorner${k}`] = c.raDeg;
    columns[`decCorner${k}`] = c.decDeg;
  });
  Object.assign(columns, {
    pixelScale: float((row) => row.wcs.pixelScaleArcsec(...middle(row))),
    psfSigma: float((row) => row.psf?.sigmaAt(...middle(row)) ?? Number.NaN),
    psfSigmaRange: float(psfRange),
    zeroPoint: float(({ photoCalib: p }) => (p ? AB_NANOJANSKY - 2.5 * Math.log10(p.nanojanskyPerCount) : Number.NaN)),
    zeroPointErr: float(({ photoCalib: p }) =>
      p ? (2.5 / Math.LN10) * (p.nanojanskyPerCountErr / p.nanojanskyPerCount) : Number.NaN,
    ),
    nanojanskyPerCount: float((row) => row.photoCalib?.nanojanskyPerCount ?? Number.NaN),
    skyBg: float((row) => card(row, 'BGMEAN')),
    skyNoise: float((row) => card(row, 'BGNOISE')),
    mjdTai: float((row) => row.visitInfo?.mjdTai ?? Number.NaN),
    expTime: float((row) => row.visitInfo?.exposureTimeSeconds ?? Number.NaN),
    airmass: float((row) => row.visitInfo?.airmass ?? Number.NaN),
    wcs: rows.map((row) => JSON.stringify(row.wcs.toCards())),
  } satisfies Table['columns']);
  return { rows: n, columns, units: { ...units } };
}

const units = {
  xMin: 'pixel',
  yMin: 'pixel',
  xEnd: 'pixel',
  yEnd: 'pixel',
  ra: 'deg',
  dec: 'deg',
  ...Object.fromEntries([0, 1, 2, 3].flatMap((k) => [`raCorner${k}`, `decCorner${k}`].map((name) => [name, 'deg']))),
  pixelScale: 'arcsec',
  psfSigma: 'pixel',
  psfSigmaRange: 'pixel',
  zeroPoint: 'mag',
  zeroPointErr: 'mag',
  nanojanskyPerCount: 'nJy',
  skyBg: 'count',
  skyNoise: 'count',
  mjdTai: 'd',
  expTime: 's',
};

function middle({ box }: DetectorComponents): [number, number] {
  return [(box.x0 + box.x1 - 1) / 2, (box.y0 + box.y1 - 1) / 2];
}

/** Largest minus smallest PSF sigma over a 3×3 grid of positions. */
function psfRange({ psf, box }: DetectorComponents): number {
  if (psf === undefined) return Number.NaN;
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (const u of [0, 0.5, 1]) {
    for (const v of [0, 0.5, 1]) {
      const sigma = psf.sigmaAt(box.x0 + u * (box.x1 - box.x0 - 1), box.y0 + v * (box.y1 - box.y0 - 1));
      least = Math.min(least, sigma);
      most = Math.max(most, sigma);
    }
  }
  return most - least;
}

/** One row of a visit summary, as later steps want it. */
export interface SummaryRow {
  detector: number;
  box: { x0: number; y0: number; x1: number; y1: number };
  wcs: Wcs;
  nanojanskyPerCount: number;
  psfSigmaPx: number;
  pixelScaleArcsec: number;
}

export function summaryRows(table: Table): SummaryRow[] {
  const c = table.columns as Record<string, Int32Array>;
  const wcs = table.columns['wcs'] as string[];
  return Array.from({ length: table.rows }, (_, i) => ({
    detector: c['id'][i],
    box: { x0: c['xMin'][i], y0: c['yMin'][i], x1: c['xEnd'][i], y1: c['yEnd'][i] },
    wcs: wcsFromCards(JSON.parse(wcs[i]) as Cards),
    nanojanskyPerCount: c['nanojanskyPerCount'][i],
    psfSigmaPx: c['psfSigma'][i],
    pixelScaleArcsec: c['pixelScale'][i],
  }));
}
