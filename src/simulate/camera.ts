// SPDX-License-Identifier: BSD-3-Clause
import type { SurveyOptions } from './options.ts';

/** Physical pixel of the simulated camera, mm; the plate scale follows from the pixel scale. */
export const pixelSizeMm = 0.015;
/** Gap between detectors in pixels. */
const gapPx = 20;

/** Radial distortion: a point at tangent-plane radius r lands at r (1 + k (r / rCorner)²) in the focal plane. */
export const distortionAtCorner = 0.004;

export interface SimAmplifier {
  name: string;
  hdu: number;
  /** Columns of the detector that it reads. */
  x0: number;
  x1: number;
  flipX: boolean;
  gain: number;
  readNoise: number;
  biasLevelAdu: number;
}

/** Raw counts at which the simulated converter ends, and the quadratic non-linearity that `linearity` corrects. */
export const saturationAdu = 60000;
export const linearityCoefficient = 1e-7;

/** Amplifiers of one detector; gains differ a little from detector to detector. */
export function amplifiersOf(options: SurveyOptions): SimAmplifier[] {
  const half = options.width / 2;
  return [
    { name: 'A', hdu: 1, x0: 0, x1: half, flipX: false, gain: 1.5, readNoise: 5, biasLevelAdu: 1000 },
    { name: 'B', hdu: 2, x0: half, x1: options.width, flipX: true, gain: 1.6, readNoise: 5.5, biasLevelAdu: 1040 },
  ];
}

/** Bad columns of a detector (0-based): one in every other detector, none in the rest. */
export function badColumns(detector: number, options: SurveyOptions): number[] {
  return detector % 2 === 0 ? [Math.floor(options.width * 0.3) + 3 * detector] : [];
}

export function detectorCount(options: SurveyOptions): number {
  return options.detectorColumns * options.detectorRows;
}

/** Centre of a detector in the focal plane, in pixels from the boresight. */
export function detectorCentrePx(detector: number, options: SurveyOptions): { x: number; y: number } {
  const column = detector % options.detectorColumns;
  const row = Math.floor(detector / options.detectorColumns);
  return {
    x: (column - (options.detectorColumns - 1) / 2) * (options.width + gapPx),
    y: (row - (options.detectorRows - 1) / 2) * (options.height + gapPx),
  };
}

/** Distance of the outermost corner from the boresight, px. */
export function cornerRadiusPx(options: SurveyOptions): number {
  return (
    0.5 *
    Math.hypot(
      options.detectorColumns * (options.width + gapPx) - gapPx,
      options.detectorRows * (options.height + gapPx) - gapPx,
    )
  );
}

/** The instrument YAML (as a plain value) of the simulated camera. */
export function cameraDefinition(options: SurveyOptions): Record<string, unknown> {
  const amplifiers = amplifiersOf(options).map((a) => {
    const half = a.x1 - a.x0;
    const columns = a.flipX ? `${a.x1}:${a.x0 + 1}` : `${a.x0 + 1}:${a.x1}`;
    return {
      name: a.name,
      hdu: a.hdu,
      datasec: `[1:${half},1:${options.height}]`,
      biassec: `[${half + 1}:${half + options.overscan},1:${options.height}]`,
      detsec: `[${columns},1:${options.height}]`,
      gain: a.gain,
      readNoise: a.readNoise,
      saturation: saturationAdu,
      linearity: [linearityCoefficient],
    };
  });
  const defects: Record<string, string[]> = {};
  for (let id = 0; id < detectorCount(options); id++) {
    const sections = badColumns(id, options).map((x) => `[${x + 1}:${x + 1},1:${options.height}]`);
    if (sections.length > 0) defects[String(id)] = sections;
  }
  const spacing = (pixels: number) => Number(((pixels + gapPx) * pixelSizeMm).toFixed(6));
  return {
    name: options.instrument,
    description: 'Simulated camera',
    plateScaleArcsecPerMm: options.pixelScaleArcsec / pixelSizeMm,
    exposureMax: 99999999999999,
    visitGrouping: 'one-to-one',
    match: { INSTRUME: options.instrument },
    filters: Object.fromEntries(options.bands.map((band) => [`sim_${band}`, band])),
    detectorTypes: { ccd: { size: [options.width, options.height], pixelSizeMm, amplifiers } },
    detectors: {
      grid: {
        type: 'ccd',
        columns: options.detectorColumns,
        rows: options.detectorRows,
        spacingMm: [spacing(options.width), spacing(options.height)],
        name: 'S{row}{column}',
        defects,
      },
    },
    translate: {
      detector: { key: 'DETECTOR' },
      exposure: { key: 'EXPID' },
      obsId: { key: 'OBSID' },
      group: { key: 'GROUPID' },
      physicalFilter: { key: 'FILTER' },
      observationType: { key: 'IMGTYPE' },
      observationReason: { key: 'REASON', default: 'survey' },
      dayObs: { key: 'DAYOBS' },
      seqNum: { key: 'SEQNUM' },
      exposureTimeSeconds: { key: 'EXPTIME' },
      darkTimeSeconds: { key: 'DARKTIME' },
      begin: { key: 'DATE-BEG', format: 'isot', timescale: 'tai' },
      end: { key: 'DATE-END', format: 'isot', timescale: 'tai' },
      targetName: { key: 'OBJECT', default: '' },
      scienceProgram: { key: 'PROGRAM', default: '' },
      raDeg: { key: 'RA' },
      decDeg: { key: 'DEC' },
      skyAngleDeg: { key: 'ROTANG' },
      hasSimulated: true,
    },
    wcs: 'header',
  };
}
