// SPDX-License-Identifier: BSD-3-Clause
import { FitsFile } from '../fits/index.ts';
import { numberColumn } from '../pixels/index.ts';
import type { PatchProducts, SurveyProducts } from './collect.ts';
import { byWavelength } from './colour.ts';
import { median } from './match.ts';
import type { Check, Section } from './page.ts';
import { histogramPlot, scatterPlot } from './plot.ts';
import { compareWithTruth, type MeasuredSources, type TrueSources, type TruthComparison } from './truth.ts';

/** Goals of the simulated survey. */
const goals = { completeness: 0.99, astrometricBiasMas: 2, fluxBias: 0.003 };

/** A percent of fewer sources, or a bias of fewer stars, says nothing about the goals. */
const fewestSources = 100;
const fewestStars = 50;

/** Measures the coadd catalogues of every band against the truth of a simulated survey. */
export async function truthSection(
  products: SurveyProducts,
  truthFile: string,
): Promise<{ section: Section; checks: Check[] }> {
  const bands = byWavelength(products.patches.flatMap((p) => Object.keys(p.bands)));
  const truth = await readTruth(truthFile, bands);
  const checks: Check[] = [];
  const figures: { caption: string; body: string }[] = [];
  for (const band of bands) {
    const measured = measuredSources(products.patches, band);
    if (measured.raDeg.length === 0) continue;
    const found = compareWithTruth(truth[band], measured, depthIn(products, band), medianSeeing(products));
    checks.push(...bandChecks(band, found));
    figures.push(...bandFigures(band, found));
  }
  return {
    section: {
      title: 'Against the truth',
      blocks: [
        { kind: 'checks', rows: checks },
        { kind: 'figures', figures },
      ],
    },
    checks,
  };
}

function bandChecks(band: string, found: TruthComparison): Check[] {
  const percent = (x: number, digits: number) => `${(100 * x).toFixed(digits)} %`;
  const bias = Math.max(Math.abs(found.meanRaMas), Math.abs(found.meanDecMas));
  return [
    {
      name: `${band}: completeness at S/N ≥ 10 (isolated sources, ${found.wanted})`,
      value: percent(found.completeness, 2),
      goal: `≥ ${percent(goals.completeness, 0)}`,
      ok: found.wanted < fewestSources ? undefined : found.completeness >= goals.completeness,
    },
    {
      name: `${band}: astrometric bias of stars (S/N > 50, ${found.stars}), larger coordinate`,
      value: `${bias.toFixed(2)} mas (rms ${found.rmsRaMas.toFixed(1)}, ${found.rmsDecMas.toFixed(1)})`,
      goal: `< ${goals.astrometricBiasMas} mas`,
      ok: found.stars < fewestStars ? undefined : bias < goals.astrometricBiasMas,
    },
    {
      name: `${band}: flux bias of stars (S/N > 50)`,
      value: percent(found.fluxBias, 3),
      goal: `< ${percent(goals.fluxBias, 1)}`,
      ok: found.stars < fewestStars ? undefined : Math.abs(found.fluxBias) < goals.fluxBias,
    },
  ];
}

function bandFigures(band: string, found: TruthComparison): { caption: string; body: string }[] {
  const { mag, dRaMas, dDecMas, dMag } = found.residuals;
  return [
    {
      caption: `${band}: position residuals of stars against magnitude.`,
      body: scatterPlot(
        `${band} astrometry`,
        { label: 'AB magnitude' },
        { label: 'measured − true [mas]', range: [-80, 80] },
        [
          { name: 'RA cos Dec', x: mag, y: dRaMas, colour: '#4477aa' },
          { name: 'Dec', x: mag, y: dDecMas, colour: '#ee7733' },
        ],
      ),
    },
    {
      caption: `${band}: magnitude residuals of stars (PSF flux on the coadd); red: running median.`,
      body: scatterPlot(
        `${band} photometry`,
        { label: 'AB magnitude' },
        { label: 'measured − true [mag]', range: [-0.15, 0.15] },
        [{ name: 'stars', x: mag, y: dMag, colour: '#4477aa', median: true }],
      ),
    },
    {
      caption: `${band}: distribution of the position residuals in right ascension.`,
      body: histogramPlot(
        `${band} RA residuals`,
        { label: 'RA cos Dec, measured − true [mas]', range: [-80, 80] },
        dRaMas,
      ),
    },
  ];
}

