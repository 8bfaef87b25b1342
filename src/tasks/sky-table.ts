// SPDX-License-Identifier: BSD-3-Clause
import {
  type Background,
  type Exposure,
  type MaskedImage,
  maskBits,
  measureBackground,
  numberColumn,
  subtractBackground,
  type Table,
} from '../pixels/index.ts';

/** A background as a table: one row a mesh, row-major; its geometry is in the table's notes. */
export function backgroundTable(background: Background): Table {
  const { width, height, binSize, nx, ny, level, sigma, globalLevel, globalSigma } = background;
  const shape = (column: (x: number, y: number) => number): Int32Array =>
    Int32Array.from({ length: nx * ny }, (_, i) => column(i % nx, Math.floor(i / nx)));
  return {
    rows: nx * ny,
    columns: { meshX: shape((x) => x), meshY: shape((_, y) => y), level, sigma },
    units: { level: 'count', sigma: 'count' },
    meta: { width, height, binSize, nx, ny, globalLevel, globalSigma },
  };
}

/** The way back from {@link backgroundTable}. */
export function backgroundFromTable(table: Table): Background {
  const meta = table.meta as unknown as Omit<Background, 'level' | 'sigma'>;
  return {
    width: Number(meta.width),
    height: Number(meta.height),
    binSize: Number(meta.binSize),
    nx: Number(meta.nx),
    ny: Number(meta.ny),
    globalLevel: Number(meta.globalLevel),
    globalSigma: Number(meta.globalSigma),
    level: Float32Array.from(numberColumn(table, 'level')),
    sigma: Float32Array.from(numberColumn(table, 'sigma')),
  };
}

/** Pixels that say nothing about the sky level. */
export const NOT_SKY = maskBits('BAD', 'SAT', 'INTRP', 'CR', 'EDGE', 'DETECTED', 'SUSPECT', 'NO_DATA', 'UNMASKEDNAN');

/** Sky of an image under its current mask. Meshes with less than a tenth of good pixels take their neighbours' level. */
export function measureSky(image: MaskedImage, binSizePx: number): Background {
  return measureBackground(image, { binSize: binSizePx, ignoreMask: NOT_SKY, minGoodFraction: 0.1 });
}

/** A copy of the exposure's image plane less its sky; the other planes are shared. */
export function withoutSky(exposure: Exposure, background: Background): Exposure {
  const image = exposure.image.slice();
  subtractBackground(background, image);
  return { ...exposure, image };
}
