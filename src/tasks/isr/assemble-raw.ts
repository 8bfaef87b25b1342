// SPDX-License-Identifier: BSD-3-Clause
import type { RawExposure } from '../../instruments/index.ts';
import {
  type AmplifierSummary,
  type CalibrationPlane,
  type LookupLinearity,
  type MaskedImage,
  type PixelBox,
  removeSignature,
} from '../../pixels/index.ts';
import type { AssemblyConfig } from './config.ts';

export interface Calibrations {
  bias?: CalibrationPlane;
  dark?: CalibrationPlane;
  flat?: CalibrationPlane;
  minimumFlat?: number;
  defects?: readonly PixelBox[];
  applyGain?: boolean;
  /** Non-linearity by amplifier name, instead of the camera's. */
  lookups?: ReadonlyMap<string, LookupLinearity>;
}

/** A raw exposure as one assembled image with variance and mask; pure. */
export function assembleRaw(
  raw: RawExposure,
  config: AssemblyConfig,
  calibrations: Calibrations = {},
): { image: MaskedImage; amplifiers: AmplifierSummary[] } {
  return removeSignature({
    width: raw.detector.width,
    height: raw.detector.height,
    amplifiers: raw.amplifiers,
    overscan: config.overscan,
    parallelOverscan: config.parallelOverscan,
    pedestalAdu: config.pedestalAdu,
    linearity: config.doLinearity,
    lookups: calibrations.lookups,
    applyGain: calibrations.applyGain ?? false,
    bias: calibrations.bias,
    dark: calibrations.dark,
    darkTimeSeconds: raw.visitInfo.darkTimeSeconds ?? raw.visitInfo.exposureTimeSeconds,
    flat: calibrations.flat,
    minimumFlat: calibrations.minimumFlat ?? 0.1,
    defects: [...(config.doDefects ? raw.detector.defects : []), ...(calibrations.defects ?? [])],
    growSaturationPx: config.growSaturationPx,
  });
}

/**
 * Header cards worth keeping: everything the telescope wrote, without what describes the raw array (its shape, scaling,
 * sections, checksums) or its WCS, which the processed image has of its own.
 */
export function telescopeCards(raw: RawExposure): Record<string, string | number | boolean> {
  const kept: Record<string, string | number | boolean> = {};
  for (const cards of raw.headers) {
    for (const [key, value] of Object.entries(cards)) {
      if (!(key in kept) && !structural.test(key) && !worldCoordinates.test(key)) kept[key] = value;
    }
  }
  return kept;
}

const structural =
  /^(SIMPLE|XTENSION|BITPIX|NAXIS\d*|EXTEND|PCOUNT|GCOUNT|GROUPS|TFIELDS|T(TYPE|FORM|UNIT|DIM|NULL|SCAL|ZERO)\d+|Z[A-Z]+\d*|BZERO|BSCALE|BLANK|BUNIT|DATAMIN|DATAMAX|CHECKSUM|DATASUM|EXTNAME|EXTVER|INHERIT|DATASEC|BIASSEC|TRIMSEC|CCDSEC|DETSEC|COMMENT|HISTORY|END|)$/;
const worldCoordinates =
  /^(WCSAXES|WCSNAME|CTYPE\d|CUNIT\d|CRVAL\d|CRPIX\d|CDELT\d|CROTA\d|CD\d_\d|PC\d_\d|PV\d_\d+|LONPOLE|LATPOLE|A_ORDER|B_ORDER|AP_ORDER|BP_ORDER|[AB]P?_\d_\d|[AB]P?_DMAX)$/;