/** Catalogue rows of a band over all patches, calibrated; duplicates in patch borders are left out. */
function measuredSources(patches: readonly PatchProducts[], band: string): MeasuredSources {
  const sources = { raDeg: [], decDeg: [], fluxNjy: [], fluxErrNjy: [], good: [] } as Record<string, number[]>;
  for (const patch of patches) {
    const product = patch.bands[band];
    const table = product?.catalogue;
    if (table === undefined) continue;
    const scale = product.photoCalib?.nanojanskyPerCount ?? Number.NaN;
    const column = (name: string) => table.columns[name] as ArrayLike<number> | undefined;
    const primary = column('detect_isPrimary');
    const bad = [
      'base_PsfFlux_flag',
      'base_PixelFlags_flag_saturated',
      'base_PixelFlags_flag_edge',
      'base_PixelFlags_flag_interpolatedCenter',
      'base_SdssCentroid_flag',
    ].map(column);
    for (let i = 0; i < table.rows; i++) {
      if (primary !== undefined && primary[i] !== 1) continue;
      sources['raDeg'].push(column('coord_ra')![i]);
      sources['decDeg'].push(column('coord_dec')![i]);
      sources['fluxNjy'].push(column('base_PsfFlux_instFlux')![i] * scale);
      sources['fluxErrNjy'].push(column('base_PsfFlux_instFluxErr')![i] * scale);
      sources['good'].push(bad.some((flags) => flags?.[i] === 1) ? 0 : 1);
    }
  }
  return sources as unknown as MeasuredSources;
}

/** Median full width at half maximum of the detector images' PSF models, arcsec. */
function medianSeeing(products: SurveyProducts): number {
  return median(
    products.summaries.flatMap((table) => {
      const scale = numberColumn(table, 'pixelScale');
      return Array.from(numberColumn(table, 'psfSigma'), (sigma, i) => sigma * 2.354820045 * scale[i]);
    }),
  );
}

/** How many detector images of a band cover a position, two arcseconds inside their edges; 0 outside the coadded patches. */
function depthIn(products: SurveyProducts, band: string): (raDeg: number, decDeg: number) => number {
  const detectors = products.summaries.flatMap((table) => {
    const bands = table.columns['band'] as string[];
    const corner = (k: number, i: number) => [
      numberColumn(table, `raCorner${k}`)[i],
      numberColumn(table, `decCorner${k}`)[i],
    ];
    return Array.from({ length: table.rows }, (_, i) => i)
      .filter((i) => bands[i] === band)
      .map((i) => [0, 1, 2, 3].map((k) => corner(k, i)));
  });
  const there = new Set(products.patches.filter((p) => band in p.bands).map((p) => `${p.tract} ${p.patch}`));
  return (ra, dec) => {
    if (products.skyMap === undefined) return 0;
    const tract = products.skyMap.findTract(ra, dec);
    const patch = tract.findPatch(ra, dec);
    if (patch === undefined || !there.has(`${tract.id} ${patch.index}`)) return 0;
    return detectors.filter((corners) => insidePolygon(corners, ra, dec, 2 / 3600)).length;
  };
}

/** Inside a convex polygon and further than `margin` degrees from its sides. */
function insidePolygon(corners: readonly number[][], ra: number, dec: number, margin: number): boolean {
  const cosDec = Math.cos((dec * Math.PI) / 180);
  let sign = 0;
  for (let k = 0; k < corners.length; k++) {
    const [ra0, dec0] = corners[k];
    const [ra1, dec1] = corners[(k + 1) % corners.length];
    const ex = (ra1 - ra0) * cosDec;
    const ey = dec1 - dec0;
    const distance = (ex * (dec - dec0) - ey * (ra - ra0) * cosDec) / Math.hypot(ex, ey);
    if (Math.abs(distance) < margin) return false;
    if (sign !== 0 && Math.sign(distance) !== sign) return false;
    sign = Math.sign(distance);
  }
  return true;
}

async function readTruth(path: string, bands: readonly string[]): Promise<Record<string, TrueSources>> {
  const file = await FitsFile.open(path);
  try {
    const columns = await file.hdu(1).readColumns();
    const numbers = (name: string) => columns[name] as Float64Array;
    return Object.fromEntries(
      bands
        .filter((band) => columns[`${band}_flux`] !== undefined)
        .map((band) => [
          band,
          {
            raDeg: numbers('ra'),
            decDeg: numbers('dec'),
            fluxNjy: numbers(`${band}_flux`),
            isGalaxy: numbers('is_galaxy'),
            fwhmArcsec: numbers('fwhm'),
          },
        ]),
    );
  } finally {
    await file.close();
  }
}
