// SPDX-License-Identifier: BSD-3-Clause
import { numberColumn, type Table } from '../pixels/index.ts';
import type { SurveyProducts } from './collect.ts';
import { histogramPlot, type SkyPolygon, skyMapPlot } from './plot.ts';

const bandColours: Record<string, string> = {
  u: '#6a3d9a',
  g: '#33a02c',
  r: '#e31a1c',
  i: '#b15928',
  z: '#444444',
  y: '#000000',
  v: '#33a02c',
  b: '#1f78b4',
};

/** Focal-plane and patch coverage on the sky, and how good the exposures were. */
export function coverageFigures(products: SurveyProducts): { caption: string; body: string }[] {
  if (products.summaries.length === 0) return [];
  const detectors: SkyPolygon[] = products.summaries.flatMap((table) => detectorPolygons(table));
  const patches: SkyPolygon[] = products.patches.flatMap((p) => {
    if (products.skyMap === undefined) return [];
    const { wcs, innerBBox: box } = products.skyMap.tract(p.tract).patch(p.patch);
    const corner = (x: number, y: number): [number, number] => {
      const { raDeg, decDeg } = wcs.pixelToSky(x, y);
      return [raDeg, decDeg];
    };
    const corners = [corner(box.x0, box.y0), corner(box.x1, box.y0), corner(box.x1, box.y1), corner(box.x0, box.y1)];
    return [{ corners, colour: '#4477aa', filled: false, label: String(p.patch) }];
  });
  const column = (name: string) => products.summaries.flatMap((t) => [...numberColumn(t, name)]);
  const seeing = products.summaries.flatMap((t) => {
    const sigma = numberColumn(t, 'psfSigma');
    const scale = numberColumn(t, 'pixelScale');
    return Array.from(sigma, (s, i) => s * 2.354820045 * scale[i]);
  });
  const visits = products.summaries.length;
  return [
    {
      caption: `${visits} visits, ${detectors.length} detector images (coloured by band) over the patches of the sky map (numbered).`,
      body: skyMapPlot('coverage', [...detectors, ...patches]),
    },
    {
      caption: 'Seeing of the detector images: FWHM of a Gaussian of the PSF model’s width.',
      body: histogramPlot('seeing', { label: 'FWHM [arcsec]' }, seeing, 24),
    },
    {
      caption: 'Photometric zero points (AB magnitude of one count) of the detector images.',
      body: histogramPlot('zero points', { label: 'zero point [mag]' }, column('zeroPoint'), 24),
    },
  ];
}

function detectorPolygons(table: Table): SkyPolygon[] {
  const ra = [0, 1, 2, 3].map((k) => numberColumn(table, `raCorner${k}`));
  const dec = [0, 1, 2, 3].map((k) => numberColumn(table, `decCorner${k}`));
  const bands = table.columns['band'] as string[];
  return Array.from({ length: table.rows }, (_, i) => ({
    corners: ra.map((r, k): [number, number] => [r[i], dec[k][i]]),
    colour: bandColours[bands[i]] ?? '#888888',
    filled: true,
  }));
}
