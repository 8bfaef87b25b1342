// SPDX-License-Identifier: BSD-3-Clause
import {
  extractObjects,
  type IsophotalObjects,
  measureBackground,
  newApertureSum,
  subtractBackground,
  sumCircle,
} from '../../../src/pixels/index.ts';
import { nearest } from '../scene.ts';
import { pyramidKernel, readCatalogue, readPlane } from '../source-extractor.ts';

export interface ExtractionComparison {
  ours: IsophotalObjects;
  theirs: number;
  /** Catalogue rows with one of our objects within the radius, and that object. */
  pairs: { row: Record<string, number>; k: number }[];
  /** |ours / theirs - 1| of the pairs; isophotal only where the catalogue has it. */
  aperture: number[];
  isophotal: number[];
}

export interface ExtractionSettings {
  binSize: number;
  threshold: number;
  minContrast?: number;
  apertureRadius: number;
  matchRadius: number;
}

/** As the catalogues say that they were made. */
export const sepSettings: ExtractionSettings = {
  binSize: 64,
  threshold: 1.5,
  minContrast: 1,
  apertureRadius: 5,
  matchRadius: 0.05,
};
export const sdssSettings: ExtractionSettings = { binSize: 128, threshold: 2, apertureRadius: 4, matchRadius: 1 };

/** Extracts objects with the settings of a Source Extractor catalogue and pairs them with its rows. */
export async function compareExtraction(
  imagePath: string,
  cataloguePath: string,
  settings: ExtractionSettings,
): Promise<ExtractionComparison> {
  const plane = await readPlane(imagePath);
  const background = measureBackground(plane, { binSize: settings.binSize });
  subtractBackground(background, plane.image);
  const { threshold, minContrast } = settings;
  const ours = extractObjects(plane.image, plane.width, plane.height, {
    threshold,
    sigma: background.globalSigma,
    kernel: pyramidKernel,
    ...(minContrast === undefined ? {} : { minContrast }),
  });
  const rows = readCatalogue(cataloguePath);
  const result: ExtractionComparison = { ours, theirs: rows.length, pairs: [], aperture: [], isophotal: [] };
  const sum = newApertureSum();
  for (const row of rows) {
    const { row: k, distance } = nearest(ours.x, ours.y, { x: row['X_IMAGE'] - 1, y: row['Y_IMAGE'] - 1 });
    if (distance > settings.matchRadius) continue;
    result.pairs.push({ row, k });
    sumCircle(plane, ours.x[k], ours.y[k], settings.apertureRadius, sum);
    result.aperture.push(Math.abs(sum.flux / row['FLUX_APER'] - 1));
    if (row['FLUX_ISO'] !== undefined) result.isophotal.push(Math.abs(ours.flux[k] / row['FLUX_ISO'] - 1));
  }
  return result;
}
