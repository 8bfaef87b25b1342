// SPDX-License-Identifier: BSD-3-Clause
import type { ButlerApi } from '../butler/index.ts';
import type { Exposure } from '../pixels/index.ts';
import type { SkyMap } from '../sky/index.ts';
import type { PatchProducts } from './collect.ts';
import { byWavelength, luptonRgb } from './colour.ts';
import { median, robustRms } from './match.ts';
import { encodePng, pngDataUri } from './png.ts';

/** Pixels of a mosaic at most, before binning. */
const maximumPixels = 3e7;

/**
 * Colour picture of a tract from the inner parts of its patches: three bands, red to blue by wavelength (fewer bands are repeated), with the
 * detected sources as circles over it. Undefined where there is no coadd.
 */
export async function coaddPicture(
  butler: ButlerApi,
  skyMap: SkyMap,
  patches: readonly PatchProducts[],
): Promise<{ body: string; caption: string } | undefined> {
  if (patches.length === 0) return undefined;
  const tract = skyMap.tract(patches[0].tract);
  const mine = patches.filter((p) => p.tract === tract.id);
  const area = boundsOf(mine.map((p) => tract.patch(p.patch).innerBBox));
  const width = area.x1 - area.x0;
  const height = area.y1 - area.y0;
  const bin = Math.max(1, Math.ceil(Math.sqrt((width * height) / maximumPixels)), Math.ceil(width / 1400));
  const [blue, green, red] = pictureBands(mine);
  const planes: Record<string, Float32Array> = {};
  for (const band of new Set([red, green, blue])) {
    planes[band] = await mosaic(butler, skyMap, mine, band, area);
  }
  const noise = robustRms(sample(planes[green]));
  const picture = luptonRgb(
    { data: planes[red], scale: 1 },
    { data: planes[green], scale: 1.25 },
    { data: planes[blue], scale: 1.9 },
    width,
    height,
    { softening: 2 * noise, stretch: 90 * noise, bin },
  );
  const uri = pngDataUri(encodePng(picture.width, picture.height, picture.rgb));
  const circles = sourceCircles(skyMap, mine, green, area, bin, picture.height);
  const body = `<svg viewBox="0 0 ${picture.width} ${picture.height}" role="img" aria-label="coadd in colour"><image href="${uri}" width="${picture.width}" height="${picture.height}"/><g fill="none" stroke="#7fffd4" stroke-opacity="0.5" stroke-width="0.7">${circles.svg}</g></svg>`;
  const bands = [...new Set([red, green, blue])].join(', ');
  return {
    body,
    caption: `Tract ${tract.id} of ${skyMap.name}: ${bands} as red, green, blue (asinh stretch); ${circles.count} sources measured in ${green}. North is up, east to the left.`,
  };
}

/** Blue, green and red among the bands there are. */
function pictureBands(patches: readonly PatchProducts[]): [string, string, string] {
  const there = byWavelength(patches.flatMap((p) => Object.keys(p.bands)));
  const preferred = ['g', 'r', 'i'];
  if (preferred.every((band) => there.includes(band))) return ['g', 'r', 'i'];
  return [there[0], there[there.length >> 1], there[there.length - 1]];
}

interface Bounds {
  x0: number;
  y0: number;
  x1: number;
  y1: number;
}

function boundsOf(boxes: readonly Bounds[]): Bounds {
  return {
    x0: Math.min(...boxes.map((b) => b.x0)),
    y0: Math.min(...boxes.map((b) => b.y0)),
    x1: Math.max(...boxes.map((b) => b.x1)),
    y1: Math.max(...boxes.map((b) => b.y1)),
  };
}

/** One band over the area in nJy (or counts where it is not calibrated), NaN where there is nothing. */
async function mosaic(
  butler: ButlerApi,
  skyMap: SkyMap,
  patches: readonly PatchProducts[],
  band: string,
  area: Bounds,
): Promise<Float32Array> {
  const width = area.x1 - area.x0;
  const plane = new Float32Array(width * (area.y1 - area.y0)).fill(Number.NaN);
  for (const patch of patches) {
    const product = patch.bands[band];
    if (product === undefined) continue;
    const coadd = (await butler.get(product.coadd)) as Exposure;
    const inner = skyMap.tract(patch.tract).patch(patch.patch).innerBBox;
    const scale = product.photoCalib?.nanojanskyPerCount ?? 1;
    for (let y = inner.y0; y < inner.y1; y++) {
      for (let x = inner.x0; x < inner.x1; x++) {
        const sx = x - coadd.x0;
        const sy = y - coadd.y0;
        if (sx < 0 || sy < 0 || sx >= coadd.width || sy >= coadd.height) continue;
        const i = sy * coadd.width + sx;
        if (coadd.variance[i] > 0) plane[(y - area.y0) * width + x - area.x0] = coadd.image[i] * scale;
      }
    }
  }
  return plane;
}

/** Some thousands of finite values, for a noise estimate. */
function sample(plane: Float32Array): number[] {
  const step = Math.max(1, Math.floor(plane.length / 20_000));
  const values: number[] = [];
  for (let i = 0; i < plane.length; i += step) if (Number.isFinite(plane[i])) values.push(plane[i]);
  const centre = median(values);
  return values.filter((v) => Number.isFinite(v - centre));
}

/** A circle for each source in the inner box of its patch: borders are measured by two patches. */
function sourceCircles(
  skyMap: SkyMap,
  patches: readonly PatchProducts[],
  band: string,
  area: Bounds,
  bin: number,
  height: number,
): { svg: string; count: number } {
  const parts: string[] = [];
  for (const patch of patches) {
    const table = patch.bands[band]?.catalogue;
    const xs = table?.columns['base_SdssCentroid_x'] as Float64Array | undefined;
    const ys = table?.columns['base_SdssCentroid_y'] as Float64Array | undefined;
    if (table === undefined || xs === undefined || ys === undefined) continue;
    const inner = skyMap.tract(patch.tract).patch(patch.patch).innerBBox;
    for (let i = 0; i < table.rows; i++) {
      if (!(xs[i] >= inner.x0 - 0.5 && xs[i] < inner.x1 - 0.5 && ys[i] >= inner.y0 - 0.5 && ys[i] < inner.y1 - 0.5))
        continue;
      const x = (xs[i] - area.x0 + 0.5) / bin;
      const y = height - (ys[i] - area.y0 + 0.5) / bin;
      parts.push(`<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="4.5"/>`);
    }
  }
  return { svg: parts.join(''), count: parts.length };
}
